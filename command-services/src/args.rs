//! The arguments of a service, and of the steps that use the log.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use event_log::kafka::{KafkaConfig, Layout};
use service_kit::auth::TokenArgs;
use service_kit::config::{HttpArgs, KafkaArgs, LogArgs, PostgresArgs, Secret, duration};
use service_kit::network::TrustedProxies;
use uuid::Uuid;

use crate::comments::args::CommentArgs;
use crate::custom_fields::CustomFieldsSchema;
use crate::identity::args::IdentityArgs;
use crate::media::args::MediaArgs;
use crate::moderation::args::ModerationArgs;
use crate::posts::ReviewPolicy;
use crate::reactions::args::ReactionArgs;

/// The log.
#[derive(Args, Clone, Debug)]
pub struct BrokerArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub kafka: KafkaArgs,
    /// Replicas per partition that topics are created with and must have: 3 in production.
    #[arg(long, env = "INKLOG_REPLICATION", value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(i32).range(1..=9))]
    pub replication: i32,
    /// After so long without a sign of life an instance's partitions go to others. The broker sets a least value.
    #[arg(long, env = "INKLOG_SESSION_TIMEOUT", value_name = "DURATION", default_value = "6s", value_parser = duration)]
    pub session_timeout: Duration,
    /// For how long an instance that hears nothing more of the log may answer from what it has read of it: who may log
    /// in, with which roles, what is there. After that it answers 503 and is not ready. No longer than the session
    /// timeout, it is silent by the time that others have its partitions; what is decided is right without it.
    #[arg(long, env = "INKLOG_READ_LEASE", value_name = "DURATION", default_value = "5s", value_parser = lease)]
    pub read_lease: Duration,
}

impl BrokerArgs {
    /// As the log takes it, before it is known which contexts were repartitioned.
    fn config(&self) -> KafkaConfig {
        KafkaConfig {
            brokers: self.kafka.kafka_brokers.clone(),
            topic_prefix: self.kafka.topic_prefix.clone(),
            partitions: self.kafka.partitions,
            replication: self.replication,
            session_timeout: self.session_timeout,
            layout: Layout::default(),
            read_lease: self.read_lease,
        }
    }

    /// The same, with the topics that the contexts are in now. The broker is waited for up to `patience`.
    ///
    /// # Errors
    /// It does not say.
    pub async fn current(&self, patience: Duration) -> anyhow::Result<KafkaConfig> {
        self.config().current(patience).await.context("asking where the contexts are")
    }
}

/// The ends of partitions are asked for a few times in this time.
fn lease(text: &str) -> Result<Duration, String> {
    let lease = duration(text)?;
    if lease >= Duration::from_millis(500) { Ok(lease) } else { Err("must be at least 500ms".into()) }
}

fn bus_secret(secret: &str) -> Result<Secret<String>, String> {
    if secret.len() >= 16 && secret.chars().all(|c| c.is_ascii_graphic()) {
        Ok(Secret::new(secret.to_owned()))
    } else {
        Err("must have 16 or more visible ASCII characters".into())
    }
}

/// No leader works on a command for longer, and sweepers count on that.
fn command_deadline(text: &str) -> Result<Duration, String> {
    let deadline = duration(text)?;
    if deadline <= Duration::from_secs(60) { Ok(deadline) } else { Err("must be a minute or less".into()) }
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
    pub media: MediaArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub comments: CommentArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub reactions: ReactionArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub moderation: ModerationArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub log: LogArgs,
    /// Addresses and networks of our own proxies, as `10.0.0.0/8,2001:db8::7`. Each adds to X-Forwarded-For whom it was
    /// asked by; the last address there that is not of them is the caller's.
    #[arg(long, env = "INKLOG_TRUSTED_PROXIES", value_name = "NETWORKS", default_value = "")]
    pub trusted_proxies: TrustedProxies,
    /// Whether an editor approves what authors make public (`/v1/posts/{id}/review`): optional, or required of all who
    /// are no editors themselves. Every instance has to have the same.
    #[arg(long, env = "INKLOG_REVIEW", value_name = "POLICY", value_enum, default_value = "optional")]
    pub review: ReviewPolicy,
    /// How many times the quotas of accounts and networks are as large as by default; 0: nothing is counted.
    #[arg(long, env = "INKLOG_QUOTA_FACTOR", value_name = "N", default_value_t = 1)]
    pub quota_factor: u32,
    /// Accounts whose requests are not counted: those of programs, such as the importer's.
    #[arg(long, env = "INKLOG_QUOTA_EXEMPT", value_name = "IDS", value_delimiter = ',')]
    pub quota_exempt: Vec<Uuid>,
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
    /// How long a command may take before its caller is told that the outcome is not known yet: a minute at most.
    #[arg(long, env = "INKLOG_COMMAND_DEADLINE", value_name = "DURATION", default_value = "5s",
          value_parser = command_deadline)]
    pub command_deadline: Duration,
    /// A file with the JSON Schema of the custom fields of posts. Without it there are none.
    #[arg(long, env = "INKLOG_CUSTOM_FIELDS_SCHEMA", value_name = "FILE", value_parser = CustomFieldsSchema::read)]
    pub custom_fields_schema: Option<CustomFieldsSchema>,
    /// Commands that may wait at one partition; further ones are turned away.
    #[arg(long, env = "INKLOG_MAX_WAITING", value_name = "N", default_value_t = 10_000)]
    pub max_waiting: usize,
}
