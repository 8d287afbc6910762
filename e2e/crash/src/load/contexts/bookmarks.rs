//! Keeping posts and keeping them no more: few posts, so that several clients are at one bookmark at the same time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::load::values::{id, if_match};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// The context `bookmarks`.
pub(super) struct Bookmarks {
    /// Knows posts.
    posts: Arc<dyn Generator>,
    /// Bookmarks that were heard of.
    bookmarks: Mutex<BTreeMap<String, Accepted>>,
}

impl Bookmarks {
    pub(super) fn new(posts: Arc<dyn Generator>) -> Self {
        Self { posts, bookmarks: Mutex::default() }
    }
}

impl Generator for Bookmarks {
    fn context(&self) -> &'static str {
        "bookmarks"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        // Now and then a post that no client has heard of; many of the others are drafts, or deleted.
        let known = self.posts.ask(rng).map(|question| question.aggregate_id);
        let post =
            known.filter(|post| !post.is_empty() && rng.random_bool(0.97)).unwrap_or_else(|| id(rng).to_string());
        let (kind, method) =
            if rng.random_bool(0.6) { ("bookmarks.add", "PUT") } else { ("bookmarks.remove", "DELETE") };
        let intent = Intent {
            kind,
            method,
            path: format!("/v1/me/bookmarks/{post}"),
            aggregate_id: format!("{}:{post}", caller.id),
            if_match: None,
            expected: None,
            body: Value::Null,
            recorded: Map::new(),
            key: id(rng).to_string(),
        };
        let bookmarks = self.bookmarks.lock().expect("no holder of the lock panics");
        match bookmarks.get(&intent.aggregate_id).filter(|last| last.version > 0 && rng.random_bool(0.2)) {
            Some(last) => {
                let (if_match, expected) = if_match(rng, last.version);
                Intent { if_match, expected, ..intent }
            }
            None => intent,
        }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        let mut bookmarks = self.bookmarks.lock().expect("no holder of the lock panics");
        let last = bookmarks.entry(intent.aggregate_id.clone()).or_insert_with(|| accepted.clone());
        if last.version < accepted.version {
            *last = accepted.clone();
        }
    }

    /// The owner's list. It has rows of `posts` too, whose positions the reader does not know: what it shows is not
    /// judged here, but that it waits; the rows at the end are judged.
    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let bookmarks = self.bookmarks.lock().expect("no holder of the lock panics");
        let (id, last) = bookmarks.iter().filter(|(_, last)| last.version > 0).choose(rng)?;
        let owner: Uuid = id.split_once(':')?.0.parse().ok()?;
        Some(Question::that_waits(rng, "/v1/me/bookmarks?limit=20", last, Some(owner)))
    }
}
