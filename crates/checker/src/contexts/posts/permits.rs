//! What moderators decided of a post, by what they may, and who is not invited by whom.

use serde_json::{Value, json};

use super::Posts;
use crate::context::{Permits, Who, is_below, verb};
use crate::contexts::moderation::shown_to;
use crate::history::{Call, Event};
use crate::state::State;
use crate::verdict::Kind;

/// What those who write a removed post may still do with it: they take back what they did.
const TAKE_BACK: [&str; 8] = [
    "Unpublished",
    "Deleted",
    "Unscheduled",
    "InvitationWithdrawn",
    "InvitationDeclined",
    "CoAuthorLeft",
    "PreviewRevoked",
    "ReviewWithdrawn",
];

impl Permits for Posts {
    /// One ruling passes another by that is later: what changes nothing is no event. Who writes a removed post does not
    /// change it.
    fn forbids(&self, post: &State, event: &Event, role: Option<&str>) -> Option<(Kind, String)> {
        let number = |value: Option<&Value>| value.and_then(Value::as_i64).unwrap_or(0);
        if matches!(verb(event), "Hidden" | "Shown") {
            let (last, ruling) = (number(post.get("ruling")), number(event.fields.get("ruling")));
            return (ruling <= last).then(|| (Kind::Undecided, format!("ruling {ruling} came after ruling {last}")));
        }
        let is_removed = post.get("visible") == Some(&json!("moderators")) && is_below(role, "moderator");
        let is_change = !TAKE_BACK.contains(&verb(event));
        (is_removed && is_change).then(|| (Kind::Access, "a moderator has removed the post".to_owned()))
    }

    /// Of two who block each other none is invited by the other, nor to a post of the other's.
    fn meets(&self, verb: &str, call: &Call) -> Vec<(Who, Who)> {
        let owner = || Who::OwnerOf(call.aggregate_id.clone());
        let invited = || call.arguments.get("account_id").and_then(Value::as_str).map(str::to_owned);
        match (verb, invited()) {
            ("invite", Some(account)) => {
                vec![(Who::Actor, Who::Account(account.clone())), (owner(), Who::Account(account))]
            }
            ("accept", _) => vec![(Who::Actor, owner())],
            _ => Vec::new(),
        }
    }

    fn contradicts(&self, post: &State, case: &State) -> Option<String> {
        let (visible, wanted) = (post.get("visible")?, shown_to(case));
        (*visible != wanted).then(|| format!("the post is shown to {visible}, and was to be to {wanted}"))
    }
}
