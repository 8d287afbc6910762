//! `taxonomy`: the aggregate `categories` is the whole tree of them. Its state has `categories`, by id, each with what
//! its row has; and `slugs`, with whose each is. The aggregate `tags` is all that is said of tags; its state has
//! `names`.
//!
//! | view | rows |
//! | --- | --- |
//! | `categories` | every category that there ever was |
//! | `category_slugs` | every slug that one ever had, and whose it is or was last |
//! | `tag_names` | every name of which something is said |

mod tags;
mod tree;

use serde_json::{Map, Value, json};

use crate::context::{Asks, Command, Context, Folded};
use crate::history::Event;
use crate::state::{self, State};
use crate::views::{Rows, View};

const CATEGORIES: View = View::keyed("categories", &["category_id"]);
const CATEGORY_SLUGS: View = View::keyed("category_slugs", &["slug"]);

const TAG_NAMES: View = View::keyed("tag_names", &["name"]);

/// What the service decides: where a category stands among others, which names follow a tag.
const DECIDED: [&str; 4] = ["place", "first_place", "child_ids", "names"];

pub(super) struct Taxonomy;

impl Context for Taxonomy {
    fn name(&self) -> &'static str {
        "taxonomy"
    }

    fn commands(&self) -> &'static [Command] {
        &[
            Command { verb: "create", leads_to: &["CategoryCreated"], asks: Asks::Special(tree::is_created) },
            Command { verb: "change", leads_to: &["CategoryChanged"], asks: Asks::Special(tree::is_changed) },
            Command { verb: "move", leads_to: &["CategoryMoved"], asks: Asks::Special(tree::is_below) },
            Command { verb: "order", leads_to: &["CategoriesOrdered"], asks: Asks::Special(tree::is_ordered) },
            Command { verb: "merge", leads_to: &["CategoryMerged"], asks: Asks::Special(tree::is_merged) },
            Command { verb: "describe_tag", leads_to: &["TagDescribed"], asks: Asks::Special(tags::is_described) },
            Command { verb: "rename_tag", leads_to: &["TagRenamed"], asks: Asks::Special(tags::is_renamed) },
            Command { verb: "merge_tags", leads_to: &["TagsMerged"], asks: Asks::Special(tags::is_merged) },
            Command { verb: "add_synonym", leads_to: &["SynonymAdded"], asks: Asks::Special(tags::is_synonym) },
            Command { verb: "remove_synonym", leads_to: &["SynonymRemoved"], asks: Asks::Special(tags::is_none) },
            Command { verb: "delete", leads_to: &["CategoryDeleted"], asks: Asks::Special(tree::is_deleted) },
        ]
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        let mut categories = part(state, "categories");
        tree::fold(&mut categories, verb, event);
        if let (Some(slug), Some(id)) = (text(event, "slug"), text(event, "category_id")) {
            let mut slugs = part(state, "slugs");
            slugs.insert(slug.to_owned(), json!(id));
            state::set(state, "slugs", slugs);
        }
        state::set(state, "categories", categories);
        let mut names = part(state, "names");
        tags::fold(&mut names, verb, event);
        state::set(state, "names", names);
    }

    fn unasked(&self, command: &Command, arguments: &Value, event: &Event) -> Option<String> {
        let empty = |field: &str| if field == "description" { json!("") } else { Value::Null };
        let asked = |field: &str| arguments.get(field).filter(|asked| !asked.is_null()).cloned();
        let is_asked = |field: &str, value: &Value| asked(field).unwrap_or_else(|| empty(field)) == *value;
        // A tag takes its description along.
        let is_decided =
            |field: &str| DECIDED.contains(&field) || field == "description" && command.verb == "rename_tag";
        let said = event.fields.iter().filter(|(field, value)| !value.is_null() && !is_decided(field));
        let mut unasked = said.filter(|(field, value)| !is_asked(field, value));
        unasked.next().map(|(field, value)| format!("`{field}` became {value}"))
    }

    /// What is not there is one of the categories, and not their tree.
    fn may_miss_another(&self, _: &Command) -> bool {
        true
    }

    fn views(&self) -> &'static [View] {
        &[CATEGORIES, CATEGORY_SLUGS, TAG_NAMES]
    }

    fn rows(&self, tree: &Folded<'_>, rows: &mut Rows) {
        for category in part(&tree.state, "categories").into_values() {
            rows.put(CATEGORIES, category);
        }
        for (slug, id) in part(&tree.state, "slugs") {
            rows.put(CATEGORY_SLUGS, json!({"slug": slug, "category_id": id}));
        }
        for name in part(&tree.state, "names").into_values() {
            rows.put(TAG_NAMES, name);
        }
    }
}

/// A part of the state.
fn part(state: &State, name: &str) -> Map<String, Value> {
    state.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn text<'a>(event: &'a Event, field: &str) -> Option<&'a str> {
    event.fields.get(field).and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
