//! Media: the images and files that authors bring. This page is the context whole: state, commands, rejections, decide,
//! evolve. The bytes are in an object store, under an address that is made of what they are; that they are there, and
//! since when they are not any more, is said here.

mod event;
mod item;
mod references;

pub use event::{Deleted, Described, Event, Kept, Rendered, Swept, Uploaded};
pub use item::Item;
pub use references::{Reference, references};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::values::{AltText, Rendition};
use crate::{Actor, Decider, DecisionContext, Role, Timestamp};

/// The context `media`: one aggregate for each account and content, keyed by [`Item::id`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Media;

/// What a decision needs to know of an item; nothing where it is not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State(pub Option<Box<Stored>>);

/// An item that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Whose it is.
    pub account_id: Uuid,
    /// Which of the uploads of these bytes is stored: part of where the bytes are.
    pub upload_id: Uuid,
    /// How many bytes it has.
    pub bytes: i64,
    /// Whether it is a picture.
    pub is_image: bool,
    /// What is to be read where it is not seen.
    pub alt: AltText,
    /// Until when it is kept, whether it is used or not.
    pub kept_until: Timestamp,
    /// Since when smaller sizes of it are to be made.
    pub render_from: Option<Timestamp>,
}

/// What can be asked of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Have it: its bytes are stored. Who brings it again is about to use it: it is kept anew, if half of its time has
    /// passed.
    Upload {
        /// What is known of it; the times in it are the decision's.
        item: Uploaded,
        /// For how long it is kept though nothing uses it, in milliseconds.
        grace_ms: i64,
    },
    /// Say what is to be read where it is not seen.
    Describe(AltText),
    /// Note which smaller sizes were made.
    Render {
        /// Of which upload.
        upload_id: Uuid,
        /// The sizes.
        renditions: Vec<Rendition>,
    },
    /// Keep it on, for it is used.
    Keep {
        /// What it was kept until.
        since: Timestamp,
        /// For how long, in milliseconds.
        grace_ms: i64,
    },
    /// Have it no more, for nothing uses it.
    Sweep {
        /// What it was kept until.
        since: Timestamp,
    },
    /// Have it no more.
    Delete,
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// It is not there.
    #[error("there is no such item")]
    NotFound,
    /// Only its owner, or an editor, may do this.
    #[error("only the item's owner may do this")]
    NotTheOwner,
    /// The caller brings nothing: their role is less than author.
    #[error("this needs the role author")]
    NotAnAuthor,
    /// What is due later is not carried out.
    #[error("its time has not come")]
    NotYet,
}

impl Decider for Media {
    const NAME: &'static str = "media";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        let now = context.now;
        match (&state.0, command) {
            (stored, Command::Upload { item, grace_ms }) => {
                permit_bringing(&context.actor, item.account_id)?;
                Ok(match stored {
                    None => Some(Event::Uploaded(item.clone().at(now, *grace_ms))),
                    Some(stored) => stored.brought_again(now, *grace_ms).map(Event::Kept),
                })
            }
            (None, Command::Describe(_)) => Err(Rejection::NotFound),
            (None, Command::Delete | Command::Render { .. } | Command::Keep { .. } | Command::Sweep { .. }) => Ok(None),
            (Some(stored), Command::Describe(alt)) => {
                permit(&context.actor, stored.account_id)?;
                Ok((stored.alt != *alt).then(|| Event::Described(Described { alt: alt.clone() })))
            }
            (Some(stored), Command::Delete) => {
                permit(&context.actor, stored.account_id)?;
                Ok(Some(Event::Deleted(Deleted {})))
            }
            (Some(stored), Command::Render { upload_id, renditions }) => {
                let is_asked = stored.render_from.is_some() && stored.upload_id == *upload_id;
                Ok(is_asked.then(|| Event::Rendered(Rendered { renditions: renditions.clone() })))
            }
            (Some(stored), Command::Keep { since, .. } | Command::Sweep { since }) if stored.kept_until != *since => {
                Ok(None)
            }
            (Some(_), Command::Keep { since, .. } | Command::Sweep { since }) if now < *since => Err(Rejection::NotYet),
            (Some(_), Command::Keep { grace_ms, .. }) => {
                // At least a second: what is due again at once would never end.
                Ok(Some(Event::Kept(Kept { kept_until_at: now.plus_millis((*grace_ms).max(1_000)) })))
            }
            (Some(_), Command::Sweep { .. }) => Ok(Some(Event::Swept(Swept {}))),
        }
    }

    fn evolve(State(stored): State, event: &Event) -> State {
        State(match (stored, event) {
            (_, Event::Uploaded(uploaded)) => Some(Box::new(Stored::of(uploaded))),
            (_, Event::Deleted(_) | Event::Swept(_)) | (None, _) => None,
            (Some(stored), Event::Described(Described { alt })) => {
                Some(Box::new(Stored { alt: alt.clone(), ..*stored }))
            }
            (Some(stored), Event::Rendered(_)) => Some(Box::new(Stored { render_from: None, ..*stored })),
            (Some(stored), Event::Kept(Kept { kept_until_at })) => {
                Some(Box::new(Stored { kept_until: *kept_until_at, ..*stored }))
            }
        })
    }

    /// Smaller sizes are made as soon as may be; who carries it out says which.
    fn due(State(stored): &State) -> Option<(Timestamp, Command)> {
        let Stored { upload_id, kept_until, render_from, .. } = **stored.as_ref()?;
        let render = render_from.map(|at| (at, Command::Render { upload_id, renditions: Vec::new() }));
        Some(render.unwrap_or((kept_until, Command::Sweep { since: kept_until })))
    }

    fn rests_on_clocks(command: &Command) -> bool {
        matches!(command, Command::Keep { .. } | Command::Sweep { .. })
    }

    fn receipt(_: &State) -> Option<String> {
        None
    }

    fn belongs_to(event: &Event) -> Option<Uuid> {
        if let Event::Uploaded(uploaded) = event { Some(uploaded.account_id) } else { None }
    }

    /// With the account, and found by what the bytes are.
    fn ends_with(aggregate_id: &str, _: &Event) -> Vec<Uuid> {
        Item::of(aggregate_id).map_or_else(Vec::new, |item| vec![item.account_id, item.sha256.id()])
    }
}

/// Whether an actor may bring something that is to be an account's.
///
/// # Errors
/// Their role is less than author, or it would be another's.
pub fn permit_bringing(actor: &Actor, account_id: Uuid) -> Result<(), Rejection> {
    if !actor.is_at_least(Role::Author) {
        return Err(Rejection::NotAnAuthor);
    }
    permit(actor, account_id)
}

fn permit(actor: &Actor, account_id: Uuid) -> Result<(), Rejection> {
    if actor.may_write_as(account_id) { Ok(()) } else { Err(Rejection::NotTheOwner) }
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
