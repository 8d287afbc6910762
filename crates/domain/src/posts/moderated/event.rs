//! THE STORED FORMAT of what moderation does to posts; see `posts/event.rs`.

use serde::{Deserialize, Serialize};

use crate::values::Visible;

crate::events! {
    /// What moderators can have decided of a post.
    enum RulingEvent in "inklog.posts" {
        /// It is not shown to all any more.
        Hidden(Hidden),
        /// It is hidden no more.
        Shown(Shown),
    }
}

/// A post is not shown to all any more, be it published or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// The ruling that is carried out: its number in the case of the post.
    pub ruling: i64,
    /// Whether those who write it do not see it either.
    pub from_author: bool,
}

/// A post is hidden by no moderator any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// See [`Hidden`].
    pub ruling: i64,
}

impl RulingEvent {
    /// Who is shown the post since this event, of those who may see it otherwise.
    #[must_use]
    pub fn visible(&self) -> Visible {
        match self {
            Self::Hidden(Hidden { from_author: true, .. }) => Visible::Moderators,
            Self::Hidden(Hidden { from_author: false, .. }) => Visible::Author,
            Self::Shown(_) => Visible::All,
        }
    }

    /// The ruling that is carried out.
    #[must_use]
    pub fn ruling(&self) -> i64 {
        match self {
            Self::Hidden(hidden) => hidden.ruling,
            Self::Shown(shown) => shown.ruling,
        }
    }
}
