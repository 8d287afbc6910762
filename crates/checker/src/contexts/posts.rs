//! `posts`, and the reservations on their slugs.
//!
//! | view | rows |
//! | --- | --- |
//! | `posts` | every post, drafts and deleted ones too |
//! | `slugs` | every slug that a post ever had, and since when (the last time) |
//! | `tagged_posts`, `lists.posts` | of each post what places it in the lists |
//! | `post_tags`, `lists.tag` | each listed post under each of its tags |
//! | `lists.newest` | each listed post |
//! | `lists.tags` | each tag with the number of listed posts |

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::context::{Asks, Command, Context, Empty, Folded, Unique, Visibility, change_holds};
use crate::history::Event;
use crate::state::{self, State};
use crate::views::{Rows, View};

const POSTS: View = View::keyed("posts", &["post_id"]);
const SLUGS: View = View::keyed("slugs", &["slug"]);
const TAGGED: View = View::keyed("tagged_posts", &["post_id"]);
const TAGGED_LIST: View = View::keyed("lists.posts", &["post_id"]);
const POST_TAGS: View = View::keyed("post_tags", &["tag", "post_id"]);
const TAG_LIST: View = View::keyed("lists.tag", &["tag", "post_id"]);
const NEWEST: View = View::keyed("lists.newest", &["post_id"]);
const TAG_COUNTS: View = View { name: "lists.tags", key: &["tag"], sums: &["posts"] };

/// A post's columns in the lists.
const TAGGED_COLUMNS: [&str; 6] =
    ["tags", "published", "deleted", "published_at", "originally_published_at", "version"];
/// A post's columns beside its id, its times and those in the lists.
const POST_COLUMNS: [&str; 6] = ["author_id", "co_author_ids", "slug", "title", "summary", "body"];

/// A post as a whole: what its caller leaves out is empty.
const WHOLE: Asks = Asks::Whole(&[
    ("summary", Empty::Text),
    ("body", Empty::Text),
    ("tags", Empty::List),
    ("co_author_ids", Empty::List),
]);

pub(super) struct Posts;

impl Context for Posts {
    fn name(&self) -> &'static str {
        "posts"
    }

    fn belongs_to(&self) -> Option<(&'static str, &'static str)> {
        Some(("Drafted", "author_id"))
    }

    fn commands(&self) -> &'static [Command] {
        &[
            Command { verb: "draft", leads_to: &["Drafted"], asks: WHOLE },
            Command { verb: "put", leads_to: &["Drafted", "Edited"], asks: WHOLE },
            Command { verb: "edit", leads_to: &["Edited"], asks: Asks::Special(is_edited) },
            Command { verb: "publish", leads_to: &["Published"], asks: Asks::Flag("published", true) },
            Command { verb: "unpublish", leads_to: &["Unpublished"], asks: Asks::Flag("published", false) },
            Command { verb: "delete", leads_to: &["Deleted"], asks: Asks::Flag("deleted", true) },
            Command { verb: "restore", leads_to: &["Restored"], asks: Asks::Flag("deleted", false) },
        ]
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        state::replace(state, event);
        match verb {
            "Drafted" => {
                state::set(state, "published", false);
                state::set(state, "deleted", false);
            }
            "Edited" => {
                date_as_elsewhere(state, event);
                take_away(state);
            }
            "Published" => {
                if state::of(state, "published_here_at").is_none() {
                    state::set(state, "published_here_at", event.occurred_at);
                }
                let first = state::of(state, "originally_published_at").or(state::of(state, "published_at")).cloned();
                state::set(state, "published_at", first.unwrap_or(json!(event.occurred_at)));
                state::set(state, "published", true);
            }
            "Unpublished" => state::set(state, "published", false),
            "Deleted" => state::set(state, "deleted", true),
            "Restored" => state::set(state, "deleted", false),
            _ => {}
        }
    }

    fn visibility(&self, state: &State) -> Visibility {
        let draft = state.get("published") == Some(&Value::Bool(false));
        Visibility { draft, deleted: state::flag(state, "deleted") }
    }

    fn unasked(&self, command: &Command, arguments: &Value, event: &Event) -> Option<String> {
        let mut event = event.clone();
        let reset = event.fields.remove("reset_fields").unwrap_or_default();
        let mut reset = reset.as_array().into_iter().flatten().filter_map(Value::as_str);
        if let Some(field) = reset.find(|field| arguments.get(field) != Some(&Value::Null)) {
            return Some(format!("`{field}` was taken away"));
        }
        let meant = if command.verb == "edit" { meant(arguments) } else { arguments.clone() };
        self.unasked_field(command, &meant, &event)
    }

    /// A slug is made of the title; the author is the caller.
    fn is_left_to_the_service(&self, _: &Command, field: &str, _: &Value) -> bool {
        matches!(field, "slug" | "author_id")
    }

    /// A former slug leads to its post for ever.
    fn unique_values(&self) -> &'static [Unique] {
        &[Unique {
            prefix: "slug",
            verbs: "Slug",
            field: "slug",
            given_by: &["Drafted", "Edited"],
            given_up_by: &[],
            is_kept: true,
            ignores_case: false,
        }]
    }

    fn views(&self) -> &'static [View] {
        &[POSTS, SLUGS, TAGGED, TAGGED_LIST, POST_TAGS, TAG_LIST, NEWEST, TAG_COUNTS]
    }

    fn rows(&self, post: &Folded<'_>, rows: &mut Rows) {
        let Folded { id, state, events } = post;
        for (verb, event) in events {
            if let ("Drafted" | "Edited", Some(slug)) = (*verb, state::of(&event.fields, "slug")) {
                rows.put(SLUGS, json!({"slug": slug, "post_id": id, "since": event.occurred_at}));
            }
        }
        if !post.begins_with("Drafted") {
            return;
        }
        let mut row = state::columns(state, &TAGGED_COLUMNS);
        state::set(&mut row, "post_id", *id);
        rows.put(TAGGED_LIST, row.clone());
        rows.put(TAGGED, row.clone());
        row.append(&mut state::columns(state, &POST_COLUMNS));
        state::set(&mut row, "drafted_at", state["created_at"].clone());
        state::set(&mut row, "updated_at", state["updated_at"].clone());
        rows.put(POSTS, row);
        if let Some(at) = state::of(state, "published_at").filter(|_| is_listed(state)) {
            rows.put(NEWEST, json!({"post_id": id, "at": at}));
            list_under_tags(id, at, state, rows);
        }
    }
}

/// A post that was published before is dated by when it was published elsewhere, once that is known.
fn date_as_elsewhere(state: &mut State, event: &Event) {
    let elsewhere = state::of(&event.fields, "originally_published_at");
    if let (Some(_), Some(elsewhere)) = (state::of(state, "published_at"), elsewhere) {
        state::set(state, "published_at", elsewhere.clone());
    }
}

/// What was taken away is not there. Without a date elsewhere a post is dated by its publication here.
fn take_away(state: &mut State) {
    let reset = state.remove("reset_fields").unwrap_or_default();
    for name in reset.as_array().into_iter().flatten().filter_map(Value::as_str) {
        state.remove(name);
        if let ("originally_published_at", Some(_)) = (name, state::of(state, "published_at")) {
            state::set(state, "published_at", state::of(state, "published_here_at").cloned().unwrap_or_default());
        }
    }
}

/// What a change asks for: null empties a field that is always there.
fn meant(arguments: &Value) -> Value {
    let mut meant = arguments.clone();
    for (field, value) in meant.as_object_mut().into_iter().flatten().filter(|(_, value)| value.is_null()) {
        match field.as_str() {
            "summary" | "body" => *value = json!(""),
            "tags" | "co_author_ids" => *value = json!([]),
            _ => {}
        }
    }
    meant
}

fn is_edited(arguments: &Value, state: &State) -> Result<(), String> {
    let date = "originally_published_at";
    if let (Some(Value::Null), Some(found)) = (arguments.get(date), state::of(state, date)) {
        return Err(format!("`{date}` is {found} and not null"));
    }
    change_holds(&meant(arguments), state)
}

fn is_listed(state: &State) -> bool {
    state::flag(state, "published") && !state::flag(state, "deleted")
}

fn list_under_tags(id: &str, at: &Value, state: &State, rows: &mut Rows) {
    let tags = state.get("tags").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let tags: BTreeSet<&str> = tags.iter().filter_map(Value::as_str).collect();
    for tag in tags {
        rows.put(POST_TAGS, json!({"tag": tag, "post_id": id, "published_at": at}));
        rows.put(TAG_LIST, json!({"tag": tag, "post_id": id, "at": at}));
        rows.add(TAG_COUNTS, json!({"tag": tag}), "posts");
    }
}

#[cfg(test)]
mod tests;
