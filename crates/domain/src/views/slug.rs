use uuid::Uuid;

use super::{Gap, View, ViewEvent};
use crate::posts::Event;
use crate::{AnyEvent, Timestamp};

/// The view of every slug that a post ever had; one that is not its post's present slug redirects there.
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
    type Key = String;
    type Row = Slug;

    fn key(event: &ViewEvent) -> Option<String> {
        match &event.event {
            AnyEvent::Posts(Event::Drafted(drafted)) => Some(drafted.slug.to_string()),
            AnyEvent::Posts(Event::Edited(edited)) => edited.slug.as_ref().map(ToString::to_string),
            AnyEvent::Posts(
                Event::Published(_)
                | Event::Unpublished(_)
                | Event::Deleted(_)
                | Event::Restored(_)
                | Event::Reservation(_),
            )
            | AnyEvent::Accounts(_)
            | AnyEvent::Following(_)
            | AnyEvent::Security(_) => None,
        }
    }

    fn fold(row: Option<Slug>, event: &ViewEvent) -> Result<Option<Slug>, Gap> {
        let (Some(slug), Ok(post_id)) = (Self::key(event), event.aggregate_id.parse()) else { return Ok(row) };
        Ok(Some(Slug { slug, post_id, since: event.occurred_at }))
    }
}
