//! What an instance counts and times of a context. All of it is told in one place, for all contexts alike: what
//! happens (an event is counted by the instance that appended it and read it back), how long it took, and what each
//! partition is to this instance.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use domain::{Decider, Event as _};
use measures::{Counter, Gauge, Histogram, commands, log};
use parking_lot::Mutex;

use super::{EventLog, ExecuteError, PartitionOf, Slot};
use crate::pace::Pace;
use crate::partition::{Outcome, Partition};
use crate::position::Position;
use crate::record::{Record, Stamp};

/// How often it is looked what the partitions are to this instance.
const LOOK: Duration = Duration::from_secs(1);
/// What a partition can be, the worst last: the last that holds is told.
const STATES: [&str; 5] = ["followed", "led", "silent", "catching-up", "stuck"];

/// What can become of a command.
const OUTCOMES: [&str; 6] = ["accepted", "unchanged", "refused", "moved", "overloaded", "unknown"];

/// The counters of a context, at hand.
pub(super) struct Measured {
    events: HashMap<&'static str, Counter>,
    outcomes: HashMap<&'static str, Counter>,
    read_back: Histogram,
    duration: Histogram,
    void: Counter,
    terms: Counter,
    waiting: Gauge,
    partitions: [Gauge; STATES.len()],
    looked: Mutex<Pace>,
}

/// What this instance appended to a partition in the present term and has not read back, in order: as much as there
/// are commands in flight.
#[derive(Debug, Default)]
pub(super) struct Stopwatch(VecDeque<(Stamp, Instant)>);

impl Stopwatch {
    fn start(&mut self, stamp: Stamp) {
        if self.0.back().is_some_and(|(last, _)| last.term != stamp.term) {
            self.0.clear();
        }
        self.0.push_back((stamp, Instant::now()));
    }

    /// How long ago this was appended here. What was appended before it will not be read any more.
    fn stop(&mut self, stamp: Stamp) -> Option<Duration> {
        if self.0.back().is_some_and(|(last, _)| last.term < stamp.term) {
            self.0.clear();
        }
        let place = self.0.binary_search_by_key(&(stamp.term, stamp.seq), |(at, _)| (at.term, at.seq)).ok()?;
        self.0.drain(..=place).next_back().map(|(_, at)| at.elapsed())
    }
}

/// The part of an event's name that its context does not say already: `Published` of `inklog.posts.Published`.
fn short(name: &'static str) -> &'static str {
    name.rsplit('.').next().unwrap_or(name)
}

impl Measured {
    pub(super) fn of<C: Decider>() -> Self {
        let event = |name: &&'static str| (*name, commands::EVENTS.with([C::NAME, short(name)]));
        // There from the start: what first appears when it has risen has not risen by Prometheus' reckoning.
        log::ALARMS.with([C::NAME]).increment(0);
        Self {
            events: C::Event::NAMES.iter().map(event).collect(),
            outcomes: OUTCOMES.iter().map(|name| (*name, commands::DECIDED.with([C::NAME, name]))).collect(),
            read_back: log::READ_BACK.with([C::NAME]),
            duration: commands::DURATION.with([C::NAME]),
            void: log::VOID.with([C::NAME]),
            terms: log::TERMS.with([C::NAME]),
            waiting: commands::WAITING.with([C::NAME]),
            partitions: STATES.map(|state| log::PARTITIONS.with([C::NAME, state])),
            looked: Mutex::default(),
        }
    }

    /// This instance appends the record now.
    pub(super) fn appends<C: Decider>(&self, slot: &Slot<C>, record: &Record<C::Event>) {
        match record {
            Record::Event(event) => slot.stopwatch.lock().start(event.stamp),
            Record::TermStarted(_) if record.is_barrier() => {}
            Record::TermStarted(_) => self.terms.increment(1),
            Record::Unreadable { .. } | Record::Foreign => {}
        }
    }

    /// The record was read, and the partition stood and stands there. The instance that appended it counts what
    /// happened.
    pub(super) fn read<C: Decider>(&self, slot: &Slot<C>, read: &Read, from: Position, to: Position) {
        if (from.term, from.next_seq) == (to.term, to.next_seq) {
            return self.void.increment(u64::from(read.is_void_if_it_moves_nothing));
        }
        let Some((stamp, name)) = read.event else { return };
        let Some(took) = slot.stopwatch.lock().stop(stamp) else { return };
        self.read_back.record(took);
        if let Some(event) = self.events.get(name) {
            event.increment(1);
        }
    }

    pub(super) fn decided<C: Decider>(&self, outcome: &Result<Outcome<C>, ExecuteError>, took: Duration) {
        let outcome = match outcome {
            Ok(Outcome::Accepted(receipt)) if receipt.changed => "accepted",
            Ok(Outcome::Accepted(_)) => "unchanged",
            Ok(Outcome::Refused(_)) => "refused",
            Ok(Outcome::Moved) => "moved",
            Ok(Outcome::Overloaded) | Err(ExecuteError::Overloaded) => "overloaded",
            Err(ExecuteError::Moving | ExecuteError::Sealed | ExecuteError::Unknown) => "unknown",
        };
        self.outcomes[outcome].increment(1);
        self.duration.record(took);
    }
}

/// What is to be known of a record when it has been taken in.
pub(super) struct Read {
    event: Option<(Stamp, &'static str)>,
    is_void_if_it_moves_nothing: bool,
}

impl Read {
    pub(super) fn of<E: domain::Event>(record: &Record<E>) -> Self {
        let event = match record {
            Record::Event(event) => Some((event.stamp, event.recorded.event.name())),
            Record::TermStarted(_) | Record::Unreadable { .. } | Record::Foreign => None,
        };
        Self { event, is_void_if_it_moves_nothing: record.is_ours() && !record.is_barrier() }
    }
}

impl<C: Decider> EventLog<C> {
    /// Counts what the partitions are to this instance, once a second.
    pub(super) fn look_at_partitions(&self) {
        if !self.measured.looked.lock().is_due(LOOK) {
            return;
        }
        let (mut states, mut waiting) = ([0_u32; STATES.len()], 0);
        for slot in &self.slots {
            let machine = slot.partition.lock();
            waiting += machine.waiting();
            states[state(slot, &machine)] += 1;
        }
        self.measured.waiting.set(waiting as f64);
        self.measured.partitions.iter().zip(states).for_each(|(gauge, count)| gauge.set(f64::from(count)));
    }
}

/// Its place in [`STATES`].
fn state<C: Decider>(slot: &Slot<C>, machine: &PartitionOf<C>) -> usize {
    match () {
        () if slot.is_stuck() => 4,
        () if slot.is_catching_up() => 3,
        () if !slot.lease.holds() => 2,
        () => usize::from(Partition::is_leader(machine)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_back_is_timed_and_what_was_lost_is_forgotten() {
        let mut watch = Stopwatch::default();
        let stamp = |term, seq| Stamp { term, seq };
        watch.start(stamp(1, 1));
        watch.start(stamp(1, 2));
        watch.start(stamp(1, 3));
        assert!(watch.stop(stamp(1, 2)).is_some());
        assert_eq!(watch.stop(stamp(1, 1)), None, "it would have come before");
        assert_eq!(watch.stop(stamp(7, 3)), None, "another leader's");
        watch.start(stamp(2, 1));
        assert_eq!(watch.stop(stamp(1, 3)), None, "it is void");
        watch.start(stamp(2, 2));
        assert!(watch.stop(stamp(2, 1)).is_some());
        assert_eq!(watch.0.len(), 1);
        assert_eq!(watch.stop(stamp(3, 1)), None, "another leads");
        assert!(watch.0.is_empty());
    }

    #[test]
    fn events_are_called_by_what_their_context_does_not_say() {
        assert_eq!(short("inklog.posts.Published"), "Published");
    }
}
