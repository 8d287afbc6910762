//! The view `slugs`: every slug that a post ever had.

use domain::Timestamp;
use domain::views::{Slug, Slugs};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::time::At;
use super::tuples::Tuples;
use super::view::{Change, Table};

const LOAD: &str = "SELECT slug, post_id, (extract(epoch FROM since) * 1000)::bigint AS since
    FROM slugs WHERE slug = ANY($1)";

const STORE: &str = "INSERT INTO slugs (slug, post_id, since)
    SELECT slug, post_id, since FROM UNNEST($1::text[], $2::uuid[], $3::timestamptz[]) AS t (slug, post_id, since)
    ON CONFLICT (slug) DO UPDATE SET post_id = EXCLUDED.post_id, since = EXCLUDED.since";

impl Table for Slugs {
    const TABLES: &'static [&'static str] = &["slugs"];
    const COPIES: &'static [&'static str] = &["slugs (slug, post_id, since)"];

    fn key_of(row: &Slug) -> String {
        row.slug.clone()
    }

    fn encode(_: usize, row: &Slug, tuples: &mut Tuples) {
        tuples.tuple(3).text(&row.slug).uuid(row.post_id).time(row.since);
    }

    async fn load(connection: &mut PgConnection, keys: Vec<String>) -> Result<Vec<Slug>, sqlx::Error> {
        sqlx::query(LOAD).bind(keys).try_map(read).fetch_all(connection).await
    }

    async fn store(connection: &mut PgConnection, changes: &[Change<'_, Slug>]) -> Result<(), sqlx::Error> {
        let rows = || changes.iter().map(|change| change.after);
        sqlx::query(STORE)
            .bind(rows().map(|row| row.slug.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.post_id).collect::<Vec<_>>())
            .bind(rows().map(|row| At(row.since)).collect::<Vec<_>>())
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn delete(connection: &mut PgConnection, keys: Vec<String>) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM slugs WHERE slug = ANY($1)").bind(keys).execute(connection).await?;
        Ok(())
    }
}

fn read(row: PgRow) -> Result<Slug, sqlx::Error> {
    Ok(Slug { slug: row.try_get("slug")?, post_id: row.try_get("post_id")?, since: Timestamp(row.try_get("since")?) })
}
