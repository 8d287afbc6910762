//! Where a measure takes place: topics, a database and processes of its own, so that no measure's events are another
//! one's burden.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use domain::{CONTEXTS, Role};
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use service_kit::auth::{PrivateKey, TokenNames, mint};
use service_kit::config::{KafkaArgs, PostgresArgs, RedisArgs};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use testkit::http::{Client, Request};
use testkit::{command, database};
use tokio::process::Command;
use uuid::Uuid;

use crate::child::{Child, Environment};

/// How long a process may take until it is ready.
const READY: Duration = Duration::from_secs(60);
/// How long the clients of the measures wait for an answer.
pub(crate) const DEADLINE: Duration = Duration::from_secs(15);
/// How long tokens are good: for the whole run.
const LIFE: Duration = Duration::from_secs(3600);
/// After so long without a sign of life an instance is taken for dead: the least that the local broker allows.
pub(crate) const SESSION_TIMEOUT: Duration = Duration::from_secs(1);

/// The infrastructure, as `dev/stack env` names it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Stack {
    #[command(flatten)]
    pub(crate) kafka: KafkaArgs,
    #[command(flatten)]
    pub(crate) postgres: PostgresArgs,
    #[command(flatten)]
    pub(crate) redis: RedisArgs,
    /// PEM file with the Ed25519 public key that access tokens are checked against.
    #[arg(long, env = "INKLOG_TOKEN_PUBLIC_KEY_FILE", value_name = "FILE")]
    pub(crate) token_public_key_file: PathBuf,
    /// PEM file with the Ed25519 private key that signs them.
    #[arg(long, env = "INKLOG_TOKEN_PRIVATE_KEY_FILE", value_name = "FILE")]
    pub(crate) token_private_key_file: PathBuf,
}

/// A process of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Commands,
    Projections,
    Queries,
    Gateway,
}

/// A running process, and where it answers.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

/// Topics, a database and a prefix of their own.
#[derive(Debug)]
pub(crate) struct Site {
    stack: Stack,
    pub(crate) prefix: String,
    database: String,
    logs: PathBuf,
}

impl Site {
    /// Prepares a site: topics, schemas, tables.
    ///
    /// # Errors
    /// The infrastructure does not answer, or our programs are not built.
    pub(crate) async fn open(stack: &Stack, name: &str) -> anyhow::Result<Self> {
        let prefix = format!("bench-{name}-{}", &Uuid::new_v4().simple().to_string()[..8]);
        let logs = PathBuf::from("target/bench");
        std::fs::create_dir_all(&logs)?;
        let site = Self { stack: stack.clone(), database: prefix.replace('-', "_"), prefix, logs };
        database::create(site.stack.postgres.database_url.expose(), &site.database).await?;
        for (program, arguments) in [
            ("command-services", ["topics", "create"].as_slice()),
            ("command-services", &["schemas", "register"]),
            ("command-services", &["vault", "migrate"]),
            ("command-services", &["token", "rotate"]),
            ("projection-services", &["migrate"]),
        ] {
            site.run(program, arguments).await?;
        }
        Ok(site)
    }

    /// Removes what it left behind. Processes must have ended.
    ///
    /// # Errors
    /// The infrastructure does not answer.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        let admin: AdminClient<DefaultClientContext> = rdkafka::ClientConfig::new()
            .set("bootstrap.servers", &self.stack.kafka.kafka_brokers)
            .create()
            .context("connecting to Kafka")?;
        let topics: Vec<String> = CONTEXTS.iter().map(|context| self.topic(context)).collect();
        let names: Vec<&str> = topics.iter().map(String::as_str).collect();
        let options = AdminOptions::new().request_timeout(Some(Duration::from_secs(10)));
        admin.delete_topics(&names, &options).await.context("deleting the topics")?;
        database::remove(self.stack.postgres.database_url.expose(), &self.database).await
    }

    /// The topic of a context.
    pub(crate) fn topic(&self, context: &str) -> String {
        format!("{}.{context}.v1", self.prefix)
    }

    /// As the log takes it.
    pub(crate) fn kafka(&self) -> event_log::kafka::KafkaConfig {
        event_log::kafka::KafkaConfig::of(
            self.stack.kafka.kafka_brokers.clone(),
            self.prefix.clone(),
            self.stack.kafka.partitions,
        )
    }

    pub(crate) fn registry_url(&self) -> &str {
        &self.stack.kafka.registry_url
    }

    /// The folder of what processes say, and of what the measures write.
    pub(crate) fn logs(&self) -> &Path {
        &self.logs
    }

    /// How to reach this site's database.
    ///
    /// # Errors
    /// The stack's address is none.
    pub(crate) fn database(&self) -> anyhow::Result<PgConnectOptions> {
        database::named(self.stack.postgres.database_url.expose(), &self.database)
    }

    /// The folder of the keys that identity signs with; also what it writes.
    fn keys(&self) -> PathBuf {
        self.logs.join(format!("{}-keys", self.prefix))
    }

    fn importer_password(&self) -> PathBuf {
        self.keys().join("importer.password")
    }

    /// Makes the account that imports.
    ///
    /// # Errors
    /// The command API does not answer.
    pub(crate) async fn importer(&self, url: &str) -> anyhow::Result<()> {
        let file = self.importer_password();
        let file = file.to_str().context("the folder's path is no text")?;
        let arguments =
            ["admin", "service-account", "importer", "--role", "editor", "--url", url, "--password-file", file];
        self.run("command-services", &arguments).await.map(drop)
    }

    /// What our processes are told.
    ///
    /// # Errors
    /// The database's address is none.
    pub(crate) fn environment(&self) -> anyhow::Result<Environment> {
        let database = self.database()?.to_url_lossy().to_string();
        let Stack { kafka, redis, token_public_key_file, token_private_key_file, .. } = &self.stack;
        let variables = [
            ("INKLOG_KAFKA_BROKERS", kafka.kafka_brokers.clone()),
            ("INKLOG_REGISTRY_URL", kafka.registry_url.clone()),
            ("INKLOG_TOPIC_PREFIX", self.prefix.clone()),
            ("INKLOG_PARTITIONS", kafka.partitions.to_string()),
            ("INKLOG_DATABASE_URL", database),
            ("INKLOG_REDIS_URL", redis.redis_url.expose().clone()),
            ("INKLOG_REDIS_PREFIX", self.prefix.clone()),
            ("INKLOG_TOKEN_PUBLIC_KEY_FILE", token_public_key_file.display().to_string()),
            ("INKLOG_TOKEN_PRIVATE_KEY_FILE", token_private_key_file.display().to_string()),
            ("INKLOG_TOKEN_KEYS_DIR", self.keys().display().to_string()),
            ("INKLOG_TOKEN_JWKS", self.keys().join("jwks.json").display().to_string()),
            ("INKLOG_MAIL", format!("file:{}", self.keys().join("mail").display())),
            ("INKLOG_IMPORT_USER", "importer".to_owned()),
            ("INKLOG_IMPORT_PASSWORD_FILE", self.importer_password().display().to_string()),
            ("INKLOG_ATTEMPTS_PER_NETWORK", "1000000000".to_owned()),
            ("INKLOG_SESSION_TIMEOUT", format!("{}ms", SESSION_TIMEOUT.as_millis())),
        ];
        Ok(variables.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// Runs one of our programs to its end.
    ///
    /// # Errors
    /// It fails.
    pub(crate) async fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        command::output(Command::new(program).args(arguments).envs(self.environment()?)).await
    }

    /// The same of one that may take so long.
    ///
    /// # Errors
    /// It fails, or takes longer.
    pub(crate) async fn run_for(
        &self,
        patience: Duration,
        program: &str,
        arguments: &[&str],
    ) -> anyhow::Result<String> {
        command::output_within(Command::new(program).args(arguments).envs(self.environment()?), patience).await
    }

    /// The same of a program whose failure says something too.
    ///
    /// # Errors
    /// It cannot be started, or does not end.
    pub(crate) async fn attempt(&self, program: &str, arguments: &[&str]) -> anyhow::Result<Output> {
        command::finished(Command::new(program).args(arguments).envs(self.environment()?)).await
    }

    /// Starts a process and waits until it is ready.
    ///
    /// # Errors
    /// It does not become ready.
    pub(crate) async fn start(&self, service: Service) -> anyhow::Result<Running> {
        self.start_told(service, &[]).await
    }

    /// The same, with variables beside those that all processes have.
    ///
    /// # Errors
    /// See [`Site::start`].
    pub(crate) async fn start_told(&self, service: Service, told: &[(&str, String)]) -> anyhow::Result<Running> {
        let (program, arguments): (_, &[&str]) = match service {
            Service::Commands => ("command-services", &["all"]),
            Service::Projections => ("projection-services", &["all"]),
            Service::Queries => ("query-api", &[]),
            Service::Gateway => ("gateway", &[]),
        };
        let (address, grpc) = (free_address()?, free_address()?);
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(self.environment()?)
            .envs(told.iter().map(|(name, value)| (name, value)))
            .env("INKLOG_LISTEN", address.to_string())
            .env("INKLOG_GRPC_LISTEN", grpc.to_string());
        let log = self.logs.join(format!("{}-{program}-{}.log", self.prefix, address.port()));
        let running = Running { child: Child::spawn(program, &mut command, &log)?, address };
        running.ready().await.with_context(|| format!("see {}", log.display()))?;
        Ok(running)
    }

    /// A token that is good for the whole run.
    ///
    /// # Errors
    /// The key cannot be read.
    pub(crate) fn token(&self, roles: &[Role]) -> anyhow::Result<String> {
        let (key, names) = self.minting()?;
        mint(&key, Uuid::new_v4(), &roles.iter().copied().collect(), LIFE, &names)
    }

    /// The same for many accounts: what gives each its own.
    ///
    /// # Errors
    /// The key cannot be read.
    pub(crate) fn tokens(&self) -> anyhow::Result<impl Fn(Uuid, Role) -> anyhow::Result<String> + use<>> {
        let (key, names) = self.minting()?;
        Ok(move |id, role| mint(&key, id, &[role].into_iter().collect(), LIFE, &names))
    }

    fn minting(&self) -> anyhow::Result<(PrivateKey, TokenNames)> {
        let path = self.stack.token_private_key_file.display().to_string();
        let key = PrivateKey::from_str(&path).map_err(anyhow::Error::msg)?;
        Ok((key, TokenNames { token_issuer: "inklog".into(), token_audience: "inklog".into() }))
    }
}

impl Running {
    /// Waits until it says that it is ready.
    ///
    /// # Errors
    /// It does not in time.
    pub(crate) async fn ready(&self) -> anyhow::Result<()> {
        let until = Instant::now() + READY;
        let mut client = Client::new(self.address, DEADLINE);
        let probe = Request { method: "GET", path: "/readyz", headers: &[], body: "" }.bytes(self.address);
        while !client.send(&probe).await.is_ok_and(|response| response.status == 200) {
            anyhow::ensure!(Instant::now() < until, "{} is not ready", self.child.name);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

/// An address that no process listens on.
///
/// # Errors
/// There is none.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
