//! THE STORED FORMAT of the context `following`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/following/`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::values::SubjectKind;

crate::events! {
    /// What can have happened between two accounts, or an account and what it follows.
    enum Event in "inklog.following" {
        /// The one follows the other.
        Followed(Followed),
        /// It does not any more.
        Unfollowed(Unfollowed),
        /// The account follows a tag, a category or a series.
        SubjectFollowed(SubjectFollowed),
        /// It does not any more.
        SubjectUnfollowed(SubjectUnfollowed),
    }
}

/// The one follows the other. The ids are those in the aggregate's id, so that no reader has to take it apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Followed {
    /// Who follows.
    pub follower_id: Uuid,
    /// Who is followed.
    pub followee_id: Uuid,
}

/// The one does not follow the other any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unfollowed {
    /// See [`Followed`].
    pub follower_id: Uuid,
    /// See [`Followed`].
    pub followee_id: Uuid,
}

/// The account follows a tag, a category or a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubjectFollowed {
    /// Who follows.
    pub follower_id: Uuid,
    /// Of which kind it is.
    pub subject_kind: SubjectKind,
    /// Which of those: a tag's name, or an id.
    pub subject_ref: String,
}

/// The account does not follow it any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubjectUnfollowed {
    /// See [`SubjectFollowed`].
    pub follower_id: Uuid,
    /// See [`SubjectFollowed`].
    pub subject_kind: SubjectKind,
    /// See [`SubjectFollowed`].
    pub subject_ref: String,
}
