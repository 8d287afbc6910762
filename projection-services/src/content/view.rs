//! A view that is kept in Postgres: loads the rows of a batch, folds in memory, writes back what changed.

use std::collections::{HashMap, HashSet};
use std::future::Future;

use domain::views::{Authors, Posts, Slugs, Tags, View};
use sqlx::PgConnection;

use crate::projector::Poison;
use crate::work::Located;

/// A view's table (or tables). Statements name them unqualified: the connection's search path says which they are.
pub trait Table: View {
    /// The tables, the one with a row per key first.
    const TABLES: &'static [&'static str];

    /// The key of a row.
    fn key_of(row: &Self::Row) -> Self::Key;

    /// The rows that exist of these keys.
    fn load(
        connection: &mut PgConnection,
        keys: Vec<Self::Key>,
    ) -> impl Future<Output = Result<Vec<Self::Row>, sqlx::Error>> + Send;

    /// Writes rows that came to be or changed.
    fn store(
        connection: &mut PgConnection,
        changes: &[Change<'_, Self::Row>],
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Deletes the rows of these keys.
    fn delete(
        connection: &mut PgConnection,
        keys: Vec<Self::Key>,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

/// A row as it was and as it is to be.
#[derive(Debug)]
pub struct Change<'a, R> {
    /// As it was in the table.
    pub before: Option<&'a R>,
    /// As it is to be.
    pub after: &'a R,
}

/// The views of the projector `content`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentView {
    /// Every post.
    Posts,
    /// Everyone who has an account.
    Authors,
    /// Every slug that a post ever had.
    Slugs,
    /// What is listed under which tag.
    Tags,
}

impl ContentView {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Posts, Self::Authors, Self::Slugs, Self::Tags];

    /// The view's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Posts => Posts::NAME,
            Self::Authors => Authors::NAME,
            Self::Slugs => Slugs::NAME,
            Self::Tags => Tags::NAME,
        }
    }

    /// The view's tables.
    #[must_use]
    pub fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Posts => Posts::TABLES,
            Self::Authors => Authors::TABLES,
            Self::Slugs => Slugs::TABLES,
            Self::Tags => Tags::TABLES,
        }
    }

    pub(super) async fn apply(
        self,
        connection: &mut PgConnection,
        events: &[Located<'_>],
    ) -> Result<Vec<Poison>, sqlx::Error> {
        match self {
            Self::Posts => apply::<Posts>(connection, events).await,
            Self::Authors => apply::<Authors>(connection, events).await,
            Self::Slugs => apply::<Slugs>(connection, events).await,
            Self::Tags => apply::<Tags>(connection, events).await,
        }
    }
}

async fn apply<T: Table>(connection: &mut PgConnection, events: &[Located<'_>]) -> Result<Vec<Poison>, sqlx::Error> {
    let touched: HashSet<T::Key> = events.iter().filter_map(|located| T::key(located.event)).collect();
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    let loaded = T::load(connection, touched.iter().cloned().collect()).await?;
    let before: HashMap<T::Key, T::Row> = loaded.into_iter().map(|row| (T::key_of(&row), row)).collect();
    let (after, poison) = fold::<T>(before.clone(), events);
    if !poison.is_empty() {
        return Ok(poison);
    }
    // In the order of the keys, so that two writers lock rows in the same order.
    let mut keys: Vec<T::Key> = touched.into_iter().collect();
    keys.sort_unstable();
    let changes: Vec<Change<'_, T::Row>> = keys
        .iter()
        .filter_map(|key| after.get(key).map(|after| Change { before: before.get(key), after }))
        .filter(|change| change.before != Some(change.after))
        .collect();
    if !changes.is_empty() {
        T::store(connection, &changes).await?;
    }
    let gone: Vec<T::Key> = before.keys().filter(|key| !after.contains_key(key)).cloned().collect();
    if !gone.is_empty() {
        T::delete(connection, gone).await?;
    }
    Ok(Vec::new())
}

/// Folds events into rows; an event that is no successor is poison, and so nothing more of its aggregate is folded.
fn fold<T: View>(mut rows: HashMap<T::Key, T::Row>, events: &[Located<'_>]) -> (HashMap<T::Key, T::Row>, Vec<Poison>) {
    let mut poison = Vec::new();
    let mut held: HashSet<&str> = HashSet::new();
    for located in events {
        let Some(key) = T::key(located.event) else { continue };
        if held.contains(located.event.aggregate_id.as_str()) {
            continue;
        }
        match T::fold(rows.remove(&key), located.event) {
            Ok(Some(row)) => {
                rows.insert(key, row);
            }
            Ok(None) => {}
            Err(gap) => {
                held.insert(&located.event.aggregate_id);
                poison.push(located.poison(T::NAME, gap.to_string()));
            }
        }
    }
    (rows, poison)
}
