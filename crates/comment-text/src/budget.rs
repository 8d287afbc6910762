use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Parsing what people write takes a hundredth of this in an optimised build, and a tenth in one that is not.
const PARSING: Duration = Duration::from_millis(100);
const PARSING_PER_BYTE: Duration = Duration::from_micros(4);

/// How long this thread may compute before a body is parsed. Not by the clock on the wall: a machine that is busy with
/// other things would show the same body in another way.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    ends_at: Duration,
}

impl Budget {
    /// That of a body, from now on.
    #[must_use]
    pub fn of(markdown: &str) -> Self {
        let length = u32::try_from(markdown.len()).unwrap_or(u32::MAX);
        Self { ends_at: computed() + PARSING + PARSING_PER_BYTE * length }
    }

    /// Whether it is spent.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        computed() > self.ends_at
    }
}

/// How long this thread has computed.
fn computed() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
