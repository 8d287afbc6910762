//! The table of positions: how far each projector has read, written with the rows.

use event_log::subscription::{PartitionId, Position};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::position;
use crate::log::Positions;
use crate::work::Work;

/// The channel on which new positions are announced.
pub const CHANNEL: &str = "inklog_positions";

/// A notification may have 8,000 bytes; so many positions always fit.
const ANNOUNCED_AT_ONCE: usize = 32;

/// Makes the rows of partitions that are not there yet, so that there is something to lock.
///
/// # Errors
/// Postgres fails.
pub async fn begin(
    connection: &mut PgConnection,
    projector: &str,
    partitions: &[PartitionId],
) -> Result<(), sqlx::Error> {
    const BEGIN: &str = "INSERT INTO projection.positions (projector, context, partition, next_offset, term, next_seq)
        SELECT $1, context, partition, 0, 0, 0 FROM UNNEST($2::text[], $3::int[]) AS t (context, partition)
        ON CONFLICT DO NOTHING";
    let (contexts, numbers) = columns(partitions);
    sqlx::query(BEGIN).bind(projector).bind(contexts).bind(numbers).execute(connection).await?;
    Ok(())
}

/// Puts a projector to these positions, wherever it was.
///
/// # Errors
/// Postgres fails.
pub async fn put(connection: &mut PgConnection, projector: &str, positions: &Positions) -> Result<(), sqlx::Error> {
    const PUT: &str = "INSERT INTO projection.positions AS p (projector, context, partition, log_id, next_offset, term,
            next_seq)
        SELECT $1, * FROM UNNEST($2::text[], $3::int[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[])
        ON CONFLICT (projector, context, partition) DO UPDATE SET log_id = EXCLUDED.log_id,
            next_offset = EXCLUDED.next_offset, term = EXCLUDED.term, next_seq = EXCLUDED.next_seq";
    let (contexts, numbers) = columns(positions.keys());
    sqlx::query(PUT)
        .bind(projector)
        .bind(contexts)
        .bind(numbers)
        .bind(positions.values().map(|at| at.log_id).collect::<Vec<_>>())
        .bind(positions.values().map(|at| at.next_offset).collect::<Vec<_>>())
        .bind(positions.values().map(|at| at.term.cast_signed()).collect::<Vec<_>>())
        .bind(positions.values().map(|at| at.next_seq.cast_signed()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// The positions of a projector.
///
/// # Errors
/// Postgres fails.
pub async fn read(connection: &mut PgConnection, projector: &str) -> Result<Positions, sqlx::Error> {
    const READ: &str = "SELECT context, partition, log_id, next_offset, term, next_seq
        FROM projection.positions WHERE projector = $1";
    let rows: Vec<(String, i32, Option<Uuid>, i64, i64, i64)> =
        sqlx::query_as(READ).bind(projector).fetch_all(connection).await?;
    Ok(rows.into_iter().map(by_partition).collect())
}

/// The same, locked until the transaction ends: the projector cannot commit meanwhile, nor can anyone replay.
///
/// # Errors
/// Postgres fails.
pub async fn lock(connection: &mut PgConnection, projector: &str) -> Result<Positions, sqlx::Error> {
    const LOCK: &str = "SELECT context, partition, log_id, next_offset, term, next_seq
        FROM projection.positions WHERE projector = $1 ORDER BY context, partition FOR UPDATE";
    let rows: Vec<(String, i32, Option<Uuid>, i64, i64, i64)> =
        sqlx::query_as(LOCK).bind(projector).fetch_all(connection).await?;
    Ok(rows.into_iter().map(by_partition).collect())
}

/// Moves the positions on over a work. `false`: they were not where the work begins, and the caller must undo what
/// was done.
///
/// # Errors
/// Postgres fails.
pub async fn advance(connection: &mut PgConnection, projector: &str, work: &Work) -> Result<bool, sqlx::Error> {
    const ADVANCE: &str = "UPDATE projection.positions AS p
        SET log_id = t.log_id, next_offset = t.next_offset, term = t.term, next_seq = t.next_seq
        FROM UNNEST($2::text[], $3::int[], $4::bigint[], $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[])
            AS t (context, partition, expected, log_id, next_offset, term, next_seq)
        WHERE p.projector = $1 AND p.context = t.context AND p.partition = t.partition
            AND p.next_offset = t.expected";
    let runs = work.runs();
    let expected_rows = runs.len() as u64;
    let (contexts, numbers) = columns(work.runs().map(|run| &run.partition));
    let updated = sqlx::query(ADVANCE)
        .bind(projector)
        .bind(contexts)
        .bind(numbers)
        .bind(work.runs().map(|run| run.from.next_offset).collect::<Vec<_>>())
        .bind(work.runs().map(|run| run.to.log_id).collect::<Vec<_>>())
        .bind(work.runs().map(|run| run.to.next_offset).collect::<Vec<_>>())
        .bind(work.runs().map(|run| run.to.term.cast_signed()).collect::<Vec<_>>())
        .bind(work.runs().map(|run| run.to.next_seq.cast_signed()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(updated.rows_affected() == expected_rows)
}

/// Tells those who wait for a position; they hear of it when the transaction commits.
///
/// # Errors
/// Postgres fails.
pub async fn announce(connection: &mut PgConnection, projector: &str, work: &Work) -> Result<(), sqlx::Error> {
    notify(connection, announcements(projector, work)).await
}

/// The same of all positions that a projector has: a rebuild put it to them, and those who wait know others, of a log
/// that was.
///
/// # Errors
/// Postgres fails.
pub async fn announce_all(connection: &mut PgConnection, projector: &str) -> Result<(), sqlx::Error> {
    let positions = read(connection, projector).await?;
    notify(connection, announced(projector, positions.iter().map(|(partition, at)| (partition, *at)))).await
}

async fn notify(connection: &mut PgConnection, payloads: Vec<String>) -> Result<(), sqlx::Error> {
    for payload in payloads {
        sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(payload).execute(&mut *connection).await?;
    }
    Ok(())
}

/// What is announced, in as many pieces as it takes.
#[must_use]
pub fn announcements(projector: &str, work: &Work) -> Vec<String> {
    announced(projector, work.ends())
}

fn announced<'a>(projector: &str, ends: impl Iterator<Item = (&'a PartitionId, Position)>) -> Vec<String> {
    let positions: Vec<_> = ends
        .map(|(partition, at)| Announced {
            context: &partition.context,
            partition: partition.partition,
            next_offset: at.next_offset,
            log_id: at.log_id,
        })
        .collect();
    let announcement = |positions| Announcement { projector, positions };
    positions
        .chunks(ANNOUNCED_AT_ONCE)
        .map(|chunk| serde_json::to_string(&announcement(chunk)).expect("strings and numbers are always JSON"))
        .collect()
}

#[derive(Serialize)]
struct Announcement<'a> {
    projector: &'a str,
    positions: &'a [Announced<'a>],
}

#[derive(Serialize)]
struct Announced<'a> {
    context: &'a str,
    partition: i32,
    next_offset: i64,
    log_id: Option<Uuid>,
}

fn columns<'a>(partitions: impl IntoIterator<Item = &'a PartitionId>) -> (Vec<&'a str>, Vec<i32>) {
    partitions.into_iter().map(|partition| (partition.context.as_str(), partition.partition)).unzip()
}

fn by_partition(
    (context, partition, log_id, next_offset, term, next_seq): (String, i32, Option<Uuid>, i64, i64, i64),
) -> (PartitionId, Position) {
    (PartitionId { context, partition }, position((log_id, next_offset, term, next_seq)))
}
