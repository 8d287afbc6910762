//! The system's signs of life while it runs: what was last accepted, and last seen, in each partition.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use checker::history::{Nanos, Position};

/// The one clock of a run.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Instant);

impl Clock {
    /// A clock that begins now.
    #[must_use]
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// Nanoseconds since it began.
    #[must_use]
    pub fn now(&self) -> Nanos {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Signs of life, by context and partition.
#[derive(Debug, Default)]
pub struct Pulse {
    beats: Mutex<BTreeMap<(String, i32), Beat>>,
    /// Since when the lab waits to see each partition accept something.
    waited_for: AtomicU64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Beat {
    /// When the last accepted command was invoked.
    accepted: Nanos,
    /// When the last command was accepted whose effect a reader was shown.
    visible: Nanos,
}

impl Pulse {
    /// A command that was invoked at `invoked` was accepted.
    pub fn accepted(&self, position: &Position, invoked: Nanos) {
        self.beat(position, |beat| beat.accepted = beat.accepted.max(invoked));
    }

    /// The effect of a command that was accepted at `accepted` was shown.
    pub fn visible(&self, position: &Position, accepted: Nanos) {
        self.beat(position, |beat| beat.visible = beat.visible.max(accepted));
    }

    fn beat(&self, position: &Position, change: impl FnOnce(&mut Beat)) {
        let mut beats = self.beats.lock().expect("no holder of the lock panics");
        change(beats.entry((position.context.clone(), position.partition)).or_default());
    }

    /// The partitions that have accepted commands, and none since.
    #[must_use]
    pub fn silent_since(&self, since: Nanos) -> Vec<(String, i32)> {
        let beats = self.beats.lock().expect("no holder of the lock panics");
        let silent = beats.iter().filter(|(_, beat)| beat.accepted < since);
        silent.map(|(partition, _)| partition.clone()).collect()
    }

    /// From now on the lab waits for what has not accepted a command since, so clients are to ask there.
    pub fn wait_for(&self, since: Nanos) {
        self.waited_for.store(since, Ordering::Relaxed);
    }

    /// Whether the lab waits for a partition of this context.
    #[must_use]
    pub fn waits_for(&self, context: &str) -> bool {
        let since = self.waited_for.load(Ordering::Relaxed);
        let beats = self.beats.lock().expect("no holder of the lock panics");
        beats.iter().any(|((name, _), beat)| name == context && beat.accepted < since)
    }

    /// Whether every partition of a context that ever accepted a command has accepted one since.
    #[must_use]
    pub fn accepts_in_since(&self, context: &str, since: Nanos) -> bool {
        let beats = self.beats.lock().expect("no holder of the lock panics");
        beats.iter().all(|((name, _), beat)| name != context || beat.accepted >= since)
    }

    /// Whether in every partition of a context a command accepted since has been shown.
    #[must_use]
    pub fn shows_since(&self, context: &str, since: Nanos) -> bool {
        let beats = self.beats.lock().expect("no holder of the lock panics");
        beats.iter().all(|((name, _), beat)| name != context || beat.visible >= since)
    }

    /// The partitions of a context that have accepted anything.
    #[must_use]
    pub fn partitions(&self, context: &str) -> usize {
        let beats = self.beats.lock().expect("no holder of the lock panics");
        beats.keys().filter(|(name, _)| name == context).count()
    }
}
