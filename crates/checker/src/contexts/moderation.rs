//! `moderation`: an aggregate is a case (of a post, a comment or an account), a pair of people of whom the one blocks
//! the other or does not, or what comments are held for.
//!
//! | view | rows |
//! | --- | --- |
//! | `cases` | every case, with the reports and appeals that wait |
//! | `rulings` | every ruling, and what became of it |
//! | `comment_filters` | what comments are held for, once an admin has said so |
//! | `person_blocks` | every pair of which the one ever blocked the other |
//!
//! What is in force is made anew here, from the order of the events.

mod case;
mod filters;
mod rights;

pub(super) use case::shown_to;

use serde_json::{Value, json};

use crate::context::{Asks, Command, Context, Folded};
use crate::history::{Call, Event};
use crate::state::{self, State};
use crate::views::{Rows, View};
use case::{ABOUT, in_a_case, list};

const CASES: View = View::keyed("cases", &["case_id"]);
const RULINGS: View = View::keyed("rulings", &["case_id", "ruling"]);
const FILTERS: View = View::keyed("comment_filters", &["id"]);
const BLOCKS: View = View::keyed("person_blocks", &["blocker_id", "blocked_id"]);

pub(super) struct Moderation;

impl Context for Moderation {
    fn name(&self) -> &'static str {
        "moderation"
    }

    /// A person is told of what is decided of them, not of what was reported, nor of who blocks them.
    fn concerned_by(&self, verb: &str) -> &'static [&'static str] {
        if matches!(verb, "Decided" | "Lifted" | "Appealed" | "AppealAnswered") { &["subject_id"] } else { &[] }
    }

    fn commands(&self) -> &'static [Command] {
        &[
            Command { verb: "report", leads_to: &["Reported"], asks: Asks::Special(anything) },
            Command { verb: "withdraw_report", leads_to: &["ReportWithdrawn"], asks: Asks::Special(anything) },
            Command { verb: "claim", leads_to: &["Claimed"], asks: Asks::Special(anything) },
            Command { verb: "release_claim", leads_to: &["ClaimReleased"], asks: Asks::Special(anything) },
            Command { verb: "decide", leads_to: &["Decided"], asks: Asks::Special(anything) },
            Command { verb: "dismiss", leads_to: &["Dismissed"], asks: Asks::Special(anything) },
            Command { verb: "lift", leads_to: &["Lifted"], asks: Asks::Special(anything) },
            Command { verb: "appeal", leads_to: &["Appealed"], asks: Asks::Special(anything) },
            Command { verb: "answer", leads_to: &["AppealAnswered"], asks: Asks::Special(anything) },
            Command { verb: "set_filters", leads_to: &["FiltersChanged"], asks: Asks::Special(anything) },
            Command { verb: "block", leads_to: &["PersonBlocked"], asks: Asks::Flag("active", true) },
            Command { verb: "unblock", leads_to: &["PersonUnblocked"], asks: Asks::Flag("active", false) },
        ]
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        match verb {
            "PersonBlocked" | "PersonUnblocked" => {
                state::replace(state, event);
                state::set(state, "active", verb == "PersonBlocked");
            }
            "FiltersChanged" => {
                for name in ["words", "most_links", "first_comments"] {
                    state::set(state, name, event.fields.get(name).cloned().unwrap_or_default());
                }
                state::set(state, "changed_by", event.actor_id.clone());
            }
            _ => in_a_case(state, verb, event),
        }
    }

    /// A case is named by what it is about; of the rest, what was asked for is in the event.
    fn unasked(&self, command: &Command, arguments: &Value, event: &Event) -> Option<String> {
        let of = |name: &str| event.fields.get(name).filter(|value| !value.is_null());
        let text = |name: &str| of(name).and_then(Value::as_str).unwrap_or_default();
        let id = match (text("target_kind"), of("number").and_then(Value::as_i64)) {
            ("comment", Some(number)) => format!("comment:{}:{number}", text("post_id")),
            _ if command.verb == "set_filters" => "filters".to_owned(),
            ("", _) => format!("block:{}:{}", text("blocker_id"), text("blocked_id")),
            (kind, _) => format!("{kind}:{}", text("target_id")),
        };
        if id != event.aggregate_id {
            return Some(format!("it is of {id}"));
        }
        self.unasked_field(command, arguments, event)
    }

    fn is_left_to_the_service(&self, _: &Command, field: &str, _: &Value) -> bool {
        let made = ["ruling", "ruled_at", "moderator_id", "moderator_role", "reporter_id", "claimed_until_at"];
        let of_terms = ["ends_at", "blocked_post_id", "about_case", "former_ruling", "blocker_id", "blocked_id"];
        ABOUT.contains(&field) || made.contains(&field) || of_terms.contains(&field)
    }

    /// What may be decided, and whether there is what is reported, other logs say.
    fn is_wrong(&self, _: &Command, _: &Call, _: &dyn Fn(&str) -> Vec<Value>) -> bool {
        true
    }

    fn may_miss_another(&self, _: &Command) -> bool {
        true
    }

    fn has_schedules(&self) -> bool {
        true
    }

    /// What was decided of a thing is to be carried out at once.
    fn due(&self, case: &State) -> Option<i64> {
        let number = |name: &str| state::of(case, name).and_then(Value::as_i64).unwrap_or(0);
        let is_thing = state::of(case, "target_kind").is_some_and(|kind| kind != "account");
        (is_thing && number("carried_out") < number("rulings")).then(|| number("ruled_at"))
    }

    fn carries_out(&self, _: &State, verb: &str, _: i64) -> bool {
        verb == "CarriedOut"
    }

    /// A ruling is carried out by its number, as what was in force then says, in the name of who made it. A comment is
    /// held for what the filters of the version that it names hold it for.
    fn orders(&self, case: &State, event: &Event) -> bool {
        if event.fields.contains_key("held_by") {
            return filters::held(case, event);
        }
        let visible = match shown_to(case) {
            "moderators" => (false, Some(true)),
            "author" => (false, Some(false)),
            _ => (true, None),
        };
        let from_author = event.fields.get("from_author").and_then(Value::as_bool);
        let is_so = (event.event_type.ends_with(".Shown"), from_author) == visible;
        let by = case.get("ruled_by") == Some(&json!(event.actor_id));
        is_so && by && case.get("rulings").filter(|ruling| **ruling != json!(0)) == event.fields.get("ruling")
    }

    fn views(&self) -> &'static [View] {
        &[CASES, RULINGS, BLOCKS, FILTERS]
    }

    fn rows(&self, folded: &Folded<'_>, rows: &mut Rows) {
        let state = &folded.state;
        if folded.id.starts_with("block:") {
            let mut row = state::columns(state, &["blocker_id", "blocked_id", "active", "version"]);
            state::set(&mut row, "since", state["updated_at"].clone());
            rows.put(BLOCKS, row);
        } else if folded.id == "filters" {
            let names = ["words", "most_links", "first_comments", "changed_by", "version"];
            let mut row = state::columns(state, &names);
            state::set(&mut row, "id", folded.id);
            state::set(&mut row, "changed_at", state["updated_at"].clone());
            rows.put(FILTERS, row);
        } else if state.contains_key("target_kind") {
            let mut row = state::columns(state, &ABOUT);
            row.extend(state::columns(state, &CASE));
            state::set(&mut row, "case_id", folded.id);
            rows.put(CASES, row);
            for mut ruling in list(state, "log") {
                ruling["case_id"] = json!(folded.id);
                rows.put(RULINGS, ruling);
            }
        }
    }
}

/// What else the row of a case has.
const CASE: [&str; 11] = [
    "reporter_ids",
    "rules",
    "statements",
    "reported_at",
    "claimed_by",
    "claimed_until_at",
    "appealed_rulings",
    "waits_since",
    "rulings",
    "carried_out",
    "version",
];

/// That a command was accepted says nothing of how its case stands later: the rows and rulings say it.
fn anything(_: &Value, _: &State) -> Result<(), String> {
    Ok(())
}
