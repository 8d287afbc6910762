use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::accounts::{Accounts, Chosen, Event};

/// The view of what people prefer: of those who ever chose something.
#[derive(Clone, Copy, Debug)]
pub struct Preferences;

/// What the owner of an account prefers.
#[derive(Clone, Debug, PartialEq)]
pub struct Preferred {
    /// The account's id.
    pub account_id: Uuid,
    /// What they chose.
    pub chosen: Chosen,
    /// The version of the account that made it so.
    pub version: u64,
}

impl View for Preferences {
    const NAME: &'static str = "preferences";
    type Source = Accounts;
    type Key = Uuid;
    type Row = Preferred;

    fn keys(event: SourceEvent<'_, Accounts>) -> impl IntoIterator<Item = Uuid> {
        match event.event {
            Event::PreferencesChanged(_) | Event::Erased(_) => event.id(),
            Event::Registered(_)
            | Event::ProfileChanged(_)
            | Event::Reservation(_)
            | Event::UserNameChanged(_)
            | Event::EmailVerified(_)
            | Event::EmailChanged(_)
            | Event::EmailGivenUp(_)
            | Event::RoleGranted(_)
            | Event::RoleRevoked(_)
            | Event::Deactivated(_)
            | Event::Reactivated(_) => None,
        }
    }

    fn seen(row: Option<&Preferred>, _: SourceEvent<'_, Accounts>) -> Seen {
        // Other events of the account lie between two of these: only what is older than the row is out of order.
        Seen::Some(row.map_or(0, |row| row.version))
    }

    fn fold(account_id: &Uuid, row: Option<Preferred>, event: SourceEvent<'_, Accounts>) -> Option<Preferred> {
        let chosen = if let Event::PreferencesChanged(changed) = event.event {
            row.map(|row| row.chosen).unwrap_or_default().after(changed)
        } else {
            // A forgotten person prefers nothing; one who never chose anything has no row.
            row.map(|_| Chosen::default())?
        };
        Some(Preferred { account_id: *account_id, chosen, version: event.version })
    }
}
