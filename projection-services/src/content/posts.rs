//! The view `posts`: one row per post.

use domain::views::{Post, Posts};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::literal;
use super::time::At;
use super::tuples::Tuples;
use super::view::{Change, Table};
use domain::Timestamp;

const LOAD: &str = "SELECT post_id, author_id, co_author_ids, slug, title, summary, body, tags, published, deleted,
        (extract(epoch FROM published_at) * 1000)::bigint AS published_at,
        (extract(epoch FROM originally_published_at) * 1000)::bigint AS originally_published_at,
        (extract(epoch FROM drafted_at) * 1000)::bigint AS drafted_at,
        (extract(epoch FROM updated_at) * 1000)::bigint AS updated_at, version
    FROM posts WHERE post_id = ANY($1)";

const STORE: &str = "INSERT INTO posts (post_id, author_id, co_author_ids, slug, title, summary, body, tags, published,
        deleted, published_at, originally_published_at, drafted_at, updated_at, version)
    SELECT post_id, author_id, co_author_ids::uuid[], slug, title, summary, body, tags::text[], published, deleted,
        published_at, originally_published_at, drafted_at, updated_at, version
    FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::bool[], $10::bool[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[],
            $15::bigint[])
        AS t (post_id, author_id, co_author_ids, slug, title, summary, body, tags, published, deleted, published_at,
            originally_published_at, drafted_at, updated_at, version)
    ON CONFLICT (post_id) DO UPDATE SET author_id = EXCLUDED.author_id, co_author_ids = EXCLUDED.co_author_ids,
        slug = EXCLUDED.slug, title = EXCLUDED.title, summary = EXCLUDED.summary, body = EXCLUDED.body,
        tags = EXCLUDED.tags, published = EXCLUDED.published, deleted = EXCLUDED.deleted,
        published_at = EXCLUDED.published_at, originally_published_at = EXCLUDED.originally_published_at,
        drafted_at = EXCLUDED.drafted_at, updated_at = EXCLUDED.updated_at, version = EXCLUDED.version";

impl Table for Posts {
    const TABLES: &'static [&'static str] = &["posts"];
    const COPIES: &'static [&'static str] = &["posts (post_id, author_id, co_author_ids, slug, title, summary, body, \
        tags, published, deleted, published_at, originally_published_at, drafted_at, updated_at, version)"];

    fn key_of(row: &Post) -> Uuid {
        row.post_id
    }

    fn encode(_: usize, row: &Post, tuples: &mut Tuples) {
        tuples.tuple(15).uuid(row.post_id).uuid(row.author_id).uuids(&row.co_author_ids);
        tuples.text(&row.slug).text(&row.title).text(&row.summary).text(&row.body).texts(&row.tags);
        tuples.bool(row.published).bool(row.deleted);
        tuples.maybe_time(row.published_at).maybe_time(row.originally_published_at);
        tuples.time(row.drafted_at).time(row.updated_at).bigint(row.version.cast_signed());
    }

    async fn load(connection: &mut PgConnection, keys: Vec<Uuid>) -> Result<Vec<Post>, sqlx::Error> {
        sqlx::query(LOAD).bind(keys).try_map(read).fetch_all(connection).await
    }

    async fn store(connection: &mut PgConnection, changes: &[Change<'_, Post>]) -> Result<(), sqlx::Error> {
        let rows = || changes.iter().map(|change| change.after);
        sqlx::query(STORE)
            .bind(rows().map(|row| row.post_id).collect::<Vec<_>>())
            .bind(rows().map(|row| row.author_id).collect::<Vec<_>>())
            .bind(rows().map(|row| literal::bare(&row.co_author_ids)).collect::<Vec<_>>())
            .bind(rows().map(|row| row.slug.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.title.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.summary.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.body.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| literal::array(&row.tags)).collect::<Vec<_>>())
            .bind(rows().map(|row| row.published).collect::<Vec<_>>())
            .bind(rows().map(|row| row.deleted).collect::<Vec<_>>())
            .bind(rows().map(|row| row.published_at.map(At)).collect::<Vec<_>>())
            .bind(rows().map(|row| row.originally_published_at.map(At)).collect::<Vec<_>>())
            .bind(rows().map(|row| At(row.drafted_at)).collect::<Vec<_>>())
            .bind(rows().map(|row| At(row.updated_at)).collect::<Vec<_>>())
            .bind(rows().map(|row| row.version.cast_signed()).collect::<Vec<_>>())
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn delete(connection: &mut PgConnection, keys: Vec<Uuid>) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM posts WHERE post_id = ANY($1)").bind(keys).execute(connection).await?;
        Ok(())
    }
}

fn read(row: PgRow) -> Result<Post, sqlx::Error> {
    Ok(Post {
        post_id: row.try_get("post_id")?,
        author_id: row.try_get("author_id")?,
        co_author_ids: row.try_get("co_author_ids")?,
        slug: row.try_get("slug")?,
        title: row.try_get("title")?,
        summary: row.try_get("summary")?,
        body: row.try_get("body")?,
        tags: row.try_get("tags")?,
        published: row.try_get("published")?,
        deleted: row.try_get("deleted")?,
        published_at: row.try_get::<Option<i64>, _>("published_at")?.map(Timestamp),
        originally_published_at: row.try_get::<Option<i64>, _>("originally_published_at")?.map(Timestamp),
        drafted_at: Timestamp(row.try_get("drafted_at")?),
        updated_at: Timestamp(row.try_get("updated_at")?),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    })
}
