//! Whether a partition is read as far as it reached when this instance connected.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::pace::Pace;

/// How often an instance that is not there yet asks for the end again: a broker may have lost what was not on its disk,
/// and the partition ends earlier than it did.
const ASK_FOR_END: Duration = Duration::from_secs(5);

/// How far to read before this instance knows what was in the partition when it connected.
#[derive(Debug, Default)]
pub(super) struct CatchUp {
    end: AtomicI64,
    asked: Mutex<Pace>,
}

impl CatchUp {
    /// The partition ends here, as this instance connects.
    pub(super) fn begin(&self, end: i64) {
        self.end.store(end, Ordering::Release);
    }

    /// The partition ends here now. A later end than at first changes nothing.
    pub(super) fn ends_at(&self, end: i64) {
        self.end.fetch_min(end, Ordering::AcqRel);
    }

    /// The end that is to be reached.
    pub(super) fn end(&self) -> i64 {
        self.end.load(Ordering::Acquire)
    }

    /// Whether a reader that reads `next_offset` next has yet to catch up.
    pub(super) fn is_behind(&self, next_offset: i64) -> bool {
        next_offset < self.end.load(Ordering::Acquire)
    }

    /// Whether it is time to ask where the partition ends now. The answer counts as the question.
    pub(super) fn asks_for_end(&self) -> bool {
        self.asked.lock().is_due(ASK_FOR_END)
    }
}
