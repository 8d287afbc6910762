//! Views: the rows that readers see, each a pure keyed fold of the log. The projectors load the rows of a batch,
//! fold in memory and write back; tests fold the whole log and compare.

mod author;
mod bookmark;
mod case;
mod category;
mod comment;
mod comment_filter;
mod comment_rank;
mod dates;
mod follow;
mod followed_subject;
mod invitation;
mod medium;
mod medium_use;
mod month;
mod post;
mod preferred;
mod preview;
pub mod ranks;
mod reaction;
mod review;
mod ruling;
mod series;
mod share;
mod slug;
mod source;
mod tag_name;
mod tagged;
mod writers;
mod written;

pub use author::{Author, Authors, DELETED_PREFIX, deleted_user_name};
pub use bookmark::{Bookmark, Bookmarks};
pub use case::{Case, Cases, PersonBlock, PersonBlocks};
pub use category::{Categories, Category, CategorySlug, CategorySlugs};
pub use comment::{Comment, Comments};
pub use comment_filter::{CommentFilter, CommentFilters};
pub use comment_rank::{CommentRank, CommentRanks};
pub use follow::{Follow, Follows};
pub use followed_subject::{FollowedSubject, FollowedSubjects};
pub use invitation::{Invitation, Invitations};
pub use medium::{Media, Medium};
pub use medium_use::{MediaUses, MediumUse};
pub use month::month_of;
pub use post::{Post, Posts};
pub use preferred::{Preferences, Preferred};
pub use preview::{Preview, Previews};
pub use reaction::{Reaction, Reactions};
pub use review::{Review, Reviews};
pub use ruling::{Ruling, Rulings};
pub use series::{AllSeries, Series, SeriesSlug, SeriesSlugs};
pub use share::{Share, Shares};
pub use slug::{Slug, Slugs};
pub use source::{Source, SourceEvent, ViewEvent};
pub use tag_name::{TagName, TagNames};
pub use tagged::{Tagged, Tags};
pub use writers::Writers;
pub use written::{Written, WrittenBy};

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;

/// A keyed fold of the events of its source. It is exhaustive over those, and no other event ever reaches it.
///
/// An event touches the rows of [`View::keys`]: none, one or several. It is folded into all of them or into none: first
/// each row says, in [`View::seen`], how far it has seen the event's aggregate. Where the key is the aggregate, that is
/// the row's version. A row that several aggregates feed says it of each: it keeps a version per aggregate where a gap
/// would be harmful, and for the others it says [`Seen::Unknown`]. Then the projector's position is the only guard: it
/// moves on in the transaction that writes the row, so each event is folded once, in the order of its partition.
pub trait View {
    /// The name of the view: `posts`.
    const NAME: &'static str;
    /// What it is made of: a context, or what [`crate::sources!`] makes of several.
    type Source: Source;
    /// What a row is found by.
    type Key: Clone + Eq + Hash + Ord + Debug + Send + Sync + 'static;
    /// A row.
    type Row: Clone + PartialEq + Debug + Send + Sync + 'static;

    /// The keys of the rows that an event touches.
    fn keys(event: SourceEvent<'_, Self::Source>) -> impl IntoIterator<Item = Self::Key>;

    /// How far a row, or the lack of one, has seen the event's aggregate.
    fn seen(row: Option<&Self::Row>, event: SourceEvent<'_, Self::Source>) -> Seen;

    /// The row of one of its keys after an event; `None` if there is none.
    fn fold(key: &Self::Key, row: Option<Self::Row>, event: SourceEvent<'_, Self::Source>) -> Option<Self::Row>;

    /// The keys of the rows that an event touches, of whichever context it is.
    fn touched(event: &ViewEvent) -> impl Iterator<Item = Self::Key> {
        SourceEvent::of(event).into_iter().flat_map(Self::keys)
    }

    /// Folds an event into the rows that it touches.
    ///
    /// # Errors
    /// The event does not follow what one of them has seen: the log was misread, and no row is changed.
    fn apply(rows: &mut HashMap<Self::Key, Self::Row>, event: &ViewEvent) -> Result<(), Gap> {
        let Some(event) = SourceEvent::<Self::Source>::of(event) else { return Ok(()) };
        Self::keys(event).into_iter().try_for_each(|key| Self::seen(rows.get(&key), event).check(event))?;
        for key in Self::keys(event) {
            if let Some(row) = Self::fold(&key, rows.remove(&key), event) {
                rows.insert(key, row);
            }
        }
        Ok(())
    }

    /// The rows after a whole history: what a test compares a table with.
    ///
    /// # Errors
    /// See [`View::apply`].
    fn fold_all<'a>(events: impl IntoIterator<Item = &'a ViewEvent>) -> Result<HashMap<Self::Key, Self::Row>, Gap> {
        let mut rows = HashMap::new();
        events.into_iter().try_for_each(|event| Self::apply(&mut rows, event))?;
        Ok(rows)
    }
}

/// How far a row has seen an aggregate; 0 for not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Every event up to this version: only the next one may follow.
    Every(u64),
    /// Some events, the last of this version: any later one may follow.
    Some(u64),
    /// The row does not say: any event may follow.
    Unknown,
}

impl Seen {
    fn check<S: Source>(self, event: SourceEvent<'_, S>) -> Result<(), Gap> {
        let (seen, follows) = match self {
            Self::Every(seen) => (seen, event.version == seen + 1),
            Self::Some(seen) => (seen, event.version > seen),
            Self::Unknown => (0, true),
        };
        let gap = || Gap { aggregate_id: event.aggregate_id.to_owned(), seen, found: event.version };
        if follows { Ok(()) } else { Err(gap()) }
    }
}

/// An event's version is not one that may follow what a row has seen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{aggregate_id}: event version {found} follows version {seen} of the row")]
pub struct Gap {
    /// The aggregate.
    pub aggregate_id: String,
    /// The row's version, 0 for no row.
    pub seen: u64,
    /// The event's.
    pub found: u64,
}

#[cfg(test)]
mod tests;
