//! A view that is kept in Postgres: loads the rows of a batch, folds in memory, writes back what changed.

use std::collections::{HashMap, HashSet};
use std::future::Future;

use domain::views::{Authors, Follows, Posts, Preferences, Slugs, Tags, View};
use sqlx::PgConnection;

use super::tuples::Tuples;
use crate::projector::Poison;
use crate::work::Located;

/// A view's table (or tables). Statements name them unqualified: the connection's search path says which they are.
pub trait Table: View {
    /// The tables, the one with a row per key first.
    const TABLES: &'static [&'static str];

    /// What COPY fills, in the same order: each table with the columns that are encoded. Tables of sums are not among them.
    const COPIES: &'static [&'static str];

    /// The key of a row.
    fn key_of(row: &Self::Row) -> Self::Key;

    /// Encodes what a row that did not exist is in one of the tables: the one at this place in [`Table::COPIES`].
    fn encode(table: usize, row: &Self::Row, tuples: &mut Tuples);

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

    /// Brings sums over all rows up to date with rows that came to be by COPY: [`Table::store`] and [`Table::delete`] do so
    /// themselves.
    fn sum(_: &mut PgConnection, _: &[Change<'_, Self::Row>]) -> impl Future<Output = Result<(), sqlx::Error>> + Send {
        std::future::ready(Ok(()))
    }

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

/// So many rows are worth a COPY, which takes longer to begin and to end than an INSERT does.
const MANY: usize = 200;

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
    /// Who follows whom.
    Follows,
    /// What people prefer.
    Preferences,
}

impl ContentView {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Posts, Self::Authors, Self::Slugs, Self::Tags, Self::Follows, Self::Preferences];

    /// The view's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Posts => Posts::NAME,
            Self::Authors => Authors::NAME,
            Self::Slugs => Slugs::NAME,
            Self::Tags => Tags::NAME,
            Self::Follows => Follows::NAME,
            Self::Preferences => Preferences::NAME,
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
            Self::Follows => Follows::TABLES,
            Self::Preferences => Preferences::TABLES,
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
            Self::Follows => apply::<Follows>(connection, events).await,
            Self::Preferences => apply::<Preferences>(connection, events).await,
        }
    }
}

async fn apply<T: Table>(connection: &mut PgConnection, events: &[Located<'_>]) -> Result<Vec<Poison>, sqlx::Error> {
    let touched = touched::<T>(events);
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    let loaded = T::load(connection, touched.into_iter().collect()).await?;
    match Folded::<T>::of(loaded, events) {
        Ok(folded) => folded.write(connection).await.map(|()| Vec::new()),
        Err(poison) => Ok(poison),
    }
}

/// The keys of the rows that events touch.
pub(super) fn touched<T: View>(events: &[Located<'_>]) -> HashSet<T::Key> {
    events.iter().filter_map(|located| T::key(located.event)).collect()
}

/// Rows that events touched: as they were in the table, and as they are to be.
#[derive(Debug)]
pub(super) struct Folded<T: View> {
    before: HashMap<T::Key, T::Row>,
    after: HashMap<T::Key, T::Row>,
}

impl<R> Clone for Change<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Change<'_, R> {}

impl<T: Table> Folded<T> {
    /// Folds events into the rows that exist of those they touch; or gives those that are no successors.
    pub(super) fn of(existing: Vec<T::Row>, events: &[Located<'_>]) -> Result<Self, Vec<Poison>> {
        let before: HashMap<T::Key, T::Row> = existing.into_iter().map(|row| (T::key_of(&row), row)).collect();
        let (after, poison) = fold::<T>(before.clone(), events);
        if poison.is_empty() { Ok(Self { before, after }) } else { Err(poison) }
    }

    /// Writes what changed, whether or not anybody else writes too.
    async fn write(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        self.store(connection, &self.changes()).await
    }

    /// The same where nobody else writes: rows that did not exist go in by COPY if they are many.
    pub(super) async fn write_alone(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let changes = self.changes();
        let (new, changed): (Vec<_>, Vec<_>) = changes.iter().copied().partition(|change| change.before.is_none());
        if new.len() < MANY {
            return self.store(connection, &changes).await;
        }
        self.store(connection, &changed).await?;
        for table in 0..T::COPIES.len() {
            copy::<T>(connection, table, &new).await?;
        }
        T::sum(connection, &new).await
    }

    /// In the order of the keys, so that two writers lock rows in the same order.
    fn changes(&self) -> Vec<Change<'_, T::Row>> {
        let mut rows: Vec<(&T::Key, &T::Row)> = self.after.iter().collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        rows.into_iter()
            .map(|(key, after)| Change { before: self.before.get(key), after })
            .filter(|change| change.before != Some(change.after))
            .collect()
    }

    async fn store(&self, connection: &mut PgConnection, changes: &[Change<'_, T::Row>]) -> Result<(), sqlx::Error> {
        if !changes.is_empty() {
            T::store(connection, changes).await?;
        }
        let gone: Vec<T::Key> = self.before.keys().filter(|key| !self.after.contains_key(key)).cloned().collect();
        if !gone.is_empty() {
            T::delete(connection, gone).await?;
        }
        Ok(())
    }
}

async fn copy<T: Table>(
    connection: &mut PgConnection,
    table: usize,
    new: &[Change<'_, T::Row>],
) -> Result<(), sqlx::Error> {
    let statement = format!("COPY {} FROM STDIN (FORMAT binary)", T::COPIES[table]);
    let mut copy = connection.copy_in_raw(&statement).await?;
    let mut tuples = Tuples::begin();
    for change in new {
        T::encode(table, change.after, &mut tuples);
        if let Some(piece) = tuples.piece() {
            copy.send(piece).await?;
        }
    }
    copy.send(tuples.end()).await?;
    copy.finish().await?;
    Ok(())
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
