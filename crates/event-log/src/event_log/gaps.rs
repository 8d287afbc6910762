//! Offsets that a reader passes without reading: there is no record at them, and none comes.

use domain::Decider;

use super::EventLog;

impl<C: Decider> EventLog<C> {
    /// The partitions that have yet to be read up to an end that was asked for, each with what is read next and that
    /// end.
    pub(crate) fn awaited(&self) -> Vec<(i32, i64, i64)> {
        let awaited = |partition: i32| {
            let slot = self.slot(partition);
            let next = *slot.read.borrow();
            let end = slot.lease.awaits().unwrap_or(0).max(slot.catch_up.end());
            (next < end && !slot.is_stuck()).then_some((partition, next, end))
        };
        (0..self.partitions()).filter_map(awaited).collect()
    }

    /// There is no record from `next`, which was to be read next, up to `end`.
    pub(crate) fn nothing_until(&self, partition: i32, next: i64, end: i64) {
        let (slot, was_catching_up) = (self.slot(partition), self.slot(partition).is_catching_up());
        self.on(partition, |machine, act| {
            machine.skip(next, end, act);
            slot.read.send_replace(machine.history().position.next_offset);
        });
        slot.lease.read_to(*slot.read.borrow());
        if was_catching_up && !slot.is_catching_up() {
            self.contend(partition);
        }
    }
}
