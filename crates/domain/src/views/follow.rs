use uuid::Uuid;

use super::{Gap, View, ViewEvent, in_sequence};
use crate::following::{Edge, Event, Followed, Unfollowed};
use crate::{AnyEvent, Timestamp};

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
    type Key = (Uuid, Uuid);
    type Row = Follow;

    fn key(event: &ViewEvent) -> Option<(Uuid, Uuid)> {
        match &event.event {
            AnyEvent::Following(happened) => {
                let edge = edge(happened);
                Some((edge.follower_id, edge.followee_id))
            }
            AnyEvent::Posts(_) | AnyEvent::Accounts(_) | AnyEvent::Security(_) => None,
        }
    }

    fn fold(row: Option<Follow>, event: &ViewEvent) -> Result<Option<Follow>, Gap> {
        let AnyEvent::Following(happened) = &event.event else { return Ok(row) };
        in_sequence(row.as_ref().map_or(0, |row| row.version), event)?;
        let Edge { follower_id, followee_id } = edge(happened);
        let active = match happened {
            Event::Followed(_) => true,
            Event::Unfollowed(_) => false,
        };
        Ok(Some(Follow { follower_id, followee_id, active, since: event.occurred_at, version: event.version }))
    }
}

fn edge(happened: &Event) -> Edge {
    match happened {
        Event::Followed(Followed { follower_id, followee_id })
        | Event::Unfollowed(Unfollowed { follower_id, followee_id }) => {
            Edge { follower_id: *follower_id, followee_id: *followee_id }
        }
    }
}
