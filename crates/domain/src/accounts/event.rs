//! THE STORED FORMAT of the context `accounts`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/accounts/`;
//! that of `PreferencesChanged` is in `preferences.rs`.

use serde::{Deserialize, Serialize};

use super::PreferencesChanged;
use crate::claims::{Claimed, Held};
use crate::values::{Bio, DisplayName, EmailKey, ImageUrl, UserName};

crate::events! {
    /// What can have happened to an account, or to the claim on a user name.
    enum Event in "inklog.accounts" {
        /// Somebody has an account.
        Registered(Registered),
        /// Some of the profile's fields were changed.
        ProfileChanged(ProfileChanged),
        /// A user name was claimed for an account.
        UserNameClaimed(Claimed),
        /// The account came to bear the name.
        UserNameConfirmed(Held),
        /// The account bears the name no more; it is kept for it for a while.
        UserNameReleased(Claimed),
        /// An e-mail address was claimed for an account.
        EmailClaimed(Claimed),
        /// The account came to bear the address.
        EmailConfirmed(Held),
        /// The account bears the address no more.
        EmailReleased(Claimed),
        /// The account bears another name.
        UserNameChanged(UserNameChanged),
        /// Its owner was shown to answer to its e-mail address.
        EmailVerified(EmailVerified),
        /// The account has another e-mail address, to which its owner was shown to answer.
        EmailChanged(EmailChanged),
        /// The account was allowed a role.
        RoleGranted(RoleGranted),
        /// A role was taken away.
        RoleRevoked(RoleRevoked),
        /// The account may neither log in nor write.
        Deactivated(Deactivated),
        /// It may again.
        Reactivated(Reactivated),
        /// Some of its preferences were changed.
        PreferencesChanged(PreferencesChanged),
    }
}

impl Event {
    /// Whether it happened to a claim, not to an account.
    #[must_use]
    pub fn is_of_a_claim(&self) -> bool {
        match self {
            Self::UserNameClaimed(_)
            | Self::UserNameConfirmed(_)
            | Self::UserNameReleased(_)
            | Self::EmailClaimed(_)
            | Self::EmailConfirmed(_)
            | Self::EmailReleased(_) => true,
            Self::Registered(_)
            | Self::ProfileChanged(_)
            | Self::UserNameChanged(_)
            | Self::EmailVerified(_)
            | Self::EmailChanged(_)
            | Self::RoleGranted(_)
            | Self::RoleRevoked(_)
            | Self::Deactivated(_)
            | Self::Reactivated(_)
            | Self::PreferencesChanged(_) => false,
        }
    }
}

/// Somebody has an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registered {
    /// What the account is called in addresses.
    pub user_name: UserName,
    /// What the person wants to be called; personal.
    pub display_name: DisplayName,
    /// A few words about the person; personal.
    pub bio: Bio,
    /// Their picture; personal.
    pub image_url: ImageUrl,
    /// What stands for their e-mail address; empty for none.
    #[serde(default = "EmailKey::none")]
    pub email_key: EmailKey,
}

/// Some of the profile's fields were changed; what is null stayed as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProfileChanged {
    /// The new name.
    pub display_name: Option<DisplayName>,
    /// The new words.
    pub bio: Option<Bio>,
    /// The new picture.
    pub image_url: Option<ImageUrl>,
}

/// The account bears another name; the former leads to it until another account bears that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserNameChanged {
    /// The new name.
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
