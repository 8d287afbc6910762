//! What a column holds, by the Rust type of the row's field: how it goes into Postgres and comes out.

use domain::Timestamp;
use sqlx::encode::Encode;
use sqlx::postgres::{PgHasArrayType, PgRow};
use sqlx::{Decode, Postgres, Row, Type};
use uuid::Uuid;

use super::literal;
use super::time::At;
use super::tuples::Tuples;

/// A column as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// Its type: `text[]`.
    pub kind: &'static str,
    /// Whether it may be null.
    pub nullable: bool,
    /// The type of the elements by which its values travel in an array. Of arrays it is `text`: `UNNEST` would flatten
    /// an array in an array, so each is cast back.
    pub element: &'static str,
}

/// A Rust type that one column holds.
pub trait Column: Send + Sync + Unpin + Sized {
    /// The type of the column.
    const KIND: &'static str;
    /// Whether the column may be null.
    const NULLABLE: bool = false;
    /// See [`Definition::element`].
    const ELEMENT: &'static str = Self::KIND;
    /// A value as an element of an array of many rows' values.
    type Element<'a>: Encode<'a, Postgres> + Type<Postgres> + PgHasArrayType
    where
        Self: 'a;
    /// A value as it is read.
    type Raw: for<'r> Decode<'r, Postgres> + Type<Postgres>;

    /// The value as an element.
    fn element(&self) -> Self::Element<'_>;

    /// The value of what was read.
    fn of(raw: Self::Raw) -> Self;

    /// Encodes the value as a field of a COPY.
    fn encode(&self, tuples: &mut Tuples);
}

/// A type that goes in and comes out as it is: `Uuid as "uuid" by uuid`, the last being the function of [`Tuples`].
macro_rules! plain {
    ($($kind:ty as $name:literal by $encode:ident,)+) => {$(
        impl Column for $kind {
            const KIND: &'static str = $name;
            type Element<'a> = Self;
            type Raw = Self;

            fn element(&self) -> Self {
                *self
            }

            fn of(raw: Self) -> Self {
                raw
            }

            fn encode(&self, tuples: &mut Tuples) {
                tuples.$encode(*self);
            }
        }
    )+};
}

plain! {
    Uuid as "uuid" by uuid,
    bool as "boolean" by bool,
    i64 as "bigint" by bigint,
}

impl Column for String {
    const KIND: &'static str = "text";
    type Element<'a> = &'a str;
    type Raw = Self;

    fn element(&self) -> &str {
        self
    }

    fn of(raw: Self) -> Self {
        raw
    }

    fn encode(&self, tuples: &mut Tuples) {
        tuples.text(self);
    }
}

/// Versions, which never reach the sign.
impl Column for u64 {
    const KIND: &'static str = "bigint";
    type Element<'a> = i64;
    type Raw = i64;

    fn element(&self) -> i64 {
        self.cast_signed()
    }

    fn of(raw: i64) -> Self {
        raw.cast_unsigned()
    }

    fn encode(&self, tuples: &mut Tuples) {
        tuples.bigint(self.cast_signed());
    }
}

impl Column for Timestamp {
    const KIND: &'static str = "timestamp with time zone";
    type Element<'a> = At;
    type Raw = At;

    fn element(&self) -> At {
        At(*self)
    }

    fn of(At(at): At) -> Self {
        at
    }

    fn encode(&self, tuples: &mut Tuples) {
        tuples.bigint(At(*self).micros());
    }
}

/// An array, which travels as text: `Uuid as "uuid[]" by bare, uuids`, the functions being that of the text and that of
/// [`Tuples`].
macro_rules! array {
    ($($kind:ty as $name:literal by $text:ident, $encode:ident;)+) => {$(
        impl Column for Vec<$kind> {
            const KIND: &'static str = $name;
            const ELEMENT: &'static str = "text";
            type Element<'a> = String;
            type Raw = Self;

            fn element(&self) -> String {
                literal::$text(self)
            }

            fn of(raw: Self) -> Self {
                raw
            }

            fn encode(&self, tuples: &mut Tuples) {
                tuples.$encode(self);
            }
        }
    )+};
}

array! {
    Uuid as "uuid[]" by bare, uuids;
    i64 as "bigint[]" by bare, bigints;
    String as "text[]" by array, texts;
}

impl<T: Column> Column for Option<T> {
    const KIND: &'static str = T::KIND;
    const NULLABLE: bool = true;
    const ELEMENT: &'static str = T::ELEMENT;
    type Element<'a>
        = Option<T::Element<'a>>
    where
        T: 'a;
    type Raw = Option<T::Raw>;

    fn element(&self) -> Option<T::Element<'_>> {
        self.as_ref().map(T::element)
    }

    fn of(raw: Option<T::Raw>) -> Self {
        raw.map(T::of)
    }

    fn encode(&self, tuples: &mut Tuples) {
        match self {
            Some(value) => value.encode(tuples),
            None => tuples.null(),
        }
    }
}

/// A value of the column at a place, which moves on.
pub(super) fn read<T: Column>(row: &PgRow, place: &mut usize) -> Result<T, sqlx::Error> {
    let raw = row.try_get(*place)?;
    *place += 1;
    Ok(T::of(raw))
}
