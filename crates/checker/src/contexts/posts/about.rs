//! What a post has that may be missing: how a caller names it, how the log does, and what is so where it is missing.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::history::Event;
use crate::state::{self, State};

/// The columns of its row, by the names that events give them.
pub(super) const COLUMNS: [&str; 13] = [
    "canonical_url",
    "cover_image",
    "cover_alt",
    "cover_focal_x",
    "cover_focal_y",
    "language_tag",
    "translation_of",
    "meta_title",
    "meta_description",
    "custom_fields",
    "visibility",
    "featured",
    "comments",
];

/// What a field is that is missing.
pub(super) fn missing(field: &str) -> Value {
    match field {
        "visibility" => json!("public"),
        "featured" => json!(false),
        "comments" => json!("open"),
        _ => Value::Null,
    }
}

/// Gives the fields that are always something what they are by default, where an event said nothing of them.
pub(super) fn by_default(state: &mut State) {
    for field in COLUMNS {
        if state::of(state, field).is_none() && !missing(field).is_null() {
            state::set(state, field, missing(field));
        }
    }
}

/// A post that was published before is dated by when it was published elsewhere, once that is known.
pub(super) fn date_as_elsewhere(state: &mut State, event: &Event) {
    let elsewhere = state::of(&event.fields, "originally_published_at");
    if let (Some(_), Some(elsewhere)) = (state::of(state, "published_at"), elsewhere) {
        state::set(state, "published_at", elsewhere.clone());
    }
}

/// What was taken away is not there. Without a date elsewhere a post is dated by its publication here.
pub(super) fn take_away(state: &mut State) {
    let reset = state.remove("reset_fields").unwrap_or_default();
    for name in reset.as_array().into_iter().flatten().filter_map(Value::as_str) {
        state.remove(name);
        by_default(state);
        if let ("originally_published_at", Some(_)) = (name, state::of(state, "published_at")) {
            state::set(state, "published_at", state::of(state, "published_here_at").cloned().unwrap_or_default());
        }
    }
}

/// Says of a post whether it is only for who has its address.
pub(super) fn place(state: &mut State) {
    if let Some(visibility) = state::of(state, "visibility") {
        let unlisted = visibility == "unlisted";
        state::set(state, "unlisted", unlisted);
    }
}

/// The month of a time in milliseconds, in UTC, counted out day by day from year to year.
pub(super) fn month_of(millis: i64) -> i64 {
    let is_long = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (mut year, mut day) = (1970, millis.div_euclid(86_400_000));
    while day < 0 {
        year -= 1;
        day += 365 + i64::from(is_long(year));
    }
    while day >= 365 + i64::from(is_long(year)) {
        day -= 365 + i64::from(is_long(year));
        year += 1;
    }
    let february = 28 + i64::from(is_long(year));
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    year * 100 + month
}

/// What a caller asks, by the names and in the forms of the log: a cover is four fields, a language is `language_tag`,
/// custom fields are the text of a JSON object whose keys are in order.
pub(super) fn as_stored(arguments: &Value) -> Value {
    let Some(fields) = arguments.as_object() else { return arguments.clone() };
    let stored: Map<String, Value> = fields.iter().flat_map(|(field, value)| stored(field, value)).collect();
    stored.into()
}

fn stored(field: &str, value: &Value) -> Vec<(String, Value)> {
    match (field, value) {
        // Which version of a working copy is released is in no event.
        ("copy_version", _) => Vec::new(),
        ("language", tag) => vec![("language_tag".to_owned(), tag.clone())],
        ("cover", cover) => {
            let told = |name: &str, otherwise: Value| {
                cover.is_object().then(|| cover.get(name).filter(|told| !told.is_null()).cloned().unwrap_or(otherwise))
            };
            let image = told("url", Value::Null).filter(|url| !url.is_null()).or_else(|| {
                let sha256 = cover.get("sha256").and_then(Value::as_str)?;
                Some(format!("/media/{sha256}").into())
            });
            let fields = [
                ("cover_image", image),
                ("cover_alt", told("alt", json!(""))),
                ("cover_focal_x", told("focal_x", json!(50))),
                ("cover_focal_y", told("focal_y", json!(50))),
            ];
            fields.map(|(name, value)| (name.to_owned(), value.unwrap_or_default())).to_vec()
        }
        ("custom_fields", Value::Object(_)) => vec![(field.to_owned(), value.to_string().into())],
        _ => vec![(field.to_owned(), value.clone())],
    }
}

/// The events of a post that readers see nothing of.
const UNSEEN: [&str; 14] = [
    "Scheduled",
    "Unscheduled",
    "ExpirySet",
    "ExpiryWithdrawn",
    "SlugGivenUp",
    "CoAuthorInvited",
    "InvitationWithdrawn",
    "InvitationDeclined",
    "SubmittedForReview",
    "Approved",
    "ChangesRequested",
    "ReviewWithdrawn",
    "PreviewGiven",
    "PreviewRevoked",
];

/// When what readers see of a post last changed.
pub(super) fn updated_at(events: &[(&str, &Event)]) -> Option<i64> {
    events.iter().rev().find(|(verb, _)| !UNSEEN.contains(verb)).map(|(_, event)| event.occurred_at)
}

/// The slugs that a post has, or had and did not give up, each with when it had it the last time.
pub(super) fn slugs(events: &[(&str, &Event)]) -> BTreeMap<String, i64> {
    let mut slugs = BTreeMap::new();
    for (verb, event) in events {
        let Some(slug) = state::of(&event.fields, "slug").and_then(Value::as_str) else { continue };
        match *verb {
            "Drafted" | "Edited" => drop(slugs.insert(slug.to_owned(), event.occurred_at)),
            "SlugGivenUp" => drop(slugs.remove(slug)),
            _ => {}
        }
    }
    slugs
}

/// Whether a post has another slug than the one that it was to give up.
pub(super) fn is_given_up(arguments: &Value, state: &State) -> Result<(), String> {
    match state::of(state, "slug") {
        Some(slug) if Some(slug) == arguments.get("slug") => Err(format!("it is read by {slug}")),
        _ => Ok(()),
    }
}
