//! The end of a run: all troubles end, and everyone is answered.

use super::*;

/// Many more steps than it takes to read and answer everything.
const MOST_STEPS: usize = 1_000_000;

impl World {
    /// Everything lands, one instance is assigned, all read to the end: each call must then be answered,
    /// unless its instance crashed.
    pub(super) fn heal(&mut self) {
        self.step = usize::MAX;
        for who in 0..self.instances.len() {
            self.instances[who].fuse = None;
            self.instances[who].closing = None;
            self.restart(who);
        }
        self.catch_up();
        self.renew(0);
        for _ in 0..10 {
            self.catch_up();
        }
        for who in 0..self.instances.len() {
            self.look(who);
        }
        for (number, call) in self.calls.iter().enumerate().filter(|(_, call)| call.answer.is_none()) {
            if self.instances[call.instance].partition.waiting() > 0 {
                self.troubles.push(format!("call {number} is forgotten: a caller waits for ever"));
            }
        }
    }

    fn catch_up(&mut self) {
        for producer in self.producers.iter_mut().filter(|producer| !producer.broken) {
            self.log.extend(producer.queue.drain(..));
        }
        for who in 0..self.instances.len() {
            for _ in 0..MOST_STEPS {
                if self.instances[who].read < self.log.len() {
                    self.read(who);
                } else if self.instances[who].barriers.is_empty() {
                    break;
                } else {
                    self.answer_barrier(who);
                }
            }
            let waits = self.instances[who].read < self.log.len() || !self.instances[who].barriers.is_empty();
            assert!(!waits, "instance {who} goes on for ever");
        }
    }
}
