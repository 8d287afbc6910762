//! THE STORED FORMAT of the context `comments`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/comments/`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::personal::{Open, Personal};
use crate::values::{CommentText, Filter, Invalid};
use crate::{Gained, Timestamp};

crate::events! {
    /// What can have happened among the comments on a post.
    enum Event in "inklog.comments" {
        /// There is a further one.
        Written(Written),
        /// One says something else.
        Edited(Edited),
        /// One says nothing any more, and keeps its place.
        Deleted(Deleted),
        /// Some say nothing any more, for their author is forgotten.
        Erased(Erased),
        /// One is not shown to all any more: a moderator has decided so.
        Hidden(Hidden),
        /// One is shown to all, whatever held or hid it.
        Shown(Shown),
    }
}

/// There is a further comment on the post.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// Its id: see [`comment_id`].
    pub comment_id: Uuid,
    /// The post.
    pub post_id: Uuid,
    /// Its number among those on the post: 1, 2, 3, … without gaps.
    pub number: i64,
    /// Who wrote it.
    pub author_id: Uuid,
    /// The number of the one that it answers; `None` if it answers the post.
    pub reply_to: Option<i64>,
    /// How deep in the thread it is: 0 if it answers the post.
    pub depth: i64,
    /// What it says, in Markdown. People are named as `@` and the id of their account.
    pub text: Personal<CommentText>,
    /// Until when it may be edited.
    pub editable_until_at: Timestamp,
    /// What holds it until a moderator has read it; empty where it is shown.
    pub held_by: Gained<Filter>,
    /// The version of the filters that it was judged by; `None` where it was not judged.
    pub filters_version: Option<i64>,
}

/// A comment says something else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edited {
    /// See [`Written`].
    pub post_id: Uuid,
    /// See [`Written`].
    pub number: i64,
    /// See [`Written`].
    pub author_id: Uuid,
    /// See [`Written`].
    pub text: Personal<CommentText>,
    /// See [`Written`].
    pub held_by: Gained<Filter>,
    /// See [`Written`].
    pub filters_version: Option<i64>,
}

/// A comment says nothing any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deleted {
    /// See [`Written`].
    pub post_id: Uuid,
    /// See [`Written`].
    pub number: i64,
    /// See [`Written`].
    pub author_id: Uuid,
}

/// Comments say nothing any more, for the account that wrote them is forgotten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Erased {
    /// See [`Written`].
    pub post_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// The numbers of the comments.
    pub numbers: Vec<i64>,
}

/// A comment is not shown to all any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hidden {
    /// See [`Written`].
    pub post_id: Uuid,
    /// See [`Written`].
    pub number: i64,
    /// See [`Written`].
    pub author_id: Uuid,
    /// The ruling that is carried out: its number in the case of the comment.
    pub ruling: i64,
    /// Whether its author does not see it either.
    pub from_author: bool,
}

/// A comment is shown to all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// See [`Written`].
    pub post_id: Uuid,
    /// See [`Written`].
    pub number: i64,
    /// See [`Written`].
    pub author_id: Uuid,
    /// See [`Hidden`].
    pub ruling: i64,
}

/// The id of a comment, which is made of where it is: none has to be drawn or looked up.
#[must_use]
pub fn comment_id(post_id: Uuid, number: i64) -> Uuid {
    Uuid::new_v5(&post_id, format!("comment/{number}").as_bytes())
}

impl Event {
    /// Whose words it is about.
    #[must_use]
    pub fn author(&self) -> Uuid {
        match self {
            Self::Written(written) => written.author_id,
            Self::Edited(edited) => edited.author_id,
            Self::Deleted(deleted) => deleted.author_id,
            Self::Erased(erased) => erased.account_id,
            Self::Hidden(hidden) => hidden.author_id,
            Self::Shown(shown) => shown.author_id,
        }
    }

    /// What a comment says from this event on.
    #[must_use]
    pub fn text(&self) -> Option<&Personal<CommentText>> {
        match self {
            Self::Written(written) => Some(&written.text),
            Self::Edited(edited) => Some(&edited.text),
            Self::Deleted(_) | Self::Erased(_) | Self::Hidden(_) | Self::Shown(_) => None,
        }
    }

    /// Opens what is sealed of it; see [`Personal::open`].
    ///
    /// # Errors
    /// Something cannot be opened although its key is there.
    pub fn open(&mut self, open: &mut Open<'_>) -> Result<(), Invalid> {
        match self {
            Self::Written(written) => written.text.open(open),
            Self::Edited(edited) => edited.text.open(open),
            Self::Deleted(_) | Self::Erased(_) | Self::Hidden(_) | Self::Shown(_) => Ok(()),
        }
    }
}
