//! Editorial reviews, as docs/topics.md says. In `review` of a state is what is submitted, `post` or `working copy`, or
//! `approved`; or nothing. In `review_copy` is the digest of the working copy that is meant, if one is.

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
    match (event.fields.get("copy_sha256").filter(|_| is_copy), verb) {
        (Some(digest), _) => state.insert("review_copy".into(), digest.clone()),
        (None, "SubmittedForReview" | "Approved") => state.remove("review_copy"),
        (None, _) => None,
    };
}

/// What an event says that was not asked for. Which working copy is meant the service finds.
pub(super) fn unasked(arguments: &Value, event: &Event) -> Option<String> {
    let copy = event.fields.get("copy_sha256").filter(|copy| !copy.is_null());
    if copy.is_some() != is_of_copy(arguments) {
        return Some(format!("it says {copy:?}"));
    }
    let note = event.fields.get("note").filter(|note| arguments.get("note") != Some(note));
    note.map(|other| format!("it says {other}"))
}

/// Whether a caller means the post's working copy.
fn is_of_copy(arguments: &Value) -> bool {
    arguments["what"] == "working-copy"
}

fn is_the_same(arguments: &Value, state: &State) -> Result<(), String> {
    if state.contains_key("review_copy") == is_of_copy(arguments) {
        Ok(())
    } else {
        Err("something else is in the review".to_owned())
    }
}

/// It waits, or does not have to any more.
pub(super) fn is_submitted(arguments: &Value, state: &State) -> Result<(), String> {
    if !state.contains_key("review") {
        return Err("it is in no review".to_owned());
    }
    is_the_same(arguments, state)
}

pub(super) fn is_approved(arguments: &Value, state: &State) -> Result<(), String> {
    if state.get("review") != Some(&json!("approved")) {
        return Err("it is not approved".to_owned());
    }
    is_the_same(arguments, state)
}

/// Whether what a command asks of a post has to be approved by an editor first, where reviews are demanded: what it
/// makes public, or changes while it is, or is to be by itself.
pub(super) fn waits(command: &Command, (post, is_public): (&State, bool), is_meant: &dyn Fn(&str) -> bool) -> bool {
    let approved = post.get("review") == Some(&json!("approved"));
    let copy = post.get("review_copy").and_then(Value::as_str);
    match command.verb {
        "publish" | "schedule" => !approved || copy.is_some(),
        "release" => is_public && !(approved && copy.is_some_and(is_meant)),
        "edit" | "put" => is_public,
        _ => false,
    }
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
