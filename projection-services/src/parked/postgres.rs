use event_log::subscription::Position;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::ParkedEntry;

const LIST: &str = r#"SELECT context, partition, "offset", view, reason, key, event::text AS event, from_log_id,
        from_offset, from_term, from_seq, attempts, (extract(epoch FROM parked_at) * 1000)::bigint AS parked_at
    FROM projection.parked_events WHERE projector = $1 ORDER BY context, partition, "offset""#;

/// What a projector has parked in Postgres, in the order of the log.
///
/// # Errors
/// Postgres fails.
pub async fn list(connection: &mut PgConnection, projector: &str) -> Result<Vec<ParkedEntry>, sqlx::Error> {
    sqlx::query(LIST).bind(projector).try_map(read).fetch_all(connection).await
}

fn read(row: PgRow) -> Result<ParkedEntry, sqlx::Error> {
    let event: Option<String> = row.try_get("event")?;
    Ok(ParkedEntry {
        context: row.try_get("context")?,
        partition: row.try_get("partition")?,
        offset: row.try_get("offset")?,
        from: Position {
            log_id: row.try_get("from_log_id")?,
            next_offset: row.try_get("from_offset")?,
            term: row.try_get::<i64, _>("from_term")?.cast_unsigned(),
            next_seq: row.try_get::<i64, _>("from_seq")?.cast_unsigned(),
        },
        key: String::from_utf8_lossy(row.try_get("key")?).into_owned(),
        view: row.try_get("view")?,
        reason: row.try_get("reason")?,
        event: event.and_then(|event| serde_json::from_str(&event).ok()),
        attempts: row.try_get::<i32, _>("attempts")?.cast_unsigned(),
        parked_at: row.try_get::<i64, _>("parked_at")?.unsigned_abs(),
    })
}
