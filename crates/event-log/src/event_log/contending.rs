//! Coming to lead partitions: which this instance should lead, and when it begins a term there.

use domain::Decider;
use uuid::Uuid;

use super::{END, EventLog};

impl<C: Decider> EventLog<C> {
    /// The group assigns the partition to this instance. It begins a term once it has read what was there when it
    /// connected: until then the present leader answers, and would be succeeded by an instance that cannot answer yet.
    pub fn assigned(&self, partition: i32) {
        self.slot(partition).assignment.lock().assign();
        self.contend(partition);
    }

    /// To be called a few times a second: an instance that is assigned a partition and does not lead it starts another
    /// term, and barriers that had to wait are passed; a leader whose clock was wrong looks whether it still is.
    pub fn tick(&self) {
        for partition in 0..self.partitions() {
            self.prove_late(partition);
            self.mark_end(partition);
            self.contend(partition);
        }
        self.look_at_clock();
        self.look_at_partitions();
    }

    pub(super) fn contend(&self, partition: i32) {
        let slot = self.slot(partition);
        if slot.is_stuck() {
            return;
        }
        if slot.is_catching_up() {
            if slot.catch_up.asks_for_end() {
                self.transport().ask_barrier(partition, END);
            }
            return;
        }
        let (idle, is_new) = {
            let machine = slot.partition.lock();
            (!machine.takes_commands(), machine.history().position.log_id.is_none())
        };
        if !idle || !slot.assignment.lock().assigned {
            return;
        }
        if self.transport().knows_logs() && !slot.identity.lets_lead(is_new) {
            if is_new && slot.assignment.lock().contends() {
                slot.identity.begin_when_new();
            }
            return;
        }
        if slot.assignment.lock().contends() {
            self.on(partition, |machine, act| machine.start_term(Uuid::new_v4(), act));
        }
    }
}
