//! One test's own part of the stack: topics, schemas, a database and Redis keys under a name that no one else has.

use std::process::{Command, Output};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::stack::binary;
use crate::{Keys, Letter, Log, Process, Stack, database, topics};

/// A test's own part of the stack; removed when dropped.
pub struct Scope {
    /// The stack.
    pub stack: Stack,
    /// What signs the tokens that its processes believe.
    pub keys: Keys,
    /// The name that everything of this scope begins with.
    pub name: String,
    database: Option<PgConnectOptions>,
    redis: redis::Client,
}

impl Scope {
    /// Makes topics, registers schemas, makes a database and its tables: with our own programs, as an operator does.
    ///
    /// # Panics
    /// The stack does not answer, or a program fails.
    pub async fn create() -> Self {
        let scope = Self::with_vault().await;
        scope.succeed("projection-services", &["migrate"]);
        scope
    }

    /// The same without tables for readers: enough for people to log in and to write.
    ///
    /// # Panics
    /// See [`Scope::create`].
    pub async fn with_vault() -> Self {
        let mut scope = Self::log_only();
        scope.database = Some(scope.create_database().await.expect("Postgres makes a database"));
        scope.succeed("command-services", &["vault", "migrate"]);
        scope
    }

    /// The same without a database: enough to take commands.
    ///
    /// # Panics
    /// See [`Scope::create`].
    #[must_use]
    pub fn log_only() -> Self {
        let scope = Self::bare();
        scope.succeed("command-services", &["topics", "create"]);
        scope.succeed("command-services", &["schemas", "register"]);
        scope
    }

    /// Only a name: nothing is made yet.
    ///
    /// # Panics
    /// The environment names no Redis.
    #[must_use]
    pub fn bare() -> Self {
        let stack = Stack::from_env();
        let redis = redis::Client::open(stack.redis_url.as_str()).expect("INKLOG_REDIS_URL is an address");
        let name = format!("test-{}", &Uuid::new_v4().simple().to_string()[..12]);
        Self { stack, keys: Keys::generate().expect("keys can be drawn"), name, database: None, redis }
    }

    /// The same, and a database in which nothing is made yet.
    ///
    /// # Panics
    /// See [`Scope::create`].
    pub async fn empty() -> Self {
        let mut scope = Self::bare();
        scope.database = Some(scope.create_database().await.expect("Postgres makes a database"));
        scope
    }

    async fn create_database(&self) -> anyhow::Result<PgConnectOptions> {
        let name = database_of(&self.name);
        database::create(&self.stack.database_url, &name).await?;
        database::named(&self.stack.database_url, &name)
    }

    /// The environment of a process in this scope.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let Stack { brokers, registry_url, database_url, redis_url } = &self.stack;
        let database_url = match &self.database {
            Some(own) => with_database(database_url, own.get_database().unwrap_or_default()),
            None => database_url.clone(),
        };
        let folder = format!("file://{}", self.keys.media_folder().display());
        [
            ("INKLOG_KAFKA_BROKERS", brokers.clone()),
            ("INKLOG_REGISTRY_URL", registry_url.clone()),
            ("INKLOG_DATABASE_URL", database_url),
            ("INKLOG_REDIS_URL", redis_url.clone()),
            ("INKLOG_TOPIC_PREFIX", self.name.clone()),
            ("INKLOG_REDIS_PREFIX", self.name.clone()),
            ("INKLOG_TOKEN_PUBLIC_KEY_FILE", self.keys.public_file().display().to_string()),
            ("INKLOG_TOKEN_PRIVATE_KEY_FILE", self.keys.private_file().display().to_string()),
            ("INKLOG_TOKEN_KEYS_DIR", self.keys.signing_folder().display().to_string()),
            ("INKLOG_TOKEN_JWKS", self.keys.signing_folder().join("jwks.json").display().to_string()),
            ("INKLOG_EMAIL_KEY_FILE", self.keys.email_key_file().display().to_string()),
            ("INKLOG_KEY_RING_FILE", self.keys.key_ring_file().display().to_string()),
            ("INKLOG_MAIL", format!("file:{}", self.keys.mail_folder().display())),
            // `make s3` has another one.
            ("INKLOG_MEDIA_STORE", std::env::var("INKLOG_TEST_MEDIA_STORE").unwrap_or(folder)),
            ("INKLOG_IMPORT_USER", "importer".into()),
            ("INKLOG_IMPORT_PASSWORD_FILE", self.keys.password_file().display().to_string()),
            // All tests come from one network.
            ("INKLOG_ATTEMPTS_PER_NETWORK", "1000000".into()),
            // The least that the local broker takes.
            ("INKLOG_SESSION_TIMEOUT", "1s".into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Starts a program in this scope.
    #[must_use]
    pub fn start(&self, program: &str, arguments: &[&str]) -> Process {
        Process::start(program, arguments, &self.environment())
    }

    /// Runs a program in this scope to its end.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(binary(program));
        command.args(arguments).envs(self.environment()).output().expect("a program that is there can be started")
    }

    /// Runs a program that must succeed; what it printed.
    ///
    /// # Panics
    /// It fails.
    pub fn succeed(&self, program: &str, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.run(program, arguments);
        let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success(), "{program} {arguments:?}: {status}\n{out}{err}");
        out.into_owned()
    }

    /// The letters that were sent to an address, in no order.
    #[must_use]
    pub fn letters(&self, address: &str) -> Vec<Letter> {
        Letter::all(&self.keys.mail_folder()).into_iter().filter(|letter| letter.to == address).collect()
    }

    /// The topic of a context.
    #[must_use]
    pub fn topic(&self, context: &str) -> String {
        topics::name(&self.name, context)
    }

    /// The contexts that have a topic.
    ///
    /// # Panics
    /// The broker does not answer.
    pub async fn contexts(&self) -> Vec<String> {
        let (brokers, name) = (self.stack.brokers.clone(), self.name.clone());
        let asked = tokio::task::spawn_blocking(move || topics::contexts(&brokers, &name)).await;
        asked.expect("asking does not panic").expect("the broker answers")
    }

    /// All topics of this scope, in order.
    ///
    /// # Panics
    /// The broker does not answer.
    pub async fn topics(&self) -> Vec<String> {
        let (brokers, name) = (self.stack.brokers.clone(), self.name.clone());
        let asked = tokio::task::spawn_blocking(move || topics::all(&brokers, &name)).await;
        asked.expect("asking does not panic").expect("the broker answers")
    }

    /// Reads the first topic of a context.
    pub async fn log(&self, context: &str) -> Log {
        Log::read(&self.stack.brokers, &self.topic(context)).await
    }

    /// Connects to the scope's database.
    ///
    /// # Panics
    /// Postgres does not answer, or the scope has no database.
    pub async fn postgres(&self) -> PgConnection {
        let database = self.database.as_ref().expect("the scope has a database");
        PgConnection::connect_with(database).await.expect("Postgres answers")
    }

    /// Connects to Redis.
    ///
    /// # Panics
    /// It does not answer.
    pub async fn redis(&self) -> redis::aio::MultiplexedConnection {
        self.redis.get_multiplexed_async_connection().await.expect("Redis answers")
    }

    /// Deletes the scope's keys in Redis, as if an operator had flushed it.
    ///
    /// # Panics
    /// Redis does not answer.
    pub async fn empty_redis(&self) {
        empty(&self.redis, &self.name).await.expect("Redis deletes keys");
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let (stack, name) = (self.stack.clone(), self.name.clone());
        let (database, redis) = (self.database.is_some(), self.redis.clone());
        let clean = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async move {
                topics::remove(&stack.brokers, &name).await?;
                remove_schemas(&stack, &name).await?;
                if database {
                    database::remove(&stack.database_url, &database_of(&name)).await?;
                    empty(&redis, &name).await?;
                }
                anyhow::Ok(())
            })
        };
        // Cleaning up has to wait for answers, and a destructor cannot: so another thread does.
        let cleaned = std::thread::spawn(clean).join();
        if !matches!(cleaned, Ok(Ok(()))) {
            eprintln!("what test {} made could not be removed: {cleaned:?}", self.name);
        }
    }
}

fn with_database(url: &str, name: &str) -> String {
    let (server, _) = url.rsplit_once('/').expect("a database's address names it last");
    format!("{server}/{name}")
}

async fn remove_schemas(stack: &Stack, name: &str) -> anyhow::Result<()> {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
    let subjects = http.get(format!("{}/subjects", stack.registry_url)).send().await?.bytes().await?;
    let subjects: Vec<String> = serde_json::from_slice(&subjects)?;
    for subject in subjects.iter().filter(|subject| subject.starts_with(name)) {
        http.delete(format!("{}/subjects/{subject}", stack.registry_url)).send().await?;
    }
    Ok(())
}

fn database_of(name: &str) -> String {
    name.replace('-', "_")
}

async fn empty(redis: &redis::Client, prefix: &str) -> anyhow::Result<()> {
    let script = "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end";
    let mut connection = redis.get_multiplexed_async_connection().await?;
    let _: () = redis::Script::new(script).arg(format!("{prefix}:*")).invoke_async(&mut connection).await?;
    Ok(())
}
