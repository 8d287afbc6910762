//! What the judgement says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// So many violations of each kind are told in full; all are counted.
const TOLD: u64 = 200;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A command was accepted and its event is not in the log, or not where it was said to be.
    Lost,
    /// A command has two events.
    Doubled,
    /// An aggregate's versions have a gap, a repeat or a fork, or its time runs backwards.
    Forked,
    /// An event that no caller asked for, or that says something else than what was asked; a version that never was.
    Invented,
    /// An event that carries out, or was judged by, what another context decided, and that has not decided so.
    Undecided,
    /// An answer that was not true at any moment between question and answer, or older than was promised.
    Stale,
    /// A row that is not the fold of the log.
    Row,
    /// Two that have one slug or user name, or one that has it without a reservation.
    Reservation,
    /// The log contradicts the order in which commands were asked and answered.
    Order,
    /// What was to happen by itself happened early, again or not at all; or it was not to happen.
    Schedule,
    /// A password or a session that was good after it had ended, or not good while it was.
    Access,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Lost,
        Self::Doubled,
        Self::Forked,
        Self::Invented,
        Self::Undecided,
        Self::Stale,
        Self::Row,
        Self::Reservation,
        Self::Order,
        Self::Schedule,
        Self::Access,
    ];
}

/// Something that should not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// What is wrong.
    pub kind: Kind,
    /// What was found, where, and what it contradicts.
    pub message: String,
}

/// How much was judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Records that count.
    pub valid: u64,
    /// Records that do not: what a paused and woken writer appended, terms that came too late.
    pub void: u64,
    /// Terms.
    pub terms: u64,
    /// Aggregates.
    pub aggregates: u64,
    /// Attempts.
    pub calls: u64,
    /// Commands that were accepted with an event, each once however often it was asked.
    pub accepted: u64,
    /// Attempts that were answered with "already so".
    pub unchanged: u64,
    /// Attempts that were refused.
    pub refused: u64,
    /// Attempts whose outcome was not told.
    pub unknown: u64,
    /// Answers of readers.
    pub reads: u64,
    /// Attempts to do something with a password or a session.
    #[serde(default)]
    pub visits: u64,
    /// Attempts to do something with a working copy.
    #[serde(default)]
    pub typing: u64,
    /// Rows of read models.
    pub rows: u64,
}

/// The judgement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// How much was judged.
    pub counts: Counts,
    /// How many violations of each kind there are.
    pub found: BTreeMap<Kind, u64>,
    /// The violations, the first few hundred of each kind.
    pub violations: Vec<Violation>,
}

impl Verdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    /// The number of violations of a kind.
    #[must_use]
    pub fn count(&self, kind: Kind) -> u64 {
        self.found.get(&kind).copied().unwrap_or(0)
    }

    pub(crate) fn add(&mut self, kind: Kind, message: impl FnOnce() -> String) {
        let count = self.found.entry(kind).or_default();
        *count += 1;
        if *count <= TOLD {
            self.violations.push(Violation { kind, message: message() });
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for Violation { kind, message } in &self.violations {
            writeln!(f, "{kind:?}: {message}")?;
        }
        write!(f, "{} violations", self.found.values().sum::<u64>())
    }
}
