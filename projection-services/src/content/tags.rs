//! The view `tags`: `tagged_posts` holds its state, `post_tags` what is derived from it, which is what queries read.

use domain::Timestamp;
use domain::views::{Tagged, Tags};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::literal;
use super::time::At;
use super::tuples::Tuples;
use super::view::{Change, Table};

const LOAD: &str = "SELECT post_id, tags, published, deleted,
        (extract(epoch FROM published_at) * 1000)::bigint AS published_at,
        (extract(epoch FROM originally_published_at) * 1000)::bigint AS originally_published_at, version
    FROM tagged_posts WHERE post_id = ANY($1)";

const STORE: &str = "INSERT INTO tagged_posts (post_id, tags, published, deleted, published_at,
        originally_published_at, version)
    SELECT post_id, tags::text[], published, deleted, published_at, originally_published_at, version
    FROM UNNEST($1::uuid[], $2::text[], $3::bool[], $4::bool[], $5::timestamptz[], $6::timestamptz[],
            $7::bigint[])
        AS t (post_id, tags, published, deleted, published_at, originally_published_at, version)
    ON CONFLICT (post_id) DO UPDATE SET tags = EXCLUDED.tags, published = EXCLUDED.published,
        deleted = EXCLUDED.deleted, published_at = EXCLUDED.published_at,
        originally_published_at = EXCLUDED.originally_published_at, version = EXCLUDED.version";

const LIST: &str = "INSERT INTO post_tags (tag, published_at, post_id)
    SELECT tag, published_at, post_id FROM UNNEST($1::text[], $2::timestamptz[], $3::uuid[]) AS t (tag, published_at, post_id)";

const UNLIST: &str = "DELETE FROM post_tags WHERE post_id = ANY($1)";

impl Table for Tags {
    const TABLES: &'static [&'static str] = &["tagged_posts", "post_tags"];
    const COPIES: &'static [&'static str] = &[
        "tagged_posts (post_id, tags, published, deleted, published_at, originally_published_at, version)",
        "post_tags (tag, published_at, post_id)",
    ];

    fn key_of(row: &Tagged) -> Uuid {
        row.post_id
    }

    fn encode(table: usize, row: &Tagged, tuples: &mut Tuples) {
        if table == 0 {
            tuples.tuple(7).uuid(row.post_id).texts(&row.tags).bool(row.published).bool(row.deleted);
            tuples.maybe_time(row.published_at).maybe_time(row.originally_published_at);
            tuples.bigint(row.version.cast_signed());
            return;
        }
        let Some((at, listed)) = row.listed() else { return };
        for tag in listed {
            tuples.tuple(3).text(tag).time(at).uuid(row.post_id);
        }
    }

    async fn load(connection: &mut PgConnection, keys: Vec<Uuid>) -> Result<Vec<Tagged>, sqlx::Error> {
        sqlx::query(LOAD).bind(keys).try_map(read).fetch_all(connection).await
    }

    async fn store(connection: &mut PgConnection, changes: &[Change<'_, Tagged>]) -> Result<(), sqlx::Error> {
        let rows = || changes.iter().map(|change| change.after);
        sqlx::query(STORE)
            .bind(rows().map(|row| row.post_id).collect::<Vec<_>>())
            .bind(rows().map(|row| literal::array(&row.tags)).collect::<Vec<_>>())
            .bind(rows().map(|row| row.published).collect::<Vec<_>>())
            .bind(rows().map(|row| row.deleted).collect::<Vec<_>>())
            .bind(rows().map(|row| row.published_at.map(At)).collect::<Vec<_>>())
            .bind(rows().map(|row| row.originally_published_at.map(At)).collect::<Vec<_>>())
            .bind(rows().map(|row| row.version.cast_signed()).collect::<Vec<_>>())
            .execute(&mut *connection)
            .await?;
        relist(connection, changes).await
    }

    async fn delete(connection: &mut PgConnection, keys: Vec<Uuid>) -> Result<(), sqlx::Error> {
        sqlx::query(UNLIST).bind(&keys).execute(&mut *connection).await?;
        sqlx::query("DELETE FROM tagged_posts WHERE post_id = ANY($1)").bind(keys).execute(connection).await?;
        Ok(())
    }
}

/// Writes anew what is derived from rows whose place in the lists changed; an edit of a body changes none.
async fn relist(connection: &mut PgConnection, changes: &[Change<'_, Tagged>]) -> Result<(), sqlx::Error> {
    let listed_before = |change: &Change<'_, Tagged>| change.before.and_then(Tagged::listed).is_some();
    let moved: Vec<_> =
        changes.iter().filter(|change| change.before.and_then(Tagged::listed) != change.after.listed()).collect();
    let unlisted: Vec<Uuid> =
        moved.iter().filter(|change| listed_before(change)).map(|change| change.after.post_id).collect();
    if !unlisted.is_empty() {
        sqlx::query(UNLIST).bind(unlisted).execute(&mut *connection).await?;
    }
    let (mut tags, mut times, mut posts) = (Vec::new(), Vec::new(), Vec::new());
    for change in moved {
        let Some((at, listed)) = change.after.listed() else { continue };
        for tag in listed {
            tags.push(tag);
            times.push(At(at));
            posts.push(change.after.post_id);
        }
    }
    if !tags.is_empty() {
        sqlx::query(LIST).bind(tags).bind(times).bind(posts).execute(connection).await?;
    }
    Ok(())
}

fn read(row: PgRow) -> Result<Tagged, sqlx::Error> {
    Ok(Tagged {
        post_id: row.try_get("post_id")?,
        tags: row.try_get("tags")?,
        published: row.try_get("published")?,
        deleted: row.try_get("deleted")?,
        published_at: row.try_get::<Option<i64>, _>("published_at")?.map(Timestamp),
        originally_published_at: row.try_get::<Option<i64>, _>("originally_published_at")?.map(Timestamp),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    })
}
