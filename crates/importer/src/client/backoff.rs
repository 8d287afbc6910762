//! How long to wait before a command is sent again.

use std::time::Duration;

use uuid::Uuid;

const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// Pauses that double up to a limit, each shortened by a random part of up to half, so that commands that failed
/// together do not come back together.
pub(super) struct Backoff {
    next: Duration,
    random: u64,
}

impl Backoff {
    pub(super) fn new(seed: Uuid) -> Self {
        let (high, low) = seed.as_u64_pair();
        Self { next: SHORTEST, random: (high ^ low) | 1 }
    }

    /// The next pause: not shorter than the server asks for.
    pub(super) fn next(&mut self, asked_for: Option<Duration>) -> Duration {
        let pause = self.next.mul_f64(0.5 + self.fraction() / 2.0);
        self.next = (self.next * 2).min(LONGEST);
        asked_for.map_or(pause, |least| least + pause / 2)
    }

    /// Between 0 and 1, by xorshift: enough to spread callers, and no dependency.
    fn fraction(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        f64::from(u32::try_from(self.random >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }
}
