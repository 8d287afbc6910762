//! THE STORED FORMAT of the context `accounts`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/accounts/`;
//! that of `PreferencesChanged` is in `preferences.rs`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{PreferencesChanged, ReservationEvent};
use crate::personal::{Open, Personal};
use crate::values::{Bio, DisplayName, EmailKey, ImageUrl, Invalid, UserName};

crate::events! {
    /// What can have happened to an account, or to the reservation of a unique value.
    enum Event in "inklog.accounts" {
        /// A person has an account.
        Registered(Registered),
        /// Some of the profile's fields were changed.
        ProfileChanged(ProfileChanged),
        /// The account bears another name.
        UserNameChanged(UserNameChanged),
        /// Its owner was shown to answer to its e-mail address.
        EmailVerified(EmailVerified),
        /// The account has another e-mail address.
        EmailChanged(EmailChanged),
        /// The account gave an e-mail address up to which its owner was never shown to answer.
        EmailGivenUp(EmailGivenUp),
        /// The account was allowed a role.
        RoleGranted(RoleGranted),
        /// A role was taken away.
        RoleRevoked(RoleRevoked),
        /// The account may neither log in nor write.
        Deactivated(Deactivated),
        /// It may again.
        Reactivated(Reactivated),
        /// The person is forgotten: what was personal cannot be opened any more, and nothing happens to the account
        /// again.
        Erased(Erased),
        /// Some of its preferences were changed.
        PreferencesChanged(PreferencesChanged),
    }
    and
    /// Something happened to the reservation of a unique value.
    Reservation(ReservationEvent)
}

impl Event {
    /// The holder of the reservation that it happened to; `None` if it happened to an account.
    #[must_use]
    pub fn holder(&self) -> Option<Uuid> {
        if let Self::Reservation(event) = self { event.reservation().1.holder_id() } else { None }
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
            | Self::Reservation(_) => false,
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
            | Self::Reservation(_) => Ok(()),
        }
    }
}

crate::fields::fields! {
    /// A person has an account.
    Registered {
        fixed {
            /// What the account is called in addresses.
            user_name: UserName,
        }
        changeable {
            /// What the person wants to be called; personal.
            display_name: Personal<DisplayName>,
            /// A few words about the person; personal.
            bio: Personal<Bio>,
            /// Their picture; personal.
            image_url: Personal<ImageUrl>,
        }
        fixed {
            /// What stands for their e-mail address; empty for none.
            #[serde(default = "EmailKey::none")]
            email_key: EmailKey,
        }
    }
    /// Some of the profile's fields were changed; what is null stayed as it was.
    ProfileChanged
    /// What a decision keeps of the profile.
    Profile
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

/// The account has another e-mail address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmailChanged {
    /// What stands for the address.
    pub email_key: EmailKey,
    /// Whether its owner was shown to answer to it; records of earlier versions do not say so, and were.
    #[serde(default = "was_shown")]
    pub verified: bool,
}

const fn was_shown() -> bool {
    true
}

/// The account has no e-mail address any more: its owner was not shown to answer to the one it had within the time for
/// that.
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
/// stays taken, so that no other can pose as them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Erased {}
