//! Links by which posts are read before they are public: given, and revoked.

use std::collections::VecDeque;

use checker::ids;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value, json};
use service_kit::times;

use super::{Known, intent};
use crate::load::values::id;
use crate::load::{Intent, Person};

/// Links that may be revoked.
const LINKS: usize = 32;
/// How far off, in milliseconds, it is that a link expires: in no run does one, so all that were given count.
const AHEAD: i64 = 24 * 3_600_000;

/// Links that were given, each with its post.
pub(super) type Links = VecDeque<(String, String)>;

/// A link is given, or one that was given is revoked.
pub(super) fn command(rng: &mut StdRng, caller: &Person, known: &Known, links: &Links) -> Intent {
    let key = id(rng).to_string();
    match links.iter().choose(rng).filter(|_| rng.random_bool(0.6)) {
        Some((post, link)) => {
            let revoke = intent("posts.revoke_preview", "DELETE", post.clone(), "", Value::Null, key);
            Intent { path: format!("{}/previews/{link}", revoke.path), recorded: of(link, None), ..revoke }
        }
        None => {
            let at = times::now().0 + AHEAD;
            let context = format!("posts/{}/previews/{at}", known.id);
            let link = ids::created(&context, &caller.id.to_string(), &key).to_string();
            let body = json!({"expires_at": times::format(domain::Timestamp(at))});
            let give = intent("posts.give_preview", "POST", known.id.clone(), "/previews", body, key);
            Intent { recorded: of(&link, Some(at)), ..give }
        }
    }
}

/// A link that was given may be revoked.
pub(super) fn learn(intent: &Intent, links: &mut Links) {
    if intent.kind == "posts.give_preview"
        && let Some(link) = intent.recorded["preview_id"].as_str()
    {
        links.push_back((intent.aggregate_id.clone(), link.to_owned()));
        if links.len() > LINKS {
            links.pop_front();
        }
    }
}

fn of(link: &str, expires_at: Option<i64>) -> Map<String, Value> {
    let at = expires_at.map(|at| ("expires_at".to_owned(), Value::from(at)));
    [("preview_id".to_owned(), Value::from(link))].into_iter().chain(at).collect()
}
