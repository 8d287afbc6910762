//! `accounts`, and the reservations on their user names and addresses.
//!
//! | view | rows |
//! | --- | --- |
//! | `authors` | every account that was registered |
//! | `preferences` | of every account that ever chose something, what is chosen now |

use serde_json::{Value, json};

use crate::context::{Asks, Command, Context, Folded, Unique, Visibility, change_holds, flag_holds};
use crate::history::{Call, Event};
use crate::state::{self, State};
use crate::views::{Rows, View};

const AUTHORS: View = View::keyed("authors", &["account_id"]);
const PREFERENCES: View = View::keyed("preferences", &["account_id"]);

const AUTHOR_COLUMNS: [&str; 8] =
    ["user_name", "display_name", "bio", "image_url", "former_user_names", "roles", "deactivated", "version"];

const PREFERENCE_COLUMNS: [&str; 10] = [
    "locale",
    "time_zone",
    "theme",
    "posts_per_page",
    "email_new_follower",
    "email_comment",
    "email_digest",
    "following_list",
    "reactions_list",
    "comments_list",
];

/// What may come of a letter's link.
const CONFIRMED: [&str; 2] = ["EmailVerified", "EmailChanged"];

/// A profile as a whole: what its caller leaves out is empty.
const WHOLE: Asks = Asks::Whole(&["display_name", "bio", "image_url"]);

pub(super) struct Accounts;

impl Context for Accounts {
    fn name(&self) -> &'static str {
        "accounts"
    }

    fn is_of_accounts(&self) -> bool {
        true
    }

    fn concerns(&self) -> &'static [&'static str] {
        &["holder_id"]
    }

    fn commands(&self) -> &'static [Command] {
        &[
            Command { verb: "register", leads_to: &["Registered", "ProfileChanged"], asks: WHOLE },
            Command { verb: "put", leads_to: &["Registered", "ProfileChanged"], asks: WHOLE },
            Command { verb: "change", leads_to: &["ProfileChanged"], asks: Asks::Change },
            Command { verb: "rename", leads_to: &["UserNameChanged"], asks: Asks::Change },
            Command { verb: "prefer", leads_to: &["PreferencesChanged"], asks: Asks::Special(is_preferred) },
            Command { verb: "grant", leads_to: &["RoleGranted"], asks: Asks::Special(is_granted) },
            Command { verb: "revoke", leads_to: &["RoleRevoked"], asks: Asks::Special(is_revoked) },
            // With an address and a password.
            Command { verb: "enroll", leads_to: &["Registered"], asks: WHOLE },
            // Of an address, with a letter.
            Command { verb: "confirm", leads_to: &CONFIRMED, asks: Asks::Special(is_confirmed) },
            Command { verb: "deactivate", leads_to: &["Deactivated"], asks: Asks::Flag("deactivated", true) },
            Command { verb: "reactivate", leads_to: &["Reactivated"], asks: Asks::Flag("deactivated", false) },
            Command { verb: "erase", leads_to: &["Erased"], asks: Asks::Flag("erased", true) },
        ]
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        if verb == "UserNameChanged" {
            remember_the_former_name(state, event);
        }
        state::replace(state, event);
        match verb {
            "Registered" => {
                state::set(state, "former_user_names", json!([]));
                state::set(state, "roles", json!([]));
                state::set(state, "deactivated", false);
            }
            "PreferencesChanged" => prefer(state, event),
            "RoleGranted" | "RoleRevoked" => change_roles(state, verb == "RoleGranted"),
            "Deactivated" | "Reactivated" => state::set(state, "deactivated", verb == "Deactivated"),
            "EmailVerified" => state::set(state, "email_verified", true),
            // Events of earlier versions do not say it: it was.
            "EmailChanged" => {
                let verified = event.fields.get("verified").is_none_or(|verified| verified != &json!(false));
                // It is said of the address, and is no field of its own.
                drop(state.remove("verified"));
                state::set(state, "email_verified", verified);
            }
            "EmailGivenUp" => drop(state.remove("email_key")),
            "Erased" => forget(state, &event.aggregate_id),
            _ => {}
        }
    }

    /// Where nothing is chosen, a preference is as it is by default.
    fn shown(&self, state: &State, field: &str) -> Value {
        let default = || match field {
            "locale" => json!("en"),
            "time_zone" => json!("UTC"),
            "theme" => json!("system"),
            "posts_per_page" => json!(20),
            "email_new_follower" | "email_comment" => json!(false),
            "email_digest" => json!("none"),
            "following_list" | "comments_list" | "reactions_list" => json!("public"),
            _ => Value::Null,
        };
        state::of(state, field).cloned().unwrap_or_else(default)
    }

    fn visibility(&self, state: &State) -> Visibility {
        let (deleted, withheld) = (state::flag(state, "erased"), state::flag(state, "deactivated"));
        Visibility { deleted, withheld, ..Visibility::default() }
    }

    /// An account without an address has an empty one; who follows a letter's link is shown to be its owner.
    fn is_left_to_the_service(&self, command: &Command, field: &str, value: &Value) -> bool {
        match command.verb {
            "register" | "put" => field == "email_key" && value == "",
            "confirm" => field == "verified" && value == &json!(true),
            _ => false,
        }
    }

    fn unasked(&self, command: &Command, arguments: &Value, event: &Event) -> Option<String> {
        match command.verb {
            "prefer" => unasked_preference(arguments, event),
            _ => self.unasked_field(command, arguments, event),
        }
    }

    /// Clients put an account under another name than it bears.
    fn is_wrong(&self, command: &Command, call: &Call, had: &dyn Fn(&str) -> Vec<Value>) -> bool {
        let names_another = || had("user_name").iter().any(|name| Some(name) != call.arguments.get("user_name"));
        matches!(command.verb, "register" | "put") && names_another()
    }

    /// A former name or address is given up. An account that is forgotten has no address; its user name stays its own.
    fn unique_values(&self) -> &'static [Unique] {
        &[
            Unique {
                prefix: "user-name",
                verbs: "UserName",
                field: "user_name",
                given_by: &["Registered", "UserNameChanged"],
                given_up_by: &[],
                is_kept: false,
                ignores_case: true,
            },
            Unique {
                prefix: "email",
                verbs: "Email",
                field: "email_key",
                given_by: &["Registered", "EmailChanged"],
                given_up_by: &["EmailGivenUp", "Erased"],
                is_kept: false,
                ignores_case: false,
            },
        ]
    }

    fn views(&self) -> &'static [View] {
        &[AUTHORS, PREFERENCES]
    }

    fn rows(&self, account: &Folded<'_>, rows: &mut Rows) {
        let Folded { id, state, .. } = account;
        if !account.begins_with("Registered") {
            return;
        }
        let mut row = state::columns(state, &AUTHOR_COLUMNS);
        state::set(&mut row, "account_id", *id);
        state::set(&mut row, "registered_at", state["created_at"].clone());
        rows.put(AUTHORS, row);
        if let Some(version) = state::of(state, "preferred_at_version") {
            let mut row = state::columns(state, &PREFERENCE_COLUMNS);
            state::set(&mut row, "account_id", *id);
            state::set(&mut row, "version", version.clone());
            rows.put(PREFERENCES, row);
        }
    }
}

/// The names that the account had before, in lower case, the last one last, without the one that it has now.
fn remember_the_former_name(state: &mut State, event: &Event) {
    let lower = |name: &Value| name.as_str().unwrap_or_default().to_ascii_lowercase();
    let (former, present) = (state.get("user_name").map(lower), event.fields.get("user_name").map(lower));
    let names = state.get("former_user_names").and_then(Value::as_array).cloned().unwrap_or_default();
    let others = names.iter().map(lower).filter(|name| Some(name) != former.as_ref() && Some(name) != present.as_ref());
    let names: Vec<String> = others.chain(former.clone().filter(|_| former != present)).collect();
    state::set(state, "former_user_names", names);
}

/// What went back to its default is as if it had never been chosen.
fn prefer(state: &mut State, event: &Event) {
    let reset = state.remove("reset_fields");
    for name in reset.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        state.remove(name);
    }
    state::set(state, "preferred_at_version", event.version);
}

/// An account has the roles that it was granted and that were not taken away since.
fn change_roles(state: &mut State, granted: bool) {
    let Some(role) = state.remove("role_name") else { return };
    let before = state.get("roles").and_then(Value::as_array).cloned().unwrap_or_default();
    let others = before.into_iter().filter(|other| *other != role);
    let roles: Vec<Value> = others.chain(granted.then(|| role.clone())).collect();
    state::set(state, "roles", roles);
}

/// What readers see of a person who was forgotten: nothing, under a name that is made of the end of the account's id.
fn forget(state: &mut State, account_id: &str) {
    let id: String = account_id.chars().filter(char::is_ascii_hexdigit).collect();
    state::set(state, "user_name", format!("~deleted-{}", id.get(20..).unwrap_or_default()));
    for field in ["display_name", "bio", "image_url"] {
        state::set(state, field, "");
    }
    state::set(state, "former_user_names", json!([]));
    state::set(state, "roles", json!([]));
    state::set(state, "erased", true);
}

/// The address is the account's, and is verified.
fn is_confirmed(arguments: &Value, state: &State) -> Result<(), String> {
    flag_holds("email_verified", true, state)?;
    change_holds(arguments, state)
}

/// A preference that was set has its value; one that was set to null has none.
fn is_preferred(arguments: &Value, state: &State) -> Result<(), String> {
    for (field, wanted) in arguments.as_object().into_iter().flatten() {
        let found = state::of(state, field).unwrap_or(&Value::Null);
        if found != wanted {
            return Err(format!("`{field}` is {found} and not {wanted}"));
        }
    }
    Ok(())
}

fn is_granted(arguments: &Value, state: &State) -> Result<(), String> {
    if has_role(arguments, state) { Ok(()) } else { Err(format!("the role {} is not there", arguments["role_name"])) }
}

fn is_revoked(arguments: &Value, state: &State) -> Result<(), String> {
    if has_role(arguments, state) { Err(format!("the role {} is there", arguments["role_name"])) } else { Ok(()) }
}

fn has_role(arguments: &Value, state: &State) -> bool {
    let mut roles = state::of(state, "roles").and_then(Value::as_array).into_iter().flatten();
    roles.any(|role| *role == arguments["role_name"])
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

#[cfg(test)]
mod tests;
