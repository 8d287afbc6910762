//! The tables of the schema `reads`.

use domain::views::ranks::READ;
use hmac::{Hmac, Mac as _};
use service_kit::Problem;
use sha2::Sha256;
use time::Date;
use uuid::Uuid;

use super::keys::Key;
use super::visitor::Visitor;
use crate::database::Database;

/// Of the visits of days that are over, so many are deleted by one statement, which has its deadline.
const DELETED_AT_ONCE: i64 = 10_000;

/// Counts who was not counted on that day yet, with the points that posts and their tags have by it. Done twice it
/// counts once, so what may have failed is done again.
pub(super) async fn count(database: &Database, day: Date, key: &Key, reads: &[(Visitor, Uuid)]) -> Result<(), Problem> {
    let visits: Vec<Vec<u8>> = reads.iter().map(|(visitor, _)| keyed(key, *visitor)).collect();
    let posts: Vec<Uuid> = reads.iter().map(|(_, post_id)| *post_id).collect();
    let counting = async {
        let mut transaction = database.pool().begin().await?;
        // Processes count one after another, and never wait in a circle.
        sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('inklog.reads', 0))")
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "WITH asked AS (SELECT * FROM unnest($2::bytea[], $3::uuid[]) AS a(visit, post_id)), \
             fresh AS (INSERT INTO reads.visits SELECT $1, visit FROM asked ON CONFLICT DO NOTHING RETURNING visit), \
             counted AS (SELECT post_id, count(*) AS reads FROM fresh JOIN asked USING (visit) GROUP BY post_id), \
             weighed AS (SELECT post_id, \
                 reads * $4 * content.weight_of_day(($1::date - date '1970-01-01')::bigint) AS points FROM counted), \
             of_posts AS (INSERT INTO reads.points AS p SELECT post_id, points FROM weighed \
                 ON CONFLICT (post_id) DO UPDATE SET points = p.points + excluded.points), \
             of_tags AS (INSERT INTO reads.tag_points AS p \
                 SELECT tag, sum(points) FROM (SELECT DISTINCT post_id, points, COALESCE(n.tag, t.tag) AS tag \
                     FROM weighed JOIN content.post_tags t USING (post_id) \
                     LEFT JOIN content.tag_names n ON n.name = t.tag) AS read GROUP BY tag \
                 ON CONFLICT (tag) DO UPDATE SET points = p.points + excluded.points) \
             INSERT INTO reads.daily AS d SELECT post_id, $1, reads FROM counted \
             ON CONFLICT (post_id, day) DO UPDATE SET reads = d.reads + excluded.reads",
        )
        .bind(day)
        .bind(visits)
        .bind(posts)
        .bind(READ)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    };
    database.run(counting).await
}

/// Forgets some of those who were counted before a day. Whether there are more.
pub(super) async fn forget(database: &Database, before: Date) -> Result<bool, Problem> {
    let visits = sqlx::query(
        "DELETE FROM reads.visits WHERE (day, visit) IN \
         (SELECT day, visit FROM reads.visits WHERE day < $1 ORDER BY day, visit LIMIT $2 FOR UPDATE SKIP LOCKED)",
    )
    .bind(before)
    .bind(DELETED_AT_ONCE);
    let deleted = database.run(visits.execute(database.pool())).await?;
    Ok(deleted.rows_affected() >= DELETED_AT_ONCE.unsigned_abs())
}

fn keyed(key: &Key, visitor: Visitor) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes a key of any length");
    mac.update(&visitor.0);
    mac.finalize().into_bytes()[..16].to_vec()
}
