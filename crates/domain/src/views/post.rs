mod about;
mod shown;

use std::collections::BTreeSet;

use uuid::Uuid;

use super::dates::Dates;
use super::month::month_of;
use super::{Seen, SourceEvent, View, Writers};
use crate::Timestamp;
use crate::posts::{CoAuthorEvent, Drafted, Edited, Event, ExpirySet, Posts as Context, Scheduled};
use crate::values::{Comments, Visibility, Visible};

/// The view of every post, drafts and deleted ones too: what may be shown is the query's business.
#[derive(Clone, Copy, Debug)]
pub struct Posts;

/// A post.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Its id.
    pub post_id: Uuid,
    /// Who wrote it.
    pub author_id: Uuid,
    /// Who else is named.
    pub co_author_ids: Vec<Uuid>,
    /// Its present slug.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// Its text in Markdown.
    pub body: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// The categories that it is in.
    pub category_ids: Vec<Uuid>,
    /// Whether it is published.
    pub published: bool,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Whether it is in the archive.
    pub archived: bool,
    /// Who is shown it of those who may see it otherwise: the name of a [`Visible`].
    pub visible: String,
    /// When it was first published, here or (for imports) elsewhere: what lists are ordered by. `None` for a draft
    /// that never was.
    pub published_at: Option<Timestamp>,
    /// When it was first published here.
    pub published_here_at: Option<Timestamp>,
    /// When it was first published elsewhere.
    pub originally_published_at: Option<Timestamp>,
    /// When it was drafted.
    pub drafted_at: Timestamp,
    /// When what readers see of it last changed: its content, who wrote it, or whether it is public.
    pub updated_at: Timestamp,
    /// When a draft is to be published by itself.
    pub release_at: Option<Timestamp>,
    /// That time as it was given, where it was given as local time.
    pub release_local_time: Option<String>,
    /// The zone of that.
    pub release_time_zone: Option<String>,
    /// Until when it can be read by everyone; that may have passed.
    pub expires_at: Option<Timestamp>,
    /// That time as it was given, where it was given as local time.
    pub expiry_local_time: Option<String>,
    /// The zone of that.
    pub expiry_time_zone: Option<String>,
    /// Where the text stands that search engines are to take for the first.
    pub canonical_url: Option<String>,
    /// The picture at its head: an address, or a medium's id.
    pub cover_image: Option<String>,
    /// What that shows.
    pub cover_alt: Option<String>,
    /// What of it is to be seen wherever it is cut: percent from the left.
    pub cover_focal_x: Option<i64>,
    /// Percent from the top.
    pub cover_focal_y: Option<i64>,
    /// The language that it is written in.
    pub language_tag: Option<String>,
    /// The post that it is a translation of.
    pub translation_of: Option<Uuid>,
    /// Its title for search engines.
    pub meta_title: Option<String>,
    /// What search engines show of it.
    pub meta_description: Option<String>,
    /// Fields of one's own: a JSON object in its canonical form.
    pub custom_fields: Option<String>,
    /// Who can read it: see [`crate::values::Visibility`].
    pub visibility: String,
    /// Whether it is put before others.
    pub featured: bool,
    /// Who may comment: see [`crate::values::Comments`].
    pub comments: String,
    /// The version in which its fields were last given, by its draft or an edit: see [`crate::posts::Post::revision`].
    pub edited_version: u64,
    /// Its version.
    pub version: u64,
}

impl Post {
    /// Whether it is in the lists: published, not deleted, not archived, not hidden by a moderator, and not only for
    /// who has its address.
    #[must_use]
    pub fn listed(&self) -> bool {
        self.is_shown() && !self.archived
    }

    /// Whether it is in the lists of the archive.
    #[must_use]
    pub fn in_archive(&self) -> bool {
        self.is_shown() && self.archived
    }

    /// Whether it is in some list.
    fn is_shown(&self) -> bool {
        let is_hidden = self.visible != Visible::All.name();
        self.published && !self.deleted && !is_hidden && self.visibility != Visibility::Unlisted.name()
    }

    /// The categories that it is listed under now, without repeats, and the time that orders it; none when it is not
    /// listed.
    #[must_use]
    pub fn in_categories(&self) -> Option<(Timestamp, Vec<Uuid>)> {
        self.categories().filter(|_| self.listed())
    }

    /// The same of a post in the archive.
    #[must_use]
    pub fn archived_in_categories(&self) -> Option<(Timestamp, Vec<Uuid>)> {
        self.categories().filter(|_| self.in_archive())
    }

    fn categories(&self) -> Option<(Timestamp, Vec<Uuid>)> {
        let at = self.published_at?;
        let mut ids = self.category_ids.clone();
        ids.sort_unstable();
        ids.dedup();
        Some((at, ids))
    }

    /// Who wrote it.
    #[must_use]
    pub fn writers(&self) -> Writers {
        Writers { author_id: self.author_id, co_author_ids: self.co_author_ids.clone() }
    }

    /// When it was published and by whom, each once; `None` when it is not listed.
    #[must_use]
    pub fn listed_by(&self) -> Option<(Timestamp, BTreeSet<Uuid>)> {
        self.published_at.filter(|_| self.listed()).map(|at| (at, self.writers().each()))
    }

    /// The month in which it was published, see [`month_of`]; none when it is in no list.
    #[must_use]
    pub fn in_month(&self) -> Option<i64> {
        self.published_at.filter(|_| self.is_shown()).map(month_of)
    }

    fn dates(&self) -> Dates {
        let Self { published_at, published_here_at, originally_published_at, .. } = *self;
        Dates { first: published_at, here: published_here_at, elsewhere: originally_published_at }
    }

    fn dated(self, Dates { first, here, elsewhere }: Dates) -> Self {
        Self { published_at: first, published_here_at: here, originally_published_at: elsewhere, ..self }
    }

    fn released(self, by: Option<&Scheduled>) -> Self {
        let (local_time, time_zone) = by.map_or((None, None), |by| (by.local_time.as_ref(), by.time_zone.as_ref()));
        Self {
            release_at: by.map(|by| by.release_at),
            release_local_time: local_time.map(ToString::to_string),
            release_time_zone: time_zone.map(ToString::to_string),
            ..self
        }
    }

    fn expiring(self, by: Option<&ExpirySet>) -> Self {
        let (local_time, time_zone) = by.map_or((None, None), |by| (by.local_time.as_ref(), by.time_zone.as_ref()));
        Self {
            expires_at: by.map(|by| by.expires_at),
            expiry_local_time: local_time.map(ToString::to_string),
            expiry_time_zone: time_zone.map(ToString::to_string),
            ..self
        }
    }
}

impl View for Posts {
    const NAME: &'static str = "posts";
    type Source = Context;
    type Key = Uuid;
    type Row = Post;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = Uuid> {
        post_of(event)
    }

    fn seen(row: Option<&Post>, _: SourceEvent<'_, Context>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(post_id: &Uuid, row: Option<Post>, event: SourceEvent<'_, Context>) -> Option<Post> {
        let row = match event.event {
            Event::Drafted(drafted) => Some(drafted_post(*post_id, drafted, event.occurred_at)),
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
        let changed = |row| changed(row, event.event, event.occurred_at);
        row.map(|row| {
            let updated_at = if shown::is_shown(event.event) { event.occurred_at } else { row.updated_at };
            let is_edit = matches!(event.event, Event::Drafted(_) | Event::Edited(_));
            let edited_version = if is_edit { event.version } else { row.edited_version };
            Post { updated_at, edited_version, version: event.version, ..changed(row) }
        })
    }
}

/// The post that an event happened to; `None` if it happened to a reservation.
pub(super) fn post_of(event: SourceEvent<'_, Context>) -> Option<Uuid> {
    match event.event {
        Event::Drafted(_)
        | Event::Edited(_)
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
        | Event::Review(_) => event.id(),
        Event::Reservation(_) => None,
    }
}

fn drafted_post(post_id: Uuid, drafted: &Drafted, at: Timestamp) -> Post {
    let post = Post {
        post_id,
        author_id: drafted.author_id,
        co_author_ids: drafted.co_author_ids.clone(),
        slug: drafted.slug.to_string(),
        title: drafted.title.to_string(),
        summary: drafted.summary.to_string(),
        body: drafted.body.to_string(),
        tags: drafted.tags.iter().map(ToString::to_string).collect(),
        category_ids: drafted.category_ids.0.clone(),
        published: false,
        deleted: false,
        archived: false,
        visible: Visible::All.name().to_owned(),
        published_at: None,
        published_here_at: None,
        originally_published_at: drafted.originally_published_at,
        drafted_at: at,
        updated_at: at,
        release_at: None,
        release_local_time: None,
        release_time_zone: None,
        expires_at: None,
        expiry_local_time: None,
        expiry_time_zone: None,
        canonical_url: None,
        cover_image: None,
        cover_alt: None,
        cover_focal_x: None,
        cover_focal_y: None,
        language_tag: None,
        translation_of: None,
        meta_title: None,
        meta_description: None,
        custom_fields: None,
        visibility: Visibility::Public.name().to_owned(),
        featured: false,
        comments: Comments::Open.name().to_owned(),
        edited_version: 1,
        version: 1,
    };
    about::first(post, drafted)
}

fn changed(row: Post, happened: &Event, at: Timestamp) -> Post {
    match happened {
        Event::Edited(edited) => {
            let dates = row.dates().edited(edited, at);
            edit(row, edited).dated(dates)
        }
        Event::Published(_) => {
            let dates = row.dates().published(at);
            Post { published: true, ..row }.released(None).dated(dates)
        }
        Event::Unpublished(_) => Post { published: false, archived: false, ..row },
        Event::Archive(event) => Post { archived: event.is_in(), ..row },
        Event::Ruling(event) => Post { visible: event.visible().name().to_owned(), ..row },
        Event::Deleted(_) => Post { deleted: true, ..row },
        Event::Restored(_) => Post { deleted: false, ..row },
        Event::Scheduled(scheduled) => row.released(Some(scheduled)),
        Event::Unscheduled(_) => row.released(None),
        Event::ExpirySet(set) => row.expiring(Some(set)),
        Event::ExpiryWithdrawn(_) => row.expiring(None),
        Event::CoAuthors(event) => written_by(row, event),
        Event::Drafted(_) | Event::SlugGivenUp(_) | Event::Previews(_) | Event::Review(_) | Event::Reservation(_) => {
            row
        }
    }
}

fn written_by(row: Post, happened: &CoAuthorEvent) -> Post {
    let Writers { author_id, co_author_ids } = row.writers().after(happened);
    Post { author_id, co_author_ids, ..row }
}

fn edit(row: Post, edited: &Edited) -> Post {
    let Edited { co_author_ids, slug, title, summary, body, tags, category_ids, .. } = edited;
    let row = Post {
        co_author_ids: co_author_ids.clone().unwrap_or(row.co_author_ids),
        slug: slug.as_ref().map_or(row.slug, ToString::to_string),
        title: title.as_ref().map_or(row.title, ToString::to_string),
        summary: summary.as_ref().map_or(row.summary, ToString::to_string),
        body: body.as_ref().map_or(row.body, ToString::to_string),
        tags: tags.as_ref().map_or(row.tags, |tags| tags.iter().map(ToString::to_string).collect()),
        category_ids: category_ids.clone().unwrap_or(row.category_ids),
        ..row
    };
    about::after(row, edited)
}
