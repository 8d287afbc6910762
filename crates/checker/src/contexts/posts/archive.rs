//! The archive: a published post is put there and taken out; one that is unpublished is there no more. It is in no list
//! but the archive's, and nothing in it is changed.

use serde_json::{Value, json};

use super::{about, texts};
use crate::state::{self, State};
use crate::views::{Rows, View};

pub(super) const POST_TAGS: View = View::keyed("archived_post_tags", &["tag", "post_id"]);
pub(super) const POST_CATEGORIES: View = View::keyed("archived_post_categories", &["category_id", "post_id"]);

/// Folds an event.
pub(super) fn fold(state: &mut State, verb: &str) {
    match verb {
        "Archived" => state::set(state, "archived", true),
        "Unarchived" | "Unpublished" => state::set(state, "archived", false),
        _ => {}
    }
}

/// Where a post is listed that is in the archive.
pub(super) fn rows(id: &str, at: &Value, state: &State, rows: &mut Rows) {
    for tag in texts(state, "tags") {
        rows.put(POST_TAGS, json!({"tag": tag, "post_id": id, "published_at": at}));
    }
    for category in texts(state, "category_ids") {
        rows.put(POST_CATEGORIES, json!({"category_id": category, "post_id": id, "published_at": at}));
    }
    let month = json!({"month": about::month_of(at.as_i64().unwrap_or_default())});
    rows.add(super::MONTH_COUNTS, month, "archived");
}
