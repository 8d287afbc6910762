//! What else is followed than people: tags, categories and series. A tag is followed by its name and a category by its
//! id, as posts name them: whatever they come to stand for, readers resolve.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::event::{SubjectFollowed, SubjectUnfollowed};
use super::{Event, Rejection};
use crate::DecisionContext;
use crate::values::{SubjectKind, Tag};

/// What posts can be about, or in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Subject {
    /// A tag.
    Tag(Tag),
    /// A category.
    Category(Uuid),
    /// A series.
    Series(Uuid),
}

/// An account and what it follows, or may come to follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interest {
    /// Who follows.
    pub follower_id: Uuid,
    /// What.
    pub subject: Subject,
}

impl Subject {
    /// Of which kind it is.
    #[must_use]
    pub fn kind(&self) -> SubjectKind {
        match self {
            Self::Tag(_) => SubjectKind::Tag,
            Self::Category(_) => SubjectKind::Category,
            Self::Series(_) => SubjectKind::Series,
        }
    }

    fn of(kind: &str, which: &str) -> Option<Self> {
        match kind.parse().ok()? {
            SubjectKind::Tag => which.parse().ok().map(Self::Tag),
            SubjectKind::Category => which.parse().ok().map(Self::Category),
            SubjectKind::Series => which.parse().ok().map(Self::Series),
        }
    }
}

/// Which it is of its kind: a tag's name, or an id.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Category(id) | Self::Series(id) => id.fmt(f),
        }
    }
}

impl Interest {
    /// The aggregate's id: `<follower>:tag:<tag>`, `<follower>:category:<id>` or `<follower>:series:<id>`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}:{}:{}", self.follower_id, self.subject.kind().name(), self.subject)
    }

    /// The interest of this id; `None` if it is none.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let (follower, subject) = id.split_once(':')?;
        let (kind, which) = subject.split_once(':')?;
        Some(Self { follower_id: follower.parse().ok()?, subject: Subject::of(kind, which)? })
    }

    /// Decides whether it is followed from now on, or not: only the follower says so.
    pub(super) fn decide(
        &self,
        follows: bool,
        wanted: bool,
        context: &DecisionContext,
    ) -> Result<Option<Event>, Rejection> {
        if context.actor.id != self.follower_id {
            return Err(Rejection::NotTheFollower);
        }
        let (follower_id, subject_kind, subject_ref) =
            (self.follower_id, self.subject.kind(), self.subject.to_string());
        Ok((follows != wanted).then_some(if wanted {
            Event::SubjectFollowed(SubjectFollowed { follower_id, subject_kind, subject_ref })
        } else {
            Event::SubjectUnfollowed(SubjectUnfollowed { follower_id, subject_kind, subject_ref })
        }))
    }
}
