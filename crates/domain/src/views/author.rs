use uuid::Uuid;

use super::{Gap, View, ViewEvent, in_sequence};
use crate::accounts::{Event, ProfileChanged, Registered};
use crate::{AnyEvent, Timestamp};

/// The view of everyone who has an account.
#[derive(Clone, Copy, Debug)]
pub struct Authors;

/// Somebody who has an account.
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
    /// When they registered.
    pub registered_at: Timestamp,
    /// The version of the account.
    pub version: u64,
}

impl View for Authors {
    const NAME: &'static str = "authors";
    type Key = Uuid;
    type Row = Author;

    fn key(event: &ViewEvent) -> Option<Uuid> {
        match &event.event {
            AnyEvent::Accounts(Event::Registered(_) | Event::ProfileChanged(_)) => event.aggregate_id.parse().ok(),
            AnyEvent::Accounts(Event::UserNameClaimed(_) | Event::UserNameConfirmed(_)) | AnyEvent::Posts(_) => None,
        }
    }

    fn fold(row: Option<Author>, event: &ViewEvent) -> Result<Option<Author>, Gap> {
        let AnyEvent::Accounts(happened) = &event.event else { return Ok(row) };
        match happened {
            Event::Registered(Registered { user_name, display_name, bio, image_url }) => {
                in_sequence(row.as_ref().map_or(0, |row| row.version), event)?;
                Ok(Self::key(event).map(|account_id| Author {
                    account_id,
                    user_name: user_name.to_string(),
                    display_name: display_name.to_string(),
                    bio: bio.to_string(),
                    image_url: image_url.to_string(),
                    registered_at: event.occurred_at,
                    version: event.version,
                }))
            }
            Event::ProfileChanged(ProfileChanged { display_name, bio, image_url }) => {
                in_sequence(row.as_ref().map_or(0, |row| row.version), event)?;
                Ok(row.map(|row| Author {
                    display_name: display_name.as_ref().map_or(row.display_name, ToString::to_string),
                    bio: bio.as_ref().map_or(row.bio, ToString::to_string),
                    image_url: image_url.as_ref().map_or(row.image_url, ToString::to_string),
                    version: event.version,
                    ..row
                }))
            }
            Event::UserNameClaimed(_) | Event::UserNameConfirmed(_) => Ok(row),
        }
    }
}
