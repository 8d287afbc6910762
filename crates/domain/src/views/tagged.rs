use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::dates::Dates;
use super::post::post_of;
use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::posts::{Event, Posts as Context};
use crate::values::{Visibility, Visible};

/// The view of what is listed under which tags: the Postgres table that lists by tag and the Redis lists are both
/// written from it.
#[derive(Clone, Copy, Debug)]
pub struct Tags;

/// A post's place in the lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tagged {
    /// The post.
    pub post_id: Uuid,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it is published.
    pub published: bool,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Whether it is only for who has its address; rows of an earlier version do not say.
    #[serde(default)]
    pub unlisted: bool,
    /// Whether it is in the archive; rows of an earlier version do not say.
    #[serde(default)]
    pub archived: bool,
    /// Whether a moderator hides it; rows of an earlier version do not say.
    #[serde(default)]
    pub hidden: bool,
    /// What lists are ordered by; as in [`super::Post`].
    pub published_at: Option<Timestamp>,
    /// When it was first published here; rows of an earlier version do not say.
    #[serde(default)]
    pub published_here_at: Option<Timestamp>,
    /// When it was first published elsewhere.
    pub originally_published_at: Option<Timestamp>,
    /// The version of the post.
    pub version: u64,
}

impl Tagged {
    /// The tags that the post is listed under now, without repeats, and the time that orders it; `None` when it is
    /// not listed.
    #[must_use]
    pub fn listed(&self) -> Option<(Timestamp, Vec<&str>)> {
        self.tagged(self.archived)
    }

    /// The same of a post in the archive.
    #[must_use]
    pub fn in_archive(&self) -> Option<(Timestamp, Vec<&str>)> {
        self.tagged(!self.archived)
    }

    /// Its tags, if it is in some list, and not left out of this one.
    fn tagged(&self, is_left_out: bool) -> Option<(Timestamp, Vec<&str>)> {
        let is_shown = self.published && !self.deleted && !self.unlisted && !self.hidden && !is_left_out;
        let at = self.published_at.filter(|_| is_shown)?;
        let mut tags: Vec<&str> = self.tags.iter().map(String::as_str).collect();
        tags.sort_unstable();
        tags.dedup();
        Some((at, tags))
    }

    fn dates(&self) -> Dates {
        let Self { published_at, published_here_at, originally_published_at, .. } = *self;
        Dates { first: published_at, here: published_here_at, elsewhere: originally_published_at }
    }

    fn dated(self, Dates { first, here, elsewhere }: Dates) -> Self {
        Self { published_at: first, published_here_at: here, originally_published_at: elsewhere, ..self }
    }
}

impl View for Tags {
    const NAME: &'static str = "tags";
    type Source = Context;
    type Key = Uuid;
    type Row = Tagged;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = Uuid> {
        post_of(event)
    }

    fn seen(row: Option<&Tagged>, _: SourceEvent<'_, Context>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(post_id: &Uuid, row: Option<Tagged>, event: SourceEvent<'_, Context>) -> Option<Tagged> {
        let row = match event.event {
            Event::Drafted(drafted) => Some(Tagged {
                post_id: *post_id,
                tags: drafted.tags.iter().map(ToString::to_string).collect(),
                published: false,
                deleted: false,
                unlisted: drafted.visibility == Some(Visibility::Unlisted),
                archived: false,
                hidden: false,
                published_at: None,
                published_here_at: None,
                originally_published_at: drafted.originally_published_at,
                version: 1,
            }),
            Event::Edited(_)
            | Event::Published(_)
            | Event::Unpublished(_)
            | Event::Deleted(_)
            | Event::Restored(_)
            | Event::Scheduled(_)
            | Event::Unscheduled(_)
            | Event::ExpirySet(_)
            | Event::ExpiryWithdrawn(_)
            | Event::SlugGivenUp(_)
            | Event::Archive(_)
            | Event::Ruling(_)
            | Event::CoAuthors(_)
            | Event::Previews(_)
            | Event::Review(_)
            | Event::Reservation(_) => row,
        };
        row.map(|row| Tagged { version: event.version, ..changed(row, event.event, event.occurred_at) })
    }
}

fn changed(row: Tagged, happened: &Event, at: Timestamp) -> Tagged {
    match happened {
        Event::Edited(edited) => {
            let dates = row.dates().edited(edited, at);
            let tags = edited.tags.as_ref().map(|tags| tags.iter().map(ToString::to_string).collect());
            let unlisted = match edited.visibility {
                _ if edited.resets("visibility") => false,
                Some(visibility) => visibility == Visibility::Unlisted,
                None => row.unlisted,
            };
            Tagged { tags: tags.unwrap_or(row.tags), unlisted, ..row }.dated(dates)
        }
        Event::Published(_) => {
            let dates = row.dates().published(at);
            Tagged { published: true, ..row }.dated(dates)
        }
        Event::Unpublished(_) => Tagged { published: false, archived: false, ..row },
        Event::Archive(event) => Tagged { archived: event.is_in(), ..row },
        Event::Ruling(event) => Tagged { hidden: event.visible() != Visible::All, ..row },
        Event::Deleted(_) => Tagged { deleted: true, ..row },
        Event::Restored(_) => Tagged { deleted: false, ..row },
        Event::Scheduled(_) | Event::Unscheduled(_) | Event::ExpirySet(_) | Event::ExpiryWithdrawn(_) => row,
        Event::Drafted(_) | Event::SlugGivenUp(_) | Event::CoAuthors(_) => row,
        Event::Previews(_) | Event::Review(_) | Event::Reservation(_) => row,
    }
}
