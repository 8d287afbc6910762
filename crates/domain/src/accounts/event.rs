//! THE STORED FORMAT of the context `accounts`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/accounts/`;
//! that of `PreferencesChanged` is in `preferences.rs`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PreferencesChanged;
use crate::personal::{Open, Personal};
use crate::reservations::{Held, Reserved};
use crate::values::{Bio, DisplayName, EmailKey, ImageUrl, Invalid, UserName};

crate::events! {
    /// What can have happened to an account, or to the reservation of a user name.
    enum Event in "inklog.accounts" {
        /// A person has an account.
        Registered(Registered),
        /// Some of the profile's fields were changed.
        ProfileChanged(ProfileChanged),
        /// A user name was reserved for an account.
        UserNameClaimed(Reserved),
        /// The account came to bear the name.
        UserNameConfirmed(Held),
        /// The account bears the name no more; it is kept for it for a while.
        UserNameReleased(Reserved),
        /// An e-mail address was reserved for an account.
        EmailClaimed(Reserved),
        /// The account came to bear the address.
        EmailConfirmed(Held),
        /// The account bears the address no more.
        EmailReleased(Reserved),
        /// The account bears another name.
        UserNameChanged(UserNameChanged),
        /// Its owner was shown to answer to its e-mail address.
        EmailVerified(EmailVerified),
        /// The account has another e-mail address, to which its owner was shown to answer.
        EmailChanged(EmailChanged),
        /// The account gave an e-mail address up to which nobody was ever shown to answer.
        EmailGivenUp(EmailGivenUp),
        /// The account was allowed a role.
        RoleGranted(RoleGranted),
        /// A role was taken away.
        RoleRevoked(RoleRevoked),
        /// The account may neither log in nor write.
        Deactivated(Deactivated),
        /// It may again.
        Reactivated(Reactivated),
        /// The person is forgotten: what was personal cannot be opened any more, and nothing happens to the account again.
        Erased(Erased),
        /// Some of its preferences were changed.
        PreferencesChanged(PreferencesChanged),
    }
}

impl Event {
    /// The holder of the reservation that it happened to; `None` if it happened to an account.
    #[must_use]
    pub fn holder(&self) -> Option<Uuid> {
        match self {
            Self::UserNameClaimed(reserved)
            | Self::UserNameReleased(reserved)
            | Self::EmailClaimed(reserved)
            | Self::EmailReleased(reserved) => Some(reserved.holder_id),
            Self::UserNameConfirmed(held) | Self::EmailConfirmed(held) => Some(held.holder_id),
            Self::Registered(_)
            | Self::ProfileChanged(_)
            | Self::UserNameChanged(_)
            | Self::EmailVerified(_)
            | Self::EmailChanged(_)
            | Self::EmailGivenUp(_)
            | Self::RoleGranted(_)
            | Self::RoleRevoked(_)
            | Self::Deactivated(_)
            | Self::Reactivated(_)
            | Self::Erased(_)
            | Self::PreferencesChanged(_) => None,
        }
    }

    /// Whether it happened to a reservation, not to an account.
    #[must_use]
    pub fn is_of_a_claim(&self) -> bool {
        self.holder().is_some()
    }

    /// Whether some of it is sealed.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        match self {
            Self::Registered(Registered { display_name, bio, image_url, .. }) => {
                display_name.is_sealed() || bio.is_sealed() || image_url.is_sealed()
            }
            Self::ProfileChanged(ProfileChanged { display_name, bio, image_url }) => {
                display_name.as_ref().is_some_and(Personal::is_sealed)
                    || bio.as_ref().is_some_and(Personal::is_sealed)
                    || image_url.as_ref().is_some_and(Personal::is_sealed)
            }
            Self::UserNameChanged(_)
            | Self::EmailVerified(_)
            | Self::EmailChanged(_)
            | Self::EmailGivenUp(_)
            | Self::RoleGranted(_)
            | Self::RoleRevoked(_)
            | Self::Deactivated(_)
            | Self::Reactivated(_)
            | Self::Erased(_)
            | Self::PreferencesChanged(_)
            | Self::UserNameClaimed(_)
            | Self::UserNameConfirmed(_)
            | Self::UserNameReleased(_)
            | Self::EmailClaimed(_)
            | Self::EmailConfirmed(_)
            | Self::EmailReleased(_) => false,
        }
    }

    /// Opens what is sealed of it; see [`Personal::open`].
    ///
    /// # Errors
    /// Something cannot be opened although its key is there.
    pub fn open(&mut self, open: &mut Open<'_>) -> Result<(), Invalid> {
        match self {
            Self::Registered(Registered { display_name, bio, image_url, .. }) => {
                display_name.open(open)?;
                bio.open(open)?;
                image_url.open(open)
            }
            Self::ProfileChanged(ProfileChanged { display_name, bio, image_url }) => {
                display_name.as_mut().map_or(Ok(()), |name| name.open(open))?;
                bio.as_mut().map_or(Ok(()), |bio| bio.open(open))?;
                image_url.as_mut().map_or(Ok(()), |url| url.open(open))
            }
            Self::UserNameChanged(_)
            | Self::EmailVerified(_)
            | Self::EmailChanged(_)
            | Self::EmailGivenUp(_)
            | Self::RoleGranted(_)
            | Self::RoleRevoked(_)
            | Self::Deactivated(_)
            | Self::Reactivated(_)
            | Self::Erased(_)
            | Self::PreferencesChanged(_)
            | Self::UserNameClaimed(_)
            | Self::UserNameConfirmed(_)
            | Self::UserNameReleased(_)
            | Self::EmailClaimed(_)
            | Self::EmailConfirmed(_)
            | Self::EmailReleased(_) => Ok(()),
        }
    }
}

/// A person has an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registered {
    /// What the account is called in addresses.
    pub user_name: UserName,
    /// What the person wants to be called; personal.
    pub display_name: Personal<DisplayName>,
    /// A few words about the person; personal.
    pub bio: Personal<Bio>,
    /// Their picture; personal.
    pub image_url: Personal<ImageUrl>,
    /// What stands for their e-mail address; empty for none.
    #[serde(default = "EmailKey::none")]
    pub email_key: EmailKey,
}

/// Some of the profile's fields were changed; what is null stayed as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProfileChanged {
    /// The new name; personal.
    pub display_name: Option<Personal<DisplayName>>,
    /// The new words; personal.
    pub bio: Option<Personal<Bio>>,
    /// The new picture; personal.
    pub image_url: Option<Personal<ImageUrl>>,
}

/// The account bears another name; the former leads to it until another account bears that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserNameChanged {
    /// The new name; personal.
    pub user_name: UserName,
}

/// The account's owner was shown to answer to its e-mail address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmailVerified {
    /// What stands for the address.
    pub email_key: EmailKey,
}

/// The account has another e-mail address, to which its owner was shown to answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmailChanged {
    /// What stands for the address.
    pub email_key: EmailKey,
}

/// The account has no e-mail address any more: nobody was shown to answer to the one it had within the time for that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmailGivenUp {
    /// What stood for the address.
    pub email_key: EmailKey,
}

/// The account was allowed a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoleGranted {
    /// `reader`, `author`, `editor` or `admin`; others may come.
    pub role_name: String,
}

/// A role was taken away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoleRevoked {
    /// See [`RoleGranted`].
    pub role_name: String,
}

/// The account may neither log in nor write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deactivated {}

/// It may again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reactivated {}

/// The person is forgotten. What was sealed of them cannot be opened any more, for their key is deleted; the user name
/// stays taken, so that nobody can pose as them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Erased {}
