//! Working copies: changes to a post that are not made yet. They are kept outside the log, for an author types for
//! hours (`docs/adr/0017-working-copies.md`); here is what decides whether one is released, which is one event.

use serde::{Deserialize, Serialize};

use super::Edited;
use crate::reservations::Lease;

/// Has a post be as a working copy has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// What the working copy changes.
    pub change: Edited,
    /// The revision that it was begun on: see [`super::Post::revision`].
    pub revision: u64,
    /// The SHA-256 of the working copy, in hexadecimal: what an editor approves it by.
    pub copy_sha256: Option<String>,
    /// The reservation of the slug, where that changes.
    pub lease: Option<Lease>,
}

/// Why a working copy is not released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ReleaseRejection {
    /// The post was edited beside it: releasing it would undo that unseen.
    #[error("the post was edited since the working copy was begun; look at both, and save it for the present version")]
    Outdated,
}

#[cfg(test)]
mod tests;
