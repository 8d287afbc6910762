//! A database and a Redis prefix that belong to one test and are gone after it.

use std::str::FromStr;

use projection_services::cli::MIGRATIONS;
use projection_services::content::{Connector, Content};
use projection_services::lists::{FeedBounds, Feeds, Followed, Lists, RedisStore};
use projection_services::log::Log;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use super::log::MemoryLog;

pub(super) fn variable(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

pub(crate) struct TestDatabase {
    server: PgConnectOptions,
    name: String,
}

impl TestDatabase {
    pub(crate) async fn create() -> Self {
        let url = variable("INKLOG_DATABASE_URL", "postgres://inklog:inklog@127.0.0.1:15432/inklog");
        let server = PgConnectOptions::from_str(&url).unwrap();
        let name = format!("inklog_test_{}", Uuid::new_v4().simple());
        let mut connection = PgConnection::connect_with(&server).await.unwrap();
        let create = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
        let database = Self { server, name };
        MIGRATIONS.run(&mut PgConnection::connect_with(&database.options()).await.unwrap()).await.unwrap();
        database
    }

    pub(crate) fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    pub(crate) fn url(&self) -> String {
        let url = variable("INKLOG_DATABASE_URL", "postgres://inklog:inklog@127.0.0.1:15432/inklog");
        let (server, _) = url.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }

    pub(crate) fn connector(&self) -> Connector {
        Connector::new(self.options())
    }

    pub(crate) fn content(&self, log: &MemoryLog) -> Content {
        Content::live(self.connector(), log.partitions(&projection_services::content::CONTEXTS))
    }

    pub(crate) async fn connect(&self) -> PgConnection {
        self.connector().connect().await.unwrap()
    }

    pub(crate) async fn execute(&self, sql: impl sqlx::SqlSafeStr) {
        sqlx::raw_sql(sql).execute(&mut self.connect().await).await.unwrap();
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&mut self.connect().await).await.unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, drop) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        in_a_thread(async move {
            let mut connection = PgConnection::connect_with(&server).await?;
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await?;
            anyhow::Ok(())
        });
    }
}

pub(crate) struct TestRedis {
    pub(crate) client: redis::Client,
    pub(crate) prefix: String,
}

impl TestRedis {
    pub(crate) fn create() -> Self {
        let client = redis::Client::open(variable("INKLOG_REDIS_URL", "redis://127.0.0.1:16379")).unwrap();
        Self { client, prefix: format!("test-{}", Uuid::new_v4().simple()) }
    }

    pub(crate) fn lists(&self) -> Lists {
        Lists::live(self.store(), &self.prefix)
    }

    pub(crate) fn feeds(&self, bounds: FeedBounds) -> Feeds {
        Feeds::live_of(Followed(bounds), self.store(), &self.prefix)
    }

    pub(crate) fn store(&self) -> RedisStore {
        RedisStore::new(self.client.clone())
    }

    pub(crate) async fn connection(&self) -> redis::aio::MultiplexedConnection {
        self.client.get_multiplexed_async_connection().await.unwrap()
    }

    /// As if an operator had flushed it.
    pub(crate) async fn empty(&self) {
        empty(&self.client, &self.prefix).await.unwrap();
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        let (client, prefix) = (self.client.clone(), self.prefix.clone());
        in_a_thread(async move { empty(&client, &prefix).await });
    }
}

async fn empty(client: &redis::Client, prefix: &str) -> anyhow::Result<()> {
    let script = "local keys = redis.call('KEYS', ARGV[1]); for _, key in ipairs(keys) do redis.call('DEL', key) end";
    let mut connection = client.get_multiplexed_async_connection().await?;
    let _: () = redis::Script::new(script).arg(format!("{prefix}:*")).invoke_async(&mut connection).await?;
    Ok(())
}

/// Cleaning up has to wait for an answer, and a destructor cannot: so another thread does.
fn in_a_thread(cleaning: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
    let clean = move || tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(cleaning);
    let cleaned = std::thread::spawn(clean).join();
    if !matches!(cleaned, Ok(Ok(()))) {
        eprintln!("a test's database or keys could not be removed: {cleaned:?}");
    }
}
