use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::post::post_of;
use super::{Seen, SourceEvent, Tagged, Tags, View, Writers};
use crate::Timestamp;
use crate::posts::{Event, Posts as Context};

/// The view of what is listed by whom: what the feeds of people's followers are made of.
#[derive(Clone, Copy, Debug)]
pub struct WrittenBy;

/// A post's place in the lists, and who wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// Who wrote it.
    pub writers: Writers,
    /// Whether and where it is listed.
    pub place: Tagged,
}

impl Written {
    /// When it was published and by whom, each once; `None` when it is not listed.
    #[must_use]
    pub fn listed(&self) -> Option<(Timestamp, BTreeSet<Uuid>)> {
        self.place.listed().map(|(at, _)| (at, self.writers.each()))
    }
}

impl View for WrittenBy {
    const NAME: &'static str = "written_by";
    type Source = Context;
    type Key = Uuid;
    type Row = Written;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = Uuid> {
        post_of(event)
    }

    fn seen(row: Option<&Written>, event: SourceEvent<'_, Context>) -> Seen {
        Tags::seen(row.map(|row| &row.place), event)
    }

    fn fold(post_id: &Uuid, row: Option<Written>, event: SourceEvent<'_, Context>) -> Option<Written> {
        let (writers, place) = row.map(|row| (row.writers, row.place)).unzip();
        let writers = written(writers.unwrap_or_default(), event.event);
        Tags::fold(post_id, place, event).map(|place| Written { writers, place })
    }
}

fn written(writers: Writers, happened: &Event) -> Writers {
    match happened {
        Event::Drafted(drafted) => {
            Writers { author_id: drafted.author_id, co_author_ids: drafted.co_author_ids.clone() }
        }
        Event::Edited(edited) => {
            Writers { co_author_ids: edited.co_author_ids.clone().unwrap_or(writers.co_author_ids), ..writers }
        }
        Event::CoAuthors(event) => writers.after(event),
        Event::Published(_)
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
        | Event::Previews(_)
        | Event::Review(_)
        | Event::Reservation(_) => writers,
    }
}
