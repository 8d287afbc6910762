use uuid::Uuid;

use super::{Gap, View, ViewEvent};
use crate::AnyEvent;
use crate::accounts::{Chosen, Event};

/// The view of what people prefer: of those who ever chose something.
#[derive(Clone, Copy, Debug)]
pub struct Preferences;

/// What somebody prefers.
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
    type Key = Uuid;
    type Row = Preferred;

    fn key(event: &ViewEvent) -> Option<Uuid> {
        match &event.event {
            AnyEvent::Accounts(Event::PreferencesChanged(_) | Event::Erased(_)) => event.aggregate_id.parse().ok(),
            AnyEvent::Accounts(
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
                | Event::Reactivated(_),
            )
            | AnyEvent::Posts(_)
            | AnyEvent::Following(_)
            | AnyEvent::Security(_) => None,
        }
    }

    fn fold(row: Option<Preferred>, event: &ViewEvent) -> Result<Option<Preferred>, Gap> {
        let (AnyEvent::Accounts(happened), Some(account_id)) = (&event.event, Self::key(event)) else {
            return Ok(row);
        };
        // Other events of the account lie between two of these: only what is older than the row is out of order.
        let seen = row.as_ref().map_or(0, |row| row.version);
        if event.version <= seen {
            return Err(Gap { aggregate_id: event.aggregate_id.clone(), seen, found: event.version });
        }
        let chosen = if let Event::PreferencesChanged(changed) = happened {
            row.map(|row| row.chosen).unwrap_or_default().after(changed)
        } else if row.is_some() {
            // Whoever is forgotten prefers nothing.
            Chosen::default()
        } else {
            return Ok(None);
        };
        Ok(Some(Preferred { account_id, chosen, version: event.version }))
    }
}
