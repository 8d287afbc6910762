//! The command line.

mod parked;
mod rebuild;
mod status;

use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use event_log::kafka::Layout;
use sealing::KeyRing;
use service_kit::config::{HttpArgs, KafkaArgs, LogArgs, PostgresArgs, RedisArgs};
use service_kit::postgres;
use sqlx::Connection;
use sqlx::postgres::PgConnectOptions;

use crate::content::Connector;
use crate::lists::FeedBounds;
use crate::log::KafkaLog;
use crate::run::{Stores, Which, run};
use crate::unsealing::{Keys, Unsealing};

/// The migrations, for tests that need the tables without the command.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// How long an unreachable broker is waited for at start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keeps the read models in Postgres and Redis up to date with the log.
#[derive(Debug, Parser)]
#[command(name = "projection-services", version)]
pub struct Cli {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub log: LogArgs,
    #[command(subcommand)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the projectors `content` and `account-index-2`: the views in Postgres.
    Content(RunArgs),
    /// Run the projectors `lists` and `feeds`: the lists and the feeds in Redis.
    Lists(RunArgs),
    /// Run all projectors.
    All(RunArgs),
    /// Make or change the tables.
    Migrate(PostgresArgs),
    /// Make a view anew from the log, beside the live one, and put it in its place. Exits with 65 if that is done, and
    /// events that cannot be handled are not in it.
    Rebuild(rebuild::RebuildArgs),
    /// Say how far each projector has read.
    Status(status::StatusArgs),
    /// See and retry events that could not be handled.
    #[command(subcommand)]
    Parked(parked::ParkedCommand),
}

/// What a projector needs.
#[derive(Args, Debug)]
#[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
pub struct RunArgs {
    #[command(flatten)]
    pub http: HttpArgs<8083>,
    #[command(flatten)]
    pub tier: TierArgs,
}

/// What everything that reads the log and writes the stores needs.
#[derive(Args, Clone, Debug)]
#[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
pub struct TierArgs {
    #[command(flatten)]
    pub kafka: KafkaArgs,
    #[command(flatten)]
    pub postgres: PostgresArgs,
    #[command(flatten)]
    pub redis: RedisArgs,
    #[command(flatten)]
    pub feeds: FeedBounds,
    /// File with the keys that wrap people's data keys, the newest first: the same that identity has.
    #[arg(long, env = "INKLOG_KEY_RING_FILE", value_name = "FILE")]
    pub key_ring_file: KeyRing,
}

impl Cli {
    /// Does it. What is done exits with 0, or with [`crate::rebuild::LEFT_OUT`].
    ///
    /// # Errors
    /// It cannot be done; the error says what was being done.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let done = match self.command {
            Command::Content(args) => args.run(Which::Content).await,
            Command::Lists(args) => args.run(Which::Lists).await,
            Command::All(args) => args.run(Which::All).await,
            Command::Migrate(postgres) => migrate(&postgres).await,
            Command::Rebuild(args) => return args.run().await,
            Command::Status(args) => args.run().await,
            Command::Parked(command) => command.run().await,
        };
        done.map(|()| ExitCode::SUCCESS)
    }
}

impl RunArgs {
    async fn run(self, which: Which) -> anyhow::Result<()> {
        let database = options(&self.tier.postgres)?;
        postgres::guarded(database, run(which, self.tier.log().await?, self.tier.stores()?, self.http)).await
    }
}

impl TierArgs {
    async fn log(&self) -> anyhow::Result<Unsealing<KafkaLog>> {
        let log = KafkaLog {
            brokers: self.kafka.kafka_brokers.clone(),
            registry_url: self.kafka.registry_url.clone(),
            topic_prefix: self.kafka.topic_prefix.clone(),
            partitions: self.kafka.partitions,
            layout: Layout::default(),
            patience: PATIENCE,
        };
        let log = log.current().await.context("asking where the contexts are")?;
        Ok(Unsealing::new(log, Keys::new(options(&self.postgres)?, self.key_ring_file.clone())))
    }

    fn stores(&self) -> anyhow::Result<Stores> {
        Ok(Stores {
            connector: Connector::new(options(&self.postgres)?),
            redis: redis::Client::open(self.redis.redis_url.expose().as_str()).context("reading INKLOG_REDIS_URL")?,
            redis_prefix: self.redis.redis_prefix.clone(),
            feeds: self.feeds,
        })
    }
}

fn options(postgres: &PostgresArgs) -> anyhow::Result<PgConnectOptions> {
    PgConnectOptions::from_str(postgres.database_url.expose()).context("reading INKLOG_DATABASE_URL")
}

async fn migrate(args: &PostgresArgs) -> anyhow::Result<()> {
    let options = options(args)?;
    postgres::require_sessions(&options).await?;
    let connecting = sqlx::PgConnection::connect_with(&options);
    let mut connection = tokio::time::timeout(Duration::from_secs(10), connecting)
        .await
        .context("connecting to Postgres")?
        .context("connecting to Postgres")?;
    postgres::migrate_alone(&mut connection).await.context("waiting for another who migrates")?;
    MIGRATIONS.run(&mut connection).await.context("migrating")?;
    println!("the tables are up to date");
    Ok(())
}
