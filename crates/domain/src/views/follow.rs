use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::following::{Edge, Event, Followed, Following, Unfollowed};

/// The view of every pair of accounts of which the one ever followed the other. Numbers of followers are sums over it.
#[derive(Clone, Copy, Debug)]
pub struct Follows;

/// A pair of accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct Follow {
    /// Who follows, or did.
    pub follower_id: Uuid,
    /// Who is followed, or was.
    pub followee_id: Uuid,
    /// Whether the one follows the other now.
    pub active: bool,
    /// Since when it is so.
    pub since: Timestamp,
    /// The version of the pair: a row of those who follow no more is kept for it.
    pub version: u64,
}

impl View for Follows {
    const NAME: &'static str = "follows";
    type Source = Following;
    type Key = (Uuid, Uuid);
    type Row = Follow;

    fn keys(event: SourceEvent<'_, Following>) -> impl IntoIterator<Item = (Uuid, Uuid)> {
        edge(event.event).map(|Edge { follower_id, followee_id }| (follower_id, followee_id))
    }

    fn seen(row: Option<&Follow>, _: SourceEvent<'_, Following>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(
        &(follower_id, followee_id): &(Uuid, Uuid),
        _: Option<Follow>,
        event: SourceEvent<'_, Following>,
    ) -> Option<Follow> {
        let active = match event.event {
            Event::Followed(_) | Event::SubjectFollowed(_) => true,
            Event::Unfollowed(_) | Event::SubjectUnfollowed(_) => false,
        };
        Some(Follow { follower_id, followee_id, active, since: event.occurred_at, version: event.version })
    }
}

fn edge(happened: &Event) -> Option<Edge> {
    match happened {
        Event::Followed(Followed { follower_id, followee_id })
        | Event::Unfollowed(Unfollowed { follower_id, followee_id }) => {
            Some(Edge { follower_id: *follower_id, followee_id: *followee_id })
        }
        Event::SubjectFollowed(_) | Event::SubjectUnfollowed(_) => None,
    }
}
