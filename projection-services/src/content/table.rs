//! A table, told once in this crate. [`table!`] declares its name, its key and its columns with the fields of the row
//! that they hold; loading, storing, deleting and COPY come from that. The compiler holds it to the row of the domain,
//! and a test to the migrated database. Statements name tables unqualified: the connection's search path says whether
//! the live ones are meant or a rebuild's.

use sqlx::PgConnection;
use sqlx::Postgres;
use sqlx::postgres::{PgArguments, PgRow};

use super::column::{self, Column, Definition};
use super::tuples::Tuples;

/// A statement whose values are being bound.
pub(super) type Query = sqlx::query::Query<'static, Postgres, PgArguments>;

/// A Rust type that some columns hold: one, or those of a struct's fields after each other.
pub trait Columns: Send + Sync + Unpin + Sized {
    /// The number of columns.
    const COUNT: i16;

    /// Adds what the columns are; one that is alone is called `name`.
    fn define(name: &'static str, columns: &mut Vec<Definition>);

    /// Encodes the values as fields of a COPY.
    fn encode(&self, tuples: &mut Tuples);

    /// Binds an array for each column: the values of many rows.
    fn bind<'a>(query: Query, values: impl Iterator<Item = &'a Self> + Clone) -> Query
    where
        Self: 'a;

    /// The value of the columns at a place, which moves on behind them.
    ///
    /// # Errors
    /// The columns are of other types.
    fn read(row: &PgRow, place: &mut usize) -> Result<Self, sqlx::Error>;
}

impl<T: Column> Columns for T {
    const COUNT: i16 = 1;

    fn define(name: &'static str, columns: &mut Vec<Definition>) {
        columns.push(Definition { name, kind: T::KIND, nullable: T::NULLABLE, element: T::ELEMENT });
    }

    fn encode(&self, tuples: &mut Tuples) {
        Column::encode(self, tuples);
    }

    fn bind<'a>(query: Query, values: impl Iterator<Item = &'a Self> + Clone) -> Query
    where
        Self: 'a,
    {
        query.bind(values.map(T::element).collect::<Vec<_>>())
    }

    fn read(row: &PgRow, place: &mut usize) -> Result<Self, sqlx::Error> {
        column::read(row, place)
    }
}

/// A key of several columns is a tuple; the table says how each is called.
macro_rules! key_of_several {
    ($count:literal: $($kind:ident $place:tt),+) => {
        impl<$($kind: Column),+> Columns for ($($kind,)+) {
            const COUNT: i16 = $count;

            fn define(name: &'static str, columns: &mut Vec<Definition>) {
                $($kind::define(name, columns);)+
            }

            fn encode(&self, tuples: &mut Tuples) {
                $(Column::encode(&self.$place, tuples);)+
            }

            fn bind<'a>(query: Query, values: impl Iterator<Item = &'a Self> + Clone) -> Query
            where
                Self: 'a,
            {
                $(let query = $kind::bind(query, values.clone().map(|key| &key.$place));)+
                query
            }

            fn read(row: &PgRow, place: &mut usize) -> Result<Self, sqlx::Error> {
                Ok(($(column::read::<$kind>(row, place)?,)+))
            }
        }
    };
}

key_of_several! { 2: A 0, B 1 }
key_of_several! { 3: A 0, B 1, C 2 }
key_of_several! { 4: A 0, B 1, C 2, D 3 }

/// A row of a table; declared by [`table!`].
pub trait Table: Columns + Clone + PartialEq + 'static {
    /// What a row is found by.
    type Key: Columns + Clone;
    /// The table's name.
    const NAME: &'static str;
    /// The columns of its primary key, in order.
    const KEY: &'static [&'static str];

    /// The row's key.
    fn key(&self) -> Self::Key;

    /// The statements on this table.
    fn statements() -> &'static Statements;
}

/// What a table is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDefinition {
    /// Its name.
    pub name: &'static str,
    /// The columns of its primary key, in order.
    pub key: Vec<&'static str>,
    /// Its columns.
    pub columns: Vec<Definition>,
}

impl TableDefinition {
    /// That of a row's table.
    #[must_use]
    pub fn of<T: Table>() -> Self {
        let mut columns = Vec::new();
        T::define(T::NAME, &mut columns);
        Self { name: T::NAME, key: T::KEY.to_vec(), columns }
    }

    /// The names of its columns: `post_id, tag`.
    fn names(&self) -> String {
        self.list(|column| column.name.to_owned())
    }

    fn list(&self, say: impl Fn(&Definition) -> String) -> String {
        self.columns.iter().map(say).collect::<Vec<_>>().join(", ")
    }

    /// A set of rows of many values, an array for each column: `UNNEST($1::uuid[], …) AS t (post_id, …)`.
    pub(super) fn unnest(&self, alias: &str) -> String {
        let arrays: Vec<String> =
            (1..).zip(&self.columns).map(|(place, column)| format!("${place}::{}[]", column.element)).collect();
        format!("UNNEST({}) AS {alias} ({})", arrays.join(", "), self.names())
    }

    /// Whether a row's columns are among the keys that are bound. The columns may be in another table.
    pub(super) fn is_among_keys(&self) -> String {
        if let [key] = self.key[..] {
            return format!("{key} = ANY($1)");
        }
        let of =
            |key: &&str| self.columns.iter().find(|column| column.name == *key).map_or("", |column| column.element);
        let arrays: Vec<String> = (1..).zip(&self.key).map(|(place, key)| format!("${place}::{}[]", of(key))).collect();
        format!("({}) IN (SELECT * FROM UNNEST({}))", self.key.join(", "), arrays.join(", "))
    }
}

/// The statements on a table, as text.
#[derive(Debug)]
pub struct Statements {
    load: String,
    store: String,
    delete: String,
    copy: String,
}

impl Statements {
    /// Those on a row's table.
    #[must_use]
    pub fn of<T: Table>() -> Self {
        let table = TableDefinition::of::<T>();
        let (name, names, condition) = (T::NAME, table.names(), table.is_among_keys());
        let cast = |column: &Definition| match column.kind == column.element {
            true => column.name.to_owned(),
            false => format!("{}::{}", column.name, column.kind),
        };
        let others = table.columns.iter().filter(|column| !T::KEY.contains(&column.name));
        let sets: Vec<String> = others.map(|Definition { name, .. }| format!("{name} = EXCLUDED.{name}")).collect();
        // Of a table that is nothing but its key no row can change.
        let on_conflict = match sets.is_empty() {
            true => String::new(),
            false => format!(" ON CONFLICT ({}) DO UPDATE SET {}", T::KEY.join(", "), sets.join(", ")),
        };
        let (values, unnest) = (table.list(cast), table.unnest("t"));
        Self {
            load: format!("SELECT {names} FROM {name} WHERE {condition}"),
            store: format!("INSERT INTO {name} ({names}) SELECT {values} FROM {unnest}{on_conflict}"),
            delete: format!("DELETE FROM {name} WHERE {condition}"),
            copy: format!("COPY {name} ({names}) FROM STDIN (FORMAT binary)"),
        }
    }
}

/// The rows that exist of these keys.
///
/// # Errors
/// Postgres fails.
pub async fn load<T: Table>(connection: &mut PgConnection, keys: &[T::Key]) -> Result<Vec<T>, sqlx::Error> {
    let query = T::Key::bind(sqlx::query(T::statements().load.as_str()), keys.iter());
    query.try_map(|row: PgRow| T::read(&row, &mut 0)).fetch_all(connection).await
}

/// Writes rows that came to be or changed.
pub(super) async fn store<T: Table>(connection: &mut PgConnection, rows: &[&T]) -> Result<(), sqlx::Error> {
    let query = T::bind(sqlx::query(T::statements().store.as_str()), rows.iter().copied());
    query.execute(connection).await.map(drop)
}

/// Deletes the rows of these keys.
pub(super) async fn delete<T: Table>(connection: &mut PgConnection, keys: &[T::Key]) -> Result<(), sqlx::Error> {
    let query = T::Key::bind(sqlx::query(T::statements().delete.as_str()), keys.iter());
    query.execute(connection).await.map(drop)
}

/// Writes rows that did not exist, by COPY.
pub(super) async fn copy<'a, T: Table>(
    connection: &mut PgConnection,
    rows: impl Iterator<Item = &'a T> + Send,
) -> Result<(), sqlx::Error> {
    let mut copy = connection.copy_in_raw(&T::statements().copy).await?;
    let mut tuples = Tuples::begin();
    for row in rows {
        tuples.tuple(T::COUNT);
        Columns::encode(row, &mut tuples);
        if let Some(piece) = tuples.piece() {
            copy.send(piece).await?;
        }
    }
    copy.send(tuples.end()).await?;
    copy.finish().await?;
    Ok(())
}

/// Says which columns the fields of a struct are in: each is called as its field, or as the fields of the field are,
/// where that is a struct with columns of its own. `Chosen { locale: Option<String> }` expands to `impl Columns for
/// Chosen`, with a line per field in every function.
macro_rules! columns {
    ($row:ty { $($field:ident: $kind:ty),+ $(,)? }) => {
        impl $crate::content::table::Columns for $row {
            const COUNT: i16 = 0 $(+ <$kind as $crate::content::table::Columns>::COUNT)+;

            fn define(_: &'static str, columns: &mut Vec<$crate::content::column::Definition>) {
                $(<$kind as $crate::content::table::Columns>::define(stringify!($field), columns);)+
            }

            fn encode(&self, tuples: &mut $crate::content::tuples::Tuples) {
                $($crate::content::table::Columns::encode(&self.$field, tuples);)+
            }

            fn bind<'a>(
                query: $crate::content::table::Query,
                values: impl Iterator<Item = &'a Self> + Clone,
            ) -> $crate::content::table::Query {
                $(let query = $crate::content::table::Columns::bind(query, values.clone().map(|row| &row.$field));)+
                query
            }

            fn read(row: &sqlx::postgres::PgRow, place: &mut usize) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: $crate::content::table::Columns::read(row, place)?,)+ })
            }
        }
    };
}

/// Declares the table whose rows are of a struct: `Slug as "slugs" { key { slug: String } post_id: Uuid, … }`. The
/// columns are [`columns!`] of its fields, those of the primary key first; it expands to that and `impl Table for
/// Slug`.
macro_rules! table {
    ($row:ty as $name:literal { key { $($key:ident: $key_kind:ty),+ } $($field:ident: $kind:ty),* $(,)? }) => {
        $crate::content::table::columns! { $row { $($key: $key_kind,)+ $($field: $kind),* } }

        impl $crate::content::table::Table for $row {
            #[allow(unused_parens, reason = "a key of two columns is a tuple, one of one column is its value")]
            type Key = ($($key_kind),+);
            const NAME: &'static str = $name;
            const KEY: &'static [&'static str] = &[$(stringify!($key)),+];

            fn key(&self) -> Self::Key {
                ($(self.$key.clone()),+)
            }

            fn statements() -> &'static $crate::content::table::Statements {
                static MADE: std::sync::LazyLock<$crate::content::table::Statements> =
                    std::sync::LazyLock::new($crate::content::table::Statements::of::<$row>);
                &MADE
            }
        }
    };
}

pub(super) use {columns, table};

#[cfg(test)]
mod tests;
