use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::Value;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, Row as _};

use super::Ends;
use crate::site::Site;

/// The tables that are read models, by the names under which they are judged: all of one schema, and what was set
/// aside.
const TABLES: &str = "SELECT table_name::text, table_schema || '.' || table_name FROM information_schema.tables \
     WHERE table_schema = 'content' OR (table_schema, table_name) = ('projection', 'parked_events')";

async fn connect(site: &Site) -> anyhow::Result<PgConnection> {
    site.database()?.connect().await.context("connecting to Postgres")
}

/// How far a projector has read that writes to Postgres.
pub(super) async fn positions(site: &Site, projector: &str) -> anyhow::Result<Ends> {
    let rows = sqlx::query("SELECT context, partition, next_offset FROM projection.positions WHERE projector = $1")
        .bind(projector)
        .fetch_all(&mut connect(site).await?)
        .await?;
    Ok(rows.iter().map(|row| ((row.get(0), row.get(1)), row.get(2))).collect())
}

/// How many people are to be forgotten and are not yet, in the vault or elsewhere.
pub(super) async fn to_be_forgotten(site: &Site) -> anyhow::Result<i64> {
    let sql = "SELECT count(*) FROM vault.erasures WHERE finished_at IS NULL OR ended_elsewhere_at IS NULL";
    let query = sqlx::query_scalar(sql);
    Ok(query.fetch_one(&mut connect(site).await?).await?)
}

/// Every row as JSON, times in milliseconds, and numbers of any size as text.
pub(super) async fn rows(site: &Site) -> anyhow::Result<BTreeMap<String, Vec<Value>>> {
    let mut connection = connect(site).await?;
    let mut all = BTreeMap::new();
    let tables: Result<Vec<(String, String)>, _> = sqlx::query_as(TABLES).fetch_all(&mut connection).await;
    for (name, table) in tables.context("listing the tables")? {
        let times = of_type(&mut connection, &table, "timestamp with time zone").await?;
        let times = times.iter().map(|column| format!("'{column}', (extract(epoch FROM {column}) * 1000)::bigint"));
        let numbers = of_type(&mut connection, &table, "numeric").await?;
        let numbers = numbers.iter().map(|column| format!("'{column}', {column}::text"));
        let overlay: Vec<String> = times.chain(numbers).collect();
        let row = format!("(to_jsonb(t) || jsonb_build_object({}))::text", overlay.join(", "));
        let query = sqlx::query_scalar(AssertSqlSafe(format!("SELECT {row} FROM {table} t")));
        let texts: Vec<String> = query.fetch_all(&mut connection).await.with_context(|| format!("reading {table}"))?;
        let parsed: Result<Vec<Value>, _> = texts.iter().map(|text| serde_json::from_str(text)).collect();
        all.insert(name, parsed?);
    }
    Ok(all)
}

/// The columns of a table that are of a type.
async fn of_type(connection: &mut PgConnection, table: &str, kind: &str) -> anyhow::Result<Vec<String>> {
    let query = sqlx::query_scalar(
        "SELECT column_name::text FROM information_schema.columns \
         WHERE table_schema || '.' || table_name = $1 AND data_type = $2",
    );
    Ok(query.bind(table).bind(kind).fetch_all(connection).await?)
}
