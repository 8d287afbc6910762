//! The tree of categories.

use serde_json::{Map, Value, json};

use super::text;
use crate::history::Event;
use crate::state::State;

type Categories = Map<String, Value>;

/// Folds an event into the categories.
pub(super) fn fold(categories: &mut Categories, verb: &str, event: &Event) {
    let field = |name: &str| event.fields.get(name).cloned().unwrap_or_default();
    let id = text(event, "category_id").unwrap_or_default();
    let mut set = |id: &str, values: &[(&str, Value)]| {
        if let Some(category) = categories.get_mut(id) {
            values.iter().for_each(|(name, value)| category[*name] = value.clone());
            category["version"] = json!(event.version);
        }
    };
    match verb {
        "CategoryCreated" => {
            categories.insert(
                id.to_owned(),
                json!({
                    "category_id": id, "parent_id": field("parent_id"), "slug": field("slug"), "name": field("name"),
                    "description": field("description"), "place": field("place"), "merged_into": null, "deleted": false,
                    "version": event.version,
                }),
            );
        }
        "CategoryChanged" => {
            let fields = ["slug", "name", "description"].map(|name| (name, field(name)));
            set(id, &fields.into_iter().filter(|(_, value)| !value.is_null()).collect::<Vec<_>>());
        }
        "CategoryMoved" => set(id, &[("parent_id", field("parent_id")), ("place", field("place"))]),
        "CategoriesOrdered" => {
            for (place, id) in (0..).zip(texts(&field("category_ids"))) {
                set(id, &[("parent_id", field("parent_id")), ("place", json!(place))]);
            }
        }
        "CategoryMerged" => {
            let first = field("first_place").as_i64().unwrap_or_default();
            for (place, id) in (first..).zip(texts(&field("child_ids"))) {
                set(id, &[("parent_id", field("into_id")), ("place", json!(place))]);
            }
            set(id, &[("merged_into", field("into_id"))]);
        }
        "CategoryDeleted" => set(id, &[("deleted", json!(true))]),
        _ => {}
    }
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn category<'a>(arguments: &Value, state: &'a State) -> Result<&'a Value, String> {
    let id = arguments.get("category_id").and_then(Value::as_str).unwrap_or_default();
    state.get("categories").and_then(|all| all.get(id)).ok_or_else(|| format!("there is no category {id}"))
}

fn is_there(category: &Value) -> bool {
    category["deleted"] == false && category["merged_into"].is_null()
}

fn has(category: &Value, field: &str, wanted: &Value) -> Result<(), String> {
    let found = &category[field];
    if found == wanted { Ok(()) } else { Err(format!("`{field}` is {found} and not {wanted}")) }
}

/// What a caller leaves out is empty.
pub(super) fn is_created(arguments: &Value, state: &State) -> Result<(), String> {
    let category = category(arguments, state)?;
    let given = |field: &str| arguments.get(field).cloned().unwrap_or_default();
    let description = Some(given("description")).filter(|text| !text.is_null()).unwrap_or_else(|| json!(""));
    has(category, "description", &description)?;
    ["parent_id", "slug", "name"].iter().try_for_each(|field| has(category, field, &given(field)))?;
    if is_there(category) { Ok(()) } else { Err("it is there no more".to_owned()) }
}

pub(super) fn is_changed(arguments: &Value, state: &State) -> Result<(), String> {
    let category = category(arguments, state)?;
    let given = arguments.as_object().into_iter().flatten();
    let mut given = given.filter(|(field, _)| ["slug", "name", "description"].contains(&field.as_str()));
    given.try_for_each(|(field, wanted)| match wanted {
        Value::Null => has(category, field, &json!("")),
        wanted => has(category, field, wanted),
    })
}

pub(super) fn is_below(arguments: &Value, state: &State) -> Result<(), String> {
    has(category(arguments, state)?, "parent_id", &arguments["parent_id"])
}

/// Those that are there below one are exactly those asked, in their order.
pub(super) fn is_ordered(arguments: &Value, state: &State) -> Result<(), String> {
    let all = state.get("categories").and_then(Value::as_object).into_iter().flatten();
    let below = all.filter(|(_, category)| is_there(category) && category["parent_id"] == arguments["parent_id"]);
    let mut below: Vec<_> = below.map(|(id, category)| (category["place"].as_i64(), id.as_str())).collect();
    below.sort_unstable();
    let found: Vec<&str> = below.into_iter().map(|(_, id)| id).collect();
    let wanted: Vec<&str> = texts(&arguments["category_ids"]).collect();
    if found == wanted { Ok(()) } else { Err(format!("the order is {found:?} and not {wanted:?}")) }
}

pub(super) fn is_merged(arguments: &Value, state: &State) -> Result<(), String> {
    has(category(arguments, state)?, "merged_into", &arguments["into_id"])
}

pub(super) fn is_deleted(arguments: &Value, state: &State) -> Result<(), String> {
    has(category(arguments, state)?, "deleted", &json!(true))
}
