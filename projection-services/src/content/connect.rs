use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

/// How long a statement may take.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a transaction that is shown to readers may wait for us. When a connection is lost and Postgres does not
/// learn of it, the transaction would hold its locks until the network's own patience ends, after hours.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Makes connections whose unqualified table names mean one schema: that is how the same statements write to the
/// live tables and to those of a rebuild.
#[derive(Clone, Debug)]
pub struct Connector {
    options: PgConnectOptions,
    schema: String,
    durable: bool,
}

impl Connector {
    /// To the live tables. A commit is shown to readers once it is on Postgres's disk: all of it could be made again
    /// from the log, but a reader who saw it would see an older state after a crash of Postgres.
    #[must_use]
    pub fn new(options: PgConnectOptions) -> Self {
        Self { options, schema: "content".to_owned(), durable: true }
    }

    /// To the tables of another schema, which no reader sees: commits do not wait for the disk.
    #[must_use]
    pub fn to_schema(&self, schema: &str) -> Self {
        Self { schema: schema.to_owned(), ..self.relaxed() }
    }

    /// For work of which readers see nothing before its last transaction, which asks for the disk by itself.
    #[must_use]
    pub fn relaxed(&self) -> Self {
        Self { durable: false, ..self.clone() }
    }

    /// A connection.
    ///
    /// # Errors
    /// Postgres does not answer, or refuses.
    pub async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let idle = if self.durable { IDLE_IN_TRANSACTION } else { Duration::ZERO };
        let options = self
            .options
            .clone()
            .application_name("inklog-projection")
            .disable_statement_logging()
            .options([
                ("search_path", self.schema.as_str()),
                ("synchronous_commit", if self.durable { "on" } else { "off" }),
                ("timezone", "UTC"),
            ])
            .options([
                ("statement_timeout", STATEMENT_TIMEOUT.as_millis()),
                ("idle_in_transaction_session_timeout", idle.as_millis()),
            ]);
        match tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await {
            Ok(connected) => connected,
            Err(elapsed) => Err(sqlx::Error::Io(elapsed.into())),
        }
    }
}
