//! Following: who wants to hear of whom, and of what. This page is the context whole: state, commands, rejections,
//! decide, evolve; what is followed that is no person is in `interests.rs`.

mod event;
mod interests;

pub use event::{Event, Followed, SubjectFollowed, SubjectUnfollowed, Unfollowed};
pub use interests::{Interest, Subject};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Decider, DecisionContext};

/// The context `following`: one aggregate for each pair of accounts, keyed by [`Edge::id`], and one for each account
/// and tag, category or series, keyed by [`Interest::id`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Following;

/// A pair of accounts, of which the one follows, or may come to follow, the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edge {
    /// Who follows.
    pub follower_id: Uuid,
    /// Who is followed.
    pub followee_id: Uuid,
}

impl Edge {
    /// The aggregate's id: `<follower>:<followee>`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}:{}", self.follower_id, self.followee_id)
    }

    /// The pair of this id; `None` if it is none.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let (follower, followee) = id.split_once(':')?;
        Some(Self { follower_id: follower.parse().ok()?, followee_id: followee.parse().ok()? })
    }
}

/// What a decision needs to know of a pair, or of an interest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Whether the one follows the other.
    pub follows: bool,
}

/// What can be asked of a pair, or of an interest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Have the one follow the other.
    Follow(Edge),
    /// Have the one not follow the other; either may ask for it.
    Unfollow(Edge),
    /// Have an account follow a tag, a category or a series.
    FollowSubject(Interest),
    /// Have it not follow that.
    UnfollowSubject(Interest),
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// Whom a person follows is their own affair, and that of whom they follow; no role changes that.
    #[error("only the follower themselves may do this")]
    NotTheFollower,
    /// An account does not follow itself.
    #[error("an account does not follow itself")]
    Oneself,
}

impl Decider for Following {
    const NAME: &'static str = "following";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        let actor = context.actor.id;
        match command {
            Command::Follow(Edge { follower_id, .. }) if actor != *follower_id => Err(Rejection::NotTheFollower),
            Command::Follow(edge) if edge.follower_id == edge.followee_id => Err(Rejection::Oneself),
            Command::Follow(Edge { follower_id, followee_id }) => {
                let followed = Followed { follower_id: *follower_id, followee_id: *followee_id };
                Ok((!state.follows).then_some(Event::Followed(followed)))
            }
            Command::Unfollow(edge) if actor != edge.follower_id && actor != edge.followee_id => {
                Err(Rejection::NotTheFollower)
            }
            Command::Unfollow(Edge { follower_id, followee_id }) => {
                let unfollowed = Unfollowed { follower_id: *follower_id, followee_id: *followee_id };
                Ok(state.follows.then_some(Event::Unfollowed(unfollowed)))
            }
            Command::FollowSubject(interest) => interest.decide(state.follows, true, context),
            Command::UnfollowSubject(interest) => interest.decide(state.follows, false, context),
        }
    }

    fn evolve(_: State, event: &Event) -> State {
        match event {
            Event::Followed(_) | Event::SubjectFollowed(_) => State { follows: true },
            Event::Unfollowed(_) | Event::SubjectUnfollowed(_) => State { follows: false },
        }
    }

    fn receipt(_: &State) -> Option<String> {
        None
    }

    fn ends_with(aggregate_id: &str, _: &Event) -> Vec<Uuid> {
        let interest = || Interest::of(aggregate_id).map(|interest| interest.follower_id).into_iter().collect();
        Edge::of(aggregate_id).map_or_else(interest, |edge| vec![edge.follower_id, edge.followee_id])
    }

    fn concerns(event: &Event) -> Vec<Uuid> {
        match event {
            Event::Followed(Followed { followee_id, .. }) | Event::Unfollowed(Unfollowed { followee_id, .. }) => {
                vec![*followee_id]
            }
            Event::SubjectFollowed(_) | Event::SubjectUnfollowed(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
