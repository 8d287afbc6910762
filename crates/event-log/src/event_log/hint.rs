use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

/// How long an instance that should own a partition, and does not, waits before it starts another term.
pub(super) const CONTEND_AFTER: Duration = Duration::from_millis(1_000);
/// How often an instance that has not read what was there asks whether it still is: a broker may have lost what was not on its
/// disk, and the partition ends earlier than it did.
const ASK_FOR_END: Duration = Duration::from_secs(5);

/// What the group says. It may be wrong without harm.
#[derive(Debug, Default)]
pub(super) struct Hint {
    pub(super) assigned: bool,
    pub(super) released: Option<SyncSender<()>>,
    last_attempt: Option<Instant>,
    asked_for_end: Option<Instant>,
}

impl Hint {
    /// This instance should own the partition, from now on.
    pub(super) fn assign(&mut self) {
        (self.assigned, self.last_attempt) = (true, None);
    }

    /// Whether it is time for an attempt to own the partition, which is noted with the answer: nobody else makes the same.
    pub(super) fn attempts(&mut self) -> bool {
        let due = self.assigned && is_due(self.last_attempt, CONTEND_AFTER);
        if due {
            self.last_attempt = Some(Instant::now());
        }
        due
    }

    /// The same for the question where the partition ends.
    pub(super) fn asks_for_end(&mut self) -> bool {
        let due = is_due(self.asked_for_end, ASK_FOR_END);
        if due {
            self.asked_for_end = Some(Instant::now());
        }
        due
    }
}

fn is_due(last: Option<Instant>, pause: Duration) -> bool {
    last.is_none_or(|at| at.elapsed() >= pause)
}
