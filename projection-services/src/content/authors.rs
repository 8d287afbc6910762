//! The view `authors`: one row per account.

use domain::Timestamp;
use domain::views::{Author, Authors};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::literal;
use super::time::At;
use super::tuples::Tuples;
use super::view::{Change, Table};

const LOAD: &str = "SELECT account_id, user_name, display_name, bio, image_url, former_user_names,
        (extract(epoch FROM registered_at) * 1000)::bigint AS registered_at, version
    FROM authors WHERE account_id = ANY($1)";

const STORE: &str = "INSERT INTO authors
        (account_id, user_name, display_name, bio, image_url, former_user_names, registered_at, version)
    SELECT account_id, user_name, display_name, bio, image_url, former_user_names::text[], registered_at, version
    FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
            $8::bigint[])
        AS t (account_id, user_name, display_name, bio, image_url, former_user_names, registered_at, version)
    ON CONFLICT (account_id) DO UPDATE SET user_name = EXCLUDED.user_name, display_name = EXCLUDED.display_name,
        bio = EXCLUDED.bio, image_url = EXCLUDED.image_url, former_user_names = EXCLUDED.former_user_names,
        registered_at = EXCLUDED.registered_at,
        version = EXCLUDED.version";

impl Table for Authors {
    const TABLES: &'static [&'static str] = &["authors"];
    const COPIES: &'static [&'static str] =
        &["authors (account_id, user_name, display_name, bio, image_url, former_user_names, registered_at, version)"];

    fn key_of(row: &Author) -> Uuid {
        row.account_id
    }

    fn encode(_: usize, row: &Author, tuples: &mut Tuples) {
        tuples.tuple(8).uuid(row.account_id).text(&row.user_name).text(&row.display_name).text(&row.bio);
        tuples.text(&row.image_url).texts(&row.former_user_names);
        tuples.time(row.registered_at).bigint(row.version.cast_signed());
    }

    async fn load(connection: &mut PgConnection, keys: Vec<Uuid>) -> Result<Vec<Author>, sqlx::Error> {
        sqlx::query(LOAD).bind(keys).try_map(read).fetch_all(connection).await
    }

    async fn store(connection: &mut PgConnection, changes: &[Change<'_, Author>]) -> Result<(), sqlx::Error> {
        let rows = || changes.iter().map(|change| change.after);
        sqlx::query(STORE)
            .bind(rows().map(|row| row.account_id).collect::<Vec<_>>())
            .bind(rows().map(|row| row.user_name.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.display_name.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.bio.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.image_url.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| literal::array(&row.former_user_names)).collect::<Vec<_>>())
            .bind(rows().map(|row| At(row.registered_at)).collect::<Vec<_>>())
            .bind(rows().map(|row| row.version.cast_signed()).collect::<Vec<_>>())
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn delete(connection: &mut PgConnection, keys: Vec<Uuid>) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM authors WHERE account_id = ANY($1)").bind(keys).execute(connection).await?;
        Ok(())
    }
}

fn read(row: PgRow) -> Result<Author, sqlx::Error> {
    Ok(Author {
        account_id: row.try_get("account_id")?,
        user_name: row.try_get("user_name")?,
        display_name: row.try_get("display_name")?,
        bio: row.try_get("bio")?,
        image_url: row.try_get("image_url")?,
        former_user_names: row.try_get("former_user_names")?,
        registered_at: Timestamp(row.try_get("registered_at")?),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    })
}
