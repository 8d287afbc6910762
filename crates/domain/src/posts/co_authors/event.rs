//! THE STORED FORMAT of the context `posts`: of what co-authors ask each other. These records are in the log for ever:
//! add fields with a default at the end, add variants; never change or remove one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

crate::events! {
    /// What can have happened between those who write a post together.
    enum CoAuthorEvent in "inklog.posts" {
        /// An account was asked to be a co-author.
        CoAuthorInvited(CoAuthorInvited),
        /// It is asked no more: the invitation was taken back.
        InvitationWithdrawn(InvitationWithdrawn),
        /// The account did not want to.
        InvitationDeclined(InvitationDeclined),
        /// The account agreed: it is a co-author.
        CoAuthorJoined(CoAuthorJoined),
        /// It is named as an author no more.
        CoAuthorLeft(CoAuthorLeft),
        /// Another author owns the post.
        HandedOver(HandedOver),
    }
}

impl CoAuthorEvent {
    /// The account that is asked, answers or leaves; of a post that is handed over, who owned it.
    #[must_use]
    pub fn account_id(&self) -> Uuid {
        match self {
            Self::CoAuthorInvited(CoAuthorInvited { account_id })
            | Self::InvitationWithdrawn(InvitationWithdrawn { account_id })
            | Self::InvitationDeclined(InvitationDeclined { account_id })
            | Self::CoAuthorJoined(CoAuthorJoined { account_id })
            | Self::CoAuthorLeft(CoAuthorLeft { account_id }) => *account_id,
            Self::HandedOver(HandedOver { from_account_id, .. }) => *from_account_id,
        }
    }
}

/// An account was asked to be a co-author; who asked is the actor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoAuthorInvited {
    /// The account.
    pub account_id: Uuid,
}

/// An invitation was taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvitationWithdrawn {
    /// Whose it was.
    pub account_id: Uuid,
}

/// The account that was invited declined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvitationDeclined {
    /// Whose the invitation was.
    pub account_id: Uuid,
}

/// The account that was invited accepted: it comes last among the co-authors, unless it was named already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoAuthorJoined {
    /// The account.
    pub account_id: Uuid,
}

/// An account is named as a co-author no more, and invited no more. It left where it is the actor itself; else it was
/// removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoAuthorLeft {
    /// The account.
    pub account_id: Uuid,
}

/// A co-author owns the post from now on; the former owner is its last co-author.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandedOver {
    /// Who owned it.
    pub from_account_id: Uuid,
    /// Who owns it: is no co-author any more.
    pub to_account_id: Uuid,
}
