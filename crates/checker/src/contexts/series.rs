//! `series`: an aggregate is a series, posts in an order; or the reservation on a slug of one.
//!
//! | view | rows |
//! | --- | --- |
//! | `series` | every series, deleted ones too |
//! | `series_slugs` | every slug that one ever had |
//! | `series_posts` | of each series that is there its posts, with their places from 0 |
//! | `series_counts` | of every account that has a series, how many |

use serde_json::{Value, json};

use crate::context::{Asks, Command, Context, Folded, Unique, Visibility};
use crate::history::Event;
use crate::state::{self, State};
use crate::views::{Rows, View};

const SERIES: View = View::keyed("series", &["series_id"]);
const SLUGS: View = View::keyed("series_slugs", &["slug"]);
const POSTS: View = View::keyed("series_posts", &["series_id", "place"]);
const COUNTS: View = View { name: "series_counts", key: &["owner_id"], sums: &["series"] };

/// A series' columns beside its id and its times.
const COLUMNS: [&str; 7] = ["owner_id", "slug", "title", "description", "post_ids", "deleted", "version"];

pub(super) struct Series;

impl Context for Series {
    fn name(&self) -> &'static str {
        "series"
    }

    fn belongs_to(&self) -> &'static [(&'static str, &'static str)] {
        &[("Created", "owner_id")]
    }

    fn commands(&self) -> &'static [Command] {
        &[
            Command { verb: "create", leads_to: &["Created"], asks: Asks::Whole(&["description"]) },
            Command { verb: "edit", leads_to: &["Changed"], asks: Asks::Special(is_changed) },
            Command { verb: "add", leads_to: &["PostAdded"], asks: Asks::Special(has) },
            Command { verb: "remove", leads_to: &["PostRemoved"], asks: Asks::Special(lacks) },
            Command { verb: "order", leads_to: &["Ordered"], asks: Asks::Change },
            Command { verb: "delete", leads_to: &["Deleted"], asks: Asks::Flag("deleted", true) },
        ]
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        match verb {
            "Created" => {
                state::replace(state, event);
                state::set(state, "post_ids", json!([]));
                state::set(state, "deleted", false);
            }
            "Changed" | "Ordered" => state::replace(state, event),
            "PostAdded" | "PostRemoved" => {
                let mut posts = posts(state);
                let post = event.fields.get("post_id").cloned().unwrap_or_default();
                posts.retain(|other| *other != post);
                posts.extend((verb == "PostAdded").then_some(post));
                state::set(state, "post_ids", posts);
            }
            "Deleted" => state::set(state, "deleted", true),
            _ => {}
        }
    }

    fn visibility(&self, state: &State) -> Visibility {
        Visibility { deleted: state::flag(state, "deleted"), ..Visibility::default() }
    }

    fn unasked(&self, command: &Command, arguments: &Value, event: &Event) -> Option<String> {
        self.unasked_field(command, &meant(arguments), event)
    }

    /// What is not there may be the post.
    fn may_miss_another(&self, command: &Command) -> bool {
        command.verb == "add"
    }

    /// A slug is made of the title; the owner is the caller.
    fn is_left_to_the_service(&self, _: &Command, field: &str, _: &Value) -> bool {
        matches!(field, "slug" | "owner_id")
    }

    /// A former slug leads to its series for ever.
    fn unique_values(&self) -> &'static [Unique] {
        &[Unique {
            prefix: "slug",
            verbs: "Slug",
            field: "slug",
            given_by: &["Created", "Changed"],
            given_up_by: &[],
            is_kept: true,
            ignores_case: false,
        }]
    }

    fn views(&self) -> &'static [View] {
        &[SERIES, SLUGS, POSTS, COUNTS]
    }

    fn rows(&self, series: &Folded<'_>, rows: &mut Rows) {
        let Folded { id, state, events } = series;
        for (verb, event) in events {
            if let ("Created" | "Changed", Some(slug)) = (*verb, state::of(&event.fields, "slug")) {
                rows.put(SLUGS, json!({"slug": slug, "series_id": id}));
            }
        }
        if !series.begins_with("Created") {
            return;
        }
        let mut row = state::columns(state, &COLUMNS);
        state::set(&mut row, "series_id", *id);
        state::set(&mut row, "created_at", state["created_at"].clone());
        state::set(&mut row, "updated_at", state["updated_at"].clone());
        rows.put(SERIES, row);
        if state::flag(state, "deleted") {
            return;
        }
        for (place, post) in posts(state).into_iter().enumerate() {
            rows.put(POSTS, json!({"series_id": id, "place": place, "post_id": post}));
        }
        rows.add(COUNTS, json!({"owner_id": state.get("owner_id")}), "series");
    }
}

/// The posts of a series.
fn posts(state: &State) -> Vec<Value> {
    state.get("post_ids").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// What a change asks for: null empties the description.
fn meant(arguments: &Value) -> Value {
    let mut meant = arguments.clone();
    if let Some(description) = meant.get_mut("description").filter(|description| description.is_null()) {
        *description = json!("");
    }
    meant
}

fn is_changed(arguments: &Value, state: &State) -> Result<(), String> {
    crate::context::change_holds(&meant(arguments), state)
}

fn has(arguments: &Value, state: &State) -> Result<(), String> {
    let post = &arguments["post_id"];
    if posts(state).contains(post) { Ok(()) } else { Err(format!("{post} is not in it")) }
}

fn lacks(arguments: &Value, state: &State) -> Result<(), String> {
    let post = &arguments["post_id"];
    if posts(state).contains(post) { Err(format!("{post} is in it")) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
