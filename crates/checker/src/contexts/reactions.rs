//! `reactions`: an aggregate is what an account says of a target, or does not: a reaction of a kind, or that it was
//! shared somewhere.
//!
//! | view | rows |
//! | --- | --- |
//! | `reactions` | every account, target and kind of reaction that was ever given |
//! | `reaction_counts` | of every target and kind that is given to it, by how many |
//! | `reaction_points` | of every post that it is given to, the points that it has by them |
//! | `shares`, `share_counts` | the same of places to which it was shared |

use serde_json::{Value, json};

use crate::context::{Asks, Command, Context, Folded, LookedUp};
use crate::history::{Call, Event};
use crate::state::{self, State};
use crate::views::{Rows, View};

const REACTIONS: View = View::keyed("reactions", &["account_id", "target_kind", "target_id", "kind"]);
const SHARES: View = View::keyed("shares", &["account_id", "target_kind", "target_id", "place"]);
const REACTION_COUNTS: View =
    View { name: "reaction_counts", key: &["target_kind", "target_id", "kind"], sums: &["people"] };
const SHARE_COUNTS: View =
    View { name: "share_counts", key: &["target_kind", "target_id", "place"], sums: &["people"] };

const POINTS: View = View::keyed("reaction_points", &["post_id"]);

pub(super) struct Reactions;

impl Context for Reactions {
    fn name(&self) -> &'static str {
        "reactions"
    }

    fn commands(&self) -> &'static [Command] {
        &[
            Command { verb: "react", leads_to: &["Given"], asks: Asks::Flag("active", true) },
            Command { verb: "withdraw", leads_to: &["Withdrawn"], asks: Asks::Flag("active", false) },
            Command { verb: "share", leads_to: &["Shared"], asks: Asks::Flag("active", true) },
            Command { verb: "unshare", leads_to: &["Unshared"], asks: Asks::Flag("active", false) },
        ]
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        state::replace(state, event);
        state::set(state, "active", matches!(verb, "Given" | "Shared"));
    }

    /// What an event says is what its aggregate's id says.
    fn unasked(&self, _: &Command, _: &Value, event: &Event) -> Option<String> {
        let of = |field: &str| event.fields.get(field).and_then(Value::as_str);
        let what = match (of("kind"), of("place")) {
            (Some(kind), None) => format!("reaction:{kind}"),
            (None, Some(place)) => format!("share:{place}"),
            other => return Some(format!("it is of {other:?}")),
        };
        let id = |field: &str| of(field).unwrap_or_default();
        let mark = format!("{}:{what}:{}:{}", id("account_id"), id("target_kind"), id("target_id"));
        (mark != event.aggregate_id).then(|| format!("it is {mark}"))
    }

    /// The account, and the post; of a comment, whose id tells no number, the post and its number there besides.
    fn looks_up(&self, command: &Command, call: &Call) -> Vec<LookedUp> {
        if !matches!(command.verb, "react" | "share") {
            return Vec::new();
        }
        let ids: Vec<&str> = call.aggregate_id.split(':').collect();
        let [account, _, _, kind, id] = ids[..] else { return Vec::new() };
        let mut looked_up = vec![LookedUp::of("accounts", account)];
        if kind == "post" {
            looked_up.push(LookedUp::told_gone("posts", id));
        } else {
            let post = call.arguments["post_id"].as_str().unwrap_or_default();
            let part = call.arguments["number"].as_i64();
            looked_up.push(LookedUp::told_gone("posts", post));
            looked_up.push(LookedUp { part, ..LookedUp::told_gone("comments", post) });
        }
        looked_up
    }

    fn views(&self) -> &'static [View] {
        &[REACTIONS, REACTION_COUNTS, SHARES, SHARE_COUNTS, POINTS]
    }

    fn rows(&self, mark: &Folded<'_>, rows: &mut Rows) {
        let (view, counts, name) = match mark.begins_with("Given") {
            true => (REACTIONS, REACTION_COUNTS, "kind"),
            false if mark.begins_with("Shared") => (SHARES, SHARE_COUNTS, "place"),
            false => return,
        };
        let state = &mark.state;
        let target = ["target_kind", "target_id", name];
        let mut row = state::columns(state, &["account_id", "target_kind", "target_id", name, "active", "version"]);
        state::set(&mut row, "since", state["updated_at"].clone());
        rows.put(view, row);
        if state::flag(state, "active") {
            rows.add(counts, json!(state::columns(state, &target)), "people");
            if mark.begins_with("Given") && state["target_kind"] == "post" {
                let since = state["updated_at"].as_i64().unwrap_or_default();
                rows.weigh(POINTS, json!({"post_id": state["target_id"]}), 10, since);
            }
        }
    }
}
