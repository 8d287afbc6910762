//! A case as its events leave it: what waits in it, what is in force, and its log of rulings.

use serde_json::{Map, Value, json};

use crate::history::Event;
use crate::state::{self, State};

/// What every event of a case says, and what its row has of that.
pub(super) const ABOUT: [&str; 5] = ["target_kind", "target_id", "post_id", "number", "subject_id"];

/// The entries of a list; none where there is no such list.
pub(super) fn list(state: &State, name: &str) -> Vec<Value> {
    state.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// Who is shown a thing by what is in force of its case.
pub(in crate::contexts) fn shown_to(case: &State) -> &'static str {
    let in_force = list(case, "in_force");
    let has = |measure: &str| in_force.iter().any(|one| one["measure"] == measure);
    match (has("remove"), has("hide")) {
        (true, _) => "moderators",
        (false, true) => "author",
        (false, false) => "all",
    }
}

/// What an event of a case does to it.
pub(super) fn in_a_case(state: &mut State, verb: &str, event: &Event) {
    let lists =
        ["reporter_ids", "rules", "statements", "reported_at", "appealed_rulings", "in_force", "words_of", "log"];
    for name in lists {
        state.entry(name).or_insert_with(|| json!([]));
    }
    for name in ["rulings", "carried_out"] {
        state.entry(name).or_insert_with(|| json!(0));
    }
    for name in ABOUT {
        if let Some(value) = event.fields.get(name).filter(|value| !value.is_null()) {
            state::set(state, name, value.clone());
        }
    }
    let of = |name: &str| event.fields.get(name).cloned().unwrap_or_default();
    if matches!(verb, "Decided" | "Lifted" | "Appealed" | "AppealAnswered" | "Erased") {
        let others = list(state, "words_of").into_iter().filter(|other| *other != of("subject_id"));
        let own = Some(of("subject_id")).filter(|_| verb != "Erased");
        let words_of: Vec<Value> = others.chain(own).collect();
        state::set(state, "words_of", words_of);
    }
    match verb {
        "Reported" => report(state, event),
        "ReportWithdrawn" => withdraw(state, &of("reporter_id")),
        "Claimed" => {
            state::set(state, "claimed_by", of("moderator_id"));
            state::set(state, "claimed_until_at", of("claimed_until_at"));
        }
        "ClaimReleased" => forget_claim(state),
        "Appealed" => {
            let mut waiting = list(state, "appealed_rulings");
            waiting.push(of("former_ruling"));
            state::set(state, "appealed_rulings", waiting);
            appeal(state, &of("former_ruling"), "open");
            note(
                state,
                &of("former_ruling"),
                event,
                &[("appealed_at", json!(event.occurred_at)), ("appeal", said(&of("statement")))],
            );
        }
        "CarriedOut" => state::set(state, "carried_out", of("ruling")),
        "Erased" => erase(state, event),
        _ => rule(state, verb, event),
    }
    let waits = !list(state, "reporter_ids").is_empty() || !list(state, "appealed_rulings").is_empty();
    let since = state::of(state, "waits_since").cloned().unwrap_or_else(|| json!(event.occurred_at));
    state::set(state, "waits_since", if waits { since } else { Value::Null });
}

/// A text as a row has it: nothing of one whose key is gone.
fn said(text: &Value) -> Value {
    if state::is_forgotten(text) { json!("") } else { text.clone() }
}

fn report(state: &mut State, event: &Event) {
    let of = |name: &str| event.fields.get(name).cloned().unwrap_or_default();
    let entries = [
        ("reporter_ids", of("reporter_id")),
        ("rules", of("rule")),
        ("statements", said(&of("statement"))),
        ("reported_at", json!(event.occurred_at)),
    ];
    for (name, entry) in entries {
        let mut entries = list(state, name);
        entries.push(entry);
        state::set(state, name, entries);
    }
}

fn withdraw(state: &mut State, reporter: &Value) {
    let Some(place) = list(state, "reporter_ids").iter().position(|id| id == reporter) else { return };
    for name in ["reporter_ids", "rules", "statements", "reported_at"] {
        let mut entries = list(state, name);
        entries.remove(place);
        state::set(state, name, entries);
    }
}

fn forget_claim(state: &mut State) {
    state::set(state, "claimed_by", Value::Null);
    state::set(state, "claimed_until_at", Value::Null);
}

/// A ruling: a measure, or what becomes of one.
fn rule(state: &mut State, verb: &str, event: &Event) {
    let of = |name: &str| event.fields.get(name).cloned().unwrap_or_default();
    let kind = match verb {
        "Decided" => of("measure"),
        "Dismissed" => json!("dismiss"),
        "Lifted" => json!("lift"),
        _ => json!("answer"),
    };
    if matches!(verb, "Decided" | "Dismissed") {
        for name in ["reporter_ids", "rules", "statements", "reported_at"] {
            state::set(state, name, json!([]));
        }
        forget_claim(state);
    }
    let (former, upheld) = (of("former_ruling"), of("upheld") == json!(true));
    if !former.is_null() {
        let mut changes = vec![];
        if verb == "AppealAnswered" {
            changes.push(("answered_at", json!(event.occurred_at)));
        }
        if !upheld {
            changes.push(("lifted_at", json!(event.occurred_at)));
        }
        note(state, &former, event, &changes);
        let others = |entries: Vec<Value>| -> Vec<Value> {
            entries.into_iter().filter(|one| *one != former && one["ruling"] != former).collect()
        };
        let appealed = others(list(state, "appealed_rulings"));
        state::set(state, "appealed_rulings", appealed);
        if upheld {
            appeal(state, &former, "answered");
        } else {
            let in_force = list(state, "in_force");
            if in_force.iter().any(|one| one["ruling"] == former && one["by"] != of("moderator_id")) {
                state::set(state, "lifted_by", json!({"by": of("moderator_id"), "role": of("moderator_role")}));
            }
            state::set(state, "in_force", others(in_force));
        }
    }
    if verb == "Decided" {
        let mut in_force = list(state, "in_force");
        in_force.push(json!({"ruling": of("ruling"), "measure": of("measure"), "by": of("moderator_id"),
            "role": of("moderator_role"), "appeal": "none"}));
        state::set(state, "in_force", in_force);
        state::set(state, "lifted_by", Value::Null);
    }
    state::set(state, "rulings", of("ruling"));
    state::set(state, "ruled_at", of("ruled_at"));
    state::set(state, "ruled_by", of("moderator_id"));
    log(state, kind, event);
}

fn log(state: &mut State, kind: Value, event: &Event) {
    let of = |name: &str| event.fields.get(name).cloned().unwrap_or_default();
    let explanation =
        Some(of("explanation")).filter(|text| !text.is_null()).map_or_else(|| json!(""), |text| said(&text));
    let mut row = Map::new();
    let names = ["ruling", "subject_id", "rule", "moderator_id", "moderator_role", "ends_at", "blocked_post_id"];
    for name in names.into_iter().chain(["about_case", "former_ruling", "upheld"]) {
        row.insert(name.into(), of(name));
    }
    row.extend([
        ("kind".to_owned(), kind),
        ("explanation".to_owned(), explanation),
        ("ruled_at".to_owned(), json!(event.occurred_at)),
        ("lifted_at".to_owned(), Value::Null),
        ("appealed_at".to_owned(), Value::Null),
        ("appeal".to_owned(), json!("")),
        ("answered_at".to_owned(), Value::Null),
        ("version".to_owned(), json!(event.version)),
    ]);
    let mut rows = list(state, "log");
    rows.push(row.into());
    state::set(state, "log", rows);
}

/// How an appeal against a measure stands that is in force.
fn appeal(state: &mut State, ruling: &Value, appeal: &str) {
    let mut in_force = list(state, "in_force");
    in_force.iter_mut().filter(|one| one["ruling"] == *ruling).for_each(|one| one["appeal"] = json!(appeal));
    state::set(state, "in_force", in_force);
}

/// Notes what became of a former ruling.
fn note(state: &mut State, ruling: &Value, event: &Event, changes: &[(&str, Value)]) {
    let mut rows = list(state, "log");
    for row in rows.iter_mut().filter(|row| row["ruling"] == *ruling) {
        changes.iter().for_each(|(name, value)| row[*name] = value.clone());
        row["version"] = json!(event.version);
    }
    state::set(state, "log", rows);
}

fn erase(state: &mut State, event: &Event) {
    let last = event.fields.get("ruling").and_then(Value::as_i64).unwrap_or(0);
    for ruling in 1..=last {
        note(state, &json!(ruling), event, &[("explanation", json!("")), ("appeal", json!(""))]);
    }
}
