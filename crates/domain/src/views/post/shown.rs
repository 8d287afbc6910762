//! Which events of a post change what its readers see.

use crate::posts::{CoAuthorEvent, Event};

/// Whether a reader sees another post since an event, or sees it no more or again: what it says, who wrote it, whether
/// it is public. What its authors and editors arrange among themselves is none of that.
pub(super) fn is_shown(event: &Event) -> bool {
    match event {
        Event::Drafted(_) | Event::Edited(_) | Event::Archive(_) | Event::Ruling(_) => true,
        Event::Published(_) | Event::Unpublished(_) | Event::Deleted(_) | Event::Restored(_) => true,
        Event::CoAuthors(event) => match event {
            CoAuthorEvent::CoAuthorJoined(_) | CoAuthorEvent::CoAuthorLeft(_) | CoAuthorEvent::HandedOver(_) => true,
            CoAuthorEvent::CoAuthorInvited(_)
            | CoAuthorEvent::InvitationWithdrawn(_)
            | CoAuthorEvent::InvitationDeclined(_) => false,
        },
        Event::Scheduled(_) | Event::Unscheduled(_) | Event::ExpirySet(_) | Event::ExpiryWithdrawn(_) => false,
        Event::SlugGivenUp(_) | Event::Previews(_) | Event::Review(_) | Event::Reservation(_) => false,
    }
}
