//! Links by which a post is read before it is public, as docs/topics.md says: which are good, and the rows of all.
//! In `previews` of a state are the ids of those that were given and not revoked.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::context::{Command, Folded};
use crate::history::Event;
use crate::state::State;
use crate::views::{Rows, View};

pub(super) const PREVIEWS: View = View::keyed("previews", &["post_id", "preview_id"]);

/// Whether a command is about a link alone.
pub(super) fn is_one(command: &Command) -> bool {
    matches!(command.verb, "give_preview" | "revoke_preview")
}

/// What an event does to the links.
pub(super) fn fold(state: &mut State, verb: &str, event: &Event) {
    if !matches!(verb, "PreviewGiven" | "PreviewRevoked") {
        return;
    }
    let id = event.fields.get("preview_id").cloned().unwrap_or_default();
    let mut good: Vec<Value> = links(state).into_iter().filter(|link| *link != id).collect();
    if verb == "PreviewGiven" {
        good.push(id);
    }
    state.insert("previews".into(), good.into());
}

/// What an event says of another link than the one that was asked for, or of another time. The digest is the
/// service's.
pub(super) fn unasked(arguments: &Value, event: &Event) -> Option<String> {
    let asked = ["preview_id", "expires_at"];
    let is_other = |field: &&&str| event.fields.get(**field) != arguments.get(**field).filter(|value| !value.is_null());
    let other = asked.iter().find(is_other);
    other.map(|field| format!("`{field}` became {}", event.fields.get(*field).unwrap_or(&Value::Null)))
}

pub(super) fn is_given(arguments: &Value, state: &State) -> Result<(), String> {
    if links(state).contains(&arguments["preview_id"]) { Ok(()) } else { Err("there is no such link".to_owned()) }
}

pub(super) fn is_not_given(arguments: &Value, state: &State) -> Result<(), String> {
    is_given(arguments, state).map_or(Ok(()), |()| Err("the link is good".to_owned()))
}

/// The rows of links, good or not.
pub(super) fn rows(post: &Folded<'_>, rows: &mut Rows) {
    let mut given: BTreeMap<String, Value> = BTreeMap::new();
    for (verb, event) in &post.events {
        let id = event.fields.get("preview_id").cloned().unwrap_or_default();
        let row = match *verb {
            "PreviewGiven" => json!({"post_id": post.id, "preview_id": id, "given_by": event.actor_id,
                "token_sha256": event.fields.get("token_sha256"), "given_at": event.occurred_at,
                "expires_at": event.fields.get("expires_at"), "revoked": false, "version": event.version}),
            "PreviewRevoked" => {
                let Some(mut row) = given.get(&id.to_string()).cloned() else { continue };
                row["revoked"] = true.into();
                row["version"] = event.version.into();
                row
            }
            _ => continue,
        };
        given.insert(id.to_string(), row);
    }
    given.into_values().for_each(|row| rows.put(PREVIEWS, row));
}

fn links(state: &State) -> Vec<Value> {
    state.get("previews").and_then(Value::as_array).cloned().unwrap_or_default()
}
