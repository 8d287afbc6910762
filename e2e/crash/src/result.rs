//! What came of a seed, and of many.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use checker::{Kind, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::measure::Measured;
use crate::site::SESSION_TIMEOUT;

/// The file of a seed's outcome, beside what was recorded of it.
const FILE: &str = "outcome.json";
/// On a machine on which a partition is silent for longer than this while nothing is broken, times prove nothing.
const QUIET_MS: f64 = 100.0;

/// What came of a seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// How many brokers there were.
    pub brokers: u16,
    /// The longest silence of a partition while nothing was broken, in milliseconds.
    pub quiet_ms: f64,
    /// What each kind of fault did.
    pub kinds: BTreeMap<String, Measured>,
    /// The checker's word.
    pub verdict: Verdict,
    /// What else went wrong: the system did not recover, or a process ended by itself.
    pub problems: Vec<String>,
}

/// Something that must not take longer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bound {
    /// What.
    pub name: &'static str,
    /// How long it took at most, in milliseconds; `None` if it did not happen.
    pub measured_ms: Option<f64>,
    /// How long it may take.
    pub bound_ms: f64,
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
        Self { seed, brokers, quiet_ms: f64::INFINITY, kinds: BTreeMap::new(), verdict: Verdict::default(), problems }
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

    /// Whether nothing went wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.verdict.is_clean() && self.problems.is_empty()
    }
}

impl Bound {
    /// Whether it is kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.measured_ms.is_none_or(|measured| measured <= self.bound_ms)
    }
}

impl Sum {
    /// Adds these up.
    #[must_use]
    pub fn of(outcomes: Vec<Outcome>) -> Self {
        let mut kinds: BTreeMap<String, Measured> = BTreeMap::new();
        for (kind, measured) in outcomes.iter().flat_map(|outcome| &outcome.kinds) {
            kinds.entry(kind.clone()).or_default().add(measured);
        }
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

    /// Whether the machine was quiet enough for times to prove something.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.quiet_ms < QUIET_MS)
    }

    /// Whether nothing went wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.outcomes.iter().all(Outcome::is_clean)
    }

    /// Whether nothing took too long, as far as this machine was quiet enough to say.
    #[must_use]
    pub fn is_in_time(&self) -> bool {
        !self.is_quiet() || self.bounds().iter().all(Bound::is_kept)
    }

    /// The bounds, and whether they are kept.
    #[must_use]
    pub fn bounds(&self) -> Vec<Bound> {
        let longest = |kinds: &[&str], time: fn(&Measured) -> f64| {
            let of_kinds = kinds.iter().filter_map(|kind| self.kinds.get(*kind));
            of_kinds.filter(|measured| measured.alone > 0).map(time).reduce(f64::max)
        };
        let session_ms = SESSION_TIMEOUT.as_secs_f64() * 1e3;
        vec![
            Bound {
                name: "planned hand-over",
                measured_ms: longest(&["restart command-services"], |measured| measured.unavailable_ms),
                bound_ms: 300.0,
            },
            Bound {
                name: "kill -9 of an owner, until commands are accepted again",
                measured_ms: longest(&["kill command-services"], |measured| measured.unavailable_ms),
                bound_ms: session_ms + 1_000.0,
            },
            Bound {
                name: "kill -9 of a projector, until what is written is seen again",
                measured_ms: longest(&["kill projection-services"], |measured| measured.unseen_ms),
                bound_ms: 2_000.0,
            },
            Bound {
                name: "Postgres is back, until what is written is seen again",
                measured_ms: longest(&["kill postgres", "restart postgres", "freeze postgres"], |measured| {
                    measured.shows_after_ms
                }),
                bound_ms: 2_000.0,
            },
        ]
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let unavailable: BTreeMap<&str, f64> =
            self.kinds.iter().map(|(kind, measured)| (kind.as_str(), measured.unavailable_ms.round())).collect();
        let of_kind = |(kind, measured): (&String, &Measured)| {
            json!({
                "kind": kind, "faults": measured.faults, "alone": measured.alone, "skipped": measured.skipped,
                "skipped_because": measured.reason, "unavailable_ms": measured.unavailable_ms,
                "unseen_ms": measured.unseen_ms, "accepts_after_ms": measured.accepts_after_ms,
                "shows_after_ms": measured.shows_after_ms, "p99_ms": measured.p99_ms(),
            })
        };
        json!({
            "seeds": self.outcomes.iter().map(|outcome| outcome.seed).collect::<Vec<_>>(),
            "faults": self.faults(),
            "accepted": self.accepted(),
            "lost": self.violations(Kind::Lost),
            "doubled": self.violations(Kind::Doubled),
            "forked": self.violations(Kind::Forked),
            "stale": self.violations(Kind::Stale),
            "invented": self.violations(Kind::Invented),
            "wrong_rows": self.violations(Kind::Row),
            "wrong_claims": self.violations(Kind::Claim),
            "out_of_order": self.violations(Kind::Order),
            "problems": self.outcomes.iter().flat_map(|outcome| &outcome.problems).collect::<Vec<_>>(),
            "unavailable_ms": unavailable,
            "quiet": self.is_quiet(),
            "bounds": self.bounds(),
            "kinds": self.kinds.iter().map(of_kind).collect::<Vec<_>>(),
        })
    }
}
