use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::posts::{Event, Posts as Context};

/// The view of every slug that a post has, or had and did not give up; one that is not its post's present slug
/// redirects there.
#[derive(Clone, Copy, Debug)]
pub struct Slugs;

/// A slug and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Slug {
    /// The slug.
    pub slug: String,
    /// The post that has or had it.
    pub post_id: Uuid,
    /// Since when it had it (the last time).
    pub since: Timestamp,
}

impl View for Slugs {
    const NAME: &'static str = "slugs";
    type Source = Context;
    type Key = String;
    type Row = Slug;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = String> {
        match event.event {
            Event::Drafted(drafted) => Some(drafted.slug.to_string()),
            Event::Edited(edited) => edited.slug.as_ref().map(ToString::to_string),
            Event::SlugGivenUp(given_up) => Some(given_up.slug.to_string()),
            Event::Published(_)
            | Event::Unpublished(_)
            | Event::Deleted(_)
            | Event::Restored(_)
            | Event::Scheduled(_)
            | Event::Unscheduled(_)
            | Event::ExpirySet(_)
            | Event::ExpiryWithdrawn(_)
            | Event::Archive(_)
            | Event::Ruling(_)
            | Event::CoAuthors(_)
            | Event::Previews(_)
            | Event::Review(_)
            | Event::Reservation(_) => None,
        }
    }

    fn seen(_: Option<&Slug>, _: SourceEvent<'_, Context>) -> Seen {
        // Several posts may have had it, each one day.
        Seen::Unknown
    }

    fn fold(slug: &String, row: Option<Slug>, event: SourceEvent<'_, Context>) -> Option<Slug> {
        let Some(post_id) = event.id() else { return row };
        if let Event::SlugGivenUp(_) = event.event {
            return row.filter(|row| row.post_id != post_id);
        }
        // Two posts may have had it, whose events come in any order. A slug that is given up is another's a minute
        // later at the earliest, which is more than clocks differ by.
        let is_older = |row: &Slug| row.post_id != post_id && row.since > event.occurred_at;
        row.filter(is_older).or(Some(Slug { slug: slug.clone(), post_id, since: event.occurred_at }))
    }
}
