//! The view `preferences`: one row per account that ever chose something.

use domain::accounts::Chosen;
use domain::views::{Preferences, Preferred};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::tuples::Tuples;
use super::view::{Change, Table};

const LOAD: &str = "SELECT account_id, locale, time_zone, theme, posts_per_page, email_new_follower, email_comment,
        email_digest, following_list, version
    FROM preferences WHERE account_id = ANY($1)";

const STORE: &str = "INSERT INTO preferences (account_id, locale, time_zone, theme, posts_per_page, email_new_follower,
        email_comment, email_digest, following_list, version)
    SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bool[], $7::bool[], $8::text[],
        $9::text[], $10::bigint[])
    ON CONFLICT (account_id) DO UPDATE SET locale = EXCLUDED.locale, time_zone = EXCLUDED.time_zone,
        theme = EXCLUDED.theme, posts_per_page = EXCLUDED.posts_per_page,
        email_new_follower = EXCLUDED.email_new_follower, email_comment = EXCLUDED.email_comment,
        email_digest = EXCLUDED.email_digest, following_list = EXCLUDED.following_list, version = EXCLUDED.version";

impl Table for Preferences {
    const TABLES: &'static [&'static str] = &["preferences"];
    const COPIES: &'static [&'static str] = &["preferences (account_id, locale, time_zone, theme, posts_per_page, \
        email_new_follower, email_comment, email_digest, following_list, version)"];

    fn key_of(row: &Preferred) -> Uuid {
        row.account_id
    }

    fn encode(_: usize, row: &Preferred, tuples: &mut Tuples) {
        let chosen = &row.chosen;
        tuples.tuple(10).uuid(row.account_id).maybe_text(chosen.locale.as_deref());
        tuples.maybe_text(chosen.time_zone.as_deref()).maybe_text(chosen.theme.as_deref());
        tuples.maybe_bigint(chosen.posts_per_page);
        tuples.maybe_bool(chosen.email_new_follower).maybe_bool(chosen.email_comment);
        tuples.maybe_text(chosen.email_digest.as_deref()).maybe_text(chosen.following_list.as_deref());
        tuples.bigint(row.version.cast_signed());
    }

    async fn load(connection: &mut PgConnection, keys: Vec<Uuid>) -> Result<Vec<Preferred>, sqlx::Error> {
        sqlx::query(LOAD).bind(keys).try_map(read).fetch_all(connection).await
    }

    async fn store(connection: &mut PgConnection, changes: &[Change<'_, Preferred>]) -> Result<(), sqlx::Error> {
        let rows = || changes.iter().map(|change| change.after);
        let chosen = || rows().map(|row| &row.chosen);
        sqlx::query(STORE)
            .bind(rows().map(|row| row.account_id).collect::<Vec<_>>())
            .bind(chosen().map(|chosen| chosen.locale.as_deref()).collect::<Vec<_>>())
            .bind(chosen().map(|chosen| chosen.time_zone.as_deref()).collect::<Vec<_>>())
            .bind(chosen().map(|chosen| chosen.theme.as_deref()).collect::<Vec<_>>())
            .bind(chosen().map(|chosen| chosen.posts_per_page).collect::<Vec<_>>())
            .bind(chosen().map(|chosen| chosen.email_new_follower).collect::<Vec<_>>())
            .bind(chosen().map(|chosen| chosen.email_comment).collect::<Vec<_>>())
            .bind(chosen().map(|chosen| chosen.email_digest.as_deref()).collect::<Vec<_>>())
            .bind(chosen().map(|chosen| chosen.following_list.as_deref()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.version.cast_signed()).collect::<Vec<_>>())
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn delete(connection: &mut PgConnection, keys: Vec<Uuid>) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM preferences WHERE account_id = ANY($1)").bind(keys).execute(connection).await?;
        Ok(())
    }
}

fn read(row: PgRow) -> Result<Preferred, sqlx::Error> {
    let chosen = Chosen {
        locale: row.try_get("locale")?,
        time_zone: row.try_get("time_zone")?,
        theme: row.try_get("theme")?,
        posts_per_page: row.try_get("posts_per_page")?,
        email_new_follower: row.try_get("email_new_follower")?,
        email_comment: row.try_get("email_comment")?,
        email_digest: row.try_get("email_digest")?,
        following_list: row.try_get("following_list")?,
    };
    let version = row.try_get::<i64, _>("version")?.cast_unsigned();
    Ok(Preferred { account_id: row.try_get("account_id")?, chosen, version })
}
