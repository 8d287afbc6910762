//! Posts: what an author writes. This page is the context: state, commands, rejections; `decider.rs` is decide and
//! evolve, and what is decided of a post that is there is in `post.rs`.

pub mod archive;
mod asked;
pub mod co_authors;
mod decider;
mod event;
pub mod moderated;
mod post;
pub mod previews;
pub mod review;
mod rights;
pub mod schedule;
mod sight;
pub mod working_copy;

pub use archive::{ArchiveCommand, ArchiveEvent, ArchiveRejection};
pub use co_authors::{CoAuthorCommand, CoAuthorEvent, CoAuthorRejection};
pub use event::{Deleted, Drafted, Edited, Event, Published, Restored, SlugGivenUp, Unpublished};
pub use moderated::{Hidden, Ruled, RulingEvent, Shown, moderates};
pub use post::{Post, State};
pub use previews::{PreviewCommand, PreviewEvent, PreviewRejection};
pub use review::{ReviewCommand, ReviewEvent, ReviewRejection};
pub use rights::{Action, Relation, permit};
pub use schedule::event::{ExpirySet, ExpiryWithdrawn, Scheduled, Unscheduled};
pub use sight::{Publicity, Sight};
pub use working_copy::{Release, ReleaseRejection};

use serde::{Deserialize, Serialize};

use crate::reservations::{self, LEASE_MS, Lease};
use crate::values::Slug;

/// The context `posts`: posts, keyed by their id, and reservations of slugs, keyed by `slug:<slug>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posts;

crate::reservations::unique_values! {
    /// What a post bears that no other may.
    enum Unique of Posts in "inklog.posts" borne by Post {
        /// A slug. A post keeps every slug it ever had, unless it gives it up: its former addresses lead to it.
        Slug(Slug) {
            prefix: "slug:", canonical: Slug::to_string, borne: Post::bears,
            events: SlugClaimed, SlugConfirmed, SlugReleased after LEASE_MS,
        }
    }
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
    /// Make it be as a working copy has it.
    Release(Release),
    /// Let everyone read it.
    Publish,
    /// Let its authors only read it.
    Unpublish,
    /// Delete it.
    Delete,
    /// Undo its deletion.
    Restore,
    /// Give a former slug up.
    GiveUpSlug(Slug),
    /// Change what is to happen to it by itself.
    Schedule(schedule::Command),
    /// Do what is to happen to it by itself, now that it is due.
    CarryOut(schedule::Due),
    /// Put it into the archive, or take it out.
    Archive(ArchiveCommand),
    /// Carry out what moderators decided of it.
    Rule(Ruled),
    /// Something about its co-authors.
    CoAuthors(CoAuthorCommand),
    /// Something about its preview links.
    Previews(PreviewCommand),
    /// Something in its review.
    Review(ReviewCommand),
    /// The same, if what becomes public by it is approved: where the installation demands that.
    Reviewed(Box<Command>),
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
    /// What moderators decided is carried out in a moderator's name.
    #[error("this needs the role moderator")]
    NotAModerator,
    /// What its authors do not see any more they do not change.
    #[error("a moderator has removed the post")]
    Removed,
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
    /// The slug is the one that it has, by which alone it is read.
    #[error("the post is read by this slug; give it another first")]
    PresentSlug,
    /// A list of the post's names the same twice.
    #[error("names {name} twice")]
    NamedTwice {
        /// The list: a field of [`Drafted`].
        field: String,
        /// What is there twice. The author is named already.
        name: String,
    },
    /// Only an editor may put a post before others, or take it back.
    #[error("only an editor may say whether a post is featured")]
    Featured,
    /// Something about its schedule.
    #[error(transparent)]
    Schedule(#[from] schedule::Rejection),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveRejection),
    /// Its working copy.
    #[error(transparent)]
    Release(#[from] ReleaseRejection),
    /// Something about its preview links.
    #[error(transparent)]
    Previews(#[from] PreviewRejection),
    /// Its review.
    #[error(transparent)]
    Review(#[from] ReviewRejection),
    /// Something about its co-authors.
    #[error(transparent)]
    CoAuthors(#[from] CoAuthorRejection),
    /// Something about a unique value or its reservation.
    #[error(transparent)]
    Reservation(#[from] reservations::Rejection),
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
