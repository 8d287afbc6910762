use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::posts::{CoAuthorEvent, Event, Posts as Context};

/// The view of every invitation to write a post together, open or not.
#[derive(Clone, Copy, Debug)]
pub struct Invitations;

/// An invitation: the last of this account to this post.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    /// Who is invited, or was.
    pub account_id: Uuid,
    /// To which post.
    pub post_id: Uuid,
    /// Who invited.
    pub invited_by: Uuid,
    /// Whether it is open.
    pub open: bool,
    /// Since when it is so.
    pub since: Timestamp,
    /// The version of the post that made it so.
    pub version: u64,
}

impl View for Invitations {
    const NAME: &'static str = "invitations";
    type Source = Context;
    type Key = (Uuid, Uuid);
    type Row = Invitation;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = (Uuid, Uuid)> {
        match event.event {
            Event::CoAuthors(happened) => answering(happened).zip(event.id()),
            Event::Drafted(_)
            | Event::Edited(_)
            | Event::Published(_)
            | Event::Unpublished(_)
            | Event::Deleted(_)
            | Event::Restored(_)
            | Event::Scheduled(_)
            | Event::Unscheduled(_)
            | Event::ExpirySet(_)
            | Event::ExpiryWithdrawn(_)
            | Event::SlugGivenUp(_)
            | Event::Archive(_)
            | Event::Ruling(_)
            | Event::Previews(_)
            | Event::Review(_)
            | Event::Reservation(_) => None,
        }
    }

    fn seen(row: Option<&Invitation>, _: SourceEvent<'_, Context>) -> Seen {
        // Other events of the post lie between two of these: only what is older than the row is out of order.
        Seen::Some(row.map_or(0, |row| row.version))
    }

    fn fold(
        &(account_id, post_id): &(Uuid, Uuid),
        row: Option<Invitation>,
        event: SourceEvent<'_, Context>,
    ) -> Option<Invitation> {
        let open = matches!(event.event, Event::CoAuthors(CoAuthorEvent::CoAuthorInvited(_)));
        let left = matches!(event.event, Event::CoAuthors(CoAuthorEvent::CoAuthorLeft(_)));
        let invited_by = match row {
            Some(row) if !open => row.invited_by,
            // Who was named without being asked, or owned the post, may leave, too: that they did is known by this.
            None if !open && !left => return None,
            Some(_) | None => event.actor_id,
        };
        Some(Invitation { account_id, post_id, invited_by, open, since: event.occurred_at, version: event.version })
    }
}

/// Whose invitation an event opens, or closes.
fn answering(happened: &CoAuthorEvent) -> Option<Uuid> {
    match happened {
        CoAuthorEvent::CoAuthorInvited(event) => Some(event.account_id),
        CoAuthorEvent::InvitationWithdrawn(event) => Some(event.account_id),
        CoAuthorEvent::InvitationDeclined(event) => Some(event.account_id),
        CoAuthorEvent::CoAuthorJoined(event) => Some(event.account_id),
        CoAuthorEvent::CoAuthorLeft(event) => Some(event.account_id),
        // Of a co-author, who has no open invitation.
        CoAuthorEvent::HandedOver(_) => None,
    }
}
