//! How long what was not to be had, and how slow the rest was, by kind of fault.

use std::collections::{BTreeMap, HashMap};

use checker::History;
use checker::history::{Nanos, Outcome as CallOutcome, Position};
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fault::running::Done;
use crate::load::BUSY;

/// The kind under which rounds of several faults are measured.
pub const SEVERAL: &str = "several at once";

/// A round, done.
#[derive(Clone, Debug)]
pub struct Struck {
    /// Its faults.
    pub faults: Vec<Done>,
    /// When, after everything was mended, a command was accepted in every partition of the busy context.
    pub accepts: Nanos,
    /// When one that was accepted after that was shown.
    pub shows: Nanos,
    /// When everything was as before.
    pub recovered: Nanos,
}

/// What a kind of fault did. Times are the longest of all its rounds, in milliseconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Measured {
    /// How many there were.
    pub faults: u64,
    /// How many of them were alone in their round: only those are measured.
    pub alone: u64,
    /// How many could not be done on this machine, and why not.
    pub skipped: u64,
    /// Why those could not be done.
    pub reason: Option<String>,
    /// In which commands waited for some partition, and it accepted none.
    pub unavailable_ms: f64,
    /// From when a command was accepted until a reader was shown it, or what was accepted after it in its partition.
    pub unseen_ms: f64,
    /// From mended to accepted again in every partition of the busy context.
    pub accepts_after_ms: f64,
    /// From mended to shown again.
    pub shows_after_ms: f64,
    /// How long commands took from the first attempt to the reply: microseconds, and how many.
    pub latencies: Vec<(u64, u64)>,
}

impl Measured {
    /// Adds what another run measured.
    pub fn add(&mut self, other: &Self) {
        self.faults += other.faults;
        self.alone += other.alone;
        self.skipped += other.skipped;
        self.reason = self.reason.take().or_else(|| other.reason.clone());
        self.unavailable_ms = self.unavailable_ms.max(other.unavailable_ms);
        self.unseen_ms = self.unseen_ms.max(other.unseen_ms);
        self.accepts_after_ms = self.accepts_after_ms.max(other.accepts_after_ms);
        self.shows_after_ms = self.shows_after_ms.max(other.shows_after_ms);
        let mut latencies = histogram(&self.latencies);
        latencies += histogram(&other.latencies);
        self.latencies = recorded(&latencies);
    }

    /// The 99th percentile of the latencies, in milliseconds.
    #[must_use]
    pub fn p99_ms(&self) -> f64 {
        histogram(&self.latencies).value_at_percentile(99.0) as f64 / 1e3
    }
}

/// What each kind did in several runs together.
pub fn kinds_of<'m>(runs: impl Iterator<Item = &'m BTreeMap<String, Measured>>) -> BTreeMap<String, Measured> {
    let mut kinds: BTreeMap<String, Measured> = BTreeMap::new();
    for (kind, measured) in runs.flatten() {
        kinds.entry(kind.clone()).or_default().add(measured);
    }
    kinds
}

fn histogram(recorded: &[(u64, u64)]) -> Histogram<u64> {
    let mut histogram = Histogram::new_with_bounds(1, 120_000_000, 2).expect("the bounds are in order");
    for (micros, count) in recorded {
        histogram.saturating_record_n(*micros, *count);
    }
    histogram
}

fn recorded(histogram: &Histogram<u64>) -> Vec<(u64, u64)> {
    histogram.iter_recorded().map(|value| (value.value_iterated_to(), value.count_at_value())).collect()
}

/// From when until when a caller waited for an answer.
type Wait = (Nanos, Nanos);

/// When something first happened, by log and partition, and by offset: a context that got more partitions is in another
/// log.
type ByOffset = BTreeMap<(Option<Uuid>, i32), BTreeMap<i64, Nanos>>;

fn note(first: &mut ByOffset, position: &Position, at: Nanos) {
    let noted = first.entry((position.log_id, position.partition)).or_default().entry(position.offset).or_insert(at);
    *noted = at.min(*noted);
}

/// Who waited when.
struct Times {
    /// Accepted commands, from their first attempt, by partition of the busy context, in the order of their ends.
    accepted: BTreeMap<i32, Vec<Wait>>,
    /// The same commands, from when they were accepted until a reader was shown them.
    shown: Vec<Wait>,
    /// Accepted commands of all contexts.
    commands: Vec<Wait>,
}

impl Times {
    fn of(history: &History) -> Self {
        let mut times = Self { accepted: BTreeMap::new(), shown: Vec::new(), commands: Vec::new() };
        let mut first = HashMap::new();
        let (mut accepted, mut reads) = (ByOffset::new(), ByOffset::new());
        for call in &history.calls {
            let first = *first.entry(call.command_id).or_insert(call.invoked_at);
            let (CallOutcome::Accepted { position, .. }, Some(at)) = (&call.outcome, call.answered_at) else {
                continue;
            };
            times.commands.push((first, at));
            if let Some(position) = of_busy(position.as_ref()) {
                times.accepted.entry(position.partition).or_default().push((first, at));
                note(&mut accepted, position, at);
            }
        }
        times.accepted.values_mut().for_each(|waits| waits.sort_unstable_by_key(|(_, until)| *until));
        for read in &history.reads {
            if let Some(position) = of_busy(read.position.as_ref()) {
                note(&mut reads, position, read.answered_at);
            }
        }
        for (partition, accepted) in &accepted {
            times.shown.extend(until_shown(accepted, &reads.remove(partition).unwrap_or_default()));
        }
        times
    }

    fn unavailable_ms(&self, window: (Nanos, Nanos)) -> f64 {
        self.accepted.values().map(|accepted| longest_wait_ms(accepted, window)).fold(0.0, f64::max)
    }
}

fn of_busy(position: Option<&Position>) -> Option<&Position> {
    position.filter(|position| position.context == BUSY)
}

/// Of each accepted command how long it took until a reader was answered who asked for it or for a later one: both
/// are given by offset. Nothing is said of those that no reader asked for any more.
fn until_shown(accepted: &BTreeMap<i64, Nanos>, reads: &BTreeMap<i64, Nanos>) -> Vec<Wait> {
    let mut waits = Vec::new();
    let mut later = reads.iter().rev().peekable();
    let mut shown = Nanos::MAX;
    for (offset, accepted) in accepted.iter().rev() {
        while let Some((_, at)) = later.next_if(|(asked, _)| *asked >= offset) {
            shown = shown.min(*at);
        }
        if shown < Nanos::MAX {
            // The reader may have heard of it before the caller who asked for it.
            waits.push((*accepted, shown.max(*accepted)));
        }
    }
    waits
}

/// The part of the longest wait that lies within a window, in milliseconds.
fn longest_ms(waits: &[Wait], (from, until): (Nanos, Nanos)) -> f64 {
    let within = |(began, ended): &Wait| (*ended).min(until).saturating_sub((*began).max(from));
    millis(waits.iter().map(within).max().unwrap_or_default())
}

/// The longest time within a window in which a caller waited and none was answered. A time in which no caller asks says
/// nothing about who would have answered.
fn longest_wait_ms(waits: &[Wait], (from, until): (Nanos, Nanos)) -> f64 {
    let mut longest = 0;
    // From the last to the first: since when one of the callers has waited who are answered then or later.
    let mut since = Nanos::MAX;
    for (place, (began, answered)) in waits.iter().enumerate().rev() {
        since = since.min(*began);
        let last_answer = place.checked_sub(1).map_or(0, |before| waits[before].1);
        let begin = since.max(last_answer).max(from);
        longest = longest.max((*answered).min(until).saturating_sub(begin));
    }
    millis(longest)
}

fn millis(nanos: Nanos) -> f64 {
    nanos as f64 / 1e6
}

/// The longest time within a window in which commands waited for some partition and it accepted none, in milliseconds.
#[must_use]
pub fn longest_unavailable_ms(history: &History, window: (Nanos, Nanos)) -> f64 {
    Times::of(history).unavailable_ms(window)
}

/// What each kind of fault did.
#[must_use]
pub fn measure(history: &History, struck: &[Struck]) -> BTreeMap<String, Measured> {
    let times = Times::of(history);
    let mut kinds: BTreeMap<String, Measured> = BTreeMap::new();
    for round in struck {
        for done in &round.faults {
            let measured = kinds.entry(done.kind.clone()).or_default();
            match &done.skipped {
                Some(reason) => {
                    measured.skipped += 1;
                    measured.reason = Some(reason.clone());
                }
                None => measured.faults += 1,
            }
        }
        let happened: Vec<&Done> = round.faults.iter().filter(|done| done.skipped.is_none()).collect();
        let kind = match happened.as_slice() {
            [] => continue,
            [one] => &one.kind,
            _ => SEVERAL,
        };
        let of_round = of_round(&times, round);
        kinds.entry(kind.to_owned()).or_default().add(&of_round);
    }
    kinds
}

fn of_round(times: &Times, round: &Struck) -> Measured {
    let began = round.faults.iter().map(|done| done.began).min().unwrap_or_default();
    let window = (began, round.recovered);
    let mut latencies = histogram(&[]);
    for (invoked, accepted) in &times.commands {
        if *invoked >= window.0 && *invoked <= window.1 {
            latencies.saturating_record(((accepted - invoked) / 1_000).max(1));
        }
    }
    Measured {
        alone: 1,
        unavailable_ms: times.unavailable_ms(window),
        unseen_ms: longest_ms(&times.shown, window),
        accepts_after_ms: millis(round.accepts.saturating_sub(round.mended())),
        shows_after_ms: millis(round.shows.saturating_sub(round.mended())),
        latencies: recorded(&latencies),
        ..Measured::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn longest(waits: &[(u64, u64)], window: (u64, u64)) -> f64 {
        let waits: Vec<Wait> = waits.iter().map(|(began, answered)| (began * MS, answered * MS)).collect();
        longest_wait_ms(&waits, (window.0 * MS, window.1 * MS))
    }

    #[test]
    fn no_caller_waits_while_none_asks() {
        assert_eq!(longest(&[(0, 3), (50, 52)], (0, 100)), 3.0);
        assert_eq!(longest(&[], (0, 100)), 0.0);
    }

    #[test]
    fn a_caller_who_is_answered_later_waits_too() {
        assert_eq!(longest(&[(0, 2), (8, 10), (4, 12)], (0, 20)), 6.0, "the last one waits from 4 on, until 10");
        assert_eq!(longest(&[(0, 2), (8, 10), (1, 12)], (0, 20)), 8.0, "at 2 another caller was answered");
    }

    #[test]
    fn a_wait_may_reach_over_either_end_of_the_window() {
        assert_eq!(longest(&[(0, 10)], (4, 20)), 6.0, "only what lies within counts");
        assert_eq!(longest(&[(1, 30)], (4, 20)), 16.0);
        assert_eq!(longest(&[(1, 3), (22, 30)], (4, 20)), 0.0);
    }

    #[test]
    fn what_is_accepted_is_shown_when_a_reader_sees_it_or_something_later() {
        let accepted = BTreeMap::from([(3, 10), (5, 20), (7, 30), (9, 40)]);
        let reads = BTreeMap::from([(3, 50), (4, 12), (7, 35)]);
        // No reader has asked of 9; 5 and 3 are seen with 7, and 3 before that with 4.
        assert_eq!(until_shown(&accepted, &reads), [(30, 35), (20, 35), (10, 12)]);
        assert_eq!(until_shown(&accepted, &BTreeMap::from([(9, 38)])).first(), Some(&(40, 40)));
    }

    #[test]
    fn of_a_wait_counts_what_lies_in_the_window() {
        assert_eq!(longest_ms(&[(0, 9 * MS), (5 * MS, 13 * MS), (20 * MS, 50 * MS)], (2 * MS, 12 * MS)), 7.0);
    }

    #[test]
    fn measures_of_two_runs_add_up_to_the_worst_of_both() {
        let one =
            Measured { faults: 2, alone: 1, unavailable_ms: 5.0, latencies: vec![(1_000, 99)], ..Measured::default() };
        let mut sum = Measured { faults: 1, unavailable_ms: 9.0, latencies: vec![(50_000, 2)], ..Measured::default() };
        sum.add(&one);
        assert_eq!((sum.faults, sum.alone, sum.unavailable_ms), (3, 1, 9.0));
        assert!((49.0..52.0).contains(&sum.p99_ms()), "{}", sum.p99_ms());
    }
}
