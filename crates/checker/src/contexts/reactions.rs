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

use crate::context::{Asks, Command, Context, Folded, LookedUp, Permits, Who};
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

    /// The account, and what it reacts to.
    fn looks_up(&self, command: &Command, call: &Call) -> Vec<LookedUp> {
        let account = call.aggregate_id.split(':').next().unwrap_or_default();
        let answered = self.answers(command.verb, call);
        let account = Some(LookedUp::of("accounts", account)).filter(|_| !answered.is_empty());
        account.into_iter().chain(answered).collect()
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

impl Permits for Reactions {
    /// The post; of a comment, whose id tells no number, the post and its number there.
    fn answers(&self, verb: &str, call: &Call) -> Vec<LookedUp> {
        let ids: Vec<&str> = call.aggregate_id.split(':').collect();
        let ("react" | "share", [_, _, _, kind, id]) = (verb, &ids[..]) else { return Vec::new() };
        if *kind == "post" {
            return vec![LookedUp::told_gone("posts", *id)];
        }
        let post = call.arguments["post_id"].as_str().unwrap_or_default();
        let part = call.arguments["number"].as_i64();
        vec![LookedUp::told_gone("posts", post), LookedUp { part, ..LookedUp::told_gone("comments", post) }]
    }

    /// Who wrote the comment.
    fn meets(&self, verb: &str, call: &Call) -> Vec<(Who, Who)> {
        let place = call.arguments["post_id"].as_str().zip(call.arguments["number"].as_i64());
        let author = place.filter(|_| matches!(verb, "react" | "share"));
        author.map(|(post, number)| (Who::Actor, Who::AuthorOf(post.to_owned(), number))).into_iter().collect()
    }
}
