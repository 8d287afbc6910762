//! What happened to the security of accounts, for those who watch over the installation: an audit in which nothing
//! personal is. Its aggregates are accounts, keyed by their id; what happened to none that is there is of the nil id.
//!
//! There is nothing to decide: what is noted has happened. A note that is sent twice is known by its command's id.

mod event;

pub use event::{Event, Note, OfAccount, OfRole, OfSession};

use serde::{Deserialize, Serialize};

use crate::{Decider, DecisionContext};

/// The context `security`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Security;

/// What a decision needs to know: nothing. How much was noted is for those who look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted(pub u64);

/// Nothing is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {}

impl Note {
    /// Whether an operator should be woken up.
    #[must_use]
    pub fn is_alarming(self) -> bool {
        matches!(self, Self::RefreshReused(_) | Self::SecretsMissing)
    }
}

impl Decider for Security {
    const NAME: &'static str = "security";
    type Command = Note;
    type Event = Event;
    type State = Noted;
    type Rejection = Rejection;

    fn decide(_: &Noted, note: &Note, _: &DecisionContext) -> Result<Option<Event>, Rejection> {
        Ok(Some(note.event()))
    }

    fn evolve(Noted(count): Noted, _: &Event) -> Noted {
        Noted(count + 1)
    }

    fn receipt(_: &Noted) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
