//! Editorial review: authors submit a post, or its working copy, and an editor approves it or wants it changed. Where
//! the installation demands it, nothing that is not approved becomes public ([`Review::permit`]).

pub(super) mod event;

pub use event::{Approved, ChangesRequested, ReviewEvent, ReviewWithdrawn, SubmittedForReview};

use serde::{Deserialize, Serialize};

use super::{Command, schedule};
use crate::values::Summary;
use crate::{Actor, Digest, Role};

/// What can be asked in a review. What is meant is the post as it is, or the working copy with this SHA-256.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ReviewCommand {
    /// Have it wait for an editor.
    Submit(Option<String>),
    /// Approve what waits.
    Approve(Option<String>),
    /// Want what waits changed first, and say what.
    RequestChanges(Summary),
    /// Take it back.
    Withdraw,
}

/// Why such a command was refused, or why something may not become public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ReviewRejection {
    /// Nothing waits for an editor.
    #[error("it is not in review")]
    NotInReview,
    /// What waits is something else by now.
    #[error("something else is in review: look at it again")]
    OtherContent,
    /// It becomes public by itself, as it is, whatever is said of it.
    #[error("the post is scheduled, and would be published as it is; withdraw its schedule first")]
    Scheduled,
    /// It would become public, and no editor has approved it as it is.
    #[error("an editor has to approve it first, as it is: submit it for review; a public post is changed by its copy")]
    NotApproved,
}

/// How the review of a post stands. What is meant by it is boxed: few posts are in review.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Review {
    /// There is none.
    #[default]
    None,
    /// It waits for an editor.
    Open(Option<Box<str>>),
    /// An editor approved it.
    Approved(Option<Box<str>>),
    /// An editor wants changes: the note, in short, for who asks the same again.
    Returned(u64),
}

impl Review {
    /// Decides a command in the review of a post.
    pub(super) fn decide(&self, asked: &ReviewCommand) -> Result<Option<ReviewEvent>, ReviewRejection> {
        match (asked, self) {
            (ReviewCommand::Submit(copy), Self::Open(open) | Self::Approved(open)) if is_same(copy, open) => Ok(None),
            (ReviewCommand::Submit(copy), _) => {
                Ok(Some(ReviewEvent::SubmittedForReview(SubmittedForReview { copy_sha256: copy.clone() })))
            }
            (ReviewCommand::Approve(copy), Self::Approved(approved)) if is_same(copy, approved) => Ok(None),
            (ReviewCommand::Approve(copy), Self::Open(open)) if is_same(copy, open) => {
                Ok(Some(ReviewEvent::Approved(Approved { copy_sha256: copy.clone() })))
            }
            (ReviewCommand::Approve(_), Self::Open(_)) => Err(ReviewRejection::OtherContent),
            (ReviewCommand::RequestChanges(note), Self::Open(_) | Self::Approved(_)) => {
                Ok(Some(ReviewEvent::ChangesRequested(ChangesRequested { note: note.clone() })))
            }
            (ReviewCommand::RequestChanges(note), Self::Returned(returned)) if short(note) == *returned => Ok(None),
            (ReviewCommand::Approve(_), Self::None | Self::Approved(_) | Self::Returned(_))
            | (ReviewCommand::RequestChanges(_), Self::None | Self::Returned(_)) => Err(ReviewRejection::NotInReview),
            (ReviewCommand::Withdraw, Self::Open(_) | Self::Approved(_)) => {
                Ok(Some(ReviewEvent::ReviewWithdrawn(ReviewWithdrawn {})))
            }
            (ReviewCommand::Withdraw, Self::None | Self::Returned(_)) => Ok(None),
        }
    }

    /// Whether an actor may do what makes something public, or changes what is (`is_public`, or will be by itself):
    /// an editor may, and others what an editor has approved.
    pub(super) fn permit(&self, asked: &Command, actor: &Actor, is_public: bool) -> Result<(), ReviewRejection> {
        let is_approved = |copy: &Option<String>| matches!(self, Self::Approved(approved) if is_same(copy, approved));
        let may = actor.is_at_least(Role::Editor)
            || match asked {
                Command::Publish | Command::Schedule(schedule::Command::Release(Some(_))) => is_approved(&None),
                Command::Release(release) => !is_public || is_approved(&release.copy_sha256),
                Command::Edit { .. } | Command::Put { .. } => !is_public,
                Command::Unpublish | Command::Archive(_) => true,
                Command::Delete | Command::Restore | Command::GiveUpSlug(_) => true,
                Command::Schedule(_) | Command::CarryOut(_) | Command::CoAuthors(_) | Command::Previews(_) => true,
                Command::Rule(_) | Command::Review(_) | Command::Reviewed(_) | Command::Reservation(_) => true,
            };
        if may { Ok(()) } else { Err(ReviewRejection::NotApproved) }
    }

    /// Whether what is in it, or was approved, is the post as it is.
    pub(super) fn is_of_post(&self) -> bool {
        matches!(self, Self::Open(None) | Self::Approved(None))
    }

    /// The review after an event.
    pub(super) fn evolve(&mut self, event: &ReviewEvent) {
        *self = match event {
            ReviewEvent::SubmittedForReview(SubmittedForReview { copy_sha256 }) => Self::Open(boxed(copy_sha256)),
            ReviewEvent::Approved(Approved { copy_sha256 }) => Self::Approved(boxed(copy_sha256)),
            ReviewEvent::ChangesRequested(ChangesRequested { note }) => Self::Returned(short(note)),
            ReviewEvent::ReviewWithdrawn(_) => Self::None,
        };
    }

    /// The review after an edit: what was approved is something else by now; and a working copy that waits was
    /// released by it, or was made to what is not there any more. A post that waits does so as it is by now.
    pub(super) fn edited(&mut self) {
        if let Self::Approved(_) | Self::Open(Some(_)) = self {
            *self = Self::None;
        }
    }

    /// The review after a publication: the post does not wait any more, for it is public as it is.
    pub(super) fn published(&mut self) {
        if let Self::Open(None) = self {
            *self = Self::None;
        }
    }
}

fn is_same(asked: &Option<String>, known: &Option<Box<str>>) -> bool {
    asked.as_deref() == known.as_deref()
}

fn short(note: &Summary) -> u64 {
    Digest::of(note.as_str()).short()
}

fn boxed(copy: &Option<String>) -> Option<Box<str>> {
    copy.as_deref().map(Into::into)
}

#[cfg(test)]
mod tests;
