//! Series: posts in an order, of a title and a description. This page is the context: state, commands, rejections,
//! decide, evolve; what is decided of a series that is there is in `sequence.rs`. Posts know nothing of it and are not
//! rewritten: readers see those of a series that they can read.

mod event;
mod sequence;

pub use event::{Changed, Created, Deleted, Event, Ordered, PostAdded, PostRemoved};
pub use sequence::{MOST_POSTS, Sequence};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::posts::{self, Action, Post};
use crate::reservations::{self, Lease, Reservation, Reserves as _};
use crate::values::Slug;
use crate::{Actor, Decider, DecisionContext, Role};

/// The context `series`: series, keyed by their id, and reservations of slugs, keyed by `slug:<slug>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series;

crate::reservations::unique_values! {
    /// What a series bears that no other may.
    enum Unique of Series in "inklog.series" borne by Sequence {
        /// A slug. A series keeps every slug it ever had: its former addresses lead to it.
        Slug(Slug) {
            prefix: "slug:", canonical: Slug::to_string, borne: Sequence::bears,
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
    /// A series.
    Sequence(Sequence),
    /// The reservation of a unique value.
    Reservation(UniqueKind, Reservation),
}

/// What can be asked of an aggregate of this context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Make a series, without posts.
    Create {
        /// What it is to be.
        series: Created,
        /// The reservation of the slug.
        lease: Lease,
    },
    /// Change some of its fields.
    Change {
        /// The fields to change.
        change: Changed,
        /// The reservation of the slug, where that changes.
        lease: Option<Lease>,
    },
    /// Put a post into it, as the last. Whether the caller may, [`permit_post`] says, by a post that the caller's
    /// instance has looked up: a decision sees one aggregate.
    Add {
        /// The post.
        post_id: Uuid,
    },
    /// Take a post out of it.
    Remove {
        /// The post.
        post_id: Uuid,
        /// Whether [`permit_post`] says that the caller writes it: no post stays in a series against its author's will.
        by_its_author: bool,
    },
    /// Put its posts into an order.
    Order {
        /// All of them.
        post_ids: Vec<Uuid>,
    },
    /// Delete it, for good. Its slugs stay taken.
    Delete,
    /// Something about a unique value.
    Reservation(reservations::Command<Unique>),
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// There is no such series.
    #[error("there is no such series")]
    NotFound,
    /// The caller writes no posts: their role is less than author.
    #[error("this needs the role author")]
    NotAnAuthor,
    /// Only its owner, or an editor, may do this.
    #[error("only the owner of the series may do this")]
    NotTheOwner,
    /// Only who writes a post may put it into a series.
    #[error("only an author of the post may put it into a series")]
    NotThePostsAuthor,
    /// A series of this id is there and differs.
    #[error("a series of this id is there and differs")]
    Exists,
    /// It was deleted.
    #[error("the series was deleted")]
    Deleted,
    /// It has as many posts as a series may have.
    #[error("a series has at most {MOST_POSTS} posts")]
    TooManyPosts,
    /// An order names each of its posts once, and no other.
    #[error("must name each post of the series, once")]
    NotThePosts,
    /// It has had as many slugs as a series may have.
    #[error("the series has had too many slugs; it can go back to one of them")]
    TooManySlugs,
    /// Something about a unique value or its reservation.
    #[error(transparent)]
    Reservation(#[from] reservations::Rejection),
}

/// Whether an actor may make a series of this owner's, and change it.
///
/// # Errors
/// The role is too little, or it is another's.
pub fn permit(actor: &Actor, owner_id: Uuid) -> Result<(), Rejection> {
    if !actor.is_at_least(Role::Author) {
        return Err(Rejection::NotAnAuthor);
    }
    if actor.may_write_as(owner_id) { Ok(()) } else { Err(Rejection::NotTheOwner) }
}

/// Whether an actor may put a post into a series, and take it out of anyone's: who may edit it, so its co-authors too.
///
/// # Errors
/// The actor does not write the post.
pub fn permit_post(actor: &Actor, post: &Post) -> Result<(), Rejection> {
    match post.permit(actor, Action::Edit) {
        Ok(()) => Ok(()),
        Err(posts::Rejection::NotAnAuthor) => Err(Rejection::NotAnAuthor),
        Err(_) => Err(Rejection::NotThePostsAuthor),
    }
}

impl Decider for Series {
    const NAME: &'static str = "series";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        match (state, command) {
            (_, Command::Reservation(command)) => {
                permit(&context.actor, context.actor.id)?;
                Ok(reservations::decide(&Self::aggregate(state), command, context)?.map(Event::Reservation))
            }
            (State::Nothing, Command::Create { series, lease }) => sequence::create(series, *lease, context),
            (State::Nothing, _) => Err(Rejection::NotFound),
            (State::Sequence(sequence), command) => sequence.decide(command, context),
            (State::Reservation(..), _) => reservations::wrong_aggregate(),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (_, Event::Created(created)) => State::Sequence(Sequence::new(created)),
            (_, Event::Reservation(event)) => event.into(),
            (State::Sequence(sequence), event) => State::Sequence(sequence.after(event)),
            (state @ (State::Nothing | State::Reservation(..)), _) => state,
        }
    }

    fn rests_on_clocks(command: &Command) -> bool {
        match command {
            Command::Create { lease, .. } | Command::Change { lease: Some(lease), .. } => lease.rests_on_clocks(),
            Command::Reservation(command) => command.rests_on_clocks(),
            Command::Change { lease: None, .. } | Command::Add { .. } | Command::Remove { .. } => false,
            Command::Order { .. } | Command::Delete => false,
        }
    }

    fn receipt(state: &State) -> Option<String> {
        match state {
            State::Nothing => None,
            State::Sequence(sequence) => Some(sequence.slug().to_string()),
            State::Reservation(_, reservation) => reservation.receipt(),
        }
    }

    fn belongs_to(event: &Event) -> Option<Uuid> {
        if let Event::Created(created) = event { Some(created.owner_id) } else { None }
    }
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
