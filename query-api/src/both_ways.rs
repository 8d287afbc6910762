//! Lists that are read in both directions: a page has cursors to the next one and to the previous one.

use actix_web::HttpResponse;
use serde::Serialize;
use service_kit::Problem;
use sqlx::Postgres;
use sqlx::query_builder::Separated;

use crate::cursor::Key;
use crate::database::Database;
use crate::page::{List, Paging, statement};
use crate::reply::Reply;

/// A page of such a list.
#[derive(Debug)]
pub(crate) struct TwoWayPage<E> {
    /// Its entries.
    pub(crate) entries: Vec<E>,
    /// The cursor of the next page, if there is one.
    pub(crate) next: Option<String>,
    /// The cursor of the previous page, if there is one.
    pub(crate) previous: Option<String>,
}

/// An entry, and on which side of it a page is.
struct Side<K> {
    before: bool,
    key: K,
}

const AFTER: char = '>';
const BEFORE: char = '<';

impl<K: Key> Key for Side<K> {
    fn text(&self) -> String {
        format!("{}{}", if self.before { BEFORE } else { AFTER }, self.key.text())
    }

    fn parse(text: &str) -> Option<Self> {
        let before = text.starts_with(BEFORE);
        let key = text.strip_prefix([BEFORE, AFTER])?;
        Some(Self { before, key: K::parse(key)? })
    }

    fn bind(self, values: &mut Separated<'_, Postgres, &'static str>) {
        self.key.bind(values);
    }
}

/// Reads a page of a list.
///
/// # Errors
/// 422 if the cursor is not this list's, 503 if Postgres does not answer.
pub(crate) async fn page<L: List>(
    list: &L,
    paging: Paging<'_>,
    database: &Database,
) -> Result<TwoWayPage<L::Entry>, Problem> {
    let (id, limit) = (list.id(), paging.limit as usize);
    let place: Option<Side<L::Key>> = paging.cursor.map(|cursor| id.key(cursor)).transpose()?;
    let (follows, before) = (place.is_some(), place.as_ref().is_some_and(|place| place.before));
    let order = if before { list.order().reversed() } else { list.order() };
    // One more than asked for tells whether there are more that way; the other way there is what the cursor names.
    let mut query = statement(list, order, place, paging.limit + 1);
    let mut entries: Vec<L::Entry> = database.run(query.build_query_as().fetch_all(database.pool())).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    if before {
        entries.reverse();
    }
    let (more_after, more_before) = if before { (true, more) } else { (more, follows) };
    let cursor = |entry: &L::Entry, before| id.cursor(&Side { before, key: L::key(entry) });
    let next = entries.last().filter(|_| more_after).map(|entry| cursor(entry, false));
    let previous = entries.first().filter(|_| more_before).map(|entry| cursor(entry, true));
    Ok(TwoWayPage { entries, next, previous })
}

/// Declares the body of a page of a list that is read in both directions: its own fields, then the entries, `next` and
/// `previous`.
macro_rules! two_way_body {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $(#[$field_meta:meta])* $entries:ident: $entry:ty, }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        $vis struct $name {
            $(#[$field_meta])*
            $entries: Vec<$entry>,
            /// The `cursor` of the next page; null on the last.
            #[schema(required = true)]
            next: Option<String>,
            /// The `cursor` of the previous page; null on the first.
            #[schema(required = true)]
            previous: Option<String>,
        }

        impl From<crate::both_ways::TwoWayPage<$entry>> for $name {
            fn from(page: crate::both_ways::TwoWayPage<$entry>) -> Self {
                Self { $entries: page.entries, next: page.next, previous: page.previous }
            }
        }
    };
}

pub(crate) use two_way_body;

impl<E> TwoWayPage<E> {
    /// The answer, as the body `B`.
    pub(crate) fn answer<B: From<Self> + Serialize>(self, reply: Reply<'_>) -> Result<HttpResponse, Problem> {
        let reply = reply.next_page(self.next.as_deref()).previous_page(self.previous.as_deref());
        reply.json(&B::from(self))
    }
}
