//! What commands and events mean, written anew from the documents: the fold of an aggregate, and what a command's
//! arguments say of the state that it leads to.
//!
//! | kind of call | events that it can lead to |
//! | --- | --- |
//! | `posts.draft`, `posts.put`, `posts.edit` | `Drafted`, `Edited` |
//! | `posts.publish`, `.unpublish`, `.delete`, `.restore` | `Published`, `Unpublished`, `Deleted`, `Restored` |
//! | `accounts.register`, `.put`, `.change` | `Registered`, `ProfileChanged` |
//! | `accounts.rename` | `UserNameChanged` |
//! | `accounts.prefer` | `PreferencesChanged` |
//! | `accounts.grant`, `.revoke`, `.reactivate` | `RoleGranted`, `RoleRevoked`, `Reactivated` |
//! | `accounts.enroll` (with an address and a password) | `Registered` |
//! | `accounts.confirm` (of an address, with a letter) | `EmailVerified`, `EmailChanged` |
//! | `accounts.deactivate`, `.erase` | `Deactivated`, `Erased` |
//! | `following.follow`, `.unfollow` | `Followed`, `Unfollowed` |
//! | `cells.set` (of the simulator) | `Set` |
//!
//! Of a kind that is not listed only the general rules are judged.

use serde_json::{Map, Value, json};

use crate::history::Event;

/// An aggregate's fields as its events left them, with `version`, `created_at` and `updated_at`.
pub(crate) type State = Map<String, Value>;

/// The last part of an event's name: `Published`.
pub(crate) fn verb(event_type: &str) -> &str {
    event_type.rsplit('.').next().unwrap_or(event_type)
}

/// Whether an event is a step of a command on another aggregate.
pub(crate) fn is_step(event_type: &str) -> bool {
    let reservations = ["Slug", "UserName", "Email"].into_iter().find_map(|value| verb(event_type).strip_prefix(value));
    matches!(reservations, Some("Claimed" | "Confirmed" | "Released"))
}

/// Folds an event: fields that are not null replace those before; the verbs of posts do a little more.
pub(crate) fn fold(state: &mut State, event: &Event) {
    let at = json!(event.occurred_at);
    if state.is_empty() {
        state.insert("created_at".into(), at.clone());
    }
    if verb(&event.event_type) == "UserNameChanged" {
        remember_the_former_name(state, event);
    }
    for (name, value) in event.fields.iter().filter(|(_, value)| !value.is_null()) {
        state.insert(name.clone(), value.clone());
    }
    match verb(&event.event_type) {
        "PreferencesChanged" => prefer(state, event),
        granted @ ("RoleGranted" | "RoleRevoked") => change_roles(state, granted == "RoleGranted"),
        "Deactivated" => drop(state.insert("deactivated".into(), json!(true))),
        "Reactivated" => drop(state.insert("deactivated".into(), json!(false))),
        "EmailVerified" | "EmailChanged" => drop(state.insert("email_verified".into(), json!(true))),
        "EmailGivenUp" => drop(state.remove("email_key")),
        "Followed" => drop(state.insert("active".into(), json!(true))),
        "Unfollowed" => drop(state.insert("active".into(), json!(false))),
        "Drafted" => {
            state.insert("published".into(), json!(false));
            state.insert("deleted".into(), json!(false));
        }
        "Registered" => drop(state.insert("former_user_names".into(), json!([]))),
        "Published" => {
            let first = of(state, "originally_published_at").or(of(state, "published_at")).unwrap_or(&at).clone();
            state.insert("published_at".into(), first);
            state.insert("published".into(), json!(true));
        }
        "Edited" if of(state, "published_at").is_some() => {
            if let Some(elsewhere) = event.fields.get("originally_published_at").filter(|at| !at.is_null()) {
                state.insert("published_at".into(), elsewhere.clone());
            }
        }
        "Unpublished" => drop(state.insert("published".into(), json!(false))),
        "Erased" => forget(state, &event.aggregate_id),
        "Deleted" => drop(state.insert("deleted".into(), json!(true))),
        "Restored" => drop(state.insert("deleted".into(), json!(false))),
        _ => {}
    }
    state.insert("updated_at".into(), at);
    state.insert("version".into(), json!(event.version));
}

/// What went back to its default is as if it had never been chosen.
fn prefer(state: &mut State, event: &Event) {
    let reset = state.remove("reset_fields");
    for name in reset.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        state.remove(name);
    }
    state.insert("preferred_at_version".into(), json!(event.version));
}

/// An account has the roles that it was granted and that were not taken away since.
fn change_roles(state: &mut State, granted: bool) {
    let Some(role) = state.remove("role_name") else { return };
    let before = state.get("roles").and_then(Value::as_array).cloned().unwrap_or_default();
    let others = before.into_iter().filter(|other| *other != role);
    let roles: Vec<Value> = others.chain(granted.then(|| role.clone())).collect();
    state.insert("roles".into(), json!(roles));
}

/// A field as readers are shown it: where nothing is chosen, a preference is as it is by default.
pub(crate) fn shown(state: &State, name: &str) -> Value {
    let default = || match name {
        "locale" => json!("en"),
        "time_zone" => json!("UTC"),
        "theme" => json!("system"),
        "posts_per_page" => json!(20),
        "email_new_follower" | "email_comment" => json!(false),
        "email_digest" => json!("none"),
        "following_list" => json!("public"),
        _ => Value::Null,
    };
    of(state, name).cloned().unwrap_or_else(default)
}

/// What readers see of somebody who was forgotten: nothing, under a name that is made of the end of the account's id.
fn forget(state: &mut State, account_id: &str) {
    let id: String = account_id.chars().filter(char::is_ascii_hexdigit).collect();
    state.insert("user_name".into(), json!(format!("~deleted-{}", id.get(20..).unwrap_or_default())));
    for field in ["display_name", "bio", "image_url"] {
        state.insert(field.into(), json!(""));
    }
    state.insert("former_user_names".into(), json!([]));
    state.insert("roles".into(), json!([]));
    state.insert("erased".into(), json!(true));
}

/// What whoever records puts in the place of a text whose key is gone: it cannot be told any more what it was.
fn is_forgotten(value: &Value) -> bool {
    value.get("forgotten") == Some(&Value::Bool(true))
}

/// Whether a field is as it should be, as far as that can be told.
pub(crate) fn is_as(found: &Value, wanted: &Value) -> bool {
    found == wanted || is_forgotten(found)
}

/// The names that the account had before, in lower case, the last one last, without the one that it has now.
fn remember_the_former_name(state: &mut State, event: &Event) {
    let lower = |name: &Value| name.as_str().unwrap_or_default().to_ascii_lowercase();
    let (former, present) = (state.get("user_name").map(lower), event.fields.get("user_name").map(lower));
    let names = state.get("former_user_names").and_then(Value::as_array).cloned().unwrap_or_default();
    let others = names.iter().map(lower).filter(|name| Some(name) != former.as_ref() && Some(name) != present.as_ref());
    let names: Vec<String> = others.chain(former.clone().filter(|_| former != present)).collect();
    state.insert("former_user_names".into(), json!(names));
}

/// A field, unless it is null.
pub(crate) fn of<'a>(state: &'a State, name: &str) -> Option<&'a Value> {
    state.get(name).filter(|value| !value.is_null())
}

/// Whether a flag is set.
pub(crate) fn flag(state: &State, name: &str) -> bool {
    state.get(name) == Some(&Value::Bool(true))
}

/// Whether a command of this kind can lead to such an event; `None` if the kind is not known.
pub(crate) fn may_lead_to(kind: &str, event_type: &str) -> Option<bool> {
    let verbs: &[&str] = match kind {
        "posts.draft" => &["Drafted"],
        "posts.put" => &["Drafted", "Edited"],
        "posts.edit" => &["Edited"],
        "posts.publish" => &["Published"],
        "posts.unpublish" => &["Unpublished"],
        "posts.delete" => &["Deleted"],
        "posts.restore" => &["Restored"],
        "accounts.register" | "accounts.put" => &["Registered", "ProfileChanged"],
        "accounts.change" => &["ProfileChanged"],
        "accounts.rename" => &["UserNameChanged"],
        "accounts.prefer" => &["PreferencesChanged"],
        "accounts.grant" => &["RoleGranted"],
        "accounts.revoke" => &["RoleRevoked"],
        "accounts.reactivate" => &["Reactivated"],
        "accounts.enroll" => &["Registered"],
        "accounts.confirm" => &["EmailVerified", "EmailChanged"],
        "accounts.deactivate" => &["Deactivated"],
        "accounts.erase" => &["Erased"],
        "following.follow" => &["Followed"],
        "following.unfollow" => &["Unfollowed"],
        "cells.set" => &["Set"],
        _ => return None,
    };
    let (context, _) = kind.split_once('.')?;
    let name = event_type.strip_prefix("inklog.").and_then(|name| name.strip_prefix(context)?.strip_prefix('.'));
    Some(name.is_some_and(|name| verbs.contains(&name)))
}

/// What a field is that the caller left out of a command that makes an aggregate be as given.
fn default_of(kind: &str, field: &str) -> Option<Value> {
    match (kind, field) {
        ("posts.draft" | "posts.put", "summary" | "body") => Some(json!("")),
        ("posts.draft" | "posts.put", "tags" | "co_author_ids") => Some(json!([])),
        ("accounts.register" | "accounts.put", "display_name" | "bio" | "image_url" | "email_key") => Some(json!("")),
        ("accounts.enroll", "display_name" | "bio" | "image_url") => Some(json!("")),
        _ => None,
    }
}

/// What was asked of a field: the argument, or what stands for one that was left out.
fn asked(kind: &str, arguments: &Value, field: &str) -> Option<Value> {
    let argument = arguments.get(field).filter(|argument| !argument.is_null());
    argument.cloned().or_else(|| default_of(kind, field))
}

/// Whether the state is as a command of this kind asks. `Err` says what differs.
pub(crate) fn holds(kind: &str, arguments: &Value, state: &State) -> Result<(), String> {
    let wanted = match kind {
        "posts.publish" => ("published", true),
        "posts.unpublish" => ("published", false),
        "posts.delete" => ("deleted", true),
        "posts.restore" => ("deleted", false),
        "following.follow" => ("active", true),
        "following.unfollow" => ("active", false),
        "accounts.deactivate" => ("deactivated", true),
        "accounts.reactivate" => ("deactivated", false),
        "accounts.erase" => ("erased", true),
        "accounts.confirm" if !flag(state, "email_verified") => ("email_verified", true),
        "accounts.prefer" => return preferences_hold(arguments, state),
        "accounts.grant" => return role_is(true, arguments, state),
        "accounts.revoke" => return role_is(false, arguments, state),
        _ => return fields_hold(kind, arguments, state),
    };
    if flag(state, wanted.0) == wanted.1 { Ok(()) } else { Err(format!("`{}` is {}", wanted.0, !wanted.1)) }
}

fn fields_hold(kind: &str, arguments: &Value, state: &State) -> Result<(), String> {
    let known = may_lead_to(kind, "").is_some();
    let defaults = ["summary", "body", "tags", "co_author_ids", "display_name", "bio", "image_url"];
    let given = arguments.as_object().into_iter().flat_map(|arguments| arguments.keys().map(String::as_str));
    for field in given.chain(defaults).filter(|_| known) {
        let Some(wanted) = asked(kind, arguments, field) else { continue };
        let found = of(state, field);
        if !found.is_some_and(|found| is_as(found, &wanted)) {
            return Err(format!("`{field}` is {} and not {wanted}", found.unwrap_or(&Value::Null)));
        }
    }
    Ok(())
}

/// A preference that was set has its value; one that was set to null has none.
fn preferences_hold(arguments: &Value, state: &State) -> Result<(), String> {
    for (field, wanted) in arguments.as_object().into_iter().flatten() {
        let found = of(state, field).unwrap_or(&Value::Null);
        if found != wanted {
            return Err(format!("`{field}` is {found} and not {wanted}"));
        }
    }
    Ok(())
}

fn role_is(granted: bool, arguments: &Value, state: &State) -> Result<(), String> {
    let role = arguments.get("role_name").unwrap_or(&Value::Null);
    let roles = of(state, "roles").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    match (roles.contains(role), granted) {
        (true, true) | (false, false) => Ok(()),
        (true, false) => Err(format!("the role {role} is there")),
        (false, true) => Err(format!("the role {role} is not there")),
    }
}

/// A field that an event changes and the command did not ask for.
pub(crate) fn unasked(kind: &str, arguments: &Value, event: &Event) -> Option<String> {
    may_lead_to(kind, "")?;
    match kind {
        "accounts.prefer" => return unasked_preference(arguments, event),
        "following.follow" | "following.unfollow" => return another_pair(event),
        _ => {}
    }
    let left_to_us =
        |field: &str| matches!(field, "slug" | "author_id") && arguments.get(field).is_none_or(Value::is_null);
    let changed = event.fields.iter().filter(|(_, value)| !value.is_null());
    changed
        .filter(|(field, value)| !asked(kind, arguments, field).is_some_and(|asked| is_as(value, &asked)))
        .filter(|(field, value)| !is_forgotten(value) && !left_to_us(field))
        .map(|(field, value)| format!("`{field}` became {value}"))
        .next()
}

fn unasked_preference(arguments: &Value, event: &Event) -> Option<String> {
    let reset = event.fields.get("reset_fields").and_then(Value::as_array).into_iter().flatten();
    let mut reset = reset.filter_map(Value::as_str);
    if let Some(field) = reset.find(|field| arguments.get(field) != Some(&Value::Null)) {
        return Some(format!("`{field}` went back to its default"));
    }
    let set = event.fields.iter().filter(|(field, value)| *field != "reset_fields" && !value.is_null());
    let mut set = set.filter(|(field, value)| arguments.get(field) != Some(value));
    set.next().map(|(field, value)| format!("`{field}` became {value}"))
}

/// The ids in an event are those in its aggregate's id.
fn another_pair(event: &Event) -> Option<String> {
    let id = |field: &str| event.fields.get(field).and_then(Value::as_str).unwrap_or_default();
    let pair = format!("{}:{}", id("follower_id"), id("followee_id"));
    (pair != event.aggregate_id).then(|| format!("it is of {pair}"))
}

#[cfg(test)]
mod tests;
