//! What comments answer, whom they meet, and what moderators decided of them.

use serde_json::{Value, json};

use super::{Comments, comments, named};
use crate::context::{LookedUp, Permits, Who, verb};
use crate::contexts::moderation::shown_to;
use crate::history::{Call, Event};
use crate::state::State;
use crate::verdict::Kind;

impl Permits for Comments {
    /// One ruling passes another by that is later: what changes nothing is no event.
    fn forbids(&self, thread: &State, event: &Event, _: Option<&str>) -> Option<(Kind, String)> {
        if !matches!(verb(event), "Hidden" | "Shown") {
            return None;
        }
        let comment = named(&mut comments(thread), event.fields.get("number"))?.clone();
        let (last, ruling) = (number(comment.get("ruling")), number(event.fields.get("ruling")));
        if comment["deleted"] == json!(true) {
            return Some((Kind::Undecided, "the comment says nothing any more".to_owned()));
        }
        (ruling <= last).then(|| (Kind::Undecided, format!("ruling {ruling} came after ruling {last}")))
    }

    fn answers(&self, verb: &str, call: &Call) -> Vec<LookedUp> {
        if verb != "write" {
            return Vec::new();
        }
        let comment = reply_to(call).map(|number| LookedUp {
            part: Some(number),
            ..LookedUp::told_gone("comments", call.aggregate_id.as_str())
        });
        [LookedUp::told_gone("posts", call.aggregate_id.as_str())].into_iter().chain(comment).collect()
    }

    fn meets(&self, verb: &str, call: &Call) -> Vec<(Who, Who)> {
        if verb != "write" {
            return Vec::new();
        }
        let answered = reply_to(call).map(|number| Who::AuthorOf(call.aggregate_id.clone(), number));
        let met = [Who::OwnerOf(call.aggregate_id.clone())].into_iter().chain(answered);
        met.map(|who| (Who::Actor, who)).collect()
    }

    /// What filters hold is shown once a moderator has read it as it is.
    fn contradicts(&self, thread: &State, case: &State) -> Option<String> {
        let comment = named(&mut comments(thread), case.get("number"))?.clone();
        let (visible, wanted) = (&comment["visible"], shown_to(case));
        let is_held = comment["held_by"] != json!([]) && wanted == "all";
        let is_so = *visible == wanted || is_held || comment["deleted"] == json!(true);
        (!is_so).then(|| format!("the comment is shown to {visible}, and was to be to {wanted}"))
    }
}

fn reply_to(call: &Call) -> Option<i64> {
    call.arguments.get("reply_to").and_then(Value::as_i64)
}

fn number(ruling: Option<&Value>) -> i64 {
    ruling.and_then(Value::as_i64).unwrap_or(0)
}
