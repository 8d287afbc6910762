//! Where a post is listed.

use serde_json::{Value, json};

use super::{
    CATEGORY_COUNTS, POST_CATEGORIES, POST_TAGS, POST_WORDS, POST_WRITERS, TAG_COUNTS, TAG_LIST, TAG_POINTS, texts,
};
use crate::points;
use crate::state::State;
use crate::views::Rows;

pub(super) fn list_in_categories(id: &str, at: &Value, state: &State, rows: &mut Rows) {
    for category in texts(state, "category_ids") {
        rows.put(POST_CATEGORIES, json!({"category_id": category, "post_id": id, "published_at": at}));
        rows.add(CATEGORY_COUNTS, json!({"category_id": category}), "posts");
    }
}

pub(super) fn list_by_writers(id: &str, at: &Value, state: &State, rows: &mut Rows) {
    let author = state.get("author_id").and_then(Value::as_str);
    for writer in texts(state, "co_author_ids").into_iter().chain(author) {
        rows.put(POST_WRITERS, json!({"account_id": writer, "post_id": id, "published_at": at}));
    }
}

pub(super) fn list_under_tags(id: &str, at: &Value, state: &State, rows: &mut Rows) {
    for tag in texts(state, "tags") {
        rows.put(POST_TAGS, json!({"tag": tag, "post_id": id, "published_at": at}));
        rows.put(TAG_LIST, json!({"tag": tag, "post_id": id, "at": at}));
        rows.add(TAG_COUNTS, json!({"tag": tag}), "posts");
        rows.weigh(TAG_POINTS, json!({"tag": tag}), 20, at.as_i64().unwrap_or_default());
    }
}

pub(super) fn list_under_words(id: &str, at: &Value, state: &State, rows: &mut Rows) {
    for word in points::words(state.get("title").and_then(Value::as_str).unwrap_or_default()) {
        rows.put(POST_WORDS, json!({"word": word, "post_id": id, "published_at": at}));
    }
}
