//! Reactions and shares: what readers give to a post, and where they took it. This page is the context whole: state,
//! commands, rejections, decide, evolve.

mod event;

pub use event::{Event, Given, Shared, Unshared, Withdrawn};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::values::{ReactionKind, SharePlace, TargetKind};
use crate::{Decider, DecisionContext};

/// The context `reactions`: one aggregate for each account, target, and kind of reaction or place of sharing, keyed by
/// [`Mark::id`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reactions;

/// What is reacted to, or shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// Which.
    pub id: Uuid,
}

/// What an account says of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// It gives a reaction of this kind.
    Reaction(ReactionKind),
    /// It shared it there.
    Share(SharePlace),
}

/// A place for a reaction or a share: there may be one in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// The account whose it is.
    pub account_id: Uuid,
    /// What it says.
    pub what: What,
    /// Of what.
    pub target: Target,
}

impl Mark {
    /// The aggregate's id: `<account>:reaction:<kind>:<what the target is>:<target>`, or with `share` and the place.
    #[must_use]
    pub fn id(&self) -> String {
        let (sort, name): (&str, &str) = match &self.what {
            What::Reaction(kind) => (REACTION, kind.as_str()),
            What::Share(place) => (SHARE, place.as_str()),
        };
        format!("{}:{sort}:{name}:{}:{}", self.account_id, self.target.kind.name(), self.target.id)
    }

    /// The reaction or share of this id; `None` if it is none.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let mut parts = id.split(':');
        let mut next = || parts.next();
        let (account, sort, name, kind, target) = (next()?, next()?, next()?, next()?, next()?);
        let what = match sort {
            REACTION => What::Reaction(name.parse().ok()?),
            SHARE => What::Share(name.parse().ok()?),
            _ => return None,
        };
        let target = Target { kind: kind.parse().ok()?, id: target.parse().ok()? };
        parts.next().is_none().then_some(Self { account_id: account.parse().ok()?, what, target })
    }

    /// The event with which it is there.
    fn made(self) -> Event {
        let Self { account_id, what, target: Target { kind: target_kind, id: target_id } } = self;
        match what {
            What::Reaction(kind) => Event::Given(Given { account_id, target_kind, target_id, kind }),
            What::Share(place) => Event::Shared(Shared { account_id, target_kind, target_id, place }),
        }
    }

    /// The event with which it is not there any more.
    fn unmade(self) -> Event {
        let Self { account_id, what, target: Target { kind: target_kind, id: target_id } } = self;
        match what {
            What::Reaction(kind) => Event::Withdrawn(Withdrawn { account_id, target_kind, target_id, kind }),
            What::Share(place) => Event::Unshared(Unshared { account_id, target_kind, target_id, place }),
        }
    }
}

const REACTION: &str = "reaction";
const SHARE: &str = "share";

/// What a decision needs to know of a reaction or a share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Whether it is there.
    pub is_there: bool,
}

/// What can be asked of a reaction or a share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// That it be there.
    Make(Mark),
    /// That it be there no more.
    TakeBack(Mark),
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// What an account says of a post is its owner's affair; no role changes that.
    #[error("only the account's owner may do this")]
    NotTheOwner,
}

impl Decider for Reactions {
    const NAME: &'static str = "reactions";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        let (Command::Make(mark) | Command::TakeBack(mark)) = command;
        if context.actor.id != mark.account_id {
            return Err(Rejection::NotTheOwner);
        }
        Ok(match command {
            Command::Make(mark) => (!state.is_there).then(|| mark.clone().made()),
            Command::TakeBack(mark) => state.is_there.then(|| mark.clone().unmade()),
        })
    }

    fn evolve(_: State, event: &Event) -> State {
        match event {
            Event::Given(_) | Event::Shared(_) => State { is_there: true },
            Event::Withdrawn(_) | Event::Unshared(_) => State { is_there: false },
        }
    }

    fn receipt(_: &State) -> Option<String> {
        None
    }

    /// With its target it does not end: a post that is restored has what was given to it.
    fn ends_with(aggregate_id: &str, _: &Event) -> Vec<Uuid> {
        Mark::of(aggregate_id).map(|mark| mark.account_id).into_iter().collect()
    }
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
