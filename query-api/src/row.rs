//! The columns that a list reads, told once: as the fields that they are read into.

/// Declares a row and what it is read from: columns of the table that statements call `a`, or expressions.
/// `row! { struct Row of "a" { user_name: String, posts: i64 = "c.number", } }` is a struct with these two fields,
/// which sqlx reads by name, and `Row::columns()`, which is `a.user_name, c.number AS posts`.
macro_rules! row {
    (
        $(#[$meta:meta])* $vis:vis struct $name:ident of $alias:literal {
            $($(#[$field_meta:meta])* $field_vis:vis $column:ident: $type:ty $(= $expression:literal)?,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(sqlx::FromRow)]
        $vis struct $name { $($(#[$field_meta])* $field_vis $column: $type,)+ }

        impl $name {
            /// The list that a `SELECT` begins with.
            $vis fn columns() -> String {
                [$(crate::row::column!($alias, $column $(, $expression)?)),+].join(", ")
            }
        }
    };
}

/// One column of [`row`].
macro_rules! column {
    ($alias:literal, $column:ident) => {
        concat!($alias, ".", stringify!($column))
    };
    ($alias:literal, $column:ident, $expression:literal) => {
        concat!($expression, " AS ", stringify!($column))
    };
}

pub(crate) use {column, row};
