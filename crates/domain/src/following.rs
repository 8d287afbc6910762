//! Following: who wants to hear of whom. This page is the context whole: state, commands, rejections, decide, evolve.

mod event;

pub use event::{Event, Followed, Unfollowed};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Decider, DecisionContext};

/// The context `following`: one aggregate for each pair of accounts, keyed by [`Edge::id`].
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

/// What a decision needs to know of a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Whether the one follows the other.
    pub follows: bool,
}

/// What can be asked of a pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Have the one follow the other.
    Follow(Edge),
    /// Have the one not follow the other; either may ask for it.
    Unfollow(Edge),
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
        let (Command::Follow(edge) | Command::Unfollow(edge)) = command;
        let Edge { follower_id, followee_id } = *edge;
        let actor = context.actor.id;
        let may_ask = match command {
            Command::Follow(_) => actor == follower_id,
            Command::Unfollow(_) => actor == follower_id || actor == followee_id,
        };
        if !may_ask {
            return Err(Rejection::NotTheFollower);
        }
        match command {
            Command::Follow(_) if follower_id == followee_id => Err(Rejection::Oneself),
            Command::Follow(_) => {
                Ok((!state.follows).then_some(Event::Followed(Followed { follower_id, followee_id })))
            }
            Command::Unfollow(_) => {
                Ok(state.follows.then_some(Event::Unfollowed(Unfollowed { follower_id, followee_id })))
            }
        }
    }

    fn evolve(_: State, event: &Event) -> State {
        match event {
            Event::Followed(_) => State { follows: true },
            Event::Unfollowed(_) => State { follows: false },
        }
    }

    fn receipt(_: &State) -> Option<String> {
        None
    }

    fn ends_with(aggregate_id: &str, _: &Event) -> Vec<Uuid> {
        Edge::of(aggregate_id).map_or_else(Vec::new, |edge| vec![edge.follower_id, edge.followee_id])
    }

    fn concerns(event: &Event) -> Vec<Uuid> {
        let (Event::Followed(Followed { followee_id, .. }) | Event::Unfollowed(Unfollowed { followee_id, .. })) = event;
        vec![*followee_id]
    }
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
