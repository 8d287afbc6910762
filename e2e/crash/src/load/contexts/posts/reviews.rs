//! Posts are submitted for review, approved, sent back and withdrawn.

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};

use super::{Known, intent};
use crate::load::Intent;
use crate::load::values::{id, if_match, unique};

/// A step of a review; of what is approved the version is named, as it must be.
pub(super) fn command(rng: &mut StdRng, known: &Known) -> Intent {
    let (post, key) = (known.id.clone(), id(rng).to_string());
    let whole = json!({"what": "post"});
    match rng.random_range(0..10) {
        0..4 => nothing_said(intent("posts.submit", "POST", post, "/review", whole, key)),
        4..7 => {
            let (if_match, expected) = if_match(rng, known.last.version);
            let approve = nothing_said(intent("posts.approve", "POST", post, "/review/approve", whole, key));
            Intent { if_match, expected, ..approve }
        }
        7 | 8 => {
            let note = json!({"note": format!("Why {}?", unique(rng))});
            intent("posts.request_changes", "POST", post, "/review/request-changes", note, key)
        }
        _ => intent("posts.withdraw_review", "DELETE", post, "/review", Value::Null, key),
    }
}

/// What the body says is no field of an event.
fn nothing_said(intent: Intent) -> Intent {
    Intent { recorded: Map::from_iter([("what".to_owned(), Value::Null)]), ..intent }
}
