//! What moderators decided of a post. It is as it was, and others see it no more; a ruling is carried out, unless a
//! later one was.

use serde_json::{Value, json};

use crate::history::Event;
use crate::state::{self, State};

/// Folds an event.
pub(super) fn fold(state: &mut State, verb: &str, event: &Event) {
    let ruling = |value: Option<&Value>| value.and_then(Value::as_i64).unwrap_or(0);
    let carried_out = ruling(event.fields.get("ruling"));
    let visible = match (verb, event.fields.get("from_author") == Some(&json!(true))) {
        ("Drafted", _) => "all",
        ("Shown", _) if carried_out > ruling(state.get("ruling")) => "all",
        ("Hidden", true) if carried_out > ruling(state.get("ruling")) => "moderators",
        ("Hidden", false) if carried_out > ruling(state.get("ruling")) => "author",
        _ => return,
    };
    state::set(state, "ruling", carried_out);
    state::set(state, "visible", visible);
    state::set(state, "hidden", visible != "all");
}

/// The case that an event carries out.
pub(super) fn carries_out(event: &Event) -> Option<(&'static str, String)> {
    let is_ruled = ["inklog.posts.Hidden", "inklog.posts.Shown"].contains(&event.event_type.as_str());
    is_ruled.then(|| ("moderation", format!("post:{}", event.aggregate_id)))
}

/// Whether those who write it may have been refused because they do not see it any more.
pub(super) fn was_removed(had: &dyn Fn(&str) -> Vec<Value>) -> bool {
    had("from_author").contains(&json!(true))
}
