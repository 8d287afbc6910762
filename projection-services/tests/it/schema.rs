//! What the views declare of their tables, and what the migrations made.

use std::collections::BTreeMap;

use projection_services::content::{Definition, TableDefinition, kept};

use crate::support::stores::TestDatabase;

/// The columns of a table by name, with type and whether they may be null; and the columns of its primary key.
type Shape = (BTreeMap<String, (String, bool)>, Vec<String>);

fn declared(table: &TableDefinition) -> (String, Shape) {
    let column = |column: &Definition| (column.name.to_owned(), (column.kind.to_owned(), column.nullable));
    let columns = table.columns.iter().map(column).collect();
    (table.name.to_owned(), (columns, table.key.iter().map(ToString::to_string).collect()))
}

async fn migrated(database: &TestDatabase) -> BTreeMap<String, Shape> {
    const COLUMNS: &str = "SELECT relname::text, attname::text, format_type(atttypid, atttypmod), NOT attnotnull,
            array_position(conkey, attnum)
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
            LEFT JOIN pg_constraint ON conrelid = pg_class.oid AND contype = 'p'
        WHERE relnamespace = 'content'::regnamespace AND relkind IN ('r', 'p')
        ORDER BY array_position(conkey, attnum)";
    let mut connection = database.connector().connect().await.unwrap();
    let columns: Vec<(String, String, String, bool, Option<i32>)> =
        sqlx::query_as(COLUMNS).fetch_all(&mut connection).await.unwrap();
    let mut tables: BTreeMap<String, Shape> = BTreeMap::new();
    for (table, column, kind, nullable, place) in columns {
        let (columns, key) = tables.entry(table).or_default();
        key.extend(place.map(|_| column.clone()));
        columns.insert(column, (kind, nullable));
    }
    tables
}

#[tokio::test]
async fn every_table_is_declared_as_it_was_migrated() {
    let database = TestDatabase::create().await;
    let tables = kept().into_iter().flat_map(|kept| kept.views).flat_map(|view| view.tables());
    let declared: BTreeMap<String, Shape> = tables.map(|table| declared(&table)).collect();
    assert_eq!(migrated(&database).await, declared);
}
