//! Orderly ends: an instance that is told to end is assigned nothing any more, and decides on until it reads another's
//! term or has waited long enough; then it drains, finishes what is pending if it can, and is gone.

use super::*;

/// How many steps it may take to finish what is pending.
const RELEASE_STEPS: usize = 60;

impl World {
    pub(super) fn close(&mut self, who: usize) {
        let until = self.step + self.rng.random_range(0..200);
        self.instances[who].closing.get_or_insert(until);
        // Mostly another is told to take over, at once or in a while.
        if self.rng.random_bool(0.7) {
            self.assign((who + 1) % self.instances.len());
        }
    }

    pub(super) fn go_on_closing(&mut self) {
        for who in 0..self.instances.len() {
            let Instance { up: true, closing: Some(until), .. } = self.instances[who] else { continue };
            if self.step >= until {
                self.on(who, |partition, act| partition.drain(act));
            }
            let partition = &self.instances[who].partition;
            let is_out = !partition.takes_commands() && !partition.is_leader();
            if is_out && partition.waiting() > 0 {
                self.troubles.push(format!("instance {who} ends and leaves callers behind"));
            }
            if is_out || self.step >= until + RELEASE_STEPS {
                self.instances[who].up = false;
            }
        }
    }
}
