//! Whether the address of Postgres leads to Postgres, or to a pooler that hands out its connections by transactions.
//! Our processes need sessions: positions and ends of sessions are heard of by `LISTEN`, schemas and deadlines are
//! settings of a connection, statements are prepared once, and a rebuild holds an advisory lock.

use std::time::Duration;

use anyhow::Context as _;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, raw_sql};
use tokio::time::timeout;
use uuid::Uuid;

/// Postgres answers within this, connecting included.
const ANSWER: Duration = Duration::from_secs(3);
/// A notification comes with the next answer; so long it is waited for where the machine is busy.
const HEARING: Duration = Duration::from_secs(2);
/// So long another may take to change tables.
const MIGRATING: Duration = Duration::from_secs(900);
/// The advisory lock of who changes tables: `inklog` in ASCII.
const MIGRATES: i64 = 0x696e_6b6c_6f67;
/// Before Postgres is looked for again where it does not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// The address leads to a pooler, and what that does that Postgres does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "INKLOG_DATABASE_URL leads to a connection pooler that {0}. Our connections are sessions, each process has a few \
     and keeps them: set INKLOG_DATABASE_URL to the address of Postgres itself, not to that of PgBouncer or the like"
)]
pub struct Pooled(&'static str);

/// Does the work of a process unless the address leads to a pooler, which is known once Postgres answers. Where it does
/// not answer, the work goes on without it.
///
/// # Errors
/// The work's; [`Pooled`].
pub async fn guarded<T>(options: PgConnectOptions, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::select! {
        outcome = work => outcome,
        pooled = pooled(options) => Err(pooled.into()),
    }
}

/// The same before something is done that takes Postgres.
///
/// # Errors
/// [`Pooled`]; Postgres does not answer.
pub async fn require_sessions(options: &PgConnectOptions) -> anyhow::Result<()> {
    look(options).await.context("connecting to Postgres")?.map_or(Ok(()), |pooled| Err(pooled.into()))
}

/// Waits until no other changes tables of this database as this connection is about to: until it ends, others wait.
/// They ask again and again, for one that stood and waited would be in the way of an index that is made
/// `CONCURRENTLY`, which waits for all who began something before.
///
/// # Errors
/// Postgres does not answer, or another has not finished for a quarter of an hour.
pub async fn migrate_alone(connection: &mut PgConnection) -> anyhow::Result<()> {
    let until = tokio::time::Instant::now() + MIGRATING;
    while tokio::time::Instant::now() < until {
        let sql = "SELECT pg_try_advisory_lock($1)";
        if sqlx::query_scalar(sql).bind(MIGRATES).fetch_one(&mut *connection).await? {
            return Ok(());
        }
        tokio::time::sleep(PAUSE / 4).await;
    }
    anyhow::bail!("another still migrates this database after {} minutes", MIGRATING.as_secs() / 60)
}

/// Ends where the address leads to a pooler, and never else.
async fn pooled(options: PgConnectOptions) -> Pooled {
    loop {
        match look(&options).await {
            Ok(Some(pooled)) => return pooled,
            Ok(None) => return std::future::pending().await,
            // What needs Postgres says that it is away.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Looks once, at what happens: a pooler that keeps sessions may well stand in between.
async fn look(options: &PgConnectOptions) -> sqlx::Result<Option<Pooled>> {
    let mark = Uuid::new_v4().simple().to_string();
    let options = options.clone().options([("inklog.mark", mark.as_str())]);
    let mut speaker = match within(PgConnection::connect_with(&options)).await {
        Err(error) if refuses_settings(&error) => return Ok(Some(Pooled("refuses the settings of a connection"))),
        connected => connected?,
    };
    if !hears(options, &mut speaker, &mark).await? {
        return Ok(Some(Pooled("does not pass on notifications (LISTEN)")));
    }
    let sql = format!("SELECT coalesce(current_setting('inklog.mark', true) = '{mark}', false)");
    let row = within(raw_sql(AssertSqlSafe(sql)).fetch_one(&mut speaker)).await?;
    let kept: bool = sqlx::Row::try_get(&row, 0)?;
    within(speaker.close()).await?;
    Ok((!kept).then_some(Pooled("drops the settings of a connection")))
}

/// PgBouncer says so with the code for a violated protocol, as it says much else.
fn refuses_settings(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|answer| {
        answer.code().as_deref() == Some("08P01") && answer.message().contains("startup parameter")
    })
}

/// Whether one connection hears what another says.
async fn hears(options: PgConnectOptions, speaker: &mut PgConnection, mark: &str) -> sqlx::Result<bool> {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ANSWER).connect_lazy_with(options);
    let channel = format!("inklog_{mark}");
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    within(listener.listen(&channel)).await?;
    match within(raw_sql(AssertSqlSafe(format!("NOTIFY {channel}"))).execute(speaker)).await {
        // The speaker heard itself: it was given the connection that the listener had.
        Err(sqlx::Error::Protocol(_)) => return Ok(false),
        told => told?,
    };
    match timeout(HEARING, heard(&mut listener, &channel)).await {
        Ok(outcome) => outcome.map(|()| true),
        // Who does not answer either is away, and was not heard for that.
        Err(_) => {
            within(raw_sql("SELECT 1").execute(&mut listener)).await?;
            let mut late = std::iter::from_fn(|| listener.next_buffered());
            Ok(late.any(|notification| notification.channel() == channel))
        }
    }
}

/// Waits for a notification of this channel. Behind a pooler a listener is also told what other processes listen for,
/// for they have its connection in turn: that is no sign of a session.
async fn heard(listener: &mut PgListener, channel: &str) -> sqlx::Result<()> {
    loop {
        let notification = listener.try_recv().await?.ok_or(sqlx::Error::WorkerCrashed)?;
        if notification.channel() == channel {
            return Ok(());
        }
    }
}

async fn within<T>(answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    timeout(ANSWER, answer).await.unwrap_or_else(|elapsed| Err(sqlx::Error::Io(elapsed.into())))
}
