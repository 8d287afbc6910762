//! The state of an aggregate: its fields as its events left them.

use serde_json::{Map, Value};

use crate::history::Event;

/// An aggregate's fields, with `version`, `created_at` and `updated_at`.
pub(crate) type State = Map<String, Value>;

/// A field, unless it is null.
pub(crate) fn of<'a>(state: &'a State, name: &str) -> Option<&'a Value> {
    state.get(name).filter(|value| !value.is_null())
}

/// Whether a flag is set.
pub(crate) fn flag(state: &State, name: &str) -> bool {
    state.get(name) == Some(&Value::Bool(true))
}

/// Sets a field.
pub(crate) fn set(state: &mut State, name: &str, value: impl Into<Value>) {
    state.insert(name.to_owned(), value.into());
}

/// The named fields, null where there is none: the columns of a row.
pub(crate) fn columns(state: &State, names: &[&str]) -> State {
    names.iter().map(|name| ((*name).to_owned(), state.get(*name).cloned().unwrap_or_default())).collect()
}

/// Puts the fields of an event in the place of those before; null means that a field stayed as it was.
pub(crate) fn replace(state: &mut State, event: &Event) {
    for (name, value) in event.fields.iter().filter(|(_, value)| !value.is_null()) {
        state.insert(name.clone(), value.clone());
    }
}

/// What the recording program puts in the place of a text whose key is gone: it cannot be told any more what it was.
pub(crate) fn is_forgotten(value: &Value) -> bool {
    value.get("forgotten") == Some(&Value::Bool(true))
}

/// Whether a field is as it should be, as far as that can be told.
pub(crate) fn is_as(found: &Value, wanted: &Value) -> bool {
    found == wanted || is_forgotten(found)
}
