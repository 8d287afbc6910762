//! What can be done to an account that is there, and who may ask for it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Command, PreferencesChange, ProfileChanged, Rejection};
use crate::reservations::Lease;
use crate::values::{EmailKey, UserName};
use crate::{Actor, Role};

/// What can be done to an account that is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Change some of the profile's fields.
    Profile(ProfileChanged),
    /// Change some preferences.
    Preferences(Box<PreferencesChange>),
    /// Bear another user name.
    UserName {
        /// The name.
        user_name: UserName,
        /// The reservation of it.
        lease: Lease,
    },
    /// Bear another e-mail address.
    Email {
        /// The address's key.
        email_key: EmailKey,
        /// Whether the owner has been shown to answer to it, as all had in earlier versions.
        #[serde(default = "was_shown")]
        verified: bool,
        /// The reservation of it.
        lease: Lease,
    },
    /// The owner was shown to answer to the e-mail address.
    VerifyEmail {
        /// The address's key.
        email_key: EmailKey,
    },
    /// Have no e-mail address any more, for the owner was never shown to answer to it.
    GiveUpEmail {
        /// The address's key.
        email_key: EmailKey,
    },
    /// Allow the account a role.
    GrantRole(Role),
    /// Take a role away.
    RevokeRole(Role),
    /// Neither log in nor write any more.
    Deactivate,
    /// Undo that.
    Reactivate,
    /// Forget the person. Nothing undoes that.
    Erase,
}

const fn was_shown() -> bool {
    true
}

impl Change {
    /// Who may do what: editors write profiles, owners and admins the rest, and only admins give roles and undo what
    /// was done to an account.
    pub(super) fn may_be_asked_by(&self, actor: &Actor, account_id: Uuid) -> bool {
        match self {
            Self::Profile(_) => actor.may_write_as(account_id),
            Self::Preferences(_)
            | Self::UserName { .. }
            | Self::Email { .. }
            | Self::VerifyEmail { .. }
            | Self::GiveUpEmail { .. }
            | Self::Deactivate
            | Self::Erase => actor.may_manage(account_id),
            Self::GrantRole(_) | Self::RevokeRole(_) | Self::Reactivate => actor.is_at_least(Role::Admin),
        }
    }

    /// Whether it is done to a deactivated account too. An address is given up, for it may be another
    /// person's.
    pub(super) fn is_for_deactivated_accounts(&self) -> bool {
        match self {
            Self::GiveUpEmail { .. } | Self::RevokeRole(_) | Self::Deactivate | Self::Reactivate | Self::Erase => true,
            Self::Profile(_)
            | Self::Preferences(_)
            | Self::UserName { .. }
            | Self::Email { .. }
            | Self::VerifyEmail { .. }
            | Self::GrantRole(_) => false,
        }
    }
}

impl Command {
    /// Whether the actor may ask for it.
    pub(super) fn permit(&self, actor: &Actor) -> Result<(), Rejection> {
        let may_ask = match self {
            Self::Put { account_id, .. } => actor.may_write_as(*account_id),
            Self::Register { account_id, .. } => actor.may_manage(*account_id),
            Self::Change { account_id, change } => change.may_be_asked_by(actor, *account_id),
            Self::Reservation(_) => true,
        };
        if may_ask { Ok(()) } else { Err(Rejection::NotTheOwner) }
    }

    /// See [`crate::Decider::rests_on_clocks`].
    pub(super) fn rests_on_clocks(&self) -> bool {
        match self {
            Self::Put { lease, .. } => lease.rests_on_clocks(),
            Self::Register { lease, email_lease, .. } => lease.rests_on_clocks() || email_lease.rests_on_clocks(),
            Self::Change { change: Change::UserName { lease, .. } | Change::Email { lease, .. }, .. } => {
                lease.rests_on_clocks()
            }
            Self::Change { .. } => false,
            Self::Reservation(about) => about.rests_on_clocks(),
        }
    }
}
