use uuid::Uuid;

use super::event::{
    CoAuthorEvent, CoAuthorInvited, CoAuthorJoined, CoAuthorLeft, HandedOver, InvitationDeclined, InvitationWithdrawn,
};
use crate::Actor;
use crate::posts::rights::Relation;

/// A co-author.
#[derive(Clone, Debug, PartialEq)]
struct CoAuthor {
    account_id: Uuid,
    /// Whether the account accepted an invitation, or owned the post.
    agreed: bool,
}

/// Who writes a post with its owner, who is asked to, and who did not want to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::posts) struct CoAuthors {
    /// In the order in which readers see them.
    named: Vec<CoAuthor>,
    invited: Vec<Uuid>,
    /// Not to be asked again by the owner, nor named by an import.
    declined: Vec<Uuid>,
    /// Not to be named by an import.
    left: Vec<Uuid>,
}

impl CoAuthors {
    /// Those that a post begins with, or that an import names: who was not one of them, did not agree.
    pub(in crate::posts) fn name(&mut self, account_ids: &[Uuid]) {
        let named = |id: &Uuid| CoAuthor { account_id: *id, agreed: self.has_agreed(*id) };
        self.named = account_ids.iter().map(named).collect();
    }

    /// What they are after an event.
    pub(in crate::posts) fn evolve(&mut self, event: &CoAuthorEvent) {
        match event {
            CoAuthorEvent::CoAuthorInvited(CoAuthorInvited { account_id }) => {
                self.settle(*account_id);
                self.invited.push(*account_id);
            }
            CoAuthorEvent::InvitationWithdrawn(InvitationWithdrawn { account_id }) => self.settle(*account_id),
            CoAuthorEvent::InvitationDeclined(InvitationDeclined { account_id }) => {
                self.settle(*account_id);
                self.declined.push(*account_id);
            }
            CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id }) => self.agree(*account_id),
            CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id }) => {
                self.settle(*account_id);
                self.forget(*account_id);
                self.left.push(*account_id);
            }
            CoAuthorEvent::HandedOver(HandedOver { from_account_id, to_account_id }) => {
                self.settle(*to_account_id);
                self.forget(*to_account_id);
                self.agree(*from_account_id);
            }
        }
    }

    /// The account has answered what it was asked, or is asked anew.
    fn settle(&mut self, account_id: Uuid) {
        self.invited.retain(|id| *id != account_id);
        self.declined.retain(|id| *id != account_id);
    }

    fn forget(&mut self, account_id: Uuid) {
        self.named.retain(|co_author| co_author.account_id != account_id);
        self.left.retain(|id| *id != account_id);
    }

    fn agree(&mut self, account_id: Uuid) {
        self.settle(account_id);
        self.left.retain(|id| *id != account_id);
        match self.named.iter_mut().find(|co_author| co_author.account_id == account_id) {
            Some(co_author) => co_author.agreed = true,
            None => self.named.push(CoAuthor { account_id, agreed: true }),
        }
    }

    /// Their ids, in the order in which readers see them.
    pub(in crate::posts) fn ids(&self) -> Vec<Uuid> {
        self.named.iter().map(|co_author| co_author.account_id).collect()
    }

    /// Whom the post would name if an import named these: who agreed stays, who left or declined is left out.
    pub(super) fn named_by_import(&self, asked: &[Uuid]) -> Vec<Uuid> {
        let agreed = self.ids().into_iter().filter(|id| self.has_agreed(*id));
        let is_out = |id: Uuid| self.has_left(id) || self.has_declined(id);
        let named = asked.iter().copied().filter(|id| self.has_agreed(*id) || !is_out(*id));
        named.chain(agreed.filter(|id| !asked.contains(id))).collect()
    }

    /// What an actor is to a post of this author's.
    pub(in crate::posts) fn relations(&self, author_id: Uuid, actor: &Actor) -> Vec<Relation> {
        let mut relations = Relation::to_post_of(author_id, actor);
        let as_author = |found: &CoAuthor| if found.agreed { Relation::CoAuthor } else { Relation::Named };
        relations.extend(self.find(actor.id).map(as_author));
        relations.extend(self.is_invited(actor.id).then_some(Relation::Invited));
        relations
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.named.len()
    }

    /// How many invitations are open.
    pub(super) fn invited(&self) -> usize {
        self.invited.len()
    }

    /// How many invitations are open, or were declined.
    pub(super) fn asked(&self) -> usize {
        self.invited.len() + self.declined.len()
    }

    pub(super) fn is_named(&self, account_id: Uuid) -> bool {
        self.find(account_id).is_some()
    }

    pub(super) fn is_invited(&self, account_id: Uuid) -> bool {
        self.invited.contains(&account_id)
    }

    pub(super) fn has_agreed(&self, account_id: Uuid) -> bool {
        self.find(account_id).is_some_and(|co_author| co_author.agreed)
    }

    pub(super) fn has_declined(&self, account_id: Uuid) -> bool {
        self.declined.contains(&account_id)
    }

    pub(super) fn has_left(&self, account_id: Uuid) -> bool {
        self.left.contains(&account_id)
    }

    fn find(&self, account_id: Uuid) -> Option<&CoAuthor> {
        self.named.iter().find(|co_author| co_author.account_id == account_id)
    }
}
