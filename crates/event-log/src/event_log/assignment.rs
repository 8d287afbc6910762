//! What the group says of a partition, and how often to act on it.

use std::sync::mpsc::SyncSender;
use std::time::Duration;

use crate::pace::Pace;

/// How long an instance that is assigned a partition, and does not lead it, waits before it starts another term.
pub(super) const CONTEND_AFTER: Duration = Duration::from_millis(1_000);

/// Whether the group assigned the partition to this instance. It may be wrong without harm.
#[derive(Debug, Default)]
pub(super) struct Assignment {
    pub(super) assigned: bool,
    pub(super) released: Option<SyncSender<()>>,
    contended: Pace,
}

impl Assignment {
    /// This instance should lead the partition, from now on.
    pub(super) fn assign(&mut self) {
        (self.assigned, self.contended) = (true, Pace::default());
    }

    /// Whether it is time for an attempt to lead the partition. The answer counts as the attempt.
    pub(super) fn contends(&mut self) -> bool {
        self.assigned && self.contended.is_due(CONTEND_AFTER)
    }
}
