//! `following`: an aggregate is a pair of accounts, of which the one follows the other or does not; or an account and
//! a tag, a category or a series, which it follows or does not.
//!
//! | view | rows |
//! | --- | --- |
//! | `follows` | every pair of accounts of which the one ever followed the other |
//! | `follow_counts` | of every account that follows or is followed, how many |
//! | `followed_subjects` | every account and tag, category or series that it ever followed |
//! | `subject_follow_counts` | of every one of those that is followed, by how many |

use serde_json::{Value, json};

use crate::context::{Asks, Command, Context, Folded, LookedUp, Permits, Who};
use crate::history::{Call, Event};
use crate::state::{self, State};
use crate::views::{Rows, View};

const FOLLOWS: View = View::keyed("follows", &["follower_id", "followee_id"]);
const COUNTS: View = View { name: "follow_counts", key: &["account_id"], sums: &["followers", "following"] };

const SUBJECTS: View = View::keyed("followed_subjects", &["follower_id", "subject_kind", "subject_ref"]);
const SUBJECT_COUNTS: View =
    View { name: "subject_follow_counts", key: &["subject_kind", "subject_ref"], sums: &["followers"] };

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
            Command { verb: "follow_subject", leads_to: &["SubjectFollowed"], asks: Asks::Flag("active", true) },
            Command { verb: "unfollow_subject", leads_to: &["SubjectUnfollowed"], asks: Asks::Flag("active", false) },
        ]
    }

    fn fold(&self, state: &mut State, verb: &str, event: &Event) {
        state::replace(state, event);
        state::set(state, "active", matches!(verb, "Followed" | "SubjectFollowed"));
    }

    /// The ids in an event are those in its aggregate's id.
    fn unasked(&self, _: &Command, _: &Value, event: &Event) -> Option<String> {
        let id = |field: &str| event.fields.get(field).and_then(Value::as_str).unwrap_or_default();
        let of_subject = event.fields.get("subject_kind").is_some_and(|kind| !kind.is_null());
        let pair = match of_subject {
            true => format!("{}:{}:{}", id("follower_id"), id("subject_kind"), id("subject_ref")),
            false => format!("{}:{}", id("follower_id"), id("followee_id")),
        };
        (pair != event.aggregate_id).then(|| format!("it is of {pair}"))
    }

    /// Who follows, and whom; a series. A tag is there once it is named; which category is, is not told by an id alone.
    fn looks_up(&self, command: &Command, call: &Call) -> Vec<LookedUp> {
        let (follower, followed) = call.aggregate_id.split_once(':').unwrap_or_default();
        let follower = LookedUp::of("accounts", follower);
        match (command.verb, followed.split_once(':')) {
            ("follow", None) => vec![follower, LookedUp::of("accounts", followed)],
            ("follow_subject", Some(("series", id))) => vec![follower, LookedUp::of("series", id)],
            ("follow_subject", Some(("category", _))) => Vec::new(),
            ("follow_subject" | "unfollow", _) => vec![follower],
            _ => Vec::new(),
        }
    }

    /// A category.
    fn may_miss_another(&self, command: &Command) -> bool {
        command.verb == "follow_subject"
    }

    /// Clients follow themselves now and then.
    fn is_wrong(&self, command: &Command, call: &Call, _: &dyn Fn(&str) -> Vec<Value>) -> bool {
        let is_oneself = call.aggregate_id.split_once(':').is_some_and(|(one, other)| one == other);
        command.verb == "follow" && is_oneself
    }

    fn views(&self) -> &'static [View] {
        &[FOLLOWS, COUNTS, SUBJECTS, SUBJECT_COUNTS]
    }

    fn rows(&self, pair: &Folded<'_>, rows: &mut Rows) {
        let state = &pair.state;
        if pair.begins_with("SubjectFollowed") {
            let columns = ["follower_id", "subject_kind", "subject_ref", "active", "version"];
            let mut row = state::columns(state, &columns);
            state::set(&mut row, "since", state["updated_at"].clone());
            rows.put(SUBJECTS, row);
            if state::flag(state, "active") {
                let key = state::columns(state, &["subject_kind", "subject_ref"]);
                rows.add(SUBJECT_COUNTS, json!(key), "followers");
            }
        }
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

impl Permits for Following {
    /// Whom it follows.
    fn meets(&self, verb: &str, call: &Call) -> Vec<(Who, Who)> {
        let followee = call.aggregate_id.split_once(':').filter(|_| verb == "follow");
        followee.map(|(_, followee)| (Who::Actor, Who::Account(followee.to_owned()))).into_iter().collect()
    }
}
