//! The command line: a subcommand per service, and the steps that are taken by hand or by a hook.

use std::path::PathBuf;
use std::time::Duration;

use ::media::store::StoreArgs;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use domain::CONTEXTS;
use service_kit::auth::MintArgs;
use service_kit::config::{PostgresArgs, duration};

use crate::Service;
use crate::args::BrokerArgs;
use crate::identity::admin::AdminTask;
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
    /// Run a service.
    #[command(flatten)]
    Service(Service),
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
    /// The store of pictures and files.
    Media {
        /// What to do with it.
        #[command(subcommand)]
        task: MediaTask,
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
    /// Take the logs that are there for this installation's, whatever was known: after topics were deleted, or a
    /// cluster replaced, on purpose. To be run while no service runs; then `projection-services rebuild all --new-log`.
    Adopt(AdoptArgs),
    /// Copy a context into another topic, with more partitions, where it goes on. Its commands get 503 meanwhile.
    #[command(mut_arg("partitions", |arg| arg.long("configured-partitions")))]
    Repartition(RepartitionArgs),
}

/// Where the logs are, and where it is noted which are ours.
#[derive(Args, Clone, Debug)]
pub struct AdoptArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub broker: BrokerArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub postgres: PostgresArgs,
}

/// A context and how many partitions it is to have.
#[derive(Args, Clone, Debug)]
pub struct RepartitionArgs {
    /// The context: `posts`.
    #[arg(value_parser = PossibleValuesParser::new(CONTEXTS))]
    pub context: String,
    /// Partitions that it is to have: more than it has.
    #[arg(long = "partitions", value_name = "N", value_parser = clap::value_parser!(i32).range(1..=1024))]
    pub wanted: i32,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub broker: BrokerArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub postgres: PostgresArgs,
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

/// What can be done with the store of pictures and files.
#[derive(Debug, Subcommand)]
pub enum MediaTask {
    /// Take the folder of `INKLOG_MEDIA_STORE` for the store, whatever is in it: after it was replaced on purpose, by
    /// an empty one or by what a backup had without `.inklog-media`. Services that run are started anew then.
    Adopt(StoreArgs),
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
