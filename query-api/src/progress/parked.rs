//! What is parked: events that the projector could not handle, and those that wait for them. The positions pass them,
//! so what is shown of their aggregates is of before them, and says so.

use std::collections::{HashMap, HashSet};

use domain::views::{Source, View};
use sqlx::{Executor, Postgres};

use super::known::PROJECTOR;

/// The channel on which it is announced that something else is parked now.
pub(super) const CHANNEL: &str = "inklog_parked";
/// So many aggregates are told apart. With more, each may be one of them.
const MOST: i64 = 10_000;

/// The aggregates that have parked events.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Parked {
    /// By context the ids that they are found by: an aggregate of two is found by either.
    ids: HashMap<String, HashSet<String>>,
    aggregates: usize,
    /// Whether there are too many to be told apart.
    too_many: bool,
}

impl Parked {
    /// Reads the table.
    pub(super) async fn read<'c>(executor: impl Executor<'c, Database = Postgres>) -> sqlx::Result<Self> {
        const READ: &str = "SELECT DISTINCT context, key FROM projection.parked_events WHERE projector = $1 LIMIT $2";
        let rows: Vec<(String, Vec<u8>)> =
            sqlx::query_as(READ).bind(PROJECTOR).bind(MOST + 1).fetch_all(executor).await?;
        Ok(Self::of(rows))
    }

    fn of(rows: Vec<(String, Vec<u8>)>) -> Self {
        let mut parked = Self { aggregates: rows.len(), too_many: rows.len() as i64 > MOST, ..Self::default() };
        for (context, key) in rows {
            let key = String::from_utf8_lossy(&key);
            parked.ids.entry(context).or_default().extend(key.split(':').map(str::to_owned));
        }
        parked
    }

    /// How many aggregates have parked events, up to as many as are told apart.
    pub(super) fn count(&self) -> usize {
        self.aggregates
    }

    /// Whether a parked event may concern a row of this view that is found by this id.
    pub(crate) fn concerns<V: View>(&self, id: &str) -> bool {
        self.too_many || ids_of::<V>(self).any(|ids| ids.contains(id))
    }

    /// Whether one may concern any row of this view, also one that is not there yet.
    pub(crate) fn concerns_any<V: View>(&self) -> bool {
        self.too_many || ids_of::<V>(self).next().is_some()
    }
}

fn ids_of<V: View>(parked: &Parked) -> impl Iterator<Item = &HashSet<String>> {
    V::Source::CONTEXTS.iter().filter_map(|context| parked.ids.get(*context))
}

#[cfg(test)]
mod tests;
