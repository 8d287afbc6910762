//! The views of series: a row per series, with its posts as its events name them, and one per slug that one ever had.
//! Which of the posts a reader can read is looked up when it is asked for: `posts` is another topic.

use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::series::{Changed, Created, Event, Ordered, PostAdded, PostRemoved, Series as Context};

/// The view of every series, deleted ones too.
#[derive(Clone, Copy, Debug)]
pub struct AllSeries;

/// A series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its id.
    pub series_id: Uuid,
    /// Whose it is.
    pub owner_id: Uuid,
    /// Its present slug.
    pub slug: String,
    /// What it is called.
    pub title: String,
    /// What it is about; may be empty.
    pub description: String,
    /// Its posts, in their order, be they there or not.
    pub post_ids: Vec<Uuid>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Its version.
    pub version: u64,
}

impl Series {
    /// Its posts, each with its place among them, from 0; none if it was deleted.
    pub fn posts(&self) -> impl Iterator<Item = (i64, Uuid)> {
        (0..).zip(self.post_ids.iter().copied()).filter(|_| !self.deleted)
    }
}

impl View for AllSeries {
    const NAME: &'static str = "series";
    type Source = Context;
    type Key = Uuid;
    type Row = Series;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = Uuid> {
        series_of(event)
    }

    fn seen(row: Option<&Series>, _: SourceEvent<'_, Context>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(id: &Uuid, row: Option<Series>, event: SourceEvent<'_, Context>) -> Option<Series> {
        if let Event::Created(created) = event.event {
            return Some(new(*id, created, event));
        }
        let (version, updated_at) = (event.version, event.occurred_at);
        row.map(|row| Series { version, updated_at, ..after(row, event.event) })
    }
}

/// The id of the series that an event happened to; none of a reservation.
fn series_of(event: SourceEvent<'_, Context>) -> Option<Uuid> {
    match event.event {
        Event::Created(_)
        | Event::Changed(_)
        | Event::PostAdded(_)
        | Event::PostRemoved(_)
        | Event::Ordered(_)
        | Event::Deleted(_) => event.id(),
        Event::Reservation(_) => None,
    }
}

fn new(series_id: Uuid, created: &Created, event: SourceEvent<'_, Context>) -> Series {
    let Created { owner_id, slug, title, description } = created.clone();
    Series {
        series_id,
        owner_id,
        slug: slug.into(),
        title: title.into(),
        description: description.into(),
        post_ids: Vec::new(),
        deleted: false,
        created_at: event.occurred_at,
        updated_at: event.occurred_at,
        version: event.version,
    }
}

fn after(mut row: Series, happened: &Event) -> Series {
    match happened {
        Event::Changed(Changed { slug, title, description }) => Series {
            slug: slug.as_ref().map_or(row.slug, ToString::to_string),
            title: title.as_ref().map_or(row.title, ToString::to_string),
            description: description.as_ref().map_or(row.description, ToString::to_string),
            ..row
        },
        Event::PostAdded(PostAdded { post_id }) => {
            row.post_ids.push(*post_id);
            row
        }
        Event::PostRemoved(PostRemoved { post_id }) => {
            row.post_ids.retain(|id| id != post_id);
            row
        }
        Event::Ordered(Ordered { post_ids }) => Series { post_ids: post_ids.clone(), ..row },
        Event::Deleted(_) => Series { deleted: true, ..row },
        Event::Created(_) | Event::Reservation(_) => row,
    }
}

/// The view of every slug that a series ever had; one that is not its series' present slug redirects there.
#[derive(Clone, Copy, Debug)]
pub struct SeriesSlugs;

/// A slug and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesSlug {
    /// The slug.
    pub slug: String,
    /// The series that has or had it.
    pub series_id: Uuid,
}

impl View for SeriesSlugs {
    const NAME: &'static str = "series_slugs";
    type Source = Context;
    type Key = String;
    type Row = SeriesSlug;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = String> {
        match event.event {
            Event::Created(created) => Some(created.slug.to_string()),
            Event::Changed(changed) => changed.slug.as_ref().map(ToString::to_string),
            Event::PostAdded(_)
            | Event::PostRemoved(_)
            | Event::Ordered(_)
            | Event::Deleted(_)
            | Event::Reservation(_) => None,
        }
    }

    fn seen(_: Option<&SeriesSlug>, _: SourceEvent<'_, Context>) -> Seen {
        // A series comes back to a slug that it had.
        Seen::Unknown
    }

    fn fold(slug: &String, row: Option<SeriesSlug>, event: SourceEvent<'_, Context>) -> Option<SeriesSlug> {
        let Some(series_id) = event.id() else { return row };
        Some(SeriesSlug { slug: slug.clone(), series_id })
    }
}
