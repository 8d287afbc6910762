//! Databases of one's own on the stack's Postgres.

use std::str::FromStr as _;

use anyhow::Context as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// How to reach the database `name` of the server at `url`.
///
/// # Errors
/// The server's address is none.
pub fn named(url: &str, name: &str) -> anyhow::Result<PgConnectOptions> {
    Ok(PgConnectOptions::from_str(url).context("reading INKLOG_DATABASE_URL")?.database(name))
}

/// Makes the database `name`.
///
/// # Errors
/// There is one, or Postgres does not answer.
pub async fn create(url: &str, name: &str) -> anyhow::Result<()> {
    administrate(url, format!("CREATE DATABASE {name}")).await
}

/// Deletes it, if it is there, even while clients are connected to it.
///
/// # Errors
/// Postgres does not answer.
pub async fn remove(url: &str, name: &str) -> anyhow::Result<()> {
    administrate(url, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
}

async fn administrate(url: &str, statement: String) -> anyhow::Result<()> {
    let server = PgConnectOptions::from_str(url).context("reading INKLOG_DATABASE_URL")?;
    let mut connection = PgConnection::connect_with(&server).await.context("connecting to Postgres")?;
    sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut connection).await.context(statement)?;
    Ok(connection.close().await?)
}
