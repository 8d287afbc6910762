//! The view `follows`: `follows` has a row per pair of accounts, `follow_counts` the sums that are read with every author.
//! A sum is never counted anew: each transaction adds what its own changes make of it.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::views::{Follow, Follows};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::time::At;
use super::tuples::Tuples;
use super::view::{Change, Table};

const LOAD: &str =
    "SELECT follower_id, followee_id, active, (extract(epoch FROM since) * 1000)::bigint AS since, version
    FROM follows WHERE (follower_id, followee_id) IN (SELECT * FROM UNNEST($1::uuid[], $2::uuid[]))";

const STORE: &str = "INSERT INTO follows (follower_id, followee_id, active, since, version)
    SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::bool[], $4::timestamptz[], $5::bigint[])
    ON CONFLICT (follower_id, followee_id) DO UPDATE SET active = EXCLUDED.active, since = EXCLUDED.since,
        version = EXCLUDED.version";

const DELETE: &str = "DELETE FROM follows
    WHERE (follower_id, followee_id) IN (SELECT * FROM UNNEST($1::uuid[], $2::uuid[]))
    RETURNING follower_id, followee_id, active, (extract(epoch FROM since) * 1000)::bigint AS since, version";

/// A sum of nothing has no row, in whichever batches it became nothing: so the rows are a function of the log alone.
const ADD: &str = "MERGE INTO follow_counts AS c
    USING UNNEST($1::uuid[], $2::bigint[], $3::bigint[]) AS d (account_id, followers, following)
    ON c.account_id = d.account_id
    WHEN MATCHED AND c.followers + d.followers = 0 AND c.following + d.following = 0 THEN DELETE
    WHEN MATCHED THEN UPDATE SET followers = c.followers + d.followers, following = c.following + d.following
    WHEN NOT MATCHED THEN INSERT (account_id, followers, following) VALUES (d.account_id, d.followers, d.following)";

impl Table for Follows {
    const TABLES: &'static [&'static str] = &["follows", "follow_counts"];
    const COPIES: &'static [&'static str] = &["follows (follower_id, followee_id, active, since, version)"];

    fn key_of(row: &Follow) -> (Uuid, Uuid) {
        (row.follower_id, row.followee_id)
    }

    fn encode(_: usize, row: &Follow, tuples: &mut Tuples) {
        tuples.tuple(5).uuid(row.follower_id).uuid(row.followee_id).bool(row.active);
        tuples.time(row.since).bigint(row.version.cast_signed());
    }

    async fn load(connection: &mut PgConnection, keys: Vec<(Uuid, Uuid)>) -> Result<Vec<Follow>, sqlx::Error> {
        let (followers, followees): (Vec<_>, Vec<_>) = keys.into_iter().unzip();
        sqlx::query(LOAD).bind(followers).bind(followees).try_map(read).fetch_all(connection).await
    }

    async fn store(connection: &mut PgConnection, changes: &[Change<'_, Follow>]) -> Result<(), sqlx::Error> {
        let rows = || changes.iter().map(|change| change.after);
        sqlx::query(STORE)
            .bind(rows().map(|row| row.follower_id).collect::<Vec<_>>())
            .bind(rows().map(|row| row.followee_id).collect::<Vec<_>>())
            .bind(rows().map(|row| row.active).collect::<Vec<_>>())
            .bind(rows().map(|row| At(row.since)).collect::<Vec<_>>())
            .bind(rows().map(|row| row.version.cast_signed()).collect::<Vec<_>>())
            .execute(&mut *connection)
            .await?;
        Self::sum(connection, changes).await
    }

    async fn sum(connection: &mut PgConnection, changes: &[Change<'_, Follow>]) -> Result<(), sqlx::Error> {
        add(connection, &Sums::of(changes)).await
    }

    async fn delete(connection: &mut PgConnection, keys: Vec<(Uuid, Uuid)>) -> Result<(), sqlx::Error> {
        let (followers, followees): (Vec<_>, Vec<_>) = keys.into_iter().unzip();
        let deleted = sqlx::query(DELETE).bind(followers).bind(followees).try_map(read);
        let mut sums = Sums::default();
        deleted.fetch_all(&mut *connection).await?.iter().for_each(|row| sums.add(row, -i64::from(row.active)));
        add(connection, &sums).await
    }
}

/// What is to be added to each account's numbers, in the order of the accounts.
#[derive(Debug, Default, PartialEq)]
struct Sums(BTreeMap<Uuid, Sum>);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sum {
    followers: i64,
    following: i64,
}

impl Sums {
    fn of(changes: &[Change<'_, Follow>]) -> Self {
        let mut sums = Self::default();
        for change in changes {
            let before = change.before.is_some_and(|before| before.active);
            sums.add(change.after, i64::from(change.after.active) - i64::from(before));
        }
        sums
    }

    fn add(&mut self, pair: &Follow, more: i64) {
        self.0.entry(pair.followee_id).or_default().followers += more;
        self.0.entry(pair.follower_id).or_default().following += more;
    }

    /// Those that change anything.
    fn changes(&self) -> impl Iterator<Item = (Uuid, Sum)> {
        let changes = self.0.iter().filter(|(_, sum)| **sum != Sum::default());
        changes.map(|(account_id, sum)| (*account_id, *sum))
    }
}

async fn add(connection: &mut PgConnection, sums: &Sums) -> Result<(), sqlx::Error> {
    if sums.changes().next().is_none() {
        return Ok(());
    }
    sqlx::query(ADD)
        .bind(sums.changes().map(|(account_id, _)| account_id).collect::<Vec<_>>())
        .bind(sums.changes().map(|(_, sum)| sum.followers).collect::<Vec<_>>())
        .bind(sums.changes().map(|(_, sum)| sum.following).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

fn read(row: PgRow) -> Result<Follow, sqlx::Error> {
    Ok(Follow {
        follower_id: row.try_get("follower_id")?,
        followee_id: row.try_get("followee_id")?,
        active: row.try_get("active")?,
        since: Timestamp(row.try_get("since")?),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    })
}

#[cfg(test)]
mod tests;
