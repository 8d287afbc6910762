//! What is due in the partitions that this instance leads. It is due by two clocks: this instance's own, and that of
//! the partition's broker. The broker's time is known from what it stamped records with, and from how long ago they
//! were read: it is then at least so late. A clock that is ahead makes nothing due too early by this, whatever else it
//! does.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use domain::{Decider, Timestamp};
use parking_lot::Mutex;
use uuid::Uuid;

use super::{EventLog, now};
use crate::pace::Pace;
use crate::partition::{Due, Partition};

/// By how many milliseconds the broker's clock may seem to be behind before it is asked.
const SEEMS_BEHIND_MS: i64 = 1_000;
/// How often it is asked at most.
const ASK: Duration = Duration::from_secs(30);

/// What the clock of a partition's broker shows at least.
#[derive(Debug)]
pub(super) struct BrokerTime {
    began: Instant,
    /// What it showed at `began`, at least, in milliseconds.
    at_least: AtomicI64,
    /// The stamp of the record that was read last.
    last: AtomicI64,
    asked: Mutex<Pace>,
}

impl Default for BrokerTime {
    fn default() -> Self {
        let unknown = || AtomicI64::new(i64::MIN);
        Self { began: Instant::now(), at_least: unknown(), last: unknown(), asked: Mutex::default() }
    }
}

impl BrokerTime {
    /// The partition's next record, which was read at `read_at`, has this stamp. One that was read late says less than
    /// is known. But one that is stamped earlier than the record before it says that the clock was put back, or that
    /// another broker leads: what was known is true no more.
    pub(super) fn stamped(&self, stamp: Timestamp, read_at: Instant) {
        let at_least = stamp.0.saturating_sub(self.millis(read_at));
        if stamp.0 < self.last.swap(stamp.0, Ordering::AcqRel) {
            self.at_least.store(at_least, Ordering::Release);
        } else {
            self.at_least.fetch_max(at_least, Ordering::AcqRel);
        }
    }

    /// What it shows at least; `None` if no record of its was read.
    fn at_least(&self, at: Instant) -> Option<Timestamp> {
        let began = Some(self.at_least.load(Ordering::Acquire)).filter(|began| *began != i64::MIN);
        began.map(|began| Timestamp(began.saturating_add(self.millis(at))))
    }

    /// What is due at this time by an instance's own clock is due until then by both.
    fn passed(&self, own: Timestamp, at: Instant) -> Timestamp {
        self.at_least(at).map_or(own, |broker| broker.min(own))
    }

    fn millis(&self, at: Instant) -> i64 {
        i64::try_from(at.saturating_duration_since(self.began).as_millis()).unwrap_or(i64::MAX)
    }
}

impl<C: Decider> EventLog<C> {
    /// What aggregates of a partition are to do by themselves by now ([`Decider::due`]), as far as it was read back:
    /// the earliest first, at most `most`, and without those up to `after`. Nothing if another instance leads the
    /// partition.
    #[must_use]
    pub fn due(&self, partition: i32, after: Option<&Due<C>>, most: usize) -> Vec<Due<C>> {
        let own = now();
        let until = self.slot(partition).broker_time.passed(own, Instant::now());
        let (due, seems_late) = {
            let machine = self.slot(partition).partition.lock();
            if !(machine.is_leader() && machine.takes_commands()) {
                return Vec::new();
            }
            let history = machine.history();
            let due: Vec<_> = history.due(after, until).take(most).collect();
            let seems_late =
                until.plus_millis(SEEMS_BEHIND_MS) < own && due.is_empty() && history.due(after, own).next().is_some();
            (due, seems_late)
        };
        if seems_late {
            self.ask_what_time_it_is(partition);
        }
        due
    }

    /// The monotonic clock stands still while a machine is suspended, so the broker's time may be later than what is
    /// known of it. A record of this instance's tells.
    fn ask_what_time_it_is(&self, partition: i32) {
        if self.slot(partition).broker_time.asked.lock().is_due(ASK) {
            self.on(partition, |machine: &mut Partition<C, _>, act| machine.append_nothing(Uuid::new_v4(), act));
        }
    }
}

#[cfg(test)]
mod tests;
