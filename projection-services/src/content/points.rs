//! Sums of points that weigh the less the longer ago they were given: `docs/ranks.md` has the formula. What was given
//! keeps its weight and what comes weighs more, so no row is written as time goes by. Weights are whole numbers of any
//! size: only Postgres adds them up.

use domain::views::ranks::Mark;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use sqlx::{AssertSqlSafe, PgConnection};

use super::column::{Column as _, Definition};
use super::derived::{self, Change, Derived, Way};
use super::table::{Columns, TableDefinition};

/// The points of some keys, over all rows. As other sums they are never counted anew, and a key without any has no row.
#[derive(Debug)]
pub(super) struct Points<R, K> {
    /// The table.
    pub table: &'static str,
    /// The column of the key.
    pub key: &'static str,
    /// What a row gives to which keys.
    pub of: fn(&R) -> Vec<(K, Mark)>,
}

impl<R, K: Columns + Ord> Points<R, K> {
    /// By how much the points of each key and day change, in the order of the keys.
    fn differences(&self, changes: &[Change<'_, R>]) -> Vec<((K, i64), i64)> {
        let on_its_day = |(key, Mark { day, points }): (K, Mark)| ((key, day), [points]);
        let sums = derived::differences(changes, |row| (self.of)(row).into_iter().map(on_its_day).collect());
        sums.into_iter().map(|(of, [points])| (of, points)).collect()
    }

    fn key(&self) -> Definition {
        let mut columns = Vec::new();
        K::define(self.key, &mut columns);
        columns.swap_remove(0)
    }

    fn merge(&self) -> String {
        let (table, Definition { name, element, .. }) = (self.table, self.key());
        format!(
            "MERGE INTO {table} AS c USING (
                SELECT {name}, sum(points * content.weight_of_day(day)) AS points
                FROM UNNEST($1::{element}[], $2::bigint[], $3::bigint[]) AS given ({name}, day, points)
                GROUP BY {name} ORDER BY {name}
            ) AS d ON c.{name} = d.{name}
            WHEN MATCHED AND c.points + d.points = 0 THEN DELETE
            WHEN MATCHED THEN UPDATE SET points = c.points + d.points
            WHEN NOT MATCHED AND d.points <> 0 THEN INSERT ({name}, points) VALUES (d.{name}, d.points)"
        )
    }
}

impl<R: Sync, K: Columns + Ord> Derived<R> for Points<R, K> {
    fn table(&self) -> TableDefinition {
        let points = Definition { name: "points", kind: "numeric", nullable: false, element: "numeric" };
        TableDefinition { name: self.table, key: vec![self.key], columns: vec![self.key(), points] }
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
            let query = sqlx::query(AssertSqlSafe(self.merge()));
            let query = K::bind(query, sums.iter().map(|((key, _), _)| key));
            let query = query.bind(sums.iter().map(|((_, day), _)| day.element()).collect::<Vec<_>>());
            let query = query.bind(sums.iter().map(|(_, points)| points.element()).collect::<Vec<_>>());
            query.execute(connection).await.map(drop)
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
