//! Barriers that are records: how many of them a log may get. On a partition in which nothing else happens each refusal
//! would leave one for ever; so there is a sum to spend at once, and beyond it those who wait share one in a while.
//! Where events are appended they wait for no more than the next of these.

use std::time::{Duration, Instant};

use domain::Decider;
use uuid::Uuid;

use super::{EventLog, PartitionOf, Slot};

/// So many records may be appended at once …
const AT_ONCE: u32 = 1_000;
/// … and then one in each of these: 2 kB a second at most, and a caller waits for so long at most.
const EVERY: Duration = Duration::from_millis(200);

/// What records of this kind may cost a partition.
#[derive(Debug, Default)]
pub(super) struct Sum {
    /// When all that was spent is earned again.
    earned_at: Option<Instant>,
}

impl Sum {
    /// Whether a record may be appended now. A yes counts as the record.
    pub(super) fn affords(&mut self, now: Instant) -> bool {
        let earned_at = self.earned_at.filter(|at| *at > now).unwrap_or(now);
        let affords = earned_at + EVERY <= now + EVERY * AT_ONCE;
        if affords {
            self.earned_at = Some(earned_at + EVERY);
        }
        affords
    }
}

/// The barrier that is to be passed, and when that may cost a record.
#[derive(Debug, Default)]
pub(super) struct Proof {
    wanted: Option<u64>,
    sum: Sum,
}

impl Proof {
    pub(super) fn want(&mut self, number: u64) {
        self.wanted = Some(number);
    }

    /// The barrier for which a record may be appended now. The answer counts as the record.
    fn affords(&mut self, now: impl FnOnce() -> Instant) -> Option<u64> {
        self.wanted?;
        if self.sum.affords(now()) { self.wanted.take() } else { None }
    }
}

impl<C: Decider> EventLog<C> {
    /// Appends the record that a barrier waits for, if one does and it may be. Whether a new term is called for.
    pub(super) fn prove(&self, partition: i32, slot: &Slot<C>, machine: &mut PartitionOf<C>) -> bool {
        let Some(number) = slot.proof.lock().affords(Instant::now) else { return false };
        measures::log::BARRIERS.with([C::NAME]).increment(1);
        let (mut actions, nonce) = (Vec::new(), Uuid::new_v4());
        machine.append_barrier(number, nonce, &mut actions);
        if !actions.is_empty() {
            slot.ends.is_shown_by(nonce);
        }
        self.carry_out_all(partition, slot, actions)
    }

    /// The same for a barrier that had to wait.
    pub(super) fn prove_late(&self, partition: i32) {
        if self.slot(partition).proof.lock().wanted.is_some() {
            self.on(partition, |_, _| {});
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_partition_gets_a_bounded_number_of_records() {
        let (mut proof, began) = (Proof::default(), Instant::now());
        let mut appended = 0;
        // Ten seconds of a refusal each millisecond.
        for millis in 0..10_000 {
            proof.want(millis);
            appended += u32::from(proof.affords(|| began + Duration::from_millis(millis)).is_some());
        }
        assert!((AT_ONCE..=AT_ONCE + 50).contains(&appended), "{appended}");
        let soon = began + Duration::from_secs(10) + EVERY;
        proof.want(7);
        assert_eq!(proof.affords(|| soon), Some(7), "a caller waits no longer");
        assert_eq!(proof.affords(|| soon + EVERY), None, "nothing is wanted");
    }
}
