//! Postgres, with bounds on everything: connections, waiting for one, and each statement.

use std::str::FromStr as _;
use std::time::Duration;

use anyhow::Context as _;
use domain::Timestamp;
use serde::{Serialize, Serializer};
use service_kit::{Problem, telemetry, times};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};
use time::{OffsetDateTime, PrimitiveDateTime};

/// For one statement, as Postgres sees it.
const STATEMENT: Duration = Duration::from_secs(2);
/// For a free connection.
const ACQUIRE: Duration = Duration::from_secs(2);
/// For a query as a whole: a server that hangs does not keep its own time.
const QUERY: Duration = Duration::from_secs(5);

/// The read models.
#[derive(Clone)]
pub(crate) struct Database {
    pool: PgPool,
}

impl Database {
    /// A pool that connects when it is first used.
    pub(crate) fn new(url: &str, connections: u32) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE)
            .idle_timeout(Duration::from_secs(300))
            .connect_lazy_with(options(url)?);
        telemetry::watch_pool("queries", &pool);
        Ok(Self { pool })
    }

    /// The pool, to name in a query given to [`Database::run`].
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Runs a query within the deadline, and turns its failure into what the client is told.
    pub(crate) async fn run<T>(&self, query: impl Future<Output = sqlx::Result<T>>) -> Result<T, Problem> {
        match tokio::time::timeout(QUERY, query).await {
            Ok(outcome) => outcome.map_err(problem),
            Err(_) => Err(unavailable("no answer within the deadline")),
        }
    }

    /// Begins to read the rows as they are at one moment, whatever is written meanwhile.
    pub(crate) async fn snapshot(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await
    }

    /// Whether Postgres answers, and has the read models.
    pub(crate) async fn answers(&self) -> Result<(), Problem> {
        self.run(sqlx::query("SELECT EXISTS (SELECT FROM content.posts)").execute(&self.pool)).await.map(drop)
    }
}

/// How every connection of this process is made.
pub(crate) fn options(url: &str) -> anyhow::Result<PgConnectOptions> {
    // The address may hold a password, so the parser's words about it are not passed on.
    let options = PgConnectOptions::from_str(url).ok().context("INKLOG_DATABASE_URL is not a postgres:// address")?;
    let timeout = STATEMENT.as_millis().to_string();
    Ok(options.application_name("query-api").options([("statement_timeout", timeout.as_str())]))
}

fn problem(error: sqlx::Error) -> Problem {
    match &error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => unavailable(&error),
        sqlx::Error::Database(answer) if answer.code().is_some_and(|code| code == OUT_OF_TIME) => too_long(&error),
        sqlx::Error::Database(answer) if answer.code().is_some_and(|code| passes(&code)) => unavailable(&error),
        _ => Problem::internal(error),
    }
}

/// The SQLSTATE of a statement that was cancelled, as each is that takes longer than it may.
const OUT_OF_TIME: &str = "57014";

/// Whether an SQLSTATE stands for a state that ends by itself: connection lost, resources short, a server starting or
/// stopping, tables that are not there yet.
fn passes(code: &str) -> bool {
    let class = code.get(..2).unwrap_or_default();
    matches!(class, "08" | "53" | "57" | "58") || matches!(code, "25006" | "3D000" | "3F000" | "42P01")
}

/// One statement took too long, which may be of the asker's own making: that says nothing of the database.
fn too_long(reason: &sqlx::Error) -> Problem {
    tracing::warn!(%reason, "a statement took too long");
    Problem::unavailable("that takes too long at the moment", 1)
}

fn unavailable(reason: impl std::fmt::Display) -> Problem {
    measures::queries::DATABASE_FAILURES.increment();
    tracing::warn!(%reason, "the database does not answer");
    Problem::unavailable("the read models cannot be reached at the moment", 1)
}

/// A time, as a column has it and as readers are told it. Its schema is `value_type = String, format = DateTime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct Time(OffsetDateTime);

impl Time {
    /// The time of so many milliseconds since 1970; beyond the years that a column holds, the nearest of them.
    pub(crate) fn nearest(at: Timestamp) -> Self {
        let nearest = if at.0 < 0 { PrimitiveDateTime::MIN } else { PrimitiveDateTime::MAX };
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000);
        Self(at.unwrap_or(nearest.assume_utc()))
    }

    /// The same where an entry may have it: columns hold the years 1 to 9999.
    pub(crate) fn exactly(at: Timestamp) -> Option<Self> {
        let time = Self::nearest(at);
        (time.timestamp() == at && time.0.year() >= 1).then_some(time)
    }

    /// The same in milliseconds since 1970.
    pub(crate) fn timestamp(self) -> Timestamp {
        let millis = self.0.unix_timestamp_nanos().div_euclid(1_000_000);
        Timestamp(i64::try_from(millis).expect("the milliseconds of a date fit 64 bits"))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        times::rfc3339::serialize(&self.timestamp(), serializer)
    }
}
