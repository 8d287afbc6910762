//! Writing posts together, among those whom the clients act for: inviting, answering, leaving, handing over. Those who
//! have no account yet are not found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::load::values::{id, if_match};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// Posts that are written together: few, so that who is invited finds the invitation.
const POSTS: usize = 4;
/// Accounts that the load of posts names without asking them.
const NAMED: u128 = 4;

/// What of the context `posts` is about co-authors.
pub(super) struct CoAuthors {
    /// Knows posts.
    posts: Arc<dyn Generator>,
    /// The callers who have sent a command here.
    people: Mutex<BTreeSet<Uuid>>,
    /// The posts that were heard of last, each with whom its last command was about.
    known: Mutex<BTreeMap<String, (Uuid, Accepted)>>,
}

impl CoAuthors {
    pub(super) fn new(posts: Arc<dyn Generator>) -> Self {
        Self { posts, people: Mutex::default(), known: Mutex::default() }
    }

    /// One of the posts that are written together; now and then another takes its place.
    fn post(&self, rng: &mut StdRng) -> String {
        let known = self.known.lock().expect("no holder of the lock panics");
        let one = known.keys().choose(rng).filter(|_| known.len() >= POSTS || rng.random_bool(0.5)).cloned();
        drop(known);
        let asked = || self.posts.ask(rng).map(|question| question.aggregate_id).filter(|post| !post.is_empty());
        one.or_else(asked).unwrap_or_else(|| id(rng).to_string())
    }

    /// Whom a command is about.
    fn account(&self, rng: &mut StdRng, caller: &Person) -> Uuid {
        let mut people = self.people.lock().expect("no holder of the lock panics");
        people.insert(caller.id);
        match rng.random_range(0..100) {
            0..3 => id(rng),
            3..8 => Uuid::from_u128(rng.random_range(1..NAMED)),
            _ => people.iter().copied().choose(rng).unwrap_or(caller.id),
        }
    }

    fn intent(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let (post, account) = (self.post(rng), self.account(rng, caller));
        let (kind, method, path, about) = match rng.random_range(0..100) {
            0..30 => ("posts.invite", "POST", format!("/v1/posts/{post}/invitations"), account),
            30..38 => ("posts.withdraw", "DELETE", format!("/v1/posts/{post}/invitations/{account}"), account),
            38..65 => ("posts.accept", "POST", format!("/v1/me/invitations/{post}/accept"), caller.id),
            65..72 => ("posts.decline", "POST", format!("/v1/me/invitations/{post}/decline"), caller.id),
            72..80 => ("posts.remove", "DELETE", format!("/v1/posts/{post}/co-authors/{}", caller.id), caller.id),
            80..88 => ("posts.remove", "DELETE", format!("/v1/posts/{post}/co-authors/{account}"), account),
            _ => ("posts.hand_over", "POST", format!("/v1/posts/{post}/hand-over"), account),
        };
        let has_body = matches!(kind, "posts.invite" | "posts.hand_over");
        let body = if has_body { json!({"account_id": about}) } else { Value::Null };
        let recorded = Map::from_iter([("account_id".to_owned(), Value::from(about.to_string()))]);
        let key = id(rng).to_string();
        Intent { kind, method, path, aggregate_id: post, if_match: None, expected: None, body, recorded, key }
    }
}

impl Generator for CoAuthors {
    fn context(&self) -> &'static str {
        "posts"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let intent = self.intent(rng, caller);
        let known = self.known.lock().expect("no holder of the lock panics");
        match known.get(&intent.aggregate_id).filter(|_| rng.random_bool(0.1)) {
            Some((_, last)) => {
                let (if_match, expected) = if_match(rng, last.version);
                Intent { if_match, expected, ..intent }
            }
            None => intent,
        }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        let about = intent.recorded["account_id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default();
        let mut known = self.known.lock().expect("no holder of the lock panics");
        let newest = known.get(&intent.aggregate_id).is_none_or(|(_, last)| last.version <= accepted.version);
        if newest {
            known.insert(intent.aggregate_id.clone(), (about, accepted.clone()));
        }
        if known.len() > POSTS
            && let Some(oldest) = known.iter().min_by_key(|(_, (_, last))| last.at).map(|(post, _)| post.clone())
        {
            known.remove(&oldest);
        }
    }

    /// The invitations of whom a command was about. What they show is not judged here, but that the answer waits; the
    /// rows at the end are judged.
    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let known = self.known.lock().expect("no holder of the lock panics");
        let (account, last) = known.values().choose(rng)?;
        Some(Question::that_waits(rng, "/v1/me/invitations?limit=20", last, Some(*account)))
    }
}
