//! What is said of tags: by name, what each has that its row has.

use serde_json::{Map, Value, json};

use super::text;
use crate::history::Event;
use crate::state::State;

/// Folds an event into the names.
pub(super) fn fold(names: &mut Map<String, Value>, verb: &str, event: &Event) {
    let field = |name: &str| text(event, name).unwrap_or_default();
    let mut put = |name: &str, tag: &str, description: &str| {
        if name == tag && description.is_empty() {
            names.remove(name);
            return;
        }
        let row = json!({"name": name, "tag": tag, "description": description, "version": event.version});
        names.insert(name.to_owned(), row);
    };
    let listed = event.fields.get("names").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    match verb {
        "TagDescribed" => put(field("tag"), field("tag"), field("description")),
        "TagRenamed" => {
            listed.for_each(|name| put(name, field("new_name"), ""));
            put(field("new_name"), field("new_name"), field("description"));
        }
        "TagsMerged" => listed.for_each(|name| put(name, field("into_tag"), "")),
        "SynonymAdded" => put(field("synonym"), field("tag"), ""),
        "SynonymRemoved" => drop(names.remove(field("synonym"))),
        _ => {}
    }
}

/// What a name stands for.
fn meant<'a>(name: &'a Value, state: &'a State) -> &'a Value {
    row(name, state).map_or(name, |row| &row["tag"])
}

fn row<'a>(name: &Value, state: &'a State) -> Option<&'a Value> {
    state.get("names")?.get(name.as_str()?)
}

fn stands_for(name: &Value, tag: &Value, state: &State) -> Result<(), String> {
    let found = meant(name, state);
    if found == tag { Ok(()) } else { Err(format!("{name} stands for {found} and not for {tag}")) }
}

pub(super) fn is_described(arguments: &Value, state: &State) -> Result<(), String> {
    let (tag, wanted) = (&arguments["tag"], &arguments["description"]);
    stands_for(tag, tag, state)?;
    let found = row(tag, state).map_or(json!(""), |row| row["description"].clone());
    if found == *wanted { Ok(()) } else { Err(format!("the description is {found} and not {wanted}")) }
}

pub(super) fn is_renamed(arguments: &Value, state: &State) -> Result<(), String> {
    stands_for(&arguments["tag"], &arguments["new_name"], state)
}

pub(super) fn is_merged(arguments: &Value, state: &State) -> Result<(), String> {
    stands_for(&arguments["tag"], &arguments["into_tag"], state)
}

pub(super) fn is_synonym(arguments: &Value, state: &State) -> Result<(), String> {
    stands_for(&arguments["synonym"], &arguments["tag"], state)
}

/// It is no synonym of the tag; whether it is one of another was not asked.
pub(super) fn is_none(arguments: &Value, state: &State) -> Result<(), String> {
    let (tag, synonym) = (&arguments["tag"], &arguments["synonym"]);
    let is_one = synonym != tag && meant(synonym, state) == tag;
    if is_one { Err(format!("{synonym} stands for {tag}")) } else { Ok(()) }
}
