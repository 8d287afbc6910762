//! The tables of a rebuild: like the live ones to the last constraint, in a schema of their own.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::content::{Bulk, Connector};

/// The name under which a rebuild keeps its positions and parked events.
pub(super) const NAME: &str = "rebuild";

/// Postgres finds its way in a table of so many bytes without knowing what is in it: reading all of it takes
/// milliseconds. Autovacuum tells it within a minute or two.
const SMALL: i64 = 8 << 20;

/// The schema of a rebuild.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    schema: String,
    tables: Vec<&'static str>,
}

impl Scratch {
    /// Makes the tables, with their primary keys (which the folds look rows up by) and without other indexes. The
    /// connection means them by their names from now on.
    pub(super) async fn create(
        connection: &mut PgConnection,
        schema: String,
        tables: Vec<&'static str>,
    ) -> anyhow::Result<Self> {
        let mut create = format!("CREATE SCHEMA {schema};");
        for table in &tables {
            create += &format!(
                "CREATE TABLE {schema}.{table} (LIKE content.{table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS \
                 INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING COMMENTS);"
            );
        }
        for (table, name, definition) in about(connection, CONSTRAINTS, &tables).await? {
            create += &format!("ALTER TABLE {schema}.{table} ADD CONSTRAINT {name} {definition};");
        }
        for (table, option, value) in about(connection, OPTIONS, &tables).await? {
            create += &format!("ALTER TABLE {schema}.{table} SET ({option} = {value});");
        }
        for (table, privilege, grantee) in about(connection, GRANTS, &tables).await? {
            create += &format!("GRANT {privilege} ON {schema}.{table} TO {grantee};");
        }
        create += &format!("SET search_path = {schema}");
        run(connection, create).await?;
        Ok(Self { schema, tables })
    }

    /// Makes the other indexes, under the names that the live ones have, and tells Postgres of the columns of large
    /// tables that have one what it plans by. Of long texts that no query compares it would learn nothing that pays for
    /// reading them; autovacuum does so when it comes by.
    pub(super) async fn index(&self, bulk: &mut Bulk<'_>) -> anyhow::Result<()> {
        let indexes = about(bulk.keeper(), INDEXES, &self.tables).await?;
        let columns = self.indexed_columns_of_large(bulk.keeper()).await?;
        let statements = |table: &'static str| {
            let (live, here) = (format!(" ON content.{table} "), format!(" ON {}.{table} ", self.schema));
            let of_table = indexes.iter().filter(|(of, _, _)| of == table);
            let create = of_table.map(|(_, _, definition)| definition.replacen(&live, &here, 1));
            let large = columns.iter().filter(|(of, _)| of == table);
            let analyze = large.map(|(_, columns)| format!("ANALYZE {}.{table} ({columns})", self.schema));
            create.chain(analyze).collect()
        };
        bulk.run(statements).await.context("making indexes")
    }

    async fn indexed_columns_of_large(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Vec<(String, String)>, sqlx::Error> {
        sqlx::query_as(INDEXED).bind(&self.tables).bind(&self.schema).bind(SMALL).fetch_all(connection).await
    }

    /// The number of rows in all tables, which are in the live schema by now, or still in this one.
    pub(super) async fn rows(&self, connection: &mut PgConnection, swapped: bool) -> anyhow::Result<u64> {
        let schema = if swapped { "content" } else { &self.schema };
        let count = |table: &&str| format!("(SELECT count(*) FROM {schema}.{table})");
        let counts: Vec<String> = self.tables.iter().map(count).collect();
        let count = format!("SELECT {}", counts.join(" + "));
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(connection).await?;
        Ok(rows.unsigned_abs())
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
    let mut keeper = connector.relaxed().connect().await.context("connecting to Postgres")?;
    run(&mut keeper, "SET statement_timeout = '1h'".to_owned()).await?;
    let alone: bool =
        sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtext('inklog rebuild'))").fetch_one(&mut keeper).await?;
    ensure!(alone, "another rebuild is under way");
    sweep(&mut keeper).await?;
    Ok(keeper)
}

/// Lets the next rebuild begin. A connection's end does so too, but only when Postgres has noticed it.
pub(super) async fn release(keeper: &mut PgConnection) -> anyhow::Result<()> {
    run(keeper, "SELECT pg_advisory_unlock(hashtext('inklog rebuild'))".to_owned()).await
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
    let mut sweep: Vec<String> = left.iter().map(|schema| format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).collect();
    for table in ["positions", "parked_events"] {
        sweep.push(format!("DELETE FROM projection.{table} WHERE projector = '{NAME}'"));
    }
    run(connection, sweep.join("; ")).await
}

/// Runs statements, all or none, whose names are ours or Postgres's own.
pub(super) async fn run(connection: &mut PgConnection, statement: String) -> anyhow::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.context("preparing or swapping tables")?;
    Ok(())
}

/// Primary keys and unique constraints; checks come along with LIKE.
const CONSTRAINTS: &str = "SELECT relname::text, quote_ident(conname), pg_get_constraintdef(pg_constraint.oid)
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
    WHERE relnamespace = 'content'::regnamespace AND relname = ANY($1) AND contype IN ('p', 'u')";

/// How a table and what is beside its rows are stored and vacuumed, which LIKE leaves out.
const OPTIONS: &str =
    "SELECT live.relname::text, CASE holder.oid WHEN live.oid THEN '' ELSE 'toast.' END || option_name,
        quote_literal(option_value)
    FROM pg_class AS live JOIN pg_class AS holder ON holder.oid IN (live.oid, live.reltoastrelid),
        pg_options_to_table(holder.reloptions)
    WHERE live.relnamespace = 'content'::regnamespace AND live.relname = ANY($1)";

/// The roles that may read the live table may read the one that takes its place.
const GRANTS: &str = "SELECT relname::text, acl.privilege_type,
        CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END
    FROM pg_class, aclexplode(relacl) AS acl
    WHERE relnamespace = 'content'::regnamespace AND relname = ANY($1) AND acl.grantee <> relowner";

/// Indexes that are no constraint's. Postgres writes the table's full name behind the first ON, after the index's name.
const INDEXES: &str = "SELECT relname::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = 'content'::regnamespace AND relname = ANY($1)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)";

/// The columns of each live table that an index names, its primary key's too, where the table that takes its place is
/// large. That one is joined and not cast from its name: Postgres may ask for a size before it looks at the other
/// conditions (it did from the ninth table on), and a cast fails for names that the other schema does not have.
const INDEXED: &str = "SELECT live.relname::text, string_agg(DISTINCT quote_ident(attname), ', ')
    FROM pg_index JOIN pg_class AS live ON live.oid = indrelid
        JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
        JOIN pg_class AS here ON here.relname = live.relname AND here.relnamespace = $2::text::regnamespace
    WHERE live.relnamespace = 'content'::regnamespace AND live.relname = ANY($1) AND pg_relation_size(here.oid) > $3
    GROUP BY live.relname";

/// What the catalogue says about live tables: each line begins with the table.
async fn about(
    connection: &mut PgConnection,
    question: &'static str,
    tables: &[&str],
) -> Result<Vec<(String, String, String)>, sqlx::Error> {
    sqlx::query_as(question).bind(tables).fetch_all(connection).await
}
