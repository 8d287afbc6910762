//! Views: the rows that readers see, each a pure keyed fold of the log. The projectors load the rows of a batch,
//! fold in memory and write back; tests fold the whole log and compare.

mod author;
mod follow;
mod post;
mod preferred;
mod slug;
mod tagged;

pub use author::{Author, Authors, DELETED_PREFIX, deleted_user_name};
pub use follow::{Follow, Follows};
pub use post::{Post, Posts};
pub use preferred::{Preferences, Preferred};
pub use slug::{Slug, Slugs};
pub use tagged::{Tagged, Tags};

use std::collections::HashMap;
use std::hash::Hash;

use crate::{AnyEvent, Recorded};

/// An event as views see it.
pub type ViewEvent = Recorded<AnyEvent>;

/// A keyed fold.
pub trait View {
    /// The name of the view: `posts`.
    const NAME: &'static str;
    /// What a row is found by.
    type Key: Clone + Eq + Hash + Ord + Send + Sync + 'static;
    /// A row.
    type Row: Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static;

    /// The key of the row that an event touches, if it touches one.
    fn key(event: &ViewEvent) -> Option<Self::Key>;

    /// The row after the event.
    ///
    /// # Errors
    /// The event is not the successor of what the row has seen: the log was misread, and the row must not change.
    fn fold(row: Option<Self::Row>, event: &ViewEvent) -> Result<Option<Self::Row>, Gap>;

    /// The rows after a whole history: what a test compares a table with.
    ///
    /// # Errors
    /// See [`View::fold`].
    fn fold_all<'a>(events: impl IntoIterator<Item = &'a ViewEvent>) -> Result<HashMap<Self::Key, Self::Row>, Gap> {
        let mut rows = HashMap::new();
        for event in events {
            if let Some(key) = Self::key(event)
                && let Some(row) = Self::fold(rows.remove(&key), event)?
            {
                rows.insert(key, row);
            }
        }
        Ok(rows)
    }
}

/// An event's version is not one more than that of the row it touches.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{aggregate_id}: event version {found} follows version {seen} of the row")]
pub struct Gap {
    /// The aggregate.
    pub aggregate_id: String,
    /// The row's version, 0 for no row.
    pub seen: u64,
    /// The event's.
    pub found: u64,
}

fn in_sequence(seen: u64, event: &ViewEvent) -> Result<(), Gap> {
    if event.version == seen + 1 {
        Ok(())
    } else {
        Err(Gap { aggregate_id: event.aggregate_id.clone(), seen, found: event.version })
    }
}

#[cfg(test)]
mod tests;
