//! The view of everyone who has an account. What is personal comes opened; what is still sealed shows as nothing.

use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::accounts::{
    Accounts, Deactivated, Erased, Event, ProfileChanged, Reactivated, Registered, RoleGranted, RoleRevoked,
    UserNameChanged,
};
use crate::values::UserName;

/// The view of everyone who has an account.
#[derive(Clone, Copy, Debug)]
pub struct Authors;

/// A person who has an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Author {
    /// The account's id.
    pub account_id: Uuid,
    /// What they are called in addresses.
    pub user_name: String,
    /// What they want to be called; may be empty.
    pub display_name: String,
    /// A few words; may be empty.
    pub bio: String,
    /// Their picture; may be empty.
    pub image_url: String,
    /// What they were called before, in lower case, the last name last: leads to them until another bears it.
    pub former_user_names: Vec<String>,
    /// When they registered.
    pub registered_at: Timestamp,
    /// The roles that they were granted, by name, the last one last.
    pub roles: Vec<String>,
    /// Whether the account can do nothing until that is undone.
    pub deactivated: bool,
    /// The version of the account.
    pub version: u64,
}

/// What the user name of a forgotten person begins with. No user name does.
pub const DELETED_PREFIX: &str = "~deleted-";

/// What stands where the user name of a forgotten person was: the same for ever, and no user name.
#[must_use]
pub fn deleted_user_name(account_id: Uuid) -> String {
    let id = account_id.simple().to_string();
    // The beginning may be a time, which others share.
    format!("{DELETED_PREFIX}{}", &id[20..])
}

impl View for Authors {
    const NAME: &'static str = "authors";
    type Source = Accounts;
    type Key = Uuid;
    type Row = Author;

    fn keys(event: SourceEvent<'_, Accounts>) -> impl IntoIterator<Item = Uuid> {
        event.id().filter(|_| !matches!(event.event, Event::Reservation(_)))
    }

    fn seen(row: Option<&Author>, _: SourceEvent<'_, Accounts>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(account_id: &Uuid, row: Option<Author>, event: SourceEvent<'_, Accounts>) -> Option<Author> {
        match event.event {
            Event::Registered(Registered { user_name, display_name, bio, image_url, .. }) => Some(Author {
                account_id: *account_id,
                user_name: user_name.to_string(),
                display_name: display_name.shown().to_owned(),
                bio: bio.shown().to_owned(),
                image_url: image_url.shown().to_owned(),
                former_user_names: Vec::new(),
                registered_at: event.occurred_at,
                roles: Vec::new(),
                deactivated: false,
                version: event.version,
            }),
            Event::ProfileChanged(ProfileChanged { display_name, bio, image_url }) => row.map(|row| Author {
                display_name: display_name.as_ref().map_or(row.display_name, |text| text.shown().to_owned()),
                bio: bio.as_ref().map_or(row.bio, |text| text.shown().to_owned()),
                image_url: image_url.as_ref().map_or(row.image_url, |text| text.shown().to_owned()),
                version: event.version,
                ..row
            }),
            Event::UserNameChanged(UserNameChanged { user_name }) => {
                row.map(|row| Author { version: event.version, ..row.renamed(user_name) })
            }
            Event::Erased(Erased {}) => row.map(|row| row.erased(event.version)),
            Event::RoleGranted(RoleGranted { role_name }) => {
                row.map(|row| Author { version: event.version, ..row.with(role_name) })
            }
            Event::RoleRevoked(RoleRevoked { role_name }) => {
                row.map(|row| Author { version: event.version, ..row.without(role_name) })
            }
            Event::Deactivated(Deactivated {}) => {
                row.map(|row| Author { version: event.version, deactivated: true, ..row })
            }
            Event::Reactivated(Reactivated {}) => {
                row.map(|row| Author { version: event.version, deactivated: false, ..row })
            }
            // Not for readers; but the row has seen them.
            Event::EmailVerified(_)
            | Event::EmailChanged(_)
            | Event::EmailGivenUp(_)
            | Event::PreferencesChanged(_) => row.map(|row| Author { version: event.version, ..row }),
            Event::Reservation(_) => row,
        }
    }
}

impl Author {
    /// What is left of a forgotten person: that posts are theirs. The name is none that an account can have.
    fn erased(self, version: u64) -> Self {
        let Self { account_id, registered_at, deactivated, .. } = self;
        let nothing = String::new;
        Self {
            account_id,
            user_name: deleted_user_name(account_id),
            display_name: nothing(),
            bio: nothing(),
            image_url: nothing(),
            former_user_names: Vec::new(),
            registered_at,
            roles: Vec::new(),
            deactivated,
            version,
        }
    }

    fn without(mut self, role: &str) -> Self {
        self.roles.retain(|granted| granted != role);
        self
    }

    fn with(self, role: &str) -> Self {
        let mut author = self.without(role);
        author.roles.push(role.to_owned());
        author
    }

    fn renamed(mut self, user_name: &UserName) -> Self {
        let canonical = |name: &str| name.to_ascii_lowercase();
        let (former, present) = (canonical(&self.user_name), canonical(user_name.as_str()));
        // A name it has again is no former one.
        self.former_user_names.retain(|name| *name != former && *name != present);
        self.former_user_names.extend((former != present).then_some(former));
        self.user_name = user_name.to_string();
        self
    }
}
