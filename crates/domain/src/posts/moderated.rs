//! What moderation does to a post: rulings hide it and show it again. What is decided, and why, is in the context
//! `moderation`: docs/adr/0028. Whether a post is hidden is apart from whether it is published, archived or deleted: so
//! it stays hidden whatever its authors, or a schedule, do with it meanwhile.

pub(super) mod event;

pub use event::{Hidden, RulingEvent, Shown};

use serde::{Deserialize, Serialize};

use super::co_authors::CoAuthorEvent;
use super::previews::PreviewEvent;
use super::review::ReviewEvent;
use super::{Event, Rejection};
use crate::values::Visible;
use crate::{Actor, Role};

/// What moderators decided of a post, up to a ruling.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ruled {
    /// The number of the last ruling in the case of the post. One that is not later than what was carried out changes
    /// nothing: so it does not matter in which order they come, and how often.
    pub ruling: i64,
    /// Who is shown it.
    pub visible: Visible,
}

/// How a post stands by what was carried out on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moderated {
    /// Who is shown it of those who may see it otherwise.
    pub(super) visible: Visible,
    ruling: i64,
}

impl Default for Moderated {
    fn default() -> Self {
        Self { visible: Visible::All, ruling: 0 }
    }
}

impl Moderated {
    /// What is deleted is hidden, too: it may be restored.
    pub(super) fn rule(self, ruled: Ruled, actor: &Actor) -> Result<Option<RulingEvent>, Rejection> {
        if !moderates(actor) {
            return Err(Rejection::NotAModerator);
        }
        let Ruled { ruling, visible } = ruled;
        Ok((ruling > self.ruling).then_some(match visible {
            Visible::All => RulingEvent::Shown(Shown { ruling }),
            Visible::Author => RulingEvent::Hidden(Hidden { ruling, from_author: false }),
            Visible::Moderators => RulingEvent::Hidden(Hidden { ruling, from_author: true }),
        }))
    }

    pub(super) fn after(event: &RulingEvent) -> Self {
        Self { visible: event.visible(), ruling: event.ruling() }
    }

    /// Whether all see it who may see it otherwise.
    pub(super) fn is_shown(self) -> bool {
        self.visible == Visible::All
    }

    /// Whether an actor does not see it any more, be it their own.
    pub(super) fn is_removed_for(self, actor: &Actor) -> bool {
        self.visible == Visible::Moderators && !moderates(actor)
    }

    /// What those who write it do not see any more they do not change; they take back what they did.
    pub(super) fn permit(self, event: Option<&Event>, actor: &Actor) -> Result<(), Rejection> {
        if self.is_removed_for(actor) && event.is_some_and(|event| !takes_back(event)) {
            Err(Rejection::Removed)
        } else {
            Ok(())
        }
    }
}

/// Whether an actor sees what moderators hid.
#[must_use]
pub fn moderates(actor: &Actor) -> bool {
    actor.is_at_least(Role::Moderator)
}

/// Whether an event takes something of a post back, or ends what an account has to do with it.
fn takes_back(event: &Event) -> bool {
    match event {
        Event::Unpublished(_) | Event::Deleted(_) | Event::Unscheduled(_) => true,
        Event::CoAuthors(event) => match event {
            CoAuthorEvent::InvitationWithdrawn(_) | CoAuthorEvent::InvitationDeclined(_) => true,
            CoAuthorEvent::CoAuthorLeft(_) => true,
            CoAuthorEvent::CoAuthorInvited(_) | CoAuthorEvent::CoAuthorJoined(_) => false,
            CoAuthorEvent::HandedOver(_) => false,
        },
        Event::Previews(event) => matches!(event, PreviewEvent::PreviewRevoked(_)),
        Event::Review(event) => matches!(event, ReviewEvent::ReviewWithdrawn(_)),
        Event::Drafted(_) | Event::Edited(_) | Event::Published(_) | Event::Restored(_) => false,
        Event::SlugGivenUp(_) | Event::Archive(_) => false,
        Event::Scheduled(_) | Event::ExpirySet(_) | Event::ExpiryWithdrawn(_) => false,
        Event::Ruling(_) | Event::Reservation(_) => false,
    }
}

#[cfg(test)]
mod tests;
