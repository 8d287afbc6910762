//! Bookmarks: the posts that a reader keeps for later. This page is the context whole: state, commands, rejections,
//! decide, evolve.

mod event;

pub use event::{Added, Event, Removed};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Decider, DecisionContext};

/// The context `bookmarks`: one aggregate for each account and post, keyed by [`Bookmark::id`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bookmarks;

/// A place for a bookmark: there may be one in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bookmark {
    /// The account whose it is.
    pub account_id: Uuid,
    /// The post.
    pub post_id: Uuid,
}

impl Bookmark {
    /// The aggregate's id: `<account>:<post>`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}:{}", self.account_id, self.post_id)
    }

    /// The bookmark of this id; `None` if it is none.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let (account, post) = id.split_once(':')?;
        Some(Self { account_id: account.parse().ok()?, post_id: post.parse().ok()? })
    }
}

/// What a decision needs to know of a bookmark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Whether it is there.
    pub is_there: bool,
}

/// What can be asked of a bookmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Keep the post.
    Add(Bookmark),
    /// Keep it no more.
    Remove(Bookmark),
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// What an account keeps is its owner's affair; no role changes that.
    #[error("only the account's owner may do this")]
    NotTheOwner,
}

impl Decider for Bookmarks {
    const NAME: &'static str = "bookmarks";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        let (Command::Add(bookmark) | Command::Remove(bookmark)) = command;
        let Bookmark { account_id, post_id } = *bookmark;
        if context.actor.id != account_id {
            return Err(Rejection::NotTheOwner);
        }
        Ok(match command {
            Command::Add(_) => (!state.is_there).then_some(Event::Added(Added { account_id, post_id })),
            Command::Remove(_) => state.is_there.then_some(Event::Removed(Removed { account_id, post_id })),
        })
    }

    fn evolve(_: State, event: &Event) -> State {
        match event {
            Event::Added(_) => State { is_there: true },
            Event::Removed(_) => State { is_there: false },
        }
    }

    fn receipt(_: &State) -> Option<String> {
        None
    }

    fn ends_with(aggregate_id: &str, _: &Event) -> Vec<Uuid> {
        Bookmark::of(aggregate_id).map(|bookmark| bookmark.account_id).into_iter().collect()
    }
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
