use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::posts::{Event, Posts as Context, PreviewEvent};

/// The view of every link by which a post is read before it is public, good or not.
#[derive(Clone, Copy, Debug)]
pub struct Previews;

/// A preview link.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Of which post.
    pub post_id: Uuid,
    /// Which link.
    pub preview_id: Uuid,
    /// The SHA-256 of its token, in hexadecimal.
    pub token_sha256: String,
    /// Which account gave it.
    pub given_by: Uuid,
    /// When.
    pub given_at: Timestamp,
    /// Until when it is good, unless it is revoked.
    pub expires_at: Timestamp,
    /// Whether it was taken back.
    pub revoked: bool,
    /// The version of the post that made it so.
    pub version: u64,
}

impl View for Previews {
    const NAME: &'static str = "previews";
    type Source = Context;
    type Key = (Uuid, Uuid);
    type Row = Preview;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = (Uuid, Uuid)> {
        match event.event {
            Event::Previews(PreviewEvent::PreviewGiven(given)) => event.id().map(|post| (post, given.preview_id)),
            Event::Previews(PreviewEvent::PreviewRevoked(revoked)) => event.id().map(|post| (post, revoked.preview_id)),
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
            | Event::CoAuthors(_)
            | Event::Review(_)
            | Event::Reservation(_) => None,
        }
    }

    fn seen(row: Option<&Preview>, _: SourceEvent<'_, Context>) -> Seen {
        // Other events of the post lie between: only what is older than the row is out of order.
        Seen::Some(row.map_or(0, |row| row.version))
    }

    fn fold(
        &(post_id, preview_id): &(Uuid, Uuid),
        row: Option<Preview>,
        event: SourceEvent<'_, Context>,
    ) -> Option<Preview> {
        match event.event {
            Event::Previews(PreviewEvent::PreviewGiven(given)) => Some(Preview {
                post_id,
                preview_id,
                token_sha256: given.token_sha256.clone(),
                given_by: event.actor_id,
                given_at: event.occurred_at,
                expires_at: given.expires_at,
                revoked: false,
                version: event.version,
            }),
            Event::Previews(PreviewEvent::PreviewRevoked(_)) => {
                row.map(|row| Preview { revoked: true, version: event.version, ..row })
            }
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
            | Event::CoAuthors(_)
            | Event::Review(_)
            | Event::Reservation(_) => row,
        }
    }
}
