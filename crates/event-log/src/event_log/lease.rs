//! For how long this instance may answer from what it has read of a partition: an end of the partition was asked for,
//! and is reached. An instance that hears nothing more of the log would otherwise answer from yesterday without end.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;

/// What moments are counted from. The monotonic clock goes on while a process is stopped, so one that wakes up has no
/// lease until it has asked.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Milliseconds; 0 for what was before the first look.
fn millis(moment: Instant) -> u64 {
    u64::try_from(moment.saturating_duration_since(*BEGINNING).as_millis()).unwrap_or(u64::MAX)
}

/// The lease on one partition. Asking whether it holds is a comparison of two numbers.
#[derive(Debug, Default)]
pub(super) struct Lease {
    until: AtomicU64,
    awaited: Mutex<Option<Awaited>>,
}

/// An end that is not reached yet, and how long the lease holds once it is.
#[derive(Debug)]
struct Awaited {
    end: i64,
    until: u64,
}

impl Lease {
    /// The partition ended at `end` when the question was asked after which the lease holds until `until`;
    /// `next_offset` tells what is read next, and is looked at after the end is noted.
    pub(super) fn ends_at(&self, end: i64, until: Instant, next_offset: impl FnOnce() -> i64) {
        let until = millis(until);
        {
            let mut awaited = self.awaited.lock();
            // A reader that lags reaches the former end first, unless that comes too late by now.
            let is_better = |before: &Awaited| end <= before.end || before.until <= millis(Instant::now());
            if awaited.as_ref().is_none_or(is_better) {
                *awaited = Some(Awaited { end, until });
            }
        }
        self.read_to(next_offset());
    }

    /// `next_offset` is read next.
    pub(super) fn read_to(&self, next_offset: i64) {
        let reached = self.awaited.lock().take_if(|awaited| awaited.end <= next_offset);
        if let Some(reached) = reached {
            self.until.fetch_max(reached.until, Ordering::AcqRel);
        }
    }

    /// The end that is to be reached, if there is one.
    pub(super) fn awaits(&self) -> Option<i64> {
        self.awaited.lock().as_ref().map(|awaited| awaited.end)
    }

    /// Whether this instance may answer now.
    pub(super) fn holds(&self) -> bool {
        millis(Instant::now()) < self.until.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn it_holds_from_when_the_end_is_reached_until_its_time_is_over() {
        let lease = Lease::default();
        assert!(!lease.holds(), "nothing was asked");
        let until = Instant::now() + Duration::from_millis(80);
        lease.ends_at(7, until, || 5);
        lease.read_to(6);
        assert!(!lease.holds(), "it is not reached");
        lease.read_to(7);
        assert!(lease.holds());
        std::thread::sleep(Duration::from_millis(100));
        assert!(!lease.holds(), "nothing was heard since");
        lease.ends_at(7, Instant::now() + LONG, || 7);
        assert!(lease.holds());
    }

    #[test]
    fn a_reader_that_lags_renews_it_with_each_end_that_it_reaches() {
        let lease = Lease::default();
        lease.ends_at(7, Instant::now() + LONG, || 5);
        lease.ends_at(20, Instant::now() + 2 * LONG, || 5);
        lease.read_to(7);
        assert!(lease.holds(), "a later question takes nothing back");
    }

    #[test]
    fn what_is_reached_too_late_counts_for_nothing_and_is_not_waited_for() {
        let lease = Lease::default();
        lease.ends_at(7, Instant::now(), || 5);
        lease.ends_at(20, Instant::now() + LONG, || 5);
        lease.read_to(7);
        assert!(!lease.holds());
        lease.read_to(20);
        assert!(lease.holds());
    }

    #[test]
    fn a_partition_that_ends_earlier_than_it_did_can_be_answered_for() {
        let lease = Lease::default();
        lease.ends_at(20, Instant::now() + LONG, || 5);
        lease.ends_at(7, Instant::now() + LONG, || 7);
        assert!(lease.holds());
    }

    #[test]
    fn an_answer_that_was_late_takes_nothing_back() {
        let lease = Lease::default();
        lease.ends_at(7, Instant::now() + LONG, || 7);
        lease.ends_at(7, Instant::now(), || 7);
        assert!(lease.holds());
    }
}
