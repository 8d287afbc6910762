//! A view that is kept in Postgres: loads the rows of a batch, folds in memory, writes back what changed.

use std::collections::{HashMap, HashSet};
use std::fmt::Debug;

use domain::views::{Source, View};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use sqlx::PgConnection;

use super::LIVE;
use super::derived::{Change, Derived, Way};
use super::known::Known;
use super::table::{Table, TableDefinition, copy, delete, load, store};
use crate::poison::Poison;
use crate::work::Located;

/// A view whose rows are those of a table.
pub trait Stored: View<Row: Table<Key = <Self as View>::Key>> + Debug + Send + Sync + 'static {
    /// What it is, for who is to choose one.
    const ABOUT: &'static str;
    /// Whether its rows are so long that filling its table takes about as long as filling all others.
    const IS_LARGE: bool = false;
    /// The tables that are made of its rows.
    const DERIVED: &'static [&'static dyn Derived<Self::Row>] = &[];
}

/// So many rows are worth a COPY, which takes longer to begin and to end than an INSERT does.
const MANY: usize = 200;

/// One of the views in Postgres, whose type is not known any more, so that views can stand in a list.
#[derive(Clone, Copy)]
pub struct ContentView {
    /// The view's name.
    pub name: &'static str,
    /// What it is, for who is to choose one.
    pub about: &'static str,
    /// The name of the projector that keeps it.
    pub projector: &'static str,
    /// The contexts that it is made of.
    pub contexts: &'static [&'static str],
    /// See [`Stored::IS_LARGE`].
    pub(super) is_large: bool,
    pub(super) tables: fn() -> Vec<TableDefinition>,
    /// Folds events into the rows that they touch, and writes them; gives those that are no successors, if there are
    /// any, and writes nothing then.
    pub(super) apply: Apply,
    /// Folds events, to be written alone. `None`: an event is no successor of what its row has seen.
    pub(super) fold: Fold,
}

type Apply = for<'a> fn(&'a mut PgConnection, &'a [Located<'a>]) -> BoxFuture<'a, Result<Vec<Poison>, sqlx::Error>>;

type Fold = for<'a> fn(
    &'a mut PgConnection,
    &'a mut Known,
    &'a [Located<'a>],
) -> BoxFuture<'a, Result<Option<Box<dyn FoldedRows>>, sqlx::Error>>;

impl ContentView {
    /// A view by its type.
    #[must_use]
    pub const fn of<V: Stored>() -> Self {
        Self {
            name: V::NAME,
            about: V::ABOUT,
            projector: LIVE,
            contexts: V::Source::CONTEXTS,
            is_large: V::IS_LARGE,
            tables: tables::<V>,
            apply: |connection, events| apply::<V>(connection, events).boxed(),
            fold: |connection, known, events| fold_known::<V>(connection, known, events).boxed(),
        }
    }

    /// The view's tables, the one with a row per key first.
    #[must_use]
    pub fn tables(self) -> Vec<TableDefinition> {
        (self.tables)()
    }

    /// The contexts that some views are made of, in alphabetical order.
    #[must_use]
    pub fn contexts_of(views: &[Self]) -> Vec<&'static str> {
        let mut contexts: Vec<_> = views.iter().flat_map(|view| view.contexts).copied().collect();
        contexts.sort_unstable();
        contexts.dedup();
        contexts
    }

    /// The names of the tables of some views.
    pub(crate) fn table_names(views: &[Self]) -> Vec<&'static str> {
        views.iter().flat_map(|view| view.tables()).map(|table| table.name).collect()
    }
}

impl PartialEq for ContentView {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ContentView {}

impl Debug for ContentView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

fn tables<V: Stored>() -> Vec<TableDefinition> {
    let derived = V::DERIVED.iter().map(|derived| derived.table());
    std::iter::once(TableDefinition::of::<V::Row>()).chain(derived).collect()
}

async fn apply<V: Stored>(connection: &mut PgConnection, events: &[Located<'_>]) -> Result<Vec<Poison>, sqlx::Error> {
    let touched: Vec<V::Key> = touched::<V>(events).into_iter().collect();
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    let loaded = load(connection, &touched).await?;
    match Folded::<V>::of(loaded, events) {
        Ok(folded) => folded.write(connection).await.map(|()| Vec::new()),
        Err(poison) => Ok(poison),
    }
}

/// Rows are loaded only if earlier events may have made them.
async fn fold_known<V: Stored>(
    connection: &mut PgConnection,
    known: &mut Known,
    events: &[Located<'_>],
) -> Result<Option<Box<dyn FoldedRows>>, sqlx::Error> {
    let touched = touched::<V>(events);
    let existing: Vec<V::Key> = touched.iter().filter(|key| known.may_be(*key)).cloned().collect();
    let loaded = if existing.is_empty() { Vec::new() } else { load(connection, &existing).await? };
    touched.iter().for_each(|key| known.add(key));
    let folded = Folded::<V>::of(loaded, events).ok();
    Ok(folded.map(|folded| Box::new(folded) as Box<dyn FoldedRows>))
}

/// The keys of the rows that events touch.
fn touched<V: View>(events: &[Located<'_>]) -> HashSet<V::Key> {
    events.iter().flat_map(|located| V::touched(located.event)).collect()
}

/// Rows that wait to be written where no one else writes.
pub(super) trait FoldedRows: Debug + Send + Sync {
    /// Writes what changed: rows that did not exist go in by COPY if they are many.
    fn write_alone<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>>;
}

/// Rows that events touched: as they were in the table, and as they are to be.
#[derive(Debug)]
struct Folded<V: View> {
    before: HashMap<V::Key, V::Row>,
    after: HashMap<V::Key, V::Row>,
}

impl<V: Stored> Folded<V> {
    /// Folds events into the rows that exist of those they touch; or gives those that are no successors.
    fn of(existing: Vec<V::Row>, events: &[Located<'_>]) -> Result<Self, Vec<Poison>> {
        let before: HashMap<V::Key, V::Row> = existing.into_iter().map(|row| (row.key(), row)).collect();
        let (after, poison) = fold::<V>(before.clone(), events);
        if poison.is_empty() { Ok(Self { before, after }) } else { Err(poison) }
    }

    /// Writes what changed, where others may write too.
    async fn write(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        write::<V>(connection, &self.changes(), Way::Insert).await
    }

    /// What differs, in the order of the keys, so that two writers lock rows in the same order.
    fn changes(&self) -> Vec<Change<'_, V::Row>> {
        let gone = self.before.keys().filter(|key| !self.after.contains_key(*key));
        let mut keys: Vec<&V::Key> = self.after.keys().chain(gone).collect();
        keys.sort_unstable();
        let change = |key| Change { before: self.before.get(key), after: self.after.get(key) };
        keys.into_iter().map(change).filter(|change| change.before != change.after).collect()
    }
}

impl<V: Stored> FoldedRows for Folded<V> {
    fn write_alone<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        async move {
            let changes = self.changes();
            let (new, others): (Vec<_>, Vec<_>) = changes.iter().copied().partition(|change| change.before.is_none());
            if new.len() < MANY {
                return write::<V>(connection, &changes, Way::Insert).await;
            }
            write::<V>(connection, &others, Way::Insert).await?;
            write::<V>(connection, &new, Way::Copy).await
        }
        .boxed()
    }
}

/// Writes rows, and what is made of them.
async fn write<V: Stored>(
    connection: &mut PgConnection,
    changes: &[Change<'_, V::Row>],
    way: Way,
) -> Result<(), sqlx::Error> {
    let rows: Vec<&V::Row> = changes.iter().filter_map(|change| change.after).collect();
    let gone = changes.iter().filter(|change| change.after.is_none());
    let gone: Vec<V::Key> = gone.filter_map(|change| change.before.map(Table::key)).collect();
    if !rows.is_empty() {
        match way {
            Way::Insert => store(connection, &rows).await?,
            Way::Copy => copy(connection, rows.iter().copied()).await?,
        }
    }
    if !gone.is_empty() {
        delete::<V::Row>(connection, &gone).await?;
    }
    for derived in V::DERIVED.iter().filter(|_| !changes.is_empty()) {
        derived.write(connection, changes, way).await?;
    }
    Ok(())
}

/// Folds events into rows; an event that is no successor is poison, and so nothing more of its aggregate is folded.
pub(crate) fn fold<V: View>(
    mut rows: HashMap<V::Key, V::Row>,
    events: &[Located<'_>],
) -> (HashMap<V::Key, V::Row>, Vec<Poison>) {
    let mut poison = Vec::new();
    let mut held: HashSet<(&str, &str)> = HashSet::new();
    for located in events {
        let aggregate = (located.partition.context.as_str(), located.event.aggregate_id.as_str());
        if held.contains(&aggregate) {
            continue;
        }
        if let Err(gap) = V::apply(&mut rows, located.event) {
            held.insert(aggregate);
            poison.push(located.poison(V::NAME, gap.to_string()));
        }
    }
    (rows, poison)
}
