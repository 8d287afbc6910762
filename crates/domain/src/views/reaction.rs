use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::reactions::{Event, Given, Withdrawn};
use crate::values::TargetKind;

/// The view of every reaction that there ever was. How many there are of a target are sums over it.
#[derive(Clone, Copy, Debug)]
pub struct Reactions;

/// A reaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaction {
    /// The account whose it is.
    pub account_id: Uuid,
    /// What it is given to: the name of a [`TargetKind`].
    pub target_kind: String,
    /// Which of those.
    pub target_id: Uuid,
    /// Of which kind it is.
    pub kind: String,
    /// Whether it is there now.
    pub active: bool,
    /// Since when it is so.
    pub since: Timestamp,
    /// Its version: a row of one that was taken back is kept for it.
    pub version: u64,
}

/// Account, kind of target, target, and kind of reaction.
type Key = (Uuid, String, Uuid, String);

impl View for Reactions {
    const NAME: &'static str = "reactions";
    type Source = crate::reactions::Reactions;
    type Key = Key;
    type Row = Reaction;

    fn keys(event: SourceEvent<'_, Self::Source>) -> impl IntoIterator<Item = Key> {
        let key = |account: &Uuid, kind: &TargetKind, target: &Uuid, name: &str| {
            Some((*account, kind.name().to_owned(), *target, name.to_owned()))
        };
        match event.event {
            Event::Given(Given { account_id, target_kind, target_id, kind })
            | Event::Withdrawn(Withdrawn { account_id, target_kind, target_id, kind }) => {
                key(account_id, target_kind, target_id, kind.as_str())
            }
            Event::Shared(_) | Event::Unshared(_) => None,
        }
    }

    fn seen(row: Option<&Reaction>, _: SourceEvent<'_, Self::Source>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(key: &Key, _: Option<Reaction>, event: SourceEvent<'_, Self::Source>) -> Option<Reaction> {
        let (account_id, target_kind, target_id, kind) = key.clone();
        let active = match event.event {
            Event::Given(_) | Event::Shared(_) => true,
            Event::Withdrawn(_) | Event::Unshared(_) => false,
        };
        let (since, version) = (event.occurred_at, event.version);
        Some(Reaction { account_id, target_kind, target_id, kind, active, since, version })
    }
}
