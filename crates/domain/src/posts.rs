//! Posts: what an author writes. This page is the context whole: state, commands, rejections, decide, evolve; what is
//! decided of a post that is there is in `post.rs`.

mod asked;
pub mod co_authors;
mod event;
mod post;
mod rights;
pub mod schedule;

pub use co_authors::{CoAuthorCommand, CoAuthorEvent, CoAuthorRejection};
pub use event::{Deleted, Drafted, Edited, Event, Published, Restored, Unpublished};
pub use post::Post;
pub use rights::{Action, Relation, permit};
pub use schedule::event::{ExpirySet, ExpiryWithdrawn, Scheduled, Unscheduled};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::reservations::{self, Lease, Reservation, Reserves as _};
use crate::{Decider, DecisionContext, Timestamp, values::Slug};

/// The context `posts`: posts, keyed by their id, and reservations of slugs, keyed by `slug:<slug>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posts;

crate::reservations::unique_values! {
    /// What a post bears that no other may.
    enum Unique of Posts in "inklog.posts" borne by Post {
        /// A slug. A post keeps every slug it ever had: its former addresses lead to it.
        Slug(Slug) {
            prefix: "slug:", canonical: Slug::to_string, borne: Post::bears,
            events: SlugClaimed, SlugConfirmed,
        }
    }
}

/// An aggregate of this context.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// Nothing has happened to it.
    #[default]
    Nothing,
    /// A post.
    Post(Post),
    /// The reservation of a unique value.
    Reservation(UniqueKind, Reservation),
}

/// What can be asked of an aggregate of this context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Make the post be as given: draft it if there is none, edit what differs if there is.
    Put {
        /// The post as it should be.
        content: Drafted,
        /// Whether to edit a post that differs. Without it only a post that is not there yet is written: a caller who
        /// overwrites has to say which version they saw.
        overwrite: bool,
        /// The reservation of the slug.
        lease: Lease,
    },
    /// Change some fields.
    Edit {
        /// The fields to change.
        change: Edited,
        /// The reservation of the slug, where that changes.
        lease: Option<Lease>,
    },
    /// Let everyone read it.
    Publish,
    /// Let its authors only read it.
    Unpublish,
    /// Delete it.
    Delete,
    /// Undo its deletion.
    Restore,
    /// Change what is to happen to it by itself.
    Schedule(schedule::Command),
    /// Do what is to happen to it by itself, now that it is due.
    CarryOut(schedule::Due),
    /// Something about its co-authors.
    CoAuthors(CoAuthorCommand),
    /// Something about a unique value.
    Reservation(reservations::Command<Unique>),
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// There is no such post.
    #[error("there is no such post")]
    NotFound,
    /// The caller writes no posts: their role is less than author.
    #[error("this needs the role author")]
    NotAnAuthor,
    /// Only the author, or an editor, may do this.
    #[error("only the post's author may do this")]
    NotTheAuthor,
    /// A deleted post can only be restored.
    #[error("the post is deleted; restore it first")]
    Deleted,
    /// A post of this id exists and differs.
    #[error("the post exists and differs; say which version you saw")]
    Differs,
    /// The author of a post does not change.
    #[error("the author of a post cannot be changed")]
    AuthorIsFixed,
    /// The date of first publication elsewhere is none that every reader knows, or has not come yet.
    #[error("must be from 1000-01-01T00:00:00Z to a day from now")]
    OriginalDate,
    /// It has had as many slugs as a post may have.
    #[error("the post has had too many slugs; it can go back to one of them")]
    TooManySlugs,
    /// A list of the post's names the same twice.
    #[error("names {name} twice")]
    NamedTwice {
        /// The list: a field of [`Drafted`].
        field: String,
        /// What is there twice. The author is named already.
        name: String,
    },
    /// Something about its schedule.
    #[error(transparent)]
    Schedule(#[from] schedule::Rejection),
    /// Something about its co-authors.
    #[error(transparent)]
    CoAuthors(#[from] CoAuthorRejection),
    /// Something about a unique value or its reservation.
    #[error(transparent)]
    Reservation(#[from] reservations::Rejection),
}

impl Decider for Posts {
    const NAME: &'static str = "posts";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        match (state, command) {
            (_, Command::Reservation(command)) => {
                rights::writes_posts(&context.actor)?;
                Ok(reservations::decide(&Self::aggregate(state), command, context)?.map(Event::Reservation))
            }
            (State::Nothing, Command::Put { content, lease, .. }) => post::draft(content, *lease, context),
            (State::Nothing, _) => Err(Rejection::NotFound),
            (State::Post(post), command) => post.decide(command, context),
            (State::Reservation(..), _) => reservations::wrong_aggregate(),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (_, Event::Drafted(drafted)) => State::Post(Post::new(drafted)),
            (_, Event::Reservation(event)) => event.into(),
            (State::Post(post), event) => State::Post(post.after(event)),
            (state @ (State::Nothing | State::Reservation(..)), _) => state,
        }
    }

    fn rests_on_clocks(command: &Command) -> bool {
        asked::rests_on_clocks(command)
    }

    fn due(state: &State) -> Option<(Timestamp, Command)> {
        let State::Post(post) = state else { return None };
        post.due().map(|due| (due.at, Command::CarryOut(due)))
    }

    fn receipt(state: &State) -> Option<String> {
        match state {
            State::Nothing => None,
            State::Post(post) => Some(post.slug().to_string()),
            State::Reservation(_, reservation) => reservation.receipt(),
        }
    }

    fn concerns(event: &Event) -> Option<Uuid> {
        event.concerns()
    }

    fn belongs_to(event: &Event) -> Option<Uuid> {
        event.author()
    }

    fn ends_with(_: &str, event: &Event) -> Vec<Uuid> {
        event.found_by()
    }

    fn text_bytes(event: &Event) -> usize {
        event.text_bytes()
    }
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
