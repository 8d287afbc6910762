//! The table of parked events: those that could not be handled, and those that wait for them.

use domain::{AnyEvent, Event};
use event_log::subscription::{Entry, PartitionId};
use sqlx::PgConnection;

use crate::work::{Held, Parking, Work, aggregate};

/// Which aggregates of a work have to wait for a parked event.
///
/// # Errors
/// Postgres fails.
pub async fn held(connection: &mut PgConnection, projector: &str, work: &Work) -> Result<Held, sqlx::Error> {
    const HELD: &str = r#"SELECT context, key, min("offset") FROM projection.parked_events
        WHERE projector = $1 AND (context, key) IN (SELECT * FROM UNNEST($2::text[], $3::bytea[]))
        GROUP BY context, key"#;
    let entries =
        || work.runs().flat_map(|run| run.entries.iter().map(|entry| (run.partition.context.as_str(), entry)));
    if work.events() == 0 {
        return Ok(Held::default());
    }
    let rows: Vec<(String, Vec<u8>, i64)> = sqlx::query_as(HELD)
        .bind(projector)
        .bind(entries().map(|(context, _)| context).collect::<Vec<_>>())
        .bind(entries().map(|(_, entry)| aggregate(entry)).collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
    let mut held = Held::default();
    for (context, key, offset) in rows {
        held.hold(&context, &key, offset);
    }
    Ok(held)
}

/// Parks entries; one that is parked already stays as it is. Gives how many are new.
///
/// # Errors
/// Postgres fails.
pub async fn insert(
    connection: &mut PgConnection,
    projector: &str,
    parkings: &[Parking<'_>],
) -> Result<usize, sqlx::Error> {
    const INSERT: &str = r#"INSERT INTO projection.parked_events (projector, context, partition, "offset", view, reason,
            key, value, event, from_log_id, from_offset, from_term, from_seq, attempts)
        SELECT $1, context, partition, "offset", view, reason, key, value, event::jsonb, from_log_id, from_offset,
            from_term, from_seq, attempts
        FROM UNNEST($2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::bytea[], $9::text[],
                $10::uuid[], $11::bigint[], $12::bigint[], $13::bigint[], $14::int[])
            AS t (context, partition, "offset", view, reason, key, value, event, from_log_id, from_offset, from_term,
                from_seq, attempts)
        ON CONFLICT DO NOTHING"#;
    if parkings.is_empty() {
        return Ok(0);
    }
    let each = || parkings.iter();
    let inserted = sqlx::query(INSERT)
        .bind(projector)
        .bind(each().map(|parking| parking.partition.context.as_str()).collect::<Vec<_>>())
        .bind(each().map(|parking| parking.partition.partition).collect::<Vec<_>>())
        .bind(each().map(|parking| parking.entry.offset).collect::<Vec<_>>())
        .bind(each().map(|parking| parking.view).collect::<Vec<_>>())
        .bind(each().map(|parking| parking.reason.as_str()).collect::<Vec<_>>())
        .bind(each().map(|parking| aggregate(parking.entry)).collect::<Vec<_>>())
        .bind(each().map(|parking| value(parking.entry)).collect::<Vec<_>>())
        .bind(each().map(|parking| facts(parking.entry)).collect::<Vec<_>>())
        .bind(each().map(|parking| parking.from.log_id).collect::<Vec<_>>())
        .bind(each().map(|parking| parking.from.next_offset).collect::<Vec<_>>())
        .bind(each().map(|parking| parking.from.term.cast_signed()).collect::<Vec<_>>())
        .bind(each().map(|parking| parking.from.next_seq.cast_signed()).collect::<Vec<_>>())
        .bind(each().map(|parking| parking.attempts.cast_signed()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(usize::try_from(inserted.rows_affected()).unwrap_or(parkings.len()))
}

/// Takes an event off the list; `false` if it was not on it.
///
/// # Errors
/// Postgres fails.
pub async fn remove(
    connection: &mut PgConnection,
    projector: &str,
    partition: &PartitionId,
    offset: i64,
) -> Result<bool, sqlx::Error> {
    const REMOVE: &str = r#"DELETE FROM projection.parked_events
        WHERE projector = $1 AND context = $2 AND partition = $3 AND "offset" = $4"#;
    let removed = sqlx::query(REMOVE)
        .bind(projector)
        .bind(&partition.context)
        .bind(partition.partition)
        .bind(offset)
        .execute(connection)
        .await?;
    Ok(removed.rows_affected() == 1)
}

/// The bytes of a record that no one can decode.
#[must_use]
pub fn value(entry: &Entry) -> Option<&[u8]> {
    entry.event.as_ref().err().map(|undecodable| undecodable.value.as_slice())
}

/// What a person needs in order to know which event it is, and nothing that it says.
#[must_use]
pub fn facts(entry: &Entry) -> Option<String> {
    let event = entry.event.as_ref().ok()?;
    let name = match &event.event {
        AnyEvent::Posts(event) => event.name(),
        AnyEvent::Accounts(event) => event.name(),
        AnyEvent::Following(event) => event.name(),
    };
    let facts = serde_json::json!({
        "name": name,
        "aggregate_id": event.aggregate_id,
        "version": event.version,
        "occurred_at": event.occurred_at.0,
    });
    Some(facts.to_string())
}
