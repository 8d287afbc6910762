use std::time::Duration;

use clap::Parser;
use media::store::StoreArgs;
use service_kit::auth::TokenArgs;
use service_kit::config::{HttpArgs, LogArgs, PostgresArgs, RedisArgs};
use service_kit::network::TrustedProxies;

/// Answers readers: posts, authors and tags from the read models.
#[derive(Clone, Debug, Parser)]
#[command(name = "query-api", version)]
pub struct Args {
    /// Where to listen.
    #[command(flatten)]
    pub http: HttpArgs<8082>,
    /// Where the read models are.
    #[command(flatten)]
    pub postgres: PostgresArgs,
    /// Where the lists are.
    #[command(flatten)]
    pub redis: RedisArgs,
    /// By which tokens readers show whose drafts they may see.
    #[command(flatten)]
    pub token: TokenArgs,
    /// Where pictures and files are.
    #[command(flatten)]
    pub media: StoreArgs,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
    /// How long a query waits, in milliseconds, for the position that it asks for.
    #[arg(long, env = "INKLOG_WAIT_MS", value_name = "MS", default_value_t = 2000,
          value_parser = clap::value_parser!(u64).range(0..=30_000))]
    pub wait_ms: u64,
    /// Connections to Postgres, at most.
    #[arg(long, env = "INKLOG_DATABASE_CONNECTIONS", value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u32).range(1..=200))]
    pub database_connections: u32,
    /// Mebibytes of rendered posts to keep in memory.
    #[arg(long, env = "INKLOG_RENDERED_MIB", value_name = "MIB", default_value_t = 16,
          value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub rendered_mib: u64,
    /// Whether reads of posts are counted, which writes to the schema `reads`.
    #[arg(long, env = "INKLOG_COUNT_READS", value_name = "BOOL", default_value_t = true,
          action = clap::ArgAction::Set)]
    pub count_reads: bool,
    /// Addresses and networks of our own proxies, as `10.0.0.0/8,2001:db8::7`. Each adds to X-Forwarded-For whom it was
    /// asked by; the last address there that is not of them is the reader's, by which reads are counted.
    #[arg(long, env = "INKLOG_TRUSTED_PROXIES", value_name = "NETWORKS", default_value = "")]
    pub trusted_proxies: TrustedProxies,
}

impl Args {
    /// How long a query waits for a position.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_millis(self.wait_ms)
    }
}
