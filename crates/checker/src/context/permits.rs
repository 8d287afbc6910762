//! What may be accepted, of whom and by whom: what a context forbids that its aggregates' versions and times allow.

use super::sight::LookedUp;
use crate::history::{Call, Event};
use crate::state::State;
use crate::verdict::Kind;

/// The roles, the least first.
const ROLES: [&str; 5] = ["reader", "author", "moderator", "editor", "admin"];

/// Somebody with whom a command has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Who acts.
    Actor,
    /// This account.
    Account(String),
    /// Who owns this post.
    OwnerOf(String),
    /// Who wrote the comment of this number on this post.
    AuthorOf(String, i64),
}

/// An account whose role bounds by whom an event can have been made.
pub(crate) struct Ranked {
    /// The account.
    pub(crate) account_id: String,
    /// The role by which the event was made.
    pub(crate) by: String,
    /// Whether the account's is to be a lesser one; else it may be the same.
    pub(crate) is_lesser: bool,
}

/// What a context forbids. By default nothing.
pub(crate) trait Permits {
    /// Why an event cannot come after what its aggregate was, as its events tell. `role` is that of who asked for it,
    /// where that is recorded.
    fn forbids(&self, _before: &State, _event: &Event, _role: Option<&str>) -> Option<(Kind, String)> {
        None
    }

    /// What a command of this verb is an answer to. It is accepted only where that is before readers.
    fn answers(&self, _verb: &str, _call: &Call) -> Vec<LookedUp> {
        Vec::new()
    }

    /// The pairs of people of whom none may block the other for a command of this verb to be accepted.
    fn meets(&self, _verb: &str, _call: &Call) -> Vec<(Who, Who)> {
        Vec::new()
    }

    /// The account whose role an event of this context has to reach, or to exceed.
    fn outranks(&self, _event: &Event) -> Option<Ranked> {
        None
    }

    /// The aggregate of another context on which a state says that all was carried out that it decided.
    fn is_carried_out_on(&self, _state: &State) -> Option<(&'static str, String)> {
        None
    }

    /// How a state differs from what such a decision says, if it does.
    fn contradicts(&self, _state: &State, _decision: &State) -> Option<String> {
        None
    }
}

/// How great a role is. One that is not known is taken for the greatest.
pub(crate) fn rank(role: &str) -> usize {
    ROLES.iter().position(|other| *other == role).unwrap_or(ROLES.len() - 1)
}

/// Whether a role that is recorded is less than another.
pub(crate) fn is_below(role: Option<&str>, least: &str) -> bool {
    role.is_some_and(|role| rank(role) < rank(least))
}

/// The last part of an event's type.
pub(crate) fn verb(event: &Event) -> &str {
    event.event_type.rsplit('.').next().unwrap_or_default()
}
