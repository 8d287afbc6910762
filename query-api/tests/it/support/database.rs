use std::path::Path;

use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, raw_sql};

pub(crate) fn environment(variable: &str, default: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| default.to_owned())
}

fn base_url() -> String {
    environment("INKLOG_DATABASE_URL", "postgres://inklog:inklog@127.0.0.1:15432/inklog")
}

/// A database with the projectors' own tables, empty, and no other test's while this lives. There are as many as tests
/// run at once, and they stay for the next run: to drop a database, Postgres waits for all of its processes.
pub(crate) struct TestDatabase {
    pub(crate) pool: PgPool,
    url: String,
    /// Holds the lock that makes the database ours; the server releases it when the connection is gone.
    _lock: PgConnection,
}

impl TestDatabase {
    pub(crate) async fn take() -> Self {
        let mut lock = PgConnection::connect(&base_url()).await.expect("the local stack runs: make up");
        let migrations = migrations();
        let name = free_name(&mut lock, &migrations).await;
        let (server, _) =
            base_url().rsplit_once('/').map(|(server, name)| (server.to_owned(), name.to_owned())).unwrap();
        let url = format!("{server}/{name}");
        let pool = PgPoolOptions::new().max_connections(2).connect(&url).await.unwrap();
        raw_sql(AssertSqlSafe(migrations)).execute(&pool).await.unwrap();
        Self { pool, url, _lock: lock }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// The first database that no test has locked; made if it is not there. Other migrations, other names.
async fn free_name(lock: &mut PgConnection, migrations: &str) -> String {
    let version = domain::Digest::of(migrations).short();
    for number in 0.. {
        let name = format!("inklog_query_{version:016x}_{number}");
        let ours: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
            .bind(&name)
            .fetch_one(&mut *lock)
            .await
            .unwrap();
        if ours {
            let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
                .bind(&name)
                .fetch_one(&mut *lock)
                .await
                .unwrap();
            if !there {
                raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut *lock).await.unwrap();
            }
            return name;
        }
    }
    unreachable!("some number is free")
}

/// The projectors own the tables, and the service of posts those of `writing`; this tier reads them as they are.
fn migrations() -> String {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = package.join("../projection-services/migrations");
    let writing = package.join("../command-services/migrations/0014_working_copies.sql");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    let mut sql = "DROP SCHEMA IF EXISTS content, projection, account_index, writing, reads CASCADE;\n".to_owned();
    sql.extend(files.iter().chain([&writing]).map(|file| std::fs::read_to_string(file).unwrap()));
    // They run as one here, and no other connection is in the way.
    sql.replace(" CONCURRENTLY", "")
}
