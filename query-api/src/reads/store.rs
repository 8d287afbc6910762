//! The tables of the schema `reads`.

use hmac::{Hmac, Mac as _};
use service_kit::Problem;
use sha2::Sha256;
use time::Date;
use uuid::Uuid;

use super::visitor::Visitor;
use crate::database::Database;

/// Of the visits of days that are over, so many are deleted by one statement, which has its deadline.
const DELETED_AT_ONCE: i64 = 10_000;

/// Counts who was not counted on that day yet. Done twice it counts once, so what may have failed is done again.
pub(super) async fn count(database: &Database, day: Date, reads: &[(Visitor, Uuid)]) -> Result<(), Problem> {
    let counting = async {
        let mut transaction = database.pool().begin().await?;
        // The row stays locked until the end: processes count one after another, and never wait in a circle.
        let key: Vec<u8> = sqlx::query_scalar(
            "INSERT INTO reads.keys AS k VALUES ($1, $2) ON CONFLICT (day) DO UPDATE SET key = k.key RETURNING key",
        )
        .bind(day)
        .bind(new_key())
        .fetch_one(&mut *transaction)
        .await?;
        let visits: Vec<Vec<u8>> = reads.iter().map(|(visitor, _)| keyed(&key, *visitor)).collect();
        let posts: Vec<Uuid> = reads.iter().map(|(_, post_id)| *post_id).collect();
        sqlx::query(
            "WITH asked AS (SELECT * FROM unnest($2::bytea[], $3::uuid[]) AS a(visit, post_id)), \
             fresh AS (INSERT INTO reads.visits SELECT $1, visit FROM asked ON CONFLICT DO NOTHING RETURNING visit) \
             INSERT INTO reads.daily AS d \
             SELECT post_id, $1, count(*) FROM fresh JOIN asked USING (visit) GROUP BY post_id \
             ON CONFLICT (post_id, day) DO UPDATE SET reads = d.reads + excluded.reads",
        )
        .bind(day)
        .bind(visits)
        .bind(posts)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    };
    database.run(counting).await
}

/// Forgets who was counted before a day: the keys first, without which the rest says nothing. Whether all is gone; more
/// is left where there was much.
pub(super) async fn forget(database: &Database, before: Date) -> Result<bool, Problem> {
    let keys = sqlx::query("DELETE FROM reads.keys WHERE day < $1").bind(before);
    database.run(keys.execute(database.pool())).await?;
    let visits = sqlx::query(
        "DELETE FROM reads.visits WHERE (day, visit) IN \
         (SELECT day, visit FROM reads.visits WHERE day < $1 ORDER BY day, visit LIMIT $2 FOR UPDATE SKIP LOCKED)",
    )
    .bind(before)
    .bind(DELETED_AT_ONCE);
    let deleted = database.run(visits.execute(database.pool())).await?;
    Ok(deleted.rows_affected() < DELETED_AT_ONCE.unsigned_abs())
}

/// A key of 244 random bits: what two UUIDs of version 4 have.
fn new_key() -> Vec<u8> {
    [Uuid::new_v4(), Uuid::new_v4()].iter().flat_map(|half| *half.as_bytes()).collect()
}

fn keyed(key: &[u8], visitor: Visitor) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(&visitor.0);
    mac.finalize().into_bytes()[..16].to_vec()
}
