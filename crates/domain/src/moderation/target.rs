//! What can be reported and decided on, and how aggregates are named.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Role;
use crate::comments::comment_id;
use crate::values::{CaseKind, Invalid};

/// What a case is about. As a text it is the aggregate's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// A post.
    Post(Uuid),
    /// A comment.
    Comment {
        /// The post that it is on.
        post_id: Uuid,
        /// Its number there.
        number: i64,
    },
    /// An account.
    Account(Uuid),
}

/// What a case is about, and whom it concerns, as the caller's instance has looked it up: a decision sees one
/// aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What it is about.
    pub target: Target,
    /// Whose that is: the author, or the account itself.
    pub subject_id: Uuid,
    /// The greatest role of that account.
    pub subject_role: Role,
}

/// Two people, of whom the one blocks, or may come to block, the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pair {
    /// Who blocks.
    pub blocker_id: Uuid,
    /// Whom.
    pub blocked_id: Uuid,
}

impl Target {
    /// The aggregate's id: `post:<post>`, `comment:<post>:<number>`, `account:<account>`.
    #[must_use]
    pub fn id(self) -> String {
        match self {
            Self::Post(id) => format!("post:{id}"),
            Self::Comment { post_id, number } => format!("comment:{post_id}:{number}"),
            Self::Account(id) => format!("account:{id}"),
        }
    }

    /// The target of this id; `None` if it is none.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let (kind, which) = id.split_once(':')?;
        let target = match kind.parse().ok()? {
            CaseKind::Post => Self::Post(which.parse().ok()?),
            CaseKind::Account => Self::Account(which.parse().ok()?),
            CaseKind::Comment => {
                let (post, number) = which.split_once(':')?;
                Self::Comment { post_id: post.parse().ok()?, number: number.parse().ok()? }
            }
        };
        // No other spelling: there is one case of each target.
        (target.id() == id).then_some(target)
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> CaseKind {
        match self {
            Self::Post(_) => CaseKind::Post,
            Self::Comment { .. } => CaseKind::Comment,
            Self::Account(_) => CaseKind::Account,
        }
    }

    /// The id of the post, the comment or the account.
    #[must_use]
    pub fn target_id(self) -> Uuid {
        match self {
            Self::Post(id) | Self::Account(id) => id,
            Self::Comment { post_id, number } => comment_id(post_id, number),
        }
    }

    /// Where a comment is: its post, and its number there.
    #[must_use]
    pub fn place(self) -> Option<(Uuid, i64)> {
        if let Self::Comment { post_id, number } = self { Some((post_id, number)) } else { None }
    }

    /// Whether it is a person, and no thing of theirs.
    #[must_use]
    pub fn is_person(self) -> bool {
        matches!(self, Self::Account(_))
    }
}

impl std::str::FromStr for Target {
    type Err = Invalid;

    fn from_str(id: &str) -> Result<Self, Invalid> {
        let what = "is not post:<id>, comment:<post id>:<number> or account:<id>";
        Self::of(id).ok_or_else(|| Invalid(what.into()))
    }
}

impl TryFrom<String> for Target {
    type Error = Invalid;

    fn try_from(id: String) -> Result<Self, Invalid> {
        id.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.id()
    }
}

impl Pair {
    /// The aggregate's id: `block:<blocker>:<blocked>`.
    #[must_use]
    pub fn id(self) -> String {
        format!("block:{}:{}", self.blocker_id, self.blocked_id)
    }

    /// The pair of this id; `None` if it is none.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let (blocker, blocked) = id.strip_prefix("block:")?.split_once(':')?;
        Some(Self { blocker_id: blocker.parse().ok()?, blocked_id: blocked.parse().ok()? })
    }

    /// The same two, the other way round.
    #[must_use]
    pub fn reverse(self) -> Self {
        Self { blocker_id: self.blocked_id, blocked_id: self.blocker_id }
    }
}
