//! Native answers, as the interface shows them.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::answer::{Response, full};

/// The media type of all answers.
pub(super) const JSON: &str = "application/json; charset=utf-8";

/// An answer.
pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(full(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A text, or null for an empty one.
fn or_null(text: &Value) -> Value {
    text.as_str().filter(|text| !text.is_empty()).map_or(Value::Null, Value::from)
}

/// What a person is called: by the id where no account was registered under it.
fn name(person: &Value) -> Value {
    if person["user_name"].is_string() { person["user_name"].clone() } else { person["id"].clone() }
}

/// Who has logged in.
pub(super) fn user(person: &Value, email: &str, token: &str) -> Value {
    json!({"user": {
        "email": email,
        "token": token,
        "username": name(person),
        "bio": or_null(&person["bio"]),
        "image": or_null(&person["image_url"]),
    }})
}

/// A person, as others see them.
pub(super) fn profile(person: &Value) -> Value {
    json!({
        "username": name(person),
        "bio": or_null(&person["bio"]),
        "image": or_null(&person["image_url"]),
        "following": person["followed"],
    })
}

/// Tags by the alphabet, as the collection wants them, whatever the order in which they were sent.
fn sorted(tags: &Value) -> Vec<&str> {
    let mut tags: Vec<&str> = tags.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    tags.sort_unstable();
    tags
}

/// An article; the text is only in a card that was asked for by itself.
pub(super) fn article(card: &Value) -> Value {
    let mut article = json!({
        "slug": card["slug"],
        "title": card["title"],
        "description": card["summary"],
        "tagList": sorted(&card["tags"]),
        "createdAt": card["published_at"],
        "updatedAt": card["updated_at"],
        "favorited": card["reacted"],
        "favoritesCount": card["reactions"],
        "author": profile(&card["author"]),
    });
    if let Some(text) = card.get("body_markdown") {
        article["body"] = text.clone();
    }
    article
}

/// A comment of this person.
pub(super) fn comment(comment: &Value, author: &Value) -> Value {
    let edited = &comment["edited_at"];
    json!({
        "id": comment["number"],
        "createdAt": comment["written_at"],
        "updatedAt": if edited.is_null() { &comment["written_at"] } else { edited },
        "body": comment["text_markdown"],
        "author": profile(author),
    })
}
