//! Tables beside a view's rows that are made of them, and never read when events are folded: sums, and details.

use std::collections::BTreeMap;
use std::fmt::Debug;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use sqlx::{AssertSqlSafe, PgConnection};

use super::column::{Column, Definition};
use super::table::{Columns, Table, TableDefinition, copy, store};

/// A row as it was and as it is to be.
#[derive(Debug)]
pub struct Change<'a, R> {
    /// As it was in the table.
    pub before: Option<&'a R>,
    /// As it is to be; `None` for a row that goes.
    pub after: Option<&'a R>,
}

impl<R> Clone for Change<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Change<'_, R> {}

/// How rows that did not exist go in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By INSERT.
    Insert,
    /// By COPY, which takes longer to begin and to end.
    Copy,
}

/// A table that is made of the rows of a view. It is written in the transaction that writes those.
pub trait Derived<R>: Sync {
    /// What the table is.
    fn table(&self) -> TableDefinition;

    /// Brings it up to date with what became of rows.
    fn write<'a>(
        &'a self,
        connection: &'a mut PgConnection,
        changes: &'a [Change<'a, R>],
        way: Way,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>>;
}

/// Amounts for some keys.
pub(super) type Amounts<K, const N: usize> = Vec<(K, [i64; N])>;

/// Sums over all rows: of each key some amounts, to which each row adds. They are never counted anew: a transaction
/// adds by how much its own rows differ. A key all of whose sums are nothing has no row, in whichever batches they
/// became nothing: so the table is a function of the log alone.
#[derive(Debug)]
pub(super) struct Sums<R, K, const N: usize> {
    /// The table.
    pub table: &'static str,
    /// The column of the key; of several, their names with a comma and a space between: `target_kind, target_id`.
    pub key: &'static str,
    /// The columns of the amounts.
    pub amounts: [&'static str; N],
    /// What a row adds to which keys.
    pub of: fn(&R) -> Amounts<K, N>,
}

/// By how much the sums of each key change, in the order of the keys; `of` says what a row adds to which.
pub(super) fn differences<R, K: Ord, const N: usize>(
    changes: &[Change<'_, R>],
    of: impl Fn(&R) -> Amounts<K, N>,
) -> Amounts<K, N> {
    let mut sums: BTreeMap<K, [i64; N]> = BTreeMap::new();
    for change in changes {
        for (row, sign) in [(change.before, -1), (change.after, 1)] {
            for (key, amounts) in row.map(&of).unwrap_or_default() {
                let sum = sums.entry(key).or_insert([0; N]);
                sum.iter_mut().zip(amounts).for_each(|(sum, amount)| *sum += sign * amount);
            }
        }
    }
    sums.into_iter().filter(|(_, sum)| sum.iter().any(|amount| *amount != 0)).collect()
}

impl<R, K: Ord, const N: usize> Sums<R, K, N> {
    /// By how much the sums change, in the order of the keys, so that two writers lock rows in the same order.
    pub(super) fn differences(&self, changes: &[Change<'_, R>]) -> Amounts<K, N> {
        differences(changes, self.of)
    }

    fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.key.split(", ")
    }

    fn merge(&self, table: &TableDefinition) -> String {
        let all =
            |say: fn(&&'static str) -> String, by: &str| self.amounts.iter().map(say).collect::<Vec<_>>().join(by);
        let of_key = |say: fn(&str) -> String, by: &str| self.keys().map(say).collect::<Vec<_>>().join(by);
        let (name, key, rows) = (self.table, self.key, table.unnest("d"));
        let (is_same, given) =
            (of_key(|key| format!("c.{key} = d.{key}"), " AND "), of_key(|key| format!("d.{key}"), ", "));
        format!(
            "MERGE INTO {name} AS c USING {rows} ON {is_same}
            WHEN MATCHED AND {} THEN DELETE
            WHEN MATCHED THEN UPDATE SET {}
            WHEN NOT MATCHED THEN INSERT ({key}, {}) VALUES ({given}, {})",
            all(|amount| format!("c.{amount} + d.{amount} = 0"), " AND "),
            all(|amount| format!("{amount} = c.{amount} + d.{amount}"), ", "),
            all(|amount| (*amount).to_owned(), ", "),
            all(|amount| format!("d.{amount}"), ", "),
        )
    }
}

impl<R: Sync, K: Columns + Ord, const N: usize> Derived<R> for Sums<R, K, N> {
    fn table(&self) -> TableDefinition {
        let mut columns = Vec::new();
        K::define(self.key, &mut columns);
        columns.iter_mut().zip(self.keys()).for_each(|(column, name)| column.name = name);
        let amount = |name| Definition { name, kind: i64::KIND, nullable: false, element: i64::ELEMENT };
        columns.extend(self.amounts.map(amount));
        TableDefinition { name: self.table, key: self.keys().collect(), columns }
    }

    fn write<'a>(
        &'a self,
        connection: &'a mut PgConnection,
        changes: &'a [Change<'a, R>],
        _: Way,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        async move {
            let sums = self.differences(changes);
            if sums.is_empty() {
                return Ok(());
            }
            let query = sqlx::query(AssertSqlSafe(self.merge(&self.table())));
            let mut query = K::bind(query, sums.iter().map(|(key, _)| key));
            for place in 0..N {
                query = i64::bind(query, sums.iter().map(|(_, sum)| &sum[place]));
            }
            query.execute(connection).await.map(drop)
        }
        .boxed()
    }
}

/// Some rows for each row of the view, which have its key among their columns, under the same name.
#[derive(Debug)]
pub(super) struct Details<R, D> {
    /// The details of a row.
    pub of: fn(&R) -> Vec<D>,
}

impl<R: Table, D: Table> Derived<R> for Details<R, D> {
    fn table(&self) -> TableDefinition {
        TableDefinition::of::<D>()
    }

    /// Writes anew the details of those rows whose details are others now.
    fn write<'a>(
        &'a self,
        connection: &'a mut PgConnection,
        changes: &'a [Change<'a, R>],
        way: Way,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        async move {
            let (mut gone, mut new): (Vec<R::Key>, Vec<D>) = (Vec::new(), Vec::new());
            for change in changes {
                let of = |row: Option<&R>| row.map(self.of).unwrap_or_default();
                let (before, after) = (of(change.before), of(change.after));
                if before != after {
                    gone.extend(change.before.filter(|_| !before.is_empty()).map(Table::key));
                    new.extend(after);
                }
            }
            if !gone.is_empty() {
                let delete = format!("DELETE FROM {} WHERE {}", D::NAME, TableDefinition::of::<R>().is_among_keys());
                let query = R::Key::bind(sqlx::query(AssertSqlSafe(delete)), gone.iter());
                query.execute(&mut *connection).await?;
            }
            if new.is_empty() {
                return Ok(());
            }
            match way {
                Way::Insert => store(connection, &new.iter().collect::<Vec<_>>()).await,
                Way::Copy => copy(connection, new.iter()).await,
            }
        }
        .boxed()
    }
}
