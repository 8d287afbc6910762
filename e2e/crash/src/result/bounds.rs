//! What must not take longer, and whether it did: judged over the seeds during which the machine was quiet. A noisy one
//! waives its own rounds and no other's.

use serde::Serialize;

use super::Outcome;
use crate::measure::{Measured, kinds_of};
use crate::site::SESSION_TIMEOUT;

/// Something that must not take longer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bound {
    /// What.
    pub name: &'static str,
    /// In how many rounds of quiet seeds it happened alone.
    pub rounds: u64,
    /// In how many rounds it happened alone while the machine was too noisy for times to prove anything.
    pub waived: u64,
    /// How long it took at most, in milliseconds; `None` if it did not happen in a quiet seed.
    pub measured_ms: Option<f64>,
    /// How long it may take, in milliseconds.
    pub bound_ms: f64,
    /// What the two say.
    pub judgement: Judgement,
}

/// What is said of a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// It never took longer.
    Kept,
    /// It did.
    Missed,
    /// It did not happen, or only on a noisy machine: nothing is known.
    NotMeasured,
}

/// How a bound is measured.
struct Rule {
    name: &'static str,
    /// The kinds of faults, each alone in its round.
    kinds: &'static [&'static str],
    time: fn(&Measured) -> f64,
    bound_ms: f64,
}

/// Until what is written is seen again, in milliseconds.
const SHOWN_MS: f64 = 2_000.0;

fn rules() -> [Rule; 4] {
    let session_ms = SESSION_TIMEOUT.as_secs_f64() * 1e3;
    [
        Rule {
            name: "planned hand-over",
            kinds: &["restart command-services", "move partitions every 2 s"],
            time: |measured| measured.unavailable_ms,
            bound_ms: 300.0,
        },
        Rule {
            name: "kill -9 of an owner, until commands are accepted again",
            kinds: &["kill command-services"],
            time: |measured| measured.unavailable_ms,
            bound_ms: session_ms + 1_000.0,
        },
        Rule {
            name: "kill -9 of a projector, until what is written is seen again",
            kinds: &["kill projection-services"],
            time: |measured| measured.unseen_ms,
            bound_ms: SHOWN_MS,
        },
        Rule {
            name: "Postgres is back, until what is written is seen again",
            kinds: &["kill postgres", "restart postgres", "freeze postgres"],
            time: |measured| measured.shows_after_ms,
            bound_ms: SHOWN_MS,
        },
    ]
}

/// The bounds over these seeds.
pub(super) fn of(outcomes: &[Outcome]) -> Vec<Bound> {
    let (quiet, noisy): (Vec<&Outcome>, Vec<&Outcome>) = outcomes.iter().partition(|outcome| outcome.is_quiet());
    rules().iter().map(|rule| rule.over(&quiet, &noisy)).collect()
}

impl Rule {
    fn over(&self, quiet: &[&Outcome], noisy: &[&Outcome]) -> Bound {
        let measured = self.alone(quiet);
        let rounds = |measured: &[Measured]| measured.iter().map(|measured| measured.alone).sum();
        let measured_ms = measured.iter().map(self.time).reduce(f64::max);
        let judgement = match measured_ms {
            None => Judgement::NotMeasured,
            Some(longest) if longest <= self.bound_ms => Judgement::Kept,
            Some(_) => Judgement::Missed,
        };
        let (rounds, waived) = (rounds(&measured), rounds(&self.alone(noisy)));
        Bound { name: self.name, rounds, waived, measured_ms, bound_ms: self.bound_ms, judgement }
    }

    /// What its kinds did in rounds of their own.
    fn alone(&self, outcomes: &[&Outcome]) -> Vec<Measured> {
        let mut kinds = kinds_of(outcomes.iter().map(|outcome| &outcome.kinds));
        let of_kind = |kind: &&str| kinds.remove(*kind).filter(|measured| measured.alone > 0);
        self.kinds.iter().filter_map(of_kind).collect()
    }
}
