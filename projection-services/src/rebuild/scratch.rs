//! The tables of a rebuild: like the live ones to the last constraint, in a schema of their own.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::content::Connector;

/// The schema of a rebuild.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    schema: String,
    tables: Vec<&'static str>,
}

impl Scratch {
    /// Makes the tables, with their primary keys (which the folds look rows up by) and without other indexes.
    pub(super) async fn create(
        connection: &mut PgConnection,
        schema: String,
        tables: Vec<&'static str>,
    ) -> anyhow::Result<Self> {
        let scratch = Self { schema, tables };
        run(connection, format!("CREATE SCHEMA {}", scratch.schema)).await?;
        for table in &scratch.tables {
            let like = format!(
                "CREATE TABLE {}.{table} (LIKE content.{table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS \
                 INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMMENTS)",
                scratch.schema
            );
            run(connection, like).await?;
            scratch.copy_grants(connection, table).await?;
            for (name, definition) in constraints(connection, table).await? {
                let add = format!("ALTER TABLE {}.{table} ADD CONSTRAINT {name} {definition}", scratch.schema);
                run(connection, add).await?;
            }
        }
        Ok(scratch)
    }

    /// Whoever may read the live table may read the one that takes its place.
    async fn copy_grants(&self, connection: &mut PgConnection, table: &str) -> anyhow::Result<()> {
        const GRANTS: &str = "SELECT acl.privilege_type,
                CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END
            FROM pg_class, aclexplode(relacl) AS acl
            WHERE pg_class.oid = format('content.%I', $1::text)::regclass AND acl.grantee <> relowner";
        let grants: Vec<(String, String)> = sqlx::query_as(GRANTS).bind(table).fetch_all(&mut *connection).await?;
        for (privilege, grantee) in grants {
            run(connection, format!("GRANT {privilege} ON {}.{table} TO {grantee}", self.schema)).await?;
        }
        Ok(())
    }

    /// Makes the other indexes, under the names that the live ones have.
    pub(super) async fn index(&self, connection: &mut PgConnection) -> anyhow::Result<()> {
        // Postgres writes the table's full name behind the first ON, after the index's name.
        const INDEXES: &str = "SELECT pg_get_indexdef(indexrelid) FROM pg_index
            WHERE indrelid = format('content.%I', $1::text)::regclass
                AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)";
        for table in &self.tables {
            let definitions: Vec<String> = sqlx::query_scalar(INDEXES).bind(table).fetch_all(&mut *connection).await?;
            for definition in definitions {
                let live = format!(" ON content.{table} ");
                let here = format!(" ON {}.{table} ", self.schema);
                run(connection, definition.replacen(&live, &here, 1)).await?;
            }
            run(connection, format!("ANALYZE {}.{table}", self.schema)).await?;
        }
        Ok(())
    }

    /// The number of rows in all tables.
    pub(super) async fn rows(&self, connection: &mut PgConnection) -> anyhow::Result<u64> {
        let mut rows = 0;
        for table in &self.tables {
            let count = format!("SELECT count(*) FROM {}.{table}", self.schema);
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut *connection).await?;
            rows += count.unsigned_abs();
        }
        Ok(rows)
    }

    /// The schema's name.
    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    /// The tables' names.
    pub(super) fn tables(&self) -> &[&'static str] {
        &self.tables
    }

    /// The schema into which the live tables go when these take their place.
    pub(super) fn old_schema(&self) -> String {
        format!("{}_old", self.schema)
    }
}

/// A connection that holds the lock which only one rebuild has at a time, with what an earlier one left swept away.
pub(super) async fn alone(connector: &Connector) -> anyhow::Result<PgConnection> {
    let mut keeper = connector.durable().connect().await.context("connecting to Postgres")?;
    run(&mut keeper, "SET statement_timeout = '1h'".to_owned()).await?;
    let alone: bool =
        sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtext('inklog rebuild'))").fetch_one(&mut keeper).await?;
    ensure!(alone, "another rebuild is under way");
    sweep(&mut keeper).await?;
    Ok(keeper)
}

/// A name that no schema has: who holds the lock has swept them away.
pub(super) fn fresh_schema() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("rebuild_{}", now.as_millis())
}

/// Drops the schemas of all rebuilds: this one's, and those that were killed midway. The caller holds the lock that
/// says that no other one is under way.
pub(super) async fn sweep(connection: &mut PgConnection) -> anyhow::Result<()> {
    const LEFT: &str = r"SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname ~ '^rebuild_[0-9]+(_old)?$'";
    let left: Vec<String> = sqlx::query_scalar(LEFT).fetch_all(&mut *connection).await?;
    for schema in left {
        run(connection, format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await?;
    }
    for table in ["positions", "parked_events"] {
        let delete = format!("DELETE FROM projection.{table} WHERE projector = '{}'", super::content::NAME);
        run(connection, delete).await?;
    }
    Ok(())
}

/// Runs one statement whose names are ours or Postgres's own.
pub(super) async fn run(connection: &mut PgConnection, statement: String) -> anyhow::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.context("preparing or swapping tables")?;
    Ok(())
}

/// Primary keys and unique constraints of a live table; checks come along with LIKE.
async fn constraints(connection: &mut PgConnection, table: &str) -> Result<Vec<(String, String)>, sqlx::Error> {
    const CONSTRAINTS: &str = "SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = format('content.%I', $1::text)::regclass AND contype IN ('p', 'u')";
    sqlx::query_as(CONSTRAINTS).bind(table).fetch_all(connection).await
}
