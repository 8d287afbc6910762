//! Lists that are read in both directions: a page has cursors to the next one and to the previous one.

use actix_web::HttpResponse;
use serde::Serialize;
use service_kit::Problem;
use sqlx::Postgres;
use sqlx::query_builder::Separated;

use crate::cursor::{Key, ListId};
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
struct Place<K> {
    side: Side,
    key: K,
}

/// On which side of an entry a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// It begins after it.
    After,
    /// It ends before it.
    Before,
    /// It begins with it.
    From,
    /// It ends with it.
    UpTo,
}

impl Side {
    const ALL: [Self; 4] = [Self::After, Self::Before, Self::From, Self::UpTo];

    fn sign(self) -> char {
        match self {
            Self::After => '>',
            Self::Before => '<',
            Self::From => ']',
            Self::UpTo => '[',
        }
    }

    /// Whether the page is read from its end.
    fn is_backwards(self) -> bool {
        matches!(self, Self::Before | Self::UpTo)
    }

    /// Whether the entry may be on the page.
    fn is_with_it(self) -> bool {
        matches!(self, Self::From | Self::UpTo)
    }

    /// The pages beside an empty one on this side of an entry: the entry may be there still, and is on one of them.
    fn beside(self) -> Self {
        match self {
            Self::After => Self::UpTo,
            Self::UpTo => Self::After,
            Self::Before => Self::From,
            Self::From => Self::Before,
        }
    }
}

impl<K: Key> Key for Place<K> {
    fn text(&self) -> String {
        format!("{}{}", self.side.sign(), self.key.text())
    }

    fn parse(text: &str) -> Option<Self> {
        let side = Side::ALL.into_iter().find(|side| text.starts_with(side.sign()))?;
        Some(Self { side, key: K::parse(&text[1..])? })
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
    let place: Option<Place<L::Key>> = paging.cursor.map(|cursor| id.key(cursor)).transpose()?;
    let side = place.as_ref().map(|place| place.side);
    let backwards = side.is_some_and(Side::is_backwards);
    let order = if backwards { list.order().reversed() } else { list.order() };
    // One more than asked for tells whether there are more that way; the other way there is what the cursor names.
    let mut query = statement(list, order, place, side.is_some_and(Side::is_with_it), paging.limit + 1);
    let mut entries: Vec<L::Entry> = database.run(query.build_query_as().fetch_all(database.pool())).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    if backwards {
        entries.reverse();
    }
    let (more_after, more_before) = if backwards { (true, more) } else { (more, side.is_some()) };
    let cursor = |entry: &L::Entry, side| id.cursor(&Place { side, key: L::key(entry) });
    let next = entries.last().filter(|_| more_after).map(|entry| cursor(entry, Side::After));
    let previous = entries.first().filter(|_| more_before).map(|entry| cursor(entry, Side::Before));
    let (next, previous) = match (paging.cursor, entries.is_empty()) {
        (Some(named), true) => beside_nothing(id, id.key::<Place<L::Key>>(named)?),
        (Some(_) | None, _) => (next, previous),
    };
    Ok(TwoWayPage { entries, next, previous })
}

/// The cursors to the next page and to the previous one, of an empty page at this place: what was there is gone by now,
/// and the reader is not left without a way back.
fn beside_nothing<K: Key>(id: ListId, Place { side, key }: Place<K>) -> (Option<String>, Option<String>) {
    let there = id.cursor(&Place { side: side.beside(), key });
    if side.is_backwards() { (Some(there), None) } else { (None, Some(there)) }
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
