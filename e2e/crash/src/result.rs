//! What came of a seed, and of many.

mod bounds;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use checker::{Kind, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use bounds::{Bound, Judgement};

use crate::measure::{Measured, kinds_of};

/// The file of a seed's outcome, beside what was recorded of it.
const FILE: &str = "outcome.json";
/// On a machine on which a partition has commands wait for longer than this while nothing is broken, times prove
/// nothing.
const QUIET_MS: f64 = 100.0;

/// What came of a seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// How many brokers there were.
    pub brokers: u16,
    /// How long commands waited at most for a partition that accepted none while nothing was broken, in milliseconds;
    /// `None` if that was never seen, because the system did not take commands before anything was broken.
    pub quiet_ms: Option<f64>,
    /// What each kind of fault did.
    pub kinds: BTreeMap<String, Measured>,
    /// The checker's word.
    pub verdict: Verdict,
    /// What else went wrong: the system did not recover, or a process ended by itself.
    pub problems: Vec<String>,
}

/// What came of many seeds together.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    /// The seeds' outcomes.
    pub outcomes: Vec<Outcome>,
    /// What each kind of fault did in all of them.
    pub kinds: BTreeMap<String, Measured>,
}

impl Outcome {
    /// That of a seed that could not be brought to its end.
    #[must_use]
    pub fn failed(seed: u64, brokers: u16, error: &anyhow::Error) -> Self {
        let problems = vec![format!("{error:#}")];
        Self { seed, brokers, quiet_ms: None, kinds: BTreeMap::new(), verdict: Verdict::default(), problems }
    }

    /// Writes it beside what was recorded.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self, folder: &Path) -> anyhow::Result<()> {
        let path = folder.join(FILE);
        std::fs::write(&path, serde_json::to_vec_pretty(self)?).with_context(|| format!("writing {}", path.display()))
    }

    /// Reads one that was written.
    ///
    /// # Errors
    /// There is none.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE);
        let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        serde_json::from_slice(&bytes).with_context(|| format!("reading {}", path.display()))
    }

    /// Whether the machine was quiet enough for the times of this seed to prove something.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet_ms.is_some_and(|silence| silence < QUIET_MS)
    }

    /// Whether nothing went wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.verdict.is_clean() && self.problems.is_empty()
    }
}

impl Sum {
    /// Adds these up.
    #[must_use]
    pub fn of(outcomes: Vec<Outcome>) -> Self {
        let kinds = kinds_of(outcomes.iter().map(|outcome| &outcome.kinds));
        Self { outcomes, kinds }
    }

    /// How many faults there were.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.kinds.values().map(|measured| measured.faults).sum()
    }

    /// How many commands were accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.outcomes.iter().map(|outcome| outcome.verdict.counts.accepted).sum()
    }

    /// How many violations of a kind there were.
    #[must_use]
    pub fn violations(&self, kind: Kind) -> u64 {
        self.outcomes.iter().map(|outcome| outcome.verdict.count(kind)).sum()
    }

    /// Whether nothing went wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.outcomes.iter().all(Outcome::is_clean)
    }

    /// Whether nothing took too long, as far as the machine was quiet enough to say. What was not measured did not take
    /// too long; the report says that it was not measured.
    #[must_use]
    pub fn is_in_time(&self) -> bool {
        self.bounds().iter().all(|bound| bound.judgement != Judgement::Missed)
    }

    /// The bounds, and whether they are kept.
    #[must_use]
    pub fn bounds(&self) -> Vec<Bound> {
        bounds::of(&self.outcomes)
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let unavailable: BTreeMap<&str, f64> = self
            .kinds
            .iter()
            .filter_map(|(kind, measured)| Some((kind.as_str(), alone(measured, measured.unavailable_ms)?.round())))
            .collect();
        let quiet = self.outcomes.iter().filter(|outcome| outcome.is_quiet());
        json!({
            "seeds": self.outcomes.iter().map(|outcome| outcome.seed).collect::<Vec<_>>(),
            "faults": self.faults(),
            "accepted": self.accepted(),
            "lost": self.violations(Kind::Lost),
            "doubled": self.violations(Kind::Doubled),
            "forked": self.violations(Kind::Forked),
            "stale": self.violations(Kind::Stale),
            "invented": self.violations(Kind::Invented),
            "undecided": self.violations(Kind::Undecided),
            "wrong_rows": self.violations(Kind::Row),
            "wrong_reservations": self.violations(Kind::Reservation),
            "out_of_order": self.violations(Kind::Order),
            "wrong_schedules": self.violations(Kind::Schedule),
            "wrong_access": self.violations(Kind::Access),
            "problems": self.outcomes.iter().flat_map(|outcome| &outcome.problems).collect::<Vec<_>>(),
            "unavailable_ms": unavailable,
            "quiet_seeds": quiet.map(|outcome| outcome.seed).collect::<Vec<_>>(),
            "bounds": self.bounds(),
            "kinds": self.kinds.iter().map(kind_json).collect::<Vec<_>>(),
        })
    }
}

/// A time, of a kind that happened alone. One that never did has none: 0 would say that it does no harm.
fn alone(measured: &Measured, ms: f64) -> Option<f64> {
    (measured.alone > 0).then_some(ms)
}

fn kind_json((kind, measured): (&String, &Measured)) -> Value {
    json!({
        "kind": kind,
        "faults": measured.faults,
        "alone": measured.alone,
        "skipped": measured.skipped,
        "skipped_because": measured.reason,
        "unavailable_ms": alone(measured, measured.unavailable_ms),
        "unseen_ms": alone(measured, measured.unseen_ms),
        "accepts_after_ms": alone(measured, measured.accepts_after_ms),
        "shows_after_ms": alone(measured, measured.shows_after_ms),
        "p99_ms": alone(measured, measured.p99_ms()),
    })
}

#[cfg(test)]
mod tests;
