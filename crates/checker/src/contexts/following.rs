//! `following`: an aggregate is a pair of accounts, of which the one follows the other or does not.
//!
//! | view | rows |
//! | --- | --- |
//! | `follows` | every pair of accounts of which the one ever followed the other |
//! | `follow_counts` | of every account that follows or is followed, how many |

use serde_json::{Value, json};

use crate::context::{Asks, Command, Context, Folded};
use crate::history::{Call, Event};
use crate::state::{self, State};
use crate::views::{Rows, View};

const FOLLOWS: View = View::keyed("follows", &["follower_id", "followee_id"]);
const COUNTS: View = View { name: "follow_counts", key: &["account_id"], sums: &["followers", "following"] };

pub(super) struct Following;

impl Context for Following {
    fn name(&self) -> &'static str {
        "following"
    }

    fn concerns(&self) -> &'static [&'static str] {
        &["followee_id"]
    }

    fn commands(&self) -> &'static [Command] {
        &[
            Command { verb: "follow", leads_to: &["Followed"], asks: Asks::Flag("active", true) },
            Command { verb: "unfollow", leads_to: &["Unfollowed"], asks: Asks::Flag("active", false) },
        ]
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        state::replace(state, event);
        state::set(state, "active", verb == "Followed");
    }

    /// The ids in an event are those in its aggregate's id.
    fn unasked(&self, _: &Command, _: &Value, event: &Event) -> Option<String> {
        let id = |field: &str| event.fields.get(field).and_then(Value::as_str).unwrap_or_default();
        let pair = format!("{}:{}", id("follower_id"), id("followee_id"));
        (pair != event.aggregate_id).then(|| format!("it is of {pair}"))
    }

    /// Clients follow themselves now and then.
    fn is_wrong(&self, command: &Command, call: &Call, _: &dyn Fn(&str) -> Vec<Value>) -> bool {
        let is_oneself = call.aggregate_id.split_once(':').is_some_and(|(one, other)| one == other);
        command.verb == "follow" && is_oneself
    }

    fn views(&self) -> &'static [View] {
        &[FOLLOWS, COUNTS]
    }

    fn rows(&self, pair: &Folded<'_>, rows: &mut Rows) {
        let state = &pair.state;
        if !pair.begins_with("Followed") {
            return;
        }
        let mut row = state::columns(state, &["follower_id", "followee_id", "active", "version"]);
        state::set(&mut row, "since", state["updated_at"].clone());
        rows.put(FOLLOWS, row);
        if state::flag(state, "active") {
            rows.add(COUNTS, json!({"account_id": state.get("followee_id")}), "followers");
            rows.add(COUNTS, json!({"account_id": state.get("follower_id")}), "following");
        }
    }
}
