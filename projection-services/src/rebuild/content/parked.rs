//! What is parked of the events that a rebuild reads.

use std::collections::{HashMap, HashSet};

use event_log::subscription::{Batch, Entry, PartitionId};
use sqlx::PgConnection;

use crate::rebuild::scratch::NAME;
use crate::work::{Held, Located, Work, aggregate};

/// What is parked under the rebuild's name.
#[derive(Debug, Default)]
pub(super) struct Parked {
    offsets: HashMap<PartitionId, HashSet<i64>>,
    held: Held,
}

impl Parked {
    /// As it is in the table.
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        const READ: &str =
            r#"SELECT context, partition, "offset", key FROM projection.parked_events WHERE projector = $1"#;
        let rows: Vec<(String, i32, i64, Vec<u8>)> = sqlx::query_as(READ).bind(NAME).fetch_all(connection).await?;
        let mut parked = Self::default();
        for (context, partition, offset, key) in rows {
            parked.held.hold(&context, &key, offset);
            parked.offsets.entry(PartitionId { context, partition }).or_default().insert(offset);
        }
        Ok(parked)
    }

    /// The events to fold: all that are not parked. `None` if there is one that would have to be parked first.
    pub(super) fn rest<'a>(&self, work: &'a Work) -> Option<Vec<Located<'a>>> {
        let mut rest = Vec::with_capacity(work.events());
        for run in work.runs() {
            let parked = self.offsets.get(&run.partition);
            let entries =
                run.entries.iter().filter(|entry| parked.is_none_or(|parked| !parked.contains(&entry.offset)));
            for entry in entries {
                rest.push(self.to_fold(run, entry)?);
            }
        }
        Some(rest)
    }

    fn to_fold<'a>(&self, run: &'a Batch, entry: &'a Entry) -> Option<Located<'a>> {
        let event = entry.event.as_ref().ok()?;
        let waits = self.held.holds(&run.partition.context, aggregate(entry), entry.offset);
        (!waits).then_some(Located { partition: &run.partition, offset: entry.offset, event })
    }
}

/// What the live projector has parked is parked here too.
pub(super) async fn copy_parked(connection: &mut PgConnection, live: &str) -> Result<(), sqlx::Error> {
    const COPY: &str = r#"INSERT INTO projection.parked_events (projector, context, partition, "offset", view, reason,
            key, value, event, from_log_id, from_offset, from_term, from_seq, attempts, parked_at)
        SELECT $1, context, partition, "offset", view, reason, key, value, event, from_log_id, from_offset, from_term,
            from_seq, attempts, parked_at
        FROM projection.parked_events WHERE projector = $2 ON CONFLICT DO NOTHING"#;
    sqlx::query(COPY).bind(NAME).bind(live).execute(connection).await?;
    Ok(())
}

/// How many events of some partitions are parked under the rebuild's name.
pub(super) async fn count_parked(
    connection: &mut PgConnection,
    partitions: &[PartitionId],
) -> Result<u64, sqlx::Error> {
    const COUNT: &str = "SELECT count(*) FROM projection.parked_events WHERE projector = $1 AND context = ANY($2)";
    let contexts: Vec<&str> = partitions.iter().map(|partition| partition.context.as_str()).collect();
    let count: i64 = sqlx::query_scalar(COUNT).bind(NAME).bind(contexts).fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}
