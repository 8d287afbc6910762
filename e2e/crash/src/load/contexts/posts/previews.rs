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
use crate::load::{Accepted, Intent, Person, Question, Shows};

/// Links that may be revoked.
const LINKS: usize = 32;
/// How far off, in milliseconds, it is that a link expires: in no run does one, so all that were given count.
const AHEAD: i64 = 24 * 3_600_000;

/// Links that were given.
pub(super) type Links = VecDeque<Link>;

/// A link that was given.
pub(super) struct Link {
    post: String,
    id: String,
    /// What it is read by.
    token: String,
    given: Accepted,
}

/// A link is given, or one that was given is revoked.
pub(super) fn command(rng: &mut StdRng, caller: &Person, known: &Known, links: &Links) -> Intent {
    let key = id(rng).to_string();
    match links.iter().choose(rng).filter(|_| rng.random_bool(0.6)) {
        Some(Link { post, id, .. }) => {
            let revoke = intent("posts.revoke_preview", "DELETE", post.clone(), "", Value::Null, key);
            Intent { path: format!("{}/previews/{id}", revoke.path), recorded: of(id, None), ..revoke }
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

/// What a link shows. It may be good no more, and then shows nothing, as one that never was.
pub(super) fn question(rng: &mut StdRng, links: &Links, seen: Shows) -> Option<Question> {
    let Link { post, token, given, .. } = links.iter().choose(rng)?;
    let after = rng.random_bool(0.6).then(|| given.clone());
    let (path, aggregate_id) = (format!("/v1/previews/{token}"), post.clone());
    // It shows drafts, as to an editor.
    Some(Question { path, after, as_editor: true, own: None, seen, aggregate_id })
}

/// A link that was given may be read, and revoked.
pub(super) fn learn(intent: &Intent, accepted: &Accepted, links: &mut Links) {
    if intent.kind == "posts.give_preview"
        && let (Some(id), Some(token)) = (intent.recorded["preview_id"].as_str(), accepted.body["token"].as_str())
    {
        let (post, id, token) = (intent.aggregate_id.clone(), id.to_owned(), token.to_owned());
        links.push_back(Link { post, id, token, given: accepted.clone() });
        if links.len() > LINKS {
            links.pop_front();
        }
    }
}

fn of(link: &str, expires_at: Option<i64>) -> Map<String, Value> {
    let at = expires_at.map(|at| ("expires_at".to_owned(), Value::from(at)));
    [("preview_id".to_owned(), Value::from(link))].into_iter().chain(at).collect()
}
