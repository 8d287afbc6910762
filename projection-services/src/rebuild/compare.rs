//! Comparing rebuilt rows with the live ones.

use anyhow::bail;
use sqlx::{AssertSqlSafe, PgConnection};

use super::scratch::Scratch;

/// At most so many differing rows are named.
const NAMED: usize = 10;

/// Fails if any row of the rebuilt tables differs from the live one, is missing, or is one too many.
pub(super) async fn compare(connection: &mut PgConnection, scratch: &Scratch) -> anyhow::Result<()> {
    let mut differences = Vec::new();
    for table in scratch.tables() {
        let keys = keys(connection, table).await?;
        // Composite values compare column by column, nulls being equal to each other.
        let differing = format!(
            "SELECT concat_ws(' ', {keys}) FROM content.{table} AS live FULL JOIN {}.{table} AS rebuilt USING ({keys})
             WHERE live::record IS DISTINCT FROM rebuilt::record LIMIT {NAMED}",
            scratch.schema()
        );
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(differing)).fetch_all(&mut *connection).await?;
        differences.extend(rows.into_iter().map(|key| format!("{table} {key}")));
    }
    if !differences.is_empty() {
        bail!("the rebuilt rows differ from the live ones: {}", differences.join(", "));
    }
    Ok(())
}

/// The columns of a table's primary key.
async fn keys(connection: &mut PgConnection, table: &str) -> Result<String, sqlx::Error> {
    const KEYS: &str = "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
        FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
        WHERE indisprimary AND indrelid = format('content.%I', $1::text)::regclass";
    sqlx::query_scalar(KEYS).bind(table).fetch_one(connection).await
}
