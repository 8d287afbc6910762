//! Releases that are under way. A release is decided by the log, and the copy is in Postgres: a process that dies, or
//! loses Postgres, between the two leaves a copy that is released. So it notes what it is about to do, and whether that
//! was done the instance that finds the note asks of the log: under the caller's key it is answered as it was then.

use std::sync::Arc;
use std::time::Duration;

use domain::Actor;
use domain::posts::{Command as PostCommand, Edited, Posts, Release};
use event_log::EventLog;
use service_kit::Problem;
use service_kit::problem::Kind;
use sqlx::FromRow;
use tokio::time::Instant;
use uuid::Uuid;

use super::kept::WHAT;
use crate::commands::{Caller, Command};
use crate::identity::vault::Vault;
use crate::reply::Accepted;

/// Between looks for what was left.
const PAUSE: Duration = Duration::from_secs(20);
/// A release that began so long ago was left: no caller waits for it any more. In seconds.
const LEFT_AFTER: f64 = 60.0;
/// So many of them are settled at a time.
const PAGE: i64 = 100;
/// For asking the log about one of them.
const DEADLINE: Duration = Duration::from_secs(5);

/// A release that is under way, or was left.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Begun {
    pub(super) post_id: Uuid,
    /// Of which version of the copy.
    #[sqlx(try_from = "i64")]
    pub(super) version: u64,
    pub(super) account_id: Uuid,
    pub(super) key: String,
}

/// The command that releases what a caller sees.
pub(super) fn command<'a>(caller: &'a Caller, log: &'a Arc<EventLog<Posts>>, post_id: Uuid) -> Command<'a, Posts> {
    caller.command(log, post_id.to_string(), &"release working copy")
}

/// The outcome of a release, if it was accepted before.
///
/// # Errors
/// No outcome in time, or the key was used for something else.
pub(super) async fn accepted(command: &Command<'_, Posts>) -> Result<Option<Accepted>, Problem> {
    // With the copy, what it was made of is gone.
    let nothing = Release { change: Edited::default(), revision: 0, copy_sha256: None, lease: None };
    command.remembered(PostCommand::Release(nothing)).await
}

impl Begun {
    /// Notes that it begins. The log may still take what began under this key: as long as another version's note is
    /// there, what comes of the key is that version's.
    ///
    /// # Errors
    /// Postgres does not answer, or the key is that of another version: then it is not begun.
    pub(super) async fn note(&self, vault: &Vault) -> Result<(), Problem> {
        let sql = "INSERT INTO writing.releases AS begun (post_id, version, account_id, key) VALUES ($1, $2, $3, $4)
            ON CONFLICT (post_id, account_id, key) DO UPDATE SET begun_at = now()
            WHERE begun.version = excluded.version";
        let query = sqlx::query(sql).bind(self.post_id).bind(self.version.cast_signed());
        let query = query.bind(self.account_id).bind(&self.key);
        match vault.run_on(WHAT, query.execute(vault.pool())).await?.rows_affected() {
            0 => Err(Problem::idempotency_key_reused()),
            _ => Ok(()),
        }
    }

    /// It is over; with one that was accepted goes the copy.
    ///
    /// # Errors
    /// Postgres does not answer: it is settled later.
    pub(super) async fn settle(&self, vault: &Vault, was_accepted: bool) -> Result<(), Problem> {
        let sql = "WITH released AS (
                DELETE FROM writing.working_copies WHERE post_id = $1 AND version = $2 AND $5
            )
            DELETE FROM writing.releases WHERE post_id = $1 AND account_id = $3 AND key = $4 AND version = $2";
        let query = sqlx::query(sql).bind(self.post_id).bind(self.version.cast_signed());
        let query = query.bind(self.account_id).bind(&self.key).bind(was_accepted);
        vault.run_on(WHAT, query.execute(vault.pool())).await.map(drop)
    }

    /// Whether the log has it. Where it says so the copy goes, if Postgres lets it.
    async fn was_accepted(&self, vault: &Vault, log: &Arc<EventLog<Posts>>, until: Instant) -> Result<bool, Problem> {
        let caller = Caller::in_the_name_of(Actor::new(self.account_id), &self.key, until);
        // It is the account's own command that is asked for again.
        let caller = Caller { key: self.key.clone(), ..caller };
        let was_accepted = match accepted(&command(&caller, log, self.post_id)).await {
            Ok(accepted) => accepted.is_some(),
            // The key is that of something else, and so of no release.
            Err(problem) if problem.is(&Kind::IDEMPOTENCY_KEY_REUSED) => false,
            Err(problem) => return Err(problem),
        };
        if was_accepted && let Err(problem) = self.settle(vault, true).await {
            tracing::info!(post_id = %self.post_id, %problem, "a working copy that was released is still there");
        }
        Ok(was_accepted)
    }
}

/// Whether this version of a copy was released.
///
/// # Errors
/// Postgres or the log does not say.
pub(super) async fn is_released(
    vault: &Vault,
    log: &Arc<EventLog<Posts>>,
    (post_id, version): (Uuid, u64),
    until: Instant,
) -> Result<bool, Problem> {
    let sql = "SELECT post_id, version, account_id, key FROM writing.releases WHERE post_id = $1 AND version = $2
        ORDER BY begun_at LIMIT $3";
    let query = sqlx::query_as(sql).bind(post_id).bind(version.cast_signed()).bind(PAGE);
    let begun: Vec<Begun> = vault.run_on(WHAT, query.fetch_all(vault.pool())).await?;
    for begun in begun {
        if begun.was_accepted(vault, log, until).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Settles what was left, for as long as the process lives.
pub(in crate::posts) async fn settle_what_is_left(vault: Vault, log: Arc<EventLog<Posts>>) {
    loop {
        tokio::time::sleep(PAUSE).await;
        if let Err(problem) = settle_page(&vault, &log).await {
            tracing::info!(%problem, "releases that were left are not settled yet");
        }
    }
}

async fn settle_page(vault: &Vault, log: &Arc<EventLog<Posts>>) -> Result<(), Problem> {
    // One whose partition is away does not hold the others up: which come first is left to chance.
    let sql = "SELECT post_id, version, account_id, key FROM writing.releases
        WHERE begun_at < now() - make_interval(secs => $1) ORDER BY random() LIMIT $2";
    let query = sqlx::query_as(sql).bind(LEFT_AFTER).bind(PAGE);
    let left: Vec<Begun> = vault.run_on(WHAT, query.fetch_all(vault.pool())).await?;
    for begun in left {
        if !begun.was_accepted(vault, log, Instant::now() + DEADLINE).await? {
            begun.settle(vault, false).await?;
        }
    }
    Ok(())
}
