//! Every read model equals a fold of the log, row by row. Each view is one small function from an aggregate's final
//! state to its rows; a column that a view has beyond those named here is not judged.
//!
//! | view | rows |
//! | --- | --- |
//! | `posts` | every post, drafts and deleted ones too |
//! | `authors` | everyone who registered |
//! | `slugs` | every slug that a post ever had, and since when (the last time) |
//! | `tagged_posts`, `lists.posts` | of each post what places it in the lists |
//! | `post_tags`, `lists.tag` | each listed post under each of its tags |
//! | `lists.newest` | each listed post |
//! | `lists.tags` | each tag with the number of listed posts |
//! | `follows` | every pair of accounts of which the one ever followed the other |
//! | `follow_counts` | of everyone who follows or is followed, how many |
//! | `preferences` | of everyone who ever chose something, what is chosen now |
//! | `parked_events` | none |

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::history::{Event, History};
use crate::log::Log;
use crate::model::{self, State};
use crate::verdict::{Kind, Verdict};

/// The rows of a view, by key.
type Rows = BTreeMap<String, Value>;

/// A post's columns in the lists.
const TAGGED: [&str; 6] = ["tags", "published", "deleted", "published_at", "originally_published_at", "version"];
/// A post's columns beside its id and its times.
const POST: [&str; 12] = [
    "author_id",
    "co_author_ids",
    "slug",
    "title",
    "summary",
    "body",
    "tags",
    "published",
    "deleted",
    "published_at",
    "originally_published_at",
    "version",
];
const AUTHOR: [&str; 6] = ["user_name", "display_name", "bio", "image_url", "former_user_names", "version"];

const PREFERENCES: [&str; 8] = [
    "locale",
    "time_zone",
    "theme",
    "posts_per_page",
    "email_new_follower",
    "email_comment",
    "email_digest",
    "following_list",
];

pub(crate) fn judge(history: &History, log: &Log<'_>, verdict: &mut Verdict) {
    if history.views.is_empty() {
        return;
    }
    let expected = fold(log);
    for (name, rows) in &history.views {
        verdict.counts.rows += rows.len() as u64;
        let Some(wanted) = expected.get(name.as_str()) else {
            verdict.add(Kind::Row, || format!("{name}: this view is not known to the checker"));
            continue;
        };
        compare(name, wanted, rows, verdict);
    }
}

/// All views of the whole log.
fn fold(log: &Log<'_>) -> BTreeMap<&'static str, Rows> {
    let names = [
        "posts",
        "authors",
        "slugs",
        "tagged_posts",
        "post_tags",
        "lists.posts",
        "lists.newest",
        "lists.tag",
        "lists.tags",
        "follows",
        "follow_counts",
        "preferences",
        "parked_events",
    ];
    let mut views: BTreeMap<&'static str, Rows> = names.into_iter().map(|name| (name, Rows::new())).collect();
    for aggregate in &log.aggregates {
        let (mut state, mut first) = (State::new(), None);
        for place in &aggregate.events {
            let event = log.events[*place].event;
            first.get_or_insert(model::verb(&event.event_type));
            model::fold(&mut state, event);
            give_slug(&mut views, event);
        }
        match first {
            Some("Drafted") => post(&mut views, aggregate.id, &state),
            Some("Registered") => author(&mut views, aggregate.id, &state),
            Some("Followed") => pair(&mut views, aggregate.id, &state),
            _ => {}
        }
    }
    views
}

fn put(views: &mut BTreeMap<&'static str, Rows>, view: &'static str, key: String, row: Value) {
    views.entry(view).or_default().insert(key, row);
}

fn give_slug(views: &mut BTreeMap<&'static str, Rows>, event: &Event) {
    if let ("Drafted" | "Edited", Some(slug)) =
        (model::verb(&event.event_type), event.fields.get("slug").and_then(Value::as_str))
    {
        let row = json!({"slug": slug, "post_id": event.aggregate_id, "since": event.occurred_at});
        put(views, "slugs", slug.to_owned(), row);
    }
}

fn columns(state: &State, names: &[&str]) -> State {
    names.iter().map(|name| ((*name).to_owned(), state.get(*name).cloned().unwrap_or(Value::Null))).collect()
}

fn author(views: &mut BTreeMap<&'static str, Rows>, id: &str, state: &State) {
    let mut row = columns(state, &AUTHOR);
    row.insert("account_id".into(), json!(id));
    row.insert("registered_at".into(), state["created_at"].clone());
    put(views, "authors", id.to_owned(), row.into());
    if let Some(version) = model::of(state, "preferred_at_version") {
        let mut row = columns(state, &PREFERENCES);
        row.insert("account_id".into(), json!(id));
        row.insert("version".into(), version.clone());
        put(views, "preferences", id.to_owned(), row.into());
    }
}

fn pair(views: &mut BTreeMap<&'static str, Rows>, id: &str, state: &State) {
    let mut row = columns(state, &["follower_id", "followee_id", "active", "version"]);
    row.insert("since".into(), state["updated_at"].clone());
    put(views, "follows", id.to_owned(), row.into());
    if model::flag(state, "active") {
        count(views, &state["followee_id"], "followers");
        count(views, &state["follower_id"], "following");
    }
}

/// One more in somebody's numbers.
fn count(views: &mut BTreeMap<&'static str, Rows>, account_id: &Value, column: &str) {
    let key = account_id.as_str().unwrap_or_default().to_owned();
    let none = || json!({"account_id": account_id, "followers": 0, "following": 0});
    let row = views.entry("follow_counts").or_default().entry(key).or_insert_with(none);
    row[column] = json!(row[column].as_u64().unwrap_or(0) + 1);
}

fn post(views: &mut BTreeMap<&'static str, Rows>, id: &str, state: &State) {
    let mut row = columns(state, &POST);
    row.insert("post_id".into(), json!(id));
    row.insert("drafted_at".into(), state["created_at"].clone());
    row.insert("updated_at".into(), state["updated_at"].clone());
    put(views, "posts", id.to_owned(), row.into());
    let mut tagged = columns(state, &TAGGED);
    tagged.insert("post_id".into(), json!(id));
    put(views, "lists.posts", id.to_owned(), tagged.clone().into());
    put(views, "tagged_posts", id.to_owned(), tagged.into());
    let Some(at) = model::of(state, "published_at") else { return };
    if model::flag(state, "published") && !model::flag(state, "deleted") {
        put(views, "lists.newest", id.to_owned(), json!({"post_id": id, "at": at}));
        list_under_tags(views, id, at, state);
    }
}

fn list_under_tags(views: &mut BTreeMap<&'static str, Rows>, id: &str, at: &Value, state: &State) {
    let tags = state.get("tags").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let tags: BTreeSet<&str> = tags.iter().filter_map(Value::as_str).collect();
    for tag in tags {
        let key = format!("{tag}/{id}");
        put(views, "post_tags", key.clone(), json!({"tag": tag, "post_id": id, "published_at": at}));
        put(views, "lists.tag", key, json!({"tag": tag, "post_id": id, "at": at}));
        let counted = views
            .entry("lists.tags")
            .or_default()
            .entry(tag.to_owned())
            .or_insert_with(|| json!({"tag": tag, "posts": 0}));
        counted["posts"] = json!(counted["posts"].as_u64().unwrap_or(0) + 1);
    }
}

/// What a row of a view is found by.
fn key(view: &str, row: &Value) -> String {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    match view {
        "authors" | "follow_counts" | "preferences" => text("account_id").to_owned(),
        "follows" => format!("{}:{}", text("follower_id"), text("followee_id")),
        "slugs" => text("slug").to_owned(),
        "post_tags" | "lists.tag" => format!("{}/{}", text("tag"), text("post_id")),
        "lists.tags" => text("tag").to_owned(),
        "parked_events" => row.to_string(),
        _ => text("post_id").to_owned(),
    }
}

fn compare(view: &str, wanted: &Rows, rows: &[Value], verdict: &mut Verdict) {
    let mut found = BTreeSet::new();
    for row in rows {
        let key = key(view, row);
        match wanted.get(&key) {
            None => verdict.add(Kind::Row, || format!("{view}: {key} is there, and not by the log: {row}")),
            Some(wanted) => compare_row(view, &key, wanted, row, verdict),
        }
        if !found.insert(key.clone()) {
            verdict.add(Kind::Row, || format!("{view}: {key} is there twice"));
        }
    }
    for (key, row) in wanted.iter().filter(|(key, _)| !found.contains(*key)) {
        verdict.add(Kind::Row, || format!("{view}: {key} is missing; by the log it is {row}"));
    }
}

fn compare_row(view: &str, key: &str, wanted: &Value, row: &Value, verdict: &mut Verdict) {
    for (column, value) in wanted.as_object().into_iter().flatten() {
        let found = row.get(column).unwrap_or(&Value::Null);
        if found != value {
            verdict.add(Kind::Row, || format!("{view}: {key} has {column} = {found}; by the log it is {value}"));
        }
    }
}

#[cfg(test)]
mod tests;
