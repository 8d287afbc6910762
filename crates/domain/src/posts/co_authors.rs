//! Who writes a post together: by invitation and acceptance. No account is named as an author that did not agree, but
//! for those whom an import names, and those of the time before there were invitations.

mod event;
mod state;

pub use event::{
    CoAuthorEvent, CoAuthorInvited, CoAuthorJoined, CoAuthorLeft, HandedOver, InvitationDeclined, InvitationWithdrawn,
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rights::Action;
use super::{Edited, Rejection};
use crate::Actor;

pub(super) use state::CoAuthors;

/// How many co-authors a post has at most, those who are invited among them.
pub const MOST: usize = 50;
/// How many accounts a post can have asked that have not agreed: invited ones, and those who declined. Who asks many
/// is a nuisance.
pub const MOST_ASKED: usize = 20;

/// What can be asked about a post's co-authors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CoAuthorCommand {
    /// Ask an account to be a co-author.
    Invite(Uuid),
    /// Take an account's invitation back.
    Withdraw(Uuid),
    /// Accept one's own invitation.
    Accept,
    /// Decline it.
    Decline,
    /// Have an account be a co-author no more: oneself, or another.
    Remove(Uuid),
    /// Have a co-author own the post.
    HandOver(Uuid),
}

/// Why such a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum CoAuthorRejection {
    /// A caller who is no editor names co-authors in a post's fields.
    #[error("co-authors are not named but invited; who left or declined stays out")]
    NotAsked,
    /// The actor has no invitation.
    #[error("you have no invitation to this post")]
    NotInvited,
    /// The account owns the post.
    #[error("the account owns the post")]
    IsTheOwner,
    /// The account declined before.
    #[error("the account declined before; an editor may ask again")]
    HasDeclined,
    /// Who gets a post must have agreed to write it.
    #[error("the account is no co-author who accepted an invitation; invite it first")]
    IsNoCoAuthor,
    /// What the owner has begun would go on in another's name.
    #[error("the post is scheduled or has open invitations; withdraw them first")]
    StillOpen,
    /// There are as many co-authors as there may be.
    #[error("a post has at most 50 co-authors, those who are invited among them")]
    TooMany,
    /// There are as many open and declined invitations as there may be.
    #[error("a post has at most 20 invitations that are open or were declined")]
    TooManyAsked,
}

impl CoAuthors {
    /// Decides a command on a post of this author's, which may be deleted, or be to be published by itself.
    pub(super) fn decide(
        &self,
        command: CoAuthorCommand,
        (author_id, deleted, scheduled): (Uuid, bool, bool),
        actor: &Actor,
    ) -> Result<Option<CoAuthorEvent>, Rejection> {
        let relations = self.relations(author_id, actor);
        let permit = |action: Action| action.permit(actor, &relations);
        let is_there = || if deleted { Err(Rejection::Deleted) } else { Ok(()) };
        match command {
            CoAuthorCommand::Invite(account_id) => {
                permit(Action::Invite)?;
                is_there()?;
                self.invite(account_id, author_id, permit(Action::InviteAgain).is_ok())
            }
            CoAuthorCommand::Withdraw(account_id) => {
                permit(Action::Invite)?;
                let withdrawn = InvitationWithdrawn { account_id };
                Ok(self.is_invited(account_id).then_some(CoAuthorEvent::InvitationWithdrawn(withdrawn)))
            }
            CoAuthorCommand::Accept if self.has_agreed(actor.id) => Ok(None),
            CoAuthorCommand::Accept => {
                permit(Action::Decline).map_err(|_| CoAuthorRejection::NotInvited)?;
                permit(Action::Accept)?;
                is_there()?;
                self.accept(actor.id)
            }
            CoAuthorCommand::Decline if self.has_declined(actor.id) => Ok(None),
            CoAuthorCommand::Decline => {
                permit(Action::Decline).map_err(|_| CoAuthorRejection::NotInvited)?;
                Ok(Some(CoAuthorEvent::InvitationDeclined(InvitationDeclined { account_id: actor.id })))
            }
            CoAuthorCommand::Remove(account_id) => {
                let is_named = self.is_named(account_id);
                let is_own = account_id == actor.id;
                if is_own && !is_named && self.has_left(account_id) {
                    return Ok(None);
                }
                permit(if is_own && is_named { Action::Leave } else { Action::Remove })?;
                Ok(is_named.then_some(CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id })))
            }
            CoAuthorCommand::HandOver(to) if to == author_id => permit(Action::ReadDraft).map(|()| None),
            CoAuthorCommand::HandOver(to_account_id) => {
                permit(Action::HandOver)?;
                is_there()?;
                if !self.has_agreed(to_account_id) {
                    return Err(CoAuthorRejection::IsNoCoAuthor.into());
                }
                if scheduled || self.invited() > 0 {
                    return Err(CoAuthorRejection::StillOpen.into());
                }
                let handed_over = HandedOver { from_account_id: author_id, to_account_id };
                Ok(Some(CoAuthorEvent::HandedOver(handed_over)))
            }
        }
    }

    fn invite(&self, account_id: Uuid, author_id: Uuid, again: bool) -> Result<Option<CoAuthorEvent>, Rejection> {
        if account_id == author_id {
            return Err(CoAuthorRejection::IsTheOwner.into());
        }
        if self.has_agreed(account_id) || self.is_invited(account_id) {
            return Ok(None);
        }
        let declined = self.has_declined(account_id);
        if declined && !again {
            return Err(CoAuthorRejection::HasDeclined.into());
        }
        if self.asked() - usize::from(declined) >= MOST_ASKED {
            return Err(CoAuthorRejection::TooManyAsked.into());
        }
        if self.count() + self.invited() >= MOST {
            return Err(CoAuthorRejection::TooMany.into());
        }
        Ok(Some(CoAuthorEvent::CoAuthorInvited(CoAuthorInvited { account_id })))
    }

    fn accept(&self, account_id: Uuid) -> Result<Option<CoAuthorEvent>, Rejection> {
        // An import may have named others meanwhile.
        if !self.is_named(account_id) && self.count() >= MOST {
            return Err(CoAuthorRejection::TooMany.into());
        }
        Ok(Some(CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id })))
    }

    /// The command with whose event what an account has to do with the post ends.
    pub(super) fn end_of(&self, account_id: Uuid) -> Option<CoAuthorCommand> {
        let named = self.is_named(account_id).then_some(CoAuthorCommand::Remove(account_id));
        named.or_else(|| self.is_invited(account_id).then_some(CoAuthorCommand::Decline))
    }

    /// Whether an account is invited, or has answered its last invitation.
    pub(super) fn is_known_to_answer(&self, account_id: Uuid) -> bool {
        self.is_invited(account_id) || self.has_agreed(account_id) || self.has_declined(account_id)
    }

    /// What a change of fields means for the co-authors that it names. An editor's says whom an import names: who
    /// agreed stays, and who left or declined is left out. `is_whole`: a list that was left out is empty.
    pub(super) fn named_in(&self, mut change: Edited, is_whole: bool, actor: &Actor) -> Result<Edited, Rejection> {
        let Some(asked) = change.co_author_ids.take() else { return Ok(change) };
        if Action::Name.permit(actor, &self.relations(Uuid::nil(), actor)).is_ok() {
            let named = self.named_by_import(&asked);
            if named.len() > MOST {
                return Err(CoAuthorRejection::TooMany.into());
            }
            change.co_author_ids = Some(named);
        } else if asked != self.ids() && !(is_whole && asked.is_empty()) {
            return Err(CoAuthorRejection::NotAsked.into());
        }
        Ok(change)
    }
}

/// Whether an actor may begin a post that names these co-authors.
///
/// # Errors
/// The actor is no editor, and names some.
pub fn permit_naming(co_author_ids: &[Uuid], actor: &Actor) -> Result<(), Rejection> {
    let begun = Edited { co_author_ids: Some(co_author_ids.to_vec()), ..Edited::default() };
    CoAuthors::default().named_in(begun, true, actor).map(drop)
}

#[cfg(test)]
mod tests;
