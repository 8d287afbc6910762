//! What a person was given who asked for everything that is held about them.

use serde::{Deserialize, Serialize};

use super::Nanos;

/// An export that came whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// Who asked: for the explanations.
    pub client: u64,
    /// Whose account it is of.
    pub account_id: String,
    /// Before the request was sent.
    pub invoked_at: Nanos,
    /// After its last line had come.
    pub answered_at: Nanos,
    /// The events in it.
    pub events: Vec<Exported>,
}

/// An event in an export.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exported {
    /// Its context.
    pub context: String,
    /// What it happened to.
    pub aggregate_id: String,
    /// Its number within the aggregate.
    pub version: u64,
}
