//! The archive. A post in it is public and is read at its address as before, marked as archived: its links, series and
//! translations go on leading to it. It is in no list but that of the archive, counts for no tag or category, takes no
//! comments, and its text stays as it is: who wants to change it takes it out first. What was never public is not
//! archived. A post that is unpublished, or expires, is a draft and in the archive no more; one that is deleted is
//! there again when it is restored.

pub(super) mod event;

pub use event::{ArchiveEvent, Archived, Unarchived};

use serde::{Deserialize, Serialize};

/// What can be asked about the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArchiveCommand {
    /// Put a post there.
    PutIn,
    /// Take it out.
    TakeOut,
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ArchiveRejection {
    /// What is not public is not archived.
    #[error("only a published post is archived")]
    NotPublished,
    /// What is archived stays as it is.
    #[error("the post is archived; take it out of the archive first")]
    Archived,
}

impl ArchiveCommand {
    /// Decides it of a post that is public, or not, and archived, or not.
    pub(super) fn decide(self, published: bool, archived: bool) -> Result<Option<ArchiveEvent>, ArchiveRejection> {
        match self {
            Self::PutIn if !published => Err(ArchiveRejection::NotPublished),
            Self::PutIn => Ok((!archived).then_some(ArchiveEvent::Archived(Archived {}))),
            Self::TakeOut => Ok(archived.then_some(ArchiveEvent::Unarchived(Unarchived {}))),
        }
    }
}

impl ArchiveEvent {
    /// Whether a post is archived since this event.
    #[must_use]
    pub fn is_in(&self) -> bool {
        match self {
            Self::Archived(Archived {}) => true,
            Self::Unarchived(Unarchived {}) => false,
        }
    }
}

#[cfg(test)]
mod tests;
