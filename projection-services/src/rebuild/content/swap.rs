//! The last steps: in one transaction the live projector is held, the rest is read, and the tables change places.
//!
//! Readers are never refused: they wait for the moment that the swap takes. So that it stays a moment, the swap gives
//! up quickly when it has to wait for a long reader itself, and tries again: everyone else would wait behind it. Giving
//! up well within Postgres's deadlock timeout (1 s) also means that it is never a reader who is chosen as the victim.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use sqlx::{Connection, PgConnection};

use super::parked::count_parked;
use super::{LAST_STRETCH, Rebuild};
use crate::content::{former_names, positions};
use crate::log::Source;
use crate::rebuild::compare::compare;
use crate::rebuild::scratch::{self, NAME, run};

/// How often to try to lock the tables.
const ATTEMPTS: u32 = 60;
/// How long to wait between the attempts.
const PAUSE: Duration = Duration::from_millis(500);

impl<S: Source> Rebuild<'_, S> {
    /// Reads the rest and swaps (or, on a dry run, does not).
    pub(super) async fn finish(&mut self) -> anyhow::Result<()> {
        for _ in 0..ATTEMPTS {
            match self.attempt().await {
                Ok(()) => return Ok(()),
                Err(error) if waited_too_long(&error) => tokio::time::sleep(PAUSE).await,
                Err(error) => return Err(error),
            }
            self.catch_up().await?;
        }
        bail!("the live tables are in use all the time; nothing was swapped")
    }

    async fn attempt(&mut self) -> anyhow::Result<()> {
        run(self.bulk.keeper(), "BEGIN".to_owned()).await?;
        let outcome = self.in_transaction().await;
        let end = if outcome.is_ok() && !self.options.dry_run { "COMMIT" } else { "ROLLBACK" };
        let ended = run(self.bulk.keeper(), end.to_owned()).await;
        // The first failure is the one that explains.
        outcome?;
        ended
    }

    async fn in_transaction(&mut self) -> anyhow::Result<()> {
        let held = positions::lock(self.bulk.keeper(), self.live).await.context("holding the live projector")?;
        let targets = self.targets(held).await?;
        tokio::time::timeout(LAST_STRETCH, self.fill(&targets)).await.context("reading the last events")??;
        self.tally.stage("live projector held, rest read");
        let Self { bulk, live, scratch, options, tally, partitions, left_out, .. } = self;
        let keeper = bulk.keeper();
        *left_out = count_parked(keeper, partitions).await?;
        if !options.retries_parked() {
            let differing: i64 =
                sqlx::query_scalar(PARKED_DIFFERENTLY).bind(*live).bind(NAME).fetch_one(&mut *keeper).await?;
            ensure!(differing == 0, "events were parked or replayed during the rebuild; run it again");
        }
        if options.verify {
            compare(keeper, scratch).await?;
            tally.stage("compared");
        }
        if !options.dry_run {
            swap_tables(keeper, scratch).await?;
            tally.stage("swapped");
            forget_former(keeper, live).await?;
            if options.retries_parked() {
                take_over(keeper, live, "parked_events").await?;
            }
            if options.new_log {
                take_over(keeper, live, "positions").await?;
                positions::announce_all(keeper, live).await.context("announcing the positions")?;
            }
        }
        Ok(())
    }
}

const PARKED_DIFFERENTLY: &str = r#"
    WITH live AS (SELECT context, partition, "offset" FROM projection.parked_events WHERE projector = $1),
        rebuilt AS (SELECT context, partition, "offset" FROM projection.parked_events WHERE projector = $2)
    SELECT (SELECT count(*) FROM (TABLE live EXCEPT TABLE rebuilt) AS missing)
         + (SELECT count(*) FROM (TABLE rebuilt EXCEPT TABLE live) AS surplus)"#;

async fn swap_tables(keeper: &mut PgConnection, scratch: &scratch::Scratch) -> anyhow::Result<()> {
    let (new, old) = (scratch.schema(), scratch.old_schema());
    let live: Vec<String> = scratch.tables().iter().map(|table| format!("content.{table}")).collect();
    // Of all that a rebuild does, this alone has to be on Postgres's disk before it is said to be done.
    let mut swap = format!(
        "SET LOCAL lock_timeout = '150ms'; SET LOCAL synchronous_commit = on; \
         LOCK TABLE {} IN ACCESS EXCLUSIVE MODE; CREATE SCHEMA {old};",
        live.join(", ")
    );
    for table in scratch.tables() {
        // Indexes and constraints go with their tables and keep their names.
        swap += &format!("ALTER TABLE content.{table} SET SCHEMA {old}; ALTER TABLE {new}.{table} SET SCHEMA content;");
    }
    run(keeper, swap).await
}

/// The rebuild's positions, or parked events, become the live projector's.
async fn take_over(keeper: &mut PgConnection, live: &str, table: &str) -> anyhow::Result<()> {
    run(keeper, format!("DELETE FROM projection.{table} WHERE projector = '{live}'")).await?;
    run(keeper, format!("UPDATE projection.{table} SET projector = '{live}' WHERE projector = '{NAME}'")).await
}

/// What the projector had read and parked under another name, in a version that the tables are no longer of.
async fn forget_former(keeper: &mut PgConnection, live: &str) -> anyhow::Result<()> {
    for former in former_names(live) {
        for table in ["positions", "parked_events"] {
            run(keeper, format!("DELETE FROM projection.{table} WHERE projector = '{former}'")).await?;
        }
    }
    Ok(())
}

/// Drops what a rebuild leaves, waiting for readers that still read the old tables.
pub(super) async fn sweep_patiently(connection: &mut PgConnection) -> anyhow::Result<()> {
    run(connection, "SET lock_timeout = '150ms'".to_owned()).await?;
    let mut last = Ok(());
    for _ in 0..ATTEMPTS {
        last = sweep_once(connection).await;
        match &last {
            Err(error) if waited_too_long(error) => tokio::time::sleep(PAUSE).await,
            Ok(()) | Err(_) => return last,
        }
    }
    last.context("dropping the old tables")
}

async fn sweep_once(connection: &mut PgConnection) -> anyhow::Result<()> {
    let mut tx = connection.begin().await?;
    let swept = scratch::sweep(&mut tx).await;
    match swept {
        Ok(()) => tx.commit().await?,
        Err(_) => tx.rollback().await?,
    }
    swept
}

/// Whether the failure is that a lock was not to be had in time, or a deadlock that chose us.
fn waited_too_long(error: &anyhow::Error) -> bool {
    let database = error.chain().find_map(|cause| cause.downcast_ref::<sqlx::Error>());
    let code = database.and_then(sqlx::Error::as_database_error).and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("55P03" | "40P01"))
}
