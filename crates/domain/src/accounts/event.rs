//! THE STORED FORMAT of the context `accounts`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/accounts/`.

use serde::{Deserialize, Serialize};

use crate::claims::{Claimed, Held};
use crate::values::{Bio, DisplayName, ImageUrl, UserName};

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
