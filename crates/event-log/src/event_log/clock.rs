//! Is the clock right by which this instance decides? Who has a value is decided by two leaders, whose clocks may
//! differ by no more than half a reservation's life. What is read of the log tells: a record was stamped before it was
//! read, and an event of one's own after it was decided. Neither says more than is certain, however long reading takes.

use std::time::{Duration, Instant};

use domain::reservations::LEASE_MS;
use domain::{Decider, Timestamp};
use parking_lot::Mutex;

use super::{EventLog, now};
use crate::record::Record;

/// By how much a leader's clock may differ from that of another, in milliseconds.
const FROM_ANOTHER_MS: i64 = LEASE_MS / 2;
/// By how much from the broker's: two that keep to this keep to the other.
const FROM_BROKER_MS: i64 = FROM_ANOTHER_MS / 2;
/// How long a clock is taken for wrong after a record showed it.
const HELD: Duration = Duration::from_secs(60);

/// When a record was written, and by whose clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamped {
    /// The broker's, when it was appended.
    ByBroker(Timestamp),
    /// That of the instance which wrote it.
    ByWriter(Timestamp),
}

/// What was shown of this instance's clock last: by how many milliseconds it is ahead, and when that was.
#[derive(Default)]
pub(super) struct Clock(Mutex<Option<(i64, Instant)>>);

impl Clock {
    /// A record showed it; whether that is news.
    fn is_ahead_by(&self, ms: i64, at: Instant) -> bool {
        let before = self.0.lock().replace((ms, at));
        before.is_none_or(|(_, before)| at.duration_since(before) >= HELD)
    }

    /// By how many milliseconds it is ahead, if it is taken for wrong.
    fn ahead_ms(&self, at: Instant) -> Option<i64> {
        self.0.lock().filter(|(_, shown)| at.duration_since(*shown) < HELD).map(|(ms, _)| ms)
    }
}

/// By how many milliseconds this instance's clock is ahead, or behind if negative, at least: if that is more than is
/// tolerated. `decided` is when the event was decided, as it says; one that is dated later than it is now was dated by
/// what its aggregate had seen, and not by this very clock.
fn ahead_ms(stamped: Stamped, decided: Option<Timestamp>, now: Timestamp) -> Option<i64> {
    let (at, tolerated) = match stamped {
        Stamped::ByBroker(at) => (at, FROM_BROKER_MS),
        Stamped::ByWriter(at) => (at, FROM_ANOTHER_MS),
    };
    let by_this_clock = decided.filter(|decided| *decided <= now);
    let (behind, ahead) = (at.0 - now.0, by_this_clock.map_or(0, |decided| decided.0 - at.0));
    if behind > tolerated { Some(-behind) } else { Some(ahead).filter(|ahead| *ahead > tolerated) }
}

impl<C: Decider> EventLog<C> {
    /// A record of the partition was read that was stamped so.
    pub fn stamped(&self, partition: i32, stamped: Stamped, record: &Record<C::Event>) {
        if let Stamped::ByBroker(at) = stamped {
            self.broker_time.stamped(at, Instant::now());
        }
        let event = if let Record::Event(event) = record { Some(event) } else { None };
        let decided = event.map(|event| event.recorded.occurred_at);
        let Some(ahead_ms) = ahead_ms(stamped, decided, now()) else { return };
        // What another leader decided says nothing of this one's clock.
        if ahead_ms > 0 && !event.is_some_and(|event| self.leads_in(partition, event.stamp.term)) {
            return;
        }
        metrics::gauge!("inklog_log_clock_ahead_seconds", "context" => C::NAME).set(ahead_ms as f64 / 1_000.0);
        if self.clock.is_ahead_by(ahead_ms, Instant::now()) {
            metrics::counter!("inklog_log_alarms_total", "context" => C::NAME).increment(1);
            tracing::error!(
                context = C::NAME,
                partition,
                ahead_ms,
                "this instance's clock differs by too much from the broker's, or another instance's: it makes no value \
                 unique until they agree"
            );
        }
    }

    fn leads_in(&self, partition: i32, term: u64) -> bool {
        let standing = self.standing(partition);
        standing.is_leader && standing.term == term
    }

    /// By how many milliseconds this instance's clock is ahead, if it is taken for wrong.
    pub(crate) fn clock_ahead_ms(&self) -> Option<i64> {
        self.clock.ahead_ms(Instant::now())
    }
}

#[cfg(test)]
mod tests;
