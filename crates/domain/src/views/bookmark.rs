use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::bookmarks::{Added, Event, Removed};

/// The view of every bookmark that there ever was.
#[derive(Clone, Copy, Debug)]
pub struct Bookmarks;

/// A bookmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Bookmark {
    /// The account whose it is.
    pub account_id: Uuid,
    /// The post that it keeps.
    pub post_id: Uuid,
    /// Whether it is there now.
    pub active: bool,
    /// Since when it is so.
    pub since: Timestamp,
    /// Its version: a row of one that was removed is kept for it.
    pub version: u64,
}

impl View for Bookmarks {
    const NAME: &'static str = "bookmarks";
    type Source = crate::bookmarks::Bookmarks;
    type Key = (Uuid, Uuid);
    type Row = Bookmark;

    fn keys(event: SourceEvent<'_, Self::Source>) -> impl IntoIterator<Item = (Uuid, Uuid)> {
        let (Event::Added(Added { account_id, post_id }) | Event::Removed(Removed { account_id, post_id })) =
            event.event;
        [(*account_id, *post_id)]
    }

    fn seen(row: Option<&Bookmark>, _: SourceEvent<'_, Self::Source>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(
        &(account_id, post_id): &(Uuid, Uuid),
        _: Option<Bookmark>,
        event: SourceEvent<'_, Self::Source>,
    ) -> Option<Bookmark> {
        let active = match event.event {
            Event::Added(_) => true,
            Event::Removed(_) => false,
        };
        Some(Bookmark { account_id, post_id, active, since: event.occurred_at, version: event.version })
    }
}
