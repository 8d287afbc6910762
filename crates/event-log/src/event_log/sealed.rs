//! A log whose partitions are sealed, one after the other: its context goes on in another topic, with another number of
//! partitions. This instance can only say so.

use domain::Decider;

use super::EventLog;

impl<C: Decider> EventLog<C> {
    /// Whether the partition is closed for ever.
    pub(super) fn is_sealed(&self, partition: i32) -> bool {
        self.slot(partition).partition.lock().is_sealed()
    }

    /// Whether a partition was read to be closed for ever.
    #[must_use]
    pub fn is_any_sealed(&self) -> bool {
        (0..self.partitions()).any(|partition| self.is_sealed(partition))
    }
}
