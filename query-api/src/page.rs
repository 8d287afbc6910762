//! Lists that are given in pages. What they share is here: the parameters `limit`, `cursor` and `position`, looking for
//! one entry more than a page has, the cursor of the next page and the header `Link`. A list says what is its own: its
//! parameters and its body ([`page_query`], [`page_body`]), and its SQL, order and entries ([`List`]).

use actix_web::HttpResponse;
use serde::Serialize;
use service_kit::Problem;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Postgres, QueryBuilder};

use crate::cursor::{Key, ListId};
use crate::database::Database;
use crate::reply::Reply;

/// Declares the parameters of a list: its own fields, then `limit` (whose documentation is given), `cursor` and
/// `position`, which each list has. `page_query! { struct ListQuery { tag: Option<String>, } limit }` is a struct with
/// these four fields, to be taken as `Query<ListQuery>`, and its method `paging`.
macro_rules! page_query {
    (
        $(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }
        $(#[$limit_meta:meta])* limit
    ) => {
        $(#[$meta])*
        #[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        $vis struct $name {
            $($(#[$field_meta])* $field: $type,)*
            $(#[$limit_meta])*
            #[param(required = false, schema_with = crate::limit::schema::<20, 100>)]
            $vis limit: Option<crate::limit::Limit<20, 100>>,
            /// Where to go on: what `next` of the previous page said.
            #[param(required = false, schema_with = crate::cursor::schema)]
            $vis cursor: Option<String>,
            /// Wait until this position is reached; the same as the header `Inklog-Position`.
            #[param(required = false, schema_with = crate::freshness::position)]
            $vis position: Option<crate::freshness::Position>,
        }

        impl $name {
            /// Which page is asked for.
            $vis fn paging(&self) -> crate::page::Paging<'_> {
                crate::page::Paging { limit: self.limit.unwrap_or_default().get(), cursor: self.cursor.as_deref() }
            }
        }
    };
}

/// Declares the body of a page: `page_body! { struct AuthorList { authors: Author, } }` is a struct with the fields
/// `authors: Vec<Author>` and `next: Option<String>`, made of a `Page<Author>`.
macro_rules! page_body {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $(#[$field_meta:meta])* $entries:ident: $entry:ty, }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        $vis struct $name {
            $(#[$field_meta])*
            $entries: Vec<$entry>,
            /// The `cursor` of the next page; null on the last.
            #[schema(required = true)]
            next: Option<String>,
        }

        impl From<crate::page::Page<$entry>> for $name {
            fn from(page: crate::page::Page<$entry>) -> Self {
                Self { $entries: page.entries, next: page.next }
            }
        }
    };
}

pub(crate) use {page_body, page_query};

/// Which page of a list is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paging<'a> {
    /// How many entries it has at most.
    pub(crate) limit: u32,
    /// Where it begins: after the entry of this cursor, or with the first.
    pub(crate) cursor: Option<&'a str>,
}

/// A page of a list.
#[derive(Debug)]
pub(crate) struct Page<E> {
    /// Its entries.
    pub(crate) entries: Vec<E>,
    /// The cursor of the next page, if there is one.
    pub(crate) next: Option<String>,
}

/// By which columns a list is ordered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    /// The least first.
    Ascending([&'static str; 2]),
    /// The greatest first.
    Descending([&'static str; 2]),
}

impl Order {
    /// The same, from its end.
    pub(crate) fn reversed(self) -> Self {
        match self {
            Self::Ascending(columns) => Self::Descending(columns),
            Self::Descending(columns) => Self::Ascending(columns),
        }
    }
}

/// A list that is given in pages.
pub(crate) trait List {
    /// What places an entry: the values of the columns of its [`Order`], unique among the entries.
    type Key: Key;
    /// An entry, as Postgres has it.
    type Entry: for<'r> FromRow<'r, PgRow> + Send + Unpin;

    /// Which list it is: its name and its filters.
    fn id(&self) -> ListId;

    /// The statement that selects its entries, up to and including the conditions of its `WHERE`.
    fn select(&self) -> QueryBuilder<Postgres>;

    /// The order of its entries; an index has it.
    fn order(&self) -> Order;

    /// The key of an entry.
    fn key(entry: &Self::Entry) -> Self::Key;

    /// Reads a page.
    ///
    /// # Errors
    /// 422 if the cursor is not this list's, 503 if Postgres does not answer.
    async fn page(&self, paging: Paging<'_>, database: &Database) -> Result<Page<Self::Entry>, Problem> {
        let (id, limit) = (self.id(), paging.limit as usize);
        let after: Option<Self::Key> = paging.cursor.map(|cursor| id.key(cursor)).transpose()?;
        // One more than asked for tells whether there is a next page.
        let mut query = statement(self, self.order(), after, false, paging.limit + 1);
        let mut entries = database.run(query.build_query_as().fetch_all(database.pool())).await?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).map(|entry| id.cursor(&Self::key(entry)));
        Ok(Page { entries, next })
    }
}

/// The list's statement with the page's place, order and size; `with_it`: the entry at this place is on the page, too.
pub(crate) fn statement<L: List + ?Sized>(
    list: &L,
    order: Order,
    after: Option<impl Key>,
    with_it: bool,
    limit: u32,
) -> QueryBuilder<Postgres> {
    let mut query = list.select();
    let (columns, beyond, direction) = match (order, with_it) {
        (Order::Ascending(columns), false) => (columns, ">", "ASC"),
        (Order::Ascending(columns), true) => (columns, ">=", "ASC"),
        (Order::Descending(columns), false) => (columns, "<", "DESC"),
        (Order::Descending(columns), true) => (columns, "<=", "DESC"),
    };
    let [first, second] = columns;
    if let Some(key) = after {
        query.push(format_args!(" AND ({first}, {second}) {beyond} ("));
        key.bind(&mut query.separated(", "));
        query.push(")");
    }
    query.push(format_args!(" ORDER BY {first} {direction}, {second} {direction} LIMIT "));
    query.push_bind(i64::from(limit));
    query
}

impl<E> Page<E> {
    /// The answer, as the body `B`.
    pub(crate) fn answer<B: From<Self> + Serialize>(self, reply: Reply<'_>) -> Result<HttpResponse, Problem> {
        let reply = reply.next_page(self.next.as_deref());
        reply.json(&B::from(self))
    }
}

/// The parameters of a request with another value of one.
pub(crate) fn with(name: &str, value: &str, query: &str) -> String {
    let others = query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name));
    others.map(str::to_owned).chain([format!("{name}={value}")]).collect::<Vec<_>>().join("&")
}
