//! Editorial reviews, as docs/topics.md says. In `review` of a state is what is submitted, `post` or `working copy`, or
//! `approved`; or nothing.

use serde_json::{Value, json};

use crate::context::{Command, Folded};
use crate::history::Event;
use crate::state::State;
use crate::views::{Rows, View};

pub(super) const REVIEWS: View = View::keyed("reviews", &["post_id"]);

/// Whether a command is about a review alone.
pub(super) fn is_one(command: &Command) -> bool {
    matches!(command.verb, "submit" | "approve" | "request_changes" | "withdraw_review")
}

/// What an event does to the review.
pub(super) fn fold(state: &mut State, verb: &str, event: &Event) {
    let stands = state.get("review").cloned().unwrap_or_default();
    let is_copy = event.fields.get("copy_sha256").is_some_and(|copy| !copy.is_null());
    match verb {
        "SubmittedForReview" if is_copy => state.insert("review".into(), "working copy".into()),
        "SubmittedForReview" => state.insert("review".into(), "post".into()),
        "Approved" => state.insert("review".into(), "approved".into()),
        "ChangesRequested" | "ReviewWithdrawn" => state.remove("review"),
        "Edited" if stands == "approved" || stands == "working copy" => state.remove("review"),
        "Published" if stands == "post" => state.remove("review"),
        _ => None,
    };
}

/// What an event says that was not asked for: the load means posts as they are, and no working copies.
pub(super) fn unasked(arguments: &Value, event: &Event) -> Option<String> {
    let copy = event.fields.get("copy_sha256").filter(|copy| !copy.is_null());
    let note = event.fields.get("note").filter(|note| arguments.get("note") != Some(note));
    copy.or(note).map(|other| format!("it says {other}"))
}

/// It waits, or does not have to any more.
pub(super) fn is_submitted(_: &Value, state: &State) -> Result<(), String> {
    if state.contains_key("review") { Ok(()) } else { Err("it is in no review".to_owned()) }
}

pub(super) fn is_approved(_: &Value, state: &State) -> Result<(), String> {
    if state.get("review") == Some(&json!("approved")) { Ok(()) } else { Err("it is not approved".to_owned()) }
}

pub(super) fn is_over(_: &Value, state: &State) -> Result<(), String> {
    if state.contains_key("review") { Err("it is in a review".to_owned()) } else { Ok(()) }
}

/// The row of a post that ever was in a review.
pub(super) fn rows(post: &Folded<'_>, rows: &mut Rows) {
    let mut row = Value::Null;
    for (verb, event) in &post.events {
        let stands = match *verb {
            "SubmittedForReview" => "in_review",
            "Approved" => "approved",
            "ChangesRequested" => "changes_requested",
            "ReviewWithdrawn" => "none",
            "Edited" if row["state"] == "approved" => "none",
            "Edited" if row["state"] == "in_review" && !row["copy_sha256"].is_null() => "none",
            "Published" if row["state"] == "in_review" && row["copy_sha256"].is_null() => "none",
            _ => continue,
        };
        row = json!({"post_id": post.id, "state": stands, "copy_sha256": event.fields.get("copy_sha256"),
            "acted_by": event.actor_id, "since": event.occurred_at,
            "note": event.fields.get("note").cloned().unwrap_or(json!("")), "version": event.version});
    }
    if !row.is_null() {
        rows.put(REVIEWS, row);
    }
}
