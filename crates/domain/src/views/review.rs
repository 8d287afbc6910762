use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::posts::{Event, Posts as Context, ReviewEvent};

/// The view of the reviews of posts.
#[derive(Clone, Copy, Debug)]
pub struct Reviews;

/// How the review of a post stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// The post.
    pub post_id: Uuid,
    /// `in_review`, `approved`, `changes_requested`; `none` once it was taken back, or what was submitted or approved
    /// is no more (see `is_over_with`).
    pub state: String,
    /// The SHA-256 of the working copy that is meant; `None`: the post as it is.
    pub copy_sha256: Option<String>,
    /// Which account made it so.
    pub acted_by: Uuid,
    /// Since when it is so.
    pub since: Timestamp,
    /// What the editor says who wants changes; else empty.
    pub note: String,
    /// The version of the post that made it so.
    pub version: u64,
}

impl View for Reviews {
    const NAME: &'static str = "reviews";
    type Source = Context;
    type Key = Uuid;
    type Row = Review;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = Uuid> {
        match event.event {
            Event::Review(_) | Event::Edited(_) | Event::Published(_) => event.id(),
            Event::Drafted(_)
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
            | Event::Reservation(_) => None,
        }
    }

    fn seen(row: Option<&Review>, _: SourceEvent<'_, Context>) -> Seen {
        // Other events of the post lie between: only what is older than the row is out of order.
        Seen::Some(row.map_or(0, |row| row.version))
    }

    fn fold(post_id: &Uuid, row: Option<Review>, event: SourceEvent<'_, Context>) -> Option<Review> {
        let now = |state: &str, copy_sha256: Option<String>, note: String| Review {
            post_id: *post_id,
            state: state.to_owned(),
            copy_sha256,
            acted_by: event.actor_id,
            since: event.occurred_at,
            note,
            version: event.version,
        };
        let Event::Review(happened) = event.event else {
            let is_over = row.as_ref().is_some_and(|row| is_over_with(row, event.event));
            return if is_over { Some(now("none", None, String::new())) } else { row };
        };
        Some(match happened {
            ReviewEvent::SubmittedForReview(submitted) => {
                now("in_review", submitted.copy_sha256.clone(), String::new())
            }
            ReviewEvent::Approved(approved) => now("approved", approved.copy_sha256.clone(), String::new()),
            ReviewEvent::ChangesRequested(asked) => now("changes_requested", None, asked.note.to_string()),
            ReviewEvent::ReviewWithdrawn(_) => now("none", None, String::new()),
        })
    }
}

/// Whether an event of the post ends its review. With an edit what was approved is something else; a working copy that
/// waits was released, or was made to what is not there any more. What is published waits no more as it is.
fn is_over_with(row: &Review, event: &Event) -> bool {
    match row.state.as_str() {
        "approved" => matches!(event, Event::Edited(_)),
        "in_review" if row.copy_sha256.is_some() => matches!(event, Event::Edited(_)),
        "in_review" => matches!(event, Event::Published(_)),
        _ => false, // There is none.
    }
}
