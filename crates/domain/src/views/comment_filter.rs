use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::moderation::{Event, FILTERS, Moderation};

/// The view of what comments are held for: one row, once an admin has said something of it.
#[derive(Clone, Copy, Debug)]
pub struct CommentFilters;

/// What comments are held for.
#[derive(Clone, Debug, PartialEq)]
pub struct CommentFilter {
    /// The id of its aggregate, [`FILTERS`].
    pub id: String,
    /// Words that are looked for.
    pub words: Vec<String>,
    /// More links than this.
    pub most_links: Option<i64>,
    /// Authors of whom fewer comments than this are shown.
    pub first_comments: i64,
    /// Who said so.
    pub changed_by: Uuid,
    /// When.
    pub changed_at: Timestamp,
    /// Its version, which a comment that is held names.
    pub version: u64,
}

impl View for CommentFilters {
    const NAME: &'static str = "comment_filters";
    type Source = Moderation;
    type Key = String;
    type Row = CommentFilter;

    fn keys(event: SourceEvent<'_, Moderation>) -> impl IntoIterator<Item = String> {
        matches!(event.event, Event::FiltersChanged(_)).then(|| FILTERS.to_owned())
    }

    fn seen(row: Option<&CommentFilter>, _: SourceEvent<'_, Moderation>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(id: &String, row: Option<CommentFilter>, event: SourceEvent<'_, Moderation>) -> Option<CommentFilter> {
        let Event::FiltersChanged(changed) = event.event else { return row };
        Some(CommentFilter {
            id: id.clone(),
            words: changed.words.iter().map(ToString::to_string).collect(),
            most_links: changed.most_links,
            first_comments: changed.first_comments,
            changed_by: event.actor_id,
            changed_at: event.occurred_at,
            version: event.version,
        })
    }
}
