//! The command line: a subcommand per service, and the steps that are taken by hand or by a hook.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use service_kit::auth::MintArgs;
use service_kit::config::{HttpArgs, KafkaArgs, LogArgs, PostgresArgs, Secret, TokenArgs, duration};

use crate::identity::admin::AdminTask;
use crate::identity::args::IdentityArgs;
use crate::identity::keys::KeysTask;

/// The write side of inklog: takes commands, appends events.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub task: Task,
}

/// What this program can do.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Run the service that owns accounts and who follows whom.
    Identity(Box<ServiceArgs>),
    /// Run the service that owns posts.
    Publishing(Box<ServiceArgs>),
    /// Run all services in one process.
    All(Box<ServiceArgs>),
    /// Create the topics.
    Topics {
        /// What to do with them.
        #[command(subcommand)]
        task: TopicsTask,
    },
    /// Register the schemas.
    Schemas {
        /// What to do with them.
        #[command(subcommand)]
        task: SchemasTask,
    },
    /// Access tokens.
    Token {
        /// What to do with them.
        #[command(subcommand)]
        task: TokenTask,
    },
    /// Identity's secrets.
    Vault {
        /// What to do with them.
        #[command(subcommand)]
        task: VaultTask,
    },
    /// The keys that wrap people's data keys.
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        task: KeysTask,
    },
    /// What an operator does before there is an admin.
    Admin {
        /// What to do.
        #[command(subcommand)]
        task: AdminTask,
    },
    /// Import a folder of Markdown posts through the command API.
    Import(Box<ImportTask>),
    /// Print the OpenAPI document.
    Openapi,
}

/// What can be done with topics.
#[derive(Debug, Subcommand)]
pub enum TopicsTask {
    /// Create those that are missing, check those that are there.
    Create(BrokerArgs),
}

/// What can be done with schemas.
#[derive(Debug, Subcommand)]
pub enum SchemasTask {
    /// Register every schema of this program; refused if one is not compatible with what is registered.
    Register(BrokerArgs),
    /// Bring back a registry that was lost and is empty: every schema under the id that the records of the log say.
    Restore(BrokerArgs),
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenTask {
    /// Mint one, for development.
    Mint(Box<MintArgs>),
    /// Make the key that signs them, or the next one; the keys before are published as long as they are needed.
    Rotate(RotateArgs),
}

/// What can be done with the vault.
#[derive(Debug, Subcommand)]
pub enum VaultTask {
    /// Make its tables, or bring them up to date.
    Migrate(PostgresArgs),
}

/// The next key.
#[derive(Args, Clone, Debug)]
pub struct RotateArgs {
    /// Folder of the keys.
    #[arg(long, env = "INKLOG_TOKEN_KEYS_DIR", value_name = "FOLDER")]
    pub token_keys_dir: PathBuf,
    /// How long the new key is published before it signs: longer than any verifier takes to hear of it.
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    pub lead: Duration,
    /// The new key signs now, and nothing that another signed is believed any more: for a key in wrong hands.
    #[arg(long)]
    pub at_once: bool,
    /// Do nothing if there is a key already.
    #[arg(long)]
    pub if_missing: bool,
}

/// Importing, with a token or as an account that logs in.
#[derive(Args, Debug)]
pub struct ImportTask {
    /// What to import, and where to.
    #[command(flatten)]
    pub import: importer::ImportArgs,
    /// User name of the account that imports, where no token is given; it needs the role `editor`.
    #[arg(long, env = "INKLOG_IMPORT_USER", value_name = "NAME", requires = "password_file")]
    pub user: Option<String>,
    /// File with its password.
    #[arg(long, env = "INKLOG_IMPORT_PASSWORD_FILE", value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// The log.
#[derive(Args, Clone, Debug)]
pub struct BrokerArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub kafka: KafkaArgs,
    /// Replicas per partition that topics are created with and must have: 3 in production.
    #[arg(long, env = "INKLOG_REPLICATION", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=9))]
    pub replication: i32,
    /// After so long without a sign of life an instance's partitions go to others. The broker sets a least value.
    #[arg(long, env = "INKLOG_SESSION_TIMEOUT", value_name = "DURATION", default_value = "6s", value_parser = duration)]
    pub session_timeout: Duration,
}

impl BrokerArgs {
    /// As the log takes it.
    #[must_use]
    pub fn config(&self) -> event_log::kafka::KafkaConfig {
        event_log::kafka::KafkaConfig {
            brokers: self.kafka.kafka_brokers.clone(),
            topic_prefix: self.kafka.topic_prefix.clone(),
            partitions: self.kafka.partitions,
            replication: self.replication,
            session_timeout: self.session_timeout,
        }
    }
}

fn bus_secret(secret: &str) -> Result<Secret<String>, String> {
    if secret.len() >= 16 && secret.chars().all(|c| c.is_ascii_graphic()) {
        Ok(Secret::new(secret.to_owned()))
    } else {
        Err("must have 16 or more visible ASCII characters".into())
    }
}

/// A service.
#[derive(Args, Clone, Debug)]
pub struct ServiceArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub http: HttpArgs<8081>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub broker: BrokerArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub token: TokenArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub postgres: PostgresArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub identity: IdentityArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub log: LogArgs,
    /// Address and port that other instances forward commands to. Only instances of this installation may reach it.
    #[arg(long, env = "INKLOG_GRPC_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:9081")]
    pub grpc_listen: SocketAddr,
    /// How other instances reach that address: `http://host:port`; made from the address where it is missing.
    #[arg(long, env = "INKLOG_GRPC_ADVERTISE", value_name = "URL")]
    pub grpc_advertise: Option<String>,
    /// What instances prove to each other that they belong together with: 16 characters or more. Without it no instance
    /// forwards a command to this one, which is enough for a single one that listens on a loopback address.
    #[arg(long, env = "INKLOG_BUS_SECRET", value_name = "SECRET", hide_env_values = true, value_parser = bus_secret)]
    pub bus_secret: Option<Secret<String>>,
    /// How long a command may take before its caller is told that the outcome is not known yet.
    #[arg(long, env = "INKLOG_COMMAND_DEADLINE", value_name = "DURATION", default_value = "5s", value_parser = duration)]
    pub command_deadline: Duration,
    /// Commands that may wait at one partition; further ones are turned away.
    #[arg(long, env = "INKLOG_MAX_WAITING", value_name = "N", default_value_t = 10_000)]
    pub max_waiting: usize,
}
