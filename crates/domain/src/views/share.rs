use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::reactions::{Event, Shared, Unshared};
use crate::values::TargetKind;

/// The view of every share that there ever was. How often a target was shared are sums over it.
#[derive(Clone, Copy, Debug)]
pub struct Shares;

/// A share.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// The account whose it is.
    pub account_id: Uuid,
    /// What it is of: the name of a [`TargetKind`].
    pub target_kind: String,
    /// Which of those.
    pub target_id: Uuid,
    /// Where it was shared.
    pub place: String,
    /// Whether it is there now.
    pub active: bool,
    /// Since when it is so.
    pub since: Timestamp,
    /// Its version: a row of one that was taken back is kept for it.
    pub version: u64,
}

/// Account, kind of target, target, and place.
type Key = (Uuid, String, Uuid, String);

impl View for Shares {
    const NAME: &'static str = "shares";
    type Source = crate::reactions::Reactions;
    type Key = Key;
    type Row = Share;

    fn keys(event: SourceEvent<'_, Self::Source>) -> impl IntoIterator<Item = Key> {
        let key = |account: &Uuid, kind: &TargetKind, target: &Uuid, name: &str| {
            Some((*account, kind.name().to_owned(), *target, name.to_owned()))
        };
        match event.event {
            Event::Shared(Shared { account_id, target_kind, target_id, place })
            | Event::Unshared(Unshared { account_id, target_kind, target_id, place }) => {
                key(account_id, target_kind, target_id, place.as_str())
            }
            Event::Given(_) | Event::Withdrawn(_) => None,
        }
    }

    fn seen(row: Option<&Share>, _: SourceEvent<'_, Self::Source>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(key: &Key, _: Option<Share>, event: SourceEvent<'_, Self::Source>) -> Option<Share> {
        let (account_id, target_kind, target_id, place) = key.clone();
        let active = match event.event {
            Event::Given(_) | Event::Shared(_) => true,
            Event::Withdrawn(_) | Event::Unshared(_) => false,
        };
        let (since, version) = (event.occurred_at, event.version);
        Some(Share { account_id, target_kind, target_id, place, active, since, version })
    }
}
