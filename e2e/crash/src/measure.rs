//! How long what was not to be had, and how slow the rest was, by kind of fault.

use std::collections::{BTreeMap, HashMap};

use checker::History;
use checker::history::{Nanos, Outcome as CallOutcome};
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::fault::running::Done;

/// The context that most commands and reads are on: only there a silence tells something.
pub const BUSY: &str = "posts";
/// The kind under which rounds of several faults are measured.
pub const SEVERAL: &str = "several at once";

/// A round, done.
#[derive(Clone, Debug)]
pub struct Struck {
    /// Its faults.
    pub faults: Vec<Done>,
    /// When, after everything was mended, a command was accepted in every partition.
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
    /// Without an accepted command in some partition.
    pub unavailable_ms: f64,
    /// Without an answer to readers who ask for what was just written.
    pub unseen_ms: f64,
    /// From mended to accepted again in every partition.
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

/// When what happened, in order.
struct Times {
    /// When commands were accepted, by partition of the busy context.
    accepted: BTreeMap<i32, Vec<Nanos>>,
    /// When readers were answered who asked for what was just written.
    shown: Vec<Nanos>,
    /// Accepted commands: when first invoked, and when accepted.
    commands: Vec<(Nanos, Nanos)>,
}

impl Times {
    fn of(history: &History) -> Self {
        let mut times = Self { accepted: BTreeMap::new(), shown: Vec::new(), commands: Vec::new() };
        let mut first = HashMap::new();
        for call in &history.calls {
            let first = *first.entry(call.command_id).or_insert(call.invoked_at);
            let (CallOutcome::Accepted { position, .. }, Some(at)) = (&call.outcome, call.answered_at) else {
                continue;
            };
            times.commands.push((first, at));
            if let Some(position) = position.as_ref().filter(|position| position.context == BUSY) {
                times.accepted.entry(position.partition).or_default().push(at);
            }
        }
        times.accepted.values_mut().for_each(|accepted| accepted.sort_unstable());
        times.shown =
            history.reads.iter().filter(|read| read.position.is_some()).map(|read| read.answered_at).collect();
        times.shown.sort_unstable();
        times
    }

    fn unavailable_ms(&self, window: (Nanos, Nanos)) -> f64 {
        self.accepted.values().map(|accepted| silence_ms(accepted, window)).fold(0.0, f64::max)
    }
}

/// The longest time within a window in which nothing happened.
fn silence_ms(times: &[Nanos], (from, until): (Nanos, Nanos)) -> f64 {
    let begin = times.partition_point(|at| *at < from);
    let end = times.partition_point(|at| *at <= until);
    let before = begin.checked_sub(1).map_or(from, |last| times[last]);
    let marks = std::iter::once(before.max(from)).chain(times[begin..end].iter().copied()).chain([until]);
    let marks: Vec<Nanos> = marks.collect();
    let longest = marks.windows(2).map(|two| two[1].saturating_sub(two[0])).max().unwrap_or(0);
    millis(longest)
}

fn millis(nanos: Nanos) -> f64 {
    nanos as f64 / 1e6
}

/// The longest time within a window in which some partition accepted nothing, in milliseconds.
#[must_use]
pub fn longest_silence_ms(history: &History, window: (Nanos, Nanos)) -> f64 {
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
        unseen_ms: silence_ms(&times.shown, window),
        accepts_after_ms: millis(round.accepts.saturating_sub(round.mended())),
        shows_after_ms: millis(round.shows.saturating_sub(round.mended())),
        latencies: recorded(&latencies),
        ..Measured::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_may_reach_over_either_end_of_the_window() {
        const MS: u64 = 1_000_000;
        let times = [MS, 2 * MS, 10 * MS, 11 * MS];
        assert_eq!(silence_ms(&times, (0, 11 * MS)), 8.0);
        assert_eq!(silence_ms(&times, (4 * MS, 11 * MS)), 6.0, "only what lies within counts");
        assert_eq!(silence_ms(&times, (10 * MS, 15 * MS)), 4.0);
        assert_eq!(silence_ms(&[], (0, 3 * MS)), 3.0);
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
