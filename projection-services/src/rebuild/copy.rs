use std::time::{Duration, Instant};

use anyhow::Context;
use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, PgConnection};

use super::report::{Copied, per_second};
use super::scratch;
use crate::content::{Connector, ContentView};

/// So many bytes are sent at once.
const PIECE: usize = 256 << 10;

/// Copies some views' rows, as they are now, into tables without any index, through a client as a rebuild would; the
/// tables are dropped again.
///
/// # Errors
/// A rebuild is under way, or Postgres fails.
pub async fn measure(connector: &Connector, views: &[ContentView]) -> anyhow::Result<Copied> {
    let mut keeper = scratch::alone(connector).await?;
    let schema = scratch::fresh_schema();
    scratch::run(&mut keeper, format!("CREATE SCHEMA {schema}")).await?;
    let copied = copy_all(connector, &schema, views).await.context("measuring COPY");
    scratch::sweep(&mut keeper).await?;
    copied
}

async fn copy_all(connector: &Connector, schema: &str, views: &[ContentView]) -> Result<Copied, sqlx::Error> {
    let (mut reading, mut writing) = (connector.connect().await?, connector.to_schema(schema).connect().await?);
    let (mut rows, mut took) = (0, Duration::ZERO);
    for table in ContentView::table_names(views) {
        let (copied, time) = copy(&mut reading, &mut writing, table).await?;
        rows += copied;
        took += time;
    }
    let seconds = took.as_secs_f64();
    Ok(Copied { rows, seconds, rows_per_second: per_second(rows, seconds) })
}

async fn copy(
    reading: &mut PgConnection,
    writing: &mut PgConnection,
    table: &str,
) -> Result<(u64, Duration), sqlx::Error> {
    for connection in [&mut *reading, &mut *writing] {
        sqlx::query("SET statement_timeout = '1h'").execute(connection).await?;
    }
    let create = format!("CREATE TABLE {table} (LIKE content.{table} INCLUDING COMPRESSION)");
    sqlx::query(AssertSqlSafe(create)).execute(&mut *writing).await?;
    let mut rows = reading.copy_out_raw(&format!("COPY {table} TO STDOUT (FORMAT binary)")).await?;
    let began = Instant::now();
    let mut copy = writing.copy_in_raw(&format!("COPY {table} FROM STDIN (FORMAT binary)")).await?;
    let mut took = began.elapsed();
    let (mut piece, mut more) = (Vec::new(), true);
    while more {
        // It comes in a piece per row, and goes in larger ones, as a rebuild's does.
        let chunk = rows.try_next().await?;
        more = chunk.is_some();
        piece.extend(chunk.into_iter().flatten());
        if piece.len() >= PIECE || !more {
            let began = Instant::now();
            copy.send(std::mem::take(&mut piece)).await?;
            took += began.elapsed();
        }
    }
    let began = Instant::now();
    let copied = copy.finish().await?;
    Ok((copied, took + began.elapsed()))
}
