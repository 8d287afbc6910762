//! Where in the log an account's events may be, by the index that projection-services keeps beside the read models. It
//! may say too much, and never misses one up to the positions that it has; the events themselves say whose they are.
//! Where there is no index, or this process's role may not read it, all of the log is read.

use std::collections::{HashMap, VecDeque};

use anyhow::Context as _;
use domain::whose::INDEX;
use event_log::subscription::{PartitionId, Position};
use service_kit::Problem;
use uuid::Uuid;

use crate::identity::vault::Vault;

/// Places that are asked for at once.
const PAGE: i64 = 1_000;

/// `SQLSTATE`s that say that there is no such index for this role: no schema, no function, no table, no privilege.
const ABSENT: [&str; 4] = ["3F000", "42883", "42P01", "42501"];

type PositionRow = (String, i32, Option<Uuid>, i64, i64, i64);

/// The index, for one account.
pub(super) struct Index {
    vault: Vault,
    account_id: Uuid,
    /// How far it is.
    pub(super) positions: HashMap<PartitionId, Position>,
}

impl Index {
    /// The index as it is now; `None` where there is none.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub(super) async fn of(vault: &Vault, account_id: Uuid) -> Result<Option<Self>, Problem> {
        let positions = positions(vault).await?;
        Ok(positions.map(|positions| Self { vault: vault.clone(), account_id, positions }))
    }

    /// The first places of a partition from an offset on, of those that are indexed.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub(super) async fn page(&self, partition: &PartitionId, from: i64) -> Result<VecDeque<i64>, Problem> {
        let to = self.positions.get(partition).map_or(0, |at| at.next_offset);
        let asking = sqlx::query_scalar("SELECT * FROM account_index.offsets($1, $2, $3, $4, $5, $6, $7)")
            .bind(INDEX)
            .bind(self.account_id)
            .bind(&partition.context)
            .bind(partition.partition)
            .bind(from)
            .bind(to)
            .bind(PAGE);
        let places: Vec<i64> = self.vault.run(asking.fetch_all(self.vault.pool())).await?;
        Ok(places.into())
    }

    /// Whether what was read of it since [`Index::of`] is of one index: it is still of the same log, and has not been
    /// begun anew.
    ///
    /// # Errors
    /// It is not, or Postgres does not answer.
    pub(super) async fn check(&self) -> anyhow::Result<()> {
        let now = positions(&self.vault).await?.context("the index of accounts' events is gone")?;
        let goes_on = |(partition, was): (&PartitionId, &Position)| {
            now.get(partition).is_some_and(|now| now.log_id == was.log_id && now.next_offset >= was.next_offset)
        };
        anyhow::ensure!(self.positions.iter().all(goes_on), "the index of accounts' events was made anew meanwhile");
        Ok(())
    }
}

/// How far the index is, of the partitions of which it has read something.
async fn positions(vault: &Vault) -> Result<Option<HashMap<PartitionId, Position>>, Problem> {
    let asking = async {
        let sql = "SELECT context, partition, log_id, next_offset, term, next_seq FROM account_index.positions($1)";
        let rows: sqlx::Result<Vec<PositionRow>> = sqlx::query_as(sql).bind(INDEX).fetch_all(vault.pool()).await;
        match rows {
            Ok(rows) => Ok(Some(rows)),
            Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| ABSENT.contains(&&*code)) => {
                tracing::warn!(reason = %error.message(), "no index of accounts' events: exports read all of the log");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    };
    let rows = vault.run(asking).await?;
    Ok(rows.map(|rows| rows.into_iter().filter(|row| row.3 > 0).map(position).collect()))
}

fn position((context, partition, log_id, next_offset, term, next_seq): PositionRow) -> (PartitionId, Position) {
    let (term, next_seq) = (term.cast_unsigned(), next_seq.cast_unsigned());
    (PartitionId { context, partition }, Position { log_id, next_offset, term, next_seq })
}
