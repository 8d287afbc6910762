//! The vault: a Postgres schema of identity's own, for what must be deletable and therefore is not in the log:
//! addresses, password hashes, data keys, sessions, tokens, mail to be sent. Everything here has a bound: connections,
//! waiting for one, each statement, and each piece of work as a whole.

pub mod addresses;
pub mod attempts;
pub mod challenges;
pub mod data_keys;
pub mod deactivations;
pub mod erasures;
pub mod held;
pub mod known_networks;
pub mod lasting;
pub mod lock;
pub mod log_ins;
pub mod logs;
pub mod new_passwords;
pub mod notes;
pub mod one_time;
pub mod outbox;
pub mod people;
pub mod second_factors;
pub mod sessions;
pub mod sweeping;
pub mod working_copies;

use std::str::FromStr as _;
use std::time::Duration;

use anyhow::Context as _;
use service_kit::config::PostgresArgs;
use service_kit::{Problem, postgres, telemetry};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgPool};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// For one statement, as Postgres sees it.
const STATEMENT: Duration = Duration::from_secs(2);
/// For a free connection.
const ACQUIRE: Duration = Duration::from_secs(2);
/// For a piece of work as a whole: a server that hangs does not keep its own time.
const WORK: Duration = Duration::from_secs(4);
/// Connections of one process.
const CONNECTIONS: u32 = 8;

/// The vault. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Vault {
    pool: PgPool,
}

impl Vault {
    /// A vault that connects when it is first used: a process without Postgres starts, and takes commands.
    ///
    /// # Errors
    /// The address is none.
    pub fn new(postgres: &PostgresArgs) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .idle_timeout(Duration::from_secs(300))
            .connect_lazy_with(options(postgres)?);
        telemetry::watch_pool("vault", &pool);
        Ok(Self { pool })
    }

    /// The pool, to name in work given to [`Vault::run`].
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Does a piece of work within the deadline.
    ///
    /// # Errors
    /// 503: Postgres does not answer. The log has the details, the client does not.
    pub async fn run<T>(&self, work: impl Future<Output = sqlx::Result<T>>) -> Result<T, Problem> {
        self.run_on("accounts' secrets", work).await
    }

    /// The same on `what` else is kept beside the log.
    ///
    /// # Errors
    /// See [`Vault::run`].
    pub async fn run_on<T>(&self, what: &str, work: impl Future<Output = sqlx::Result<T>>) -> Result<T, Problem> {
        let outcome = tokio::time::timeout(WORK, work).await;
        let error = match outcome {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => error,
            Err(elapsed) => sqlx::Error::Io(elapsed.into()),
        };
        measures::identity::VAULT_FAILURES.increment();
        tracing::warn!(error = %described(&error), "the vault did not do as asked");
        let done = if is_undone(&error) { "nothing was done" } else { "whether anything was done is not known" };
        Err(Problem::unavailable(format!("{what} cannot be reached at the moment; {done}"), 2))
    }

    /// Whether Postgres answers and the tables are there.
    ///
    /// # Errors
    /// They do not, or are not.
    pub async fn answers(&self) -> Result<(), Problem> {
        self.run(sqlx::query("SELECT EXISTS (SELECT FROM vault.people)").execute(&self.pool)).await.map(drop)
    }
}

/// Whether it is certain that nothing was done: Postgres says so, or was not asked. A commit whose answer is lost may
/// have been one.
fn is_undone(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
}

/// An error without what its statement was about: a violated constraint quotes the row, which may be an address.
fn described(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => {
            format!("{} ({})", error.code().unwrap_or_default(), error.constraint().unwrap_or("no constraint"))
        }
        other => other.to_string(),
    }
}

/// How connections of identity are made.
///
/// # Errors
/// The address is none.
pub fn options(postgres: &PostgresArgs) -> anyhow::Result<PgConnectOptions> {
    // The address may hold a password, so the parser's words about it are not passed on.
    let options = PgConnectOptions::from_str(postgres.database_url.expose()).ok();
    let options = options.context("INKLOG_DATABASE_URL is not a postgres:// address")?;
    let timeout = STATEMENT.as_millis().to_string();
    Ok(options.application_name("inklog-identity").disable_statement_logging().options([
        ("statement_timeout", timeout.as_str()),
        ("timezone", "UTC"),
        ("search_path", "vault"),
    ]))
}

/// Makes the tables, or brings them up to date.
///
/// # Errors
/// Postgres does not answer or refuses, or is behind a pooler.
pub async fn migrate(args: &PostgresArgs) -> anyhow::Result<()> {
    let options = options(args)?;
    postgres::require_sessions(&options).await?;
    let options = options.options([("statement_timeout", "60000")]);
    let connecting = sqlx::PgConnection::connect_with(&options);
    let mut connection = tokio::time::timeout(Duration::from_secs(10), connecting)
        .await
        .context("connecting to Postgres")?
        .context("connecting to Postgres")?;
    // Two who make one schema at the same moment are in each other's way, IF NOT EXISTS or not.
    postgres::migrate_alone(&mut connection).await.context("waiting for another who migrates")?;
    // The list of migrations is in the schema, too: others in this database have lists of their own.
    sqlx::query("CREATE SCHEMA IF NOT EXISTS vault").execute(&mut connection).await.context("making the vault")?;
    MIGRATIONS.run(&mut connection).await.context("migrating the vault")?;
    Ok(connection.close().await?)
}
