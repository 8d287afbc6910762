//! What moderation does to comments: filters hold them as they are written, and rulings hide and show them. What is
//! decided, and why, is in the context `moderation`: docs/adr/0028.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Edited, Event, Hidden, Rejection, Shown, Thread};
use crate::personal::Personal;
use crate::values::{CommentText, Filter, Visible};
use crate::{Actor, Gained, Role};

/// How the filters judged a comment: the caller's instance has its text in clear, and a decision has not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// What holds it; empty if it is shown.
    pub held_by: Vec<Filter>,
    /// The version of the filters; `None` where the author is not judged by them.
    pub filters_version: Option<i64>,
}

/// What moderators decided of a comment, up to a ruling.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ruled {
    /// The post.
    pub post_id: Uuid,
    /// Which.
    pub number: i64,
    /// The number of the last ruling in the case of the comment. One that is not later than what was carried out
    /// changes nothing: so it does not matter in which order they come, and how often.
    pub ruling: i64,
    /// Who is shown it.
    pub visible: Visible,
    /// How often it had been edited when the moderator read it, where what filters hold passes by the ruling.
    pub edits: Option<i64>,
}

impl Judged {
    pub(super) fn held_by(&self) -> Gained<Filter> {
        Gained(self.held_by.clone())
    }

    pub(super) fn edited(&self, post_id: Uuid, number: i64, author_id: Uuid, text: &Personal<CommentText>) -> Event {
        let (text, held_by, filters_version) = (text.clone(), self.held_by(), self.filters_version);
        Event::Edited(Edited { post_id, number, author_id, text, held_by, filters_version })
    }
}

impl Ruled {
    /// What says nothing any more is neither hidden nor shown.
    pub(super) fn decide(self, thread: &Thread, actor: &Actor) -> Result<Option<Event>, Rejection> {
        if !actor.is_at_least(Role::Moderator) {
            return Err(Rejection::NotTheAuthor);
        }
        let Self { post_id, number, ruling, visible, edits } = self;
        let known = thread.comment(number).ok_or(Rejection::NotFound)?;
        if known.deleted || ruling <= known.ruling {
            return Ok(None);
        }
        // Its author has changed it since, or no moderator has let it pass: it stays for the next, who is shown it so.
        let is_read = edits == Some(known.edits());
        let is_kept_back = visible == Visible::All || edits.is_some() && known.visible == visible;
        if known.held && !is_read && is_kept_back {
            return Ok(None);
        }
        let hidden = |from_author| {
            let author_id = known.author_id;
            Event::Hidden(Hidden { post_id, number, author_id, ruling, from_author })
        };
        Ok(Some(match visible {
            Visible::All => Event::Shown(Shown { post_id, number, author_id: known.author_id, ruling }),
            Visible::Author => hidden(false),
            Visible::Moderators => hidden(true),
        }))
    }
}
