//! What callers ask a post to be, with what they leave out.

use serde_json::{Value, json};

use super::about;

/// What a change asks for: null empties a field that is always there.
pub(super) fn meant(arguments: &Value) -> Value {
    let mut meant = about::as_stored(arguments);
    for (field, value) in meant.as_object_mut().into_iter().flatten().filter(|(_, value)| value.is_null()) {
        match field.as_str() {
            "summary" | "body" => *value = json!(""),
            "tags" | "co_author_ids" | "category_ids" => *value = json!([]),
            _ => {}
        }
    }
    meant
}

/// A post as a whole, with what its caller left out.
pub(super) fn whole(arguments: &Value) -> Value {
    let mut whole = json!({"summary": "", "body": "", "tags": [], "category_ids": []});
    let arguments = about::as_stored(arguments);
    for (field, value) in arguments.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        whole[field] = value.clone();
    }
    whole
}

/// A new post, with what its caller left out.
pub(super) fn new(arguments: &Value) -> Value {
    let mut new = whole(arguments);
    if new.get("co_author_ids").is_none() {
        new["co_author_ids"] = json!([]);
    }
    new
}

/// The same without those who write it: whether they are right depends on who agreed.
pub(super) fn without_co_authors(mut arguments: Value) -> Value {
    arguments.as_object_mut().map(|fields| fields.remove("co_author_ids"));
    arguments
}
