//! Who writes a post together, as docs/topics.md says: an account is a co-author when it accepted an invitation, or
//! was named by a post's fields.
//!
//! | field of a state | accounts |
//! | --- | --- |
//! | `co_author_ids` | those that are named, in their order |
//! | `agreed` | those of them who accepted, or owned the post |
//! | `invited` | those whose invitation is open |
//! | `declined`, `left` | those who declined their last invitation, and who were named and are no more |

use serde_json::{Value, json};

use crate::context::{Command, Folded};
use crate::history::Event;
use crate::state::{self, State};
use crate::views::{Rows, View};

pub(super) const INVITATIONS: View = View::keyed("invitations", &["account_id", "post_id"]);

/// Whether a command is about them alone.
pub(super) fn is_one(command: &Command) -> bool {
    matches!(command.verb, "invite" | "withdraw" | "accept" | "decline" | "remove" | "hand_over")
}

/// Whether "not found" may be said of the account or the invitation.
pub(super) fn may_miss_another(command: &Command) -> bool {
    matches!(command.verb, "invite" | "accept" | "decline" | "hand_over")
}

/// Whether an account owns the post, is named as a co-author, or asked to be one.
pub(super) fn owns_or_writes_or_is_asked(state: &State, account_id: &str) -> bool {
    let account = Value::from(account_id);
    owner(state) == account || ["co_author_ids", "invited"].iter().any(|names| has(state, names, &account))
}

/// What an event says of another account than the one that was asked for.
pub(super) fn unasked(arguments: &Value, event: &Event) -> Option<String> {
    let named = ["account_id", "to_account_id"].iter().find_map(|field| event.fields.get(*field));
    (named != arguments.get("account_id")).then(|| format!("it is about {}", named.unwrap_or(&Value::Null)))
}

/// What an event does to the co-authors.
pub(super) fn fold(state: &mut State, verb: &str, event: &Event) {
    let id = |field: &str| event.fields.get(field).cloned().unwrap_or_default();
    let account = id("account_id");
    match verb {
        "Drafted" | "Edited" => {
            let named = list(state, "co_author_ids");
            let agreed = list(state, "agreed").into_iter().filter(|id| named.contains(id));
            state.insert("agreed".into(), agreed.collect());
        }
        "CoAuthorInvited" => {
            settle(state, &account);
            add(state, "invited", account);
        }
        "InvitationWithdrawn" => settle(state, &account),
        "InvitationDeclined" => {
            settle(state, &account);
            add(state, "declined", account);
        }
        // Who was not asked cannot have agreed.
        "CoAuthorJoined" if has(state, "invited", &account) => agree(state, account),
        "CoAuthorLeft" => {
            settle(state, &account);
            forget(state, &account);
            add(state, "left", account);
        }
        // Only who owns a post can hand it over, and only to who agreed.
        "HandedOver" if has(state, "agreed", &id("to_account_id")) && owner(state) == id("from_account_id") => {
            let to = id("to_account_id");
            settle(state, &to);
            forget(state, &to);
            state.insert("author_id".into(), to);
            agree(state, id("from_account_id"));
        }
        _ => {}
    }
}

/// Whether the co-authors are as the fields of a post ask: those that they name, but for who left or declined, and
/// those who agreed besides. `Err` says what differs.
pub(super) fn named_as_asked(arguments: &Value, state: &State, is_whole: bool) -> Result<(), String> {
    let Some(asked) = arguments.get("co_author_ids") else { return Ok(()) };
    let asked: Vec<Value> = asked.as_array().cloned().unwrap_or_default();
    // Of an author who is no editor it says nothing.
    if is_whole && asked.is_empty() {
        return Ok(());
    }
    let agreed = list(state, "agreed");
    let is_out = |id: &Value| has(state, "left", id) || has(state, "declined", id);
    let named = asked.iter().filter(|id| agreed.contains(id) || !is_out(id));
    let besides = agreed.iter().filter(|id| !asked.contains(id));
    let (wanted, found) = (named.count() + besides.count(), list(state, "co_author_ids"));
    let is_wrong = |id: &&Value| !asked.contains(id) && !agreed.contains(id) || is_out(id) && !agreed.contains(id);
    match found.iter().find(is_wrong) {
        Some(id) => Err(format!("{id} is named")),
        None if found.len() != wanted => Err(format!("{found:?} are named")),
        None => Ok(()),
    }
}

/// The rows of invitations: the last of each account, and of those who left.
pub(super) fn rows(post: &Folded<'_>, rows: &mut Rows) {
    let mut invited = std::collections::BTreeMap::new();
    for (verb, event) in &post.events {
        let Some(account) = state::of(&event.fields, "account_id") else { continue };
        let is_open = *verb == "CoAuthorInvited";
        let by = || event.actor_id.clone();
        match *verb {
            "CoAuthorInvited" => drop(invited.insert(account.to_string(), by())),
            // Of who was never asked there is a row since they left.
            "CoAuthorLeft" => drop(invited.entry(account.to_string()).or_insert_with(by)),
            _ => {}
        }
        let Some(invited_by) = invited.get(&account.to_string()) else { continue };
        let row = json!({"account_id": account, "post_id": post.id, "invited_by": invited_by, "open": is_open,
            "since": event.occurred_at, "version": event.version});
        rows.put(INVITATIONS, row);
    }
}

pub(super) fn is_invited(arguments: &Value, state: &State) -> Result<(), String> {
    let is_so = ["invited", "agreed"].iter().any(|names| has(state, names, &arguments["account_id"]));
    so(is_so, "it is not invited")
}

pub(super) fn is_not_invited(arguments: &Value, state: &State) -> Result<(), String> {
    so(!has(state, "invited", &arguments["account_id"]), "it is invited")
}

pub(super) fn has_agreed(arguments: &Value, state: &State) -> Result<(), String> {
    so(has(state, "agreed", &arguments["account_id"]), "it is no co-author")
}

pub(super) fn declined(arguments: &Value, state: &State) -> Result<(), String> {
    so(has(state, "declined", &arguments["account_id"]), "it did not decline")
}

pub(super) fn is_not_named(arguments: &Value, state: &State) -> Result<(), String> {
    so(!has(state, "co_author_ids", &arguments["account_id"]), "it is a co-author")
}

pub(super) fn owns(arguments: &Value, state: &State) -> Result<(), String> {
    so(state::of(state, "author_id") == arguments.get("account_id"), "another owns it")
}

fn so(is_so: bool, else_: &str) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(else_.to_owned()) }
}

fn owner(state: &State) -> Value {
    state.get("author_id").cloned().unwrap_or_default()
}

fn list(state: &State, name: &str) -> Vec<Value> {
    state.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn has(state: &State, name: &str, account: &Value) -> bool {
    state.get(name).and_then(Value::as_array).is_some_and(|list| list.contains(account))
}

fn add(state: &mut State, name: &str, account: Value) {
    let mut list = list(state, name);
    if !list.contains(&account) {
        list.push(account);
    }
    state.insert(name.into(), list.into());
}

fn take(state: &mut State, name: &str, account: &Value) {
    let list: Vec<Value> = list(state, name).into_iter().filter(|id| id != account).collect();
    state.insert(name.into(), list.into());
}

fn settle(state: &mut State, account: &Value) {
    ["invited", "declined"].iter().for_each(|name| take(state, name, account));
}

fn forget(state: &mut State, account: &Value) {
    ["co_author_ids", "agreed", "left"].iter().for_each(|name| take(state, name, account));
}

fn agree(state: &mut State, account: Value) {
    settle(state, &account);
    take(state, "left", &account);
    add(state, "co_author_ids", account.clone());
    add(state, "agreed", account);
}
