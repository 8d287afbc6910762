//! Reacting to posts and comments, sharing posts, and taking all of it back: few of them, so that several clients are
//! at one reaction at the same time, and many at one number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::comments::comment_id;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::load::values::{id, if_match};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// The places that are shared to, of those that there are by default.
const PLACES: [&str; 2] = ["link", "mastodon"];

/// The context `reactions`.
pub(super) struct Reactions {
    /// Knows posts.
    posts: Arc<dyn Generator>,
    /// Reactions and shares that were heard of.
    marks: Mutex<BTreeMap<String, Accepted>>,
}

impl Reactions {
    pub(super) fn new(posts: Arc<dyn Generator>) -> Self {
        Self { posts, marks: Mutex::default() }
    }
}

/// The id of a comment, by the post that it is on and its number there.
fn comment(post: &str, number: i64) -> Uuid {
    comment_id(post.parse().unwrap_or_default(), number)
}

fn on(post: &str, number: i64) -> Map<String, Value> {
    Map::from_iter([("post_id".to_owned(), post.into()), ("number".to_owned(), number.into())])
}

impl Generator for Reactions {
    fn context(&self) -> &'static str {
        "reactions"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        // Now and then a post that no client has heard of; many of the others are drafts, or deleted.
        let known = self.posts.ask(rng).map(|question| question.aggregate_id);
        let post =
            known.filter(|post| !post.is_empty() && rng.random_bool(0.97)).unwrap_or_else(|| id(rng).to_string());
        let (is_made, is_share) = (rng.random_bool(0.6), rng.random_bool(0.3));
        // One of the first comments, be there one or not.
        let number = if is_share || rng.random_bool(0.6) { None } else { Some(rng.random_range(1..=4)) };
        let (at, target) = match number {
            Some(number) => (format!("comment/{post}/{number}"), format!("comment:{}", comment(&post, number))),
            None => (format!("post/{post}"), format!("post:{post}")),
        };
        let (kind, sort, name) = match (is_share, is_made) {
            (false, true) => ("reactions.react", "reaction", "like"),
            (false, false) => ("reactions.withdraw", "reaction", "like"),
            (true, true) => ("reactions.share", "share", PLACES[rng.random_range(0..PLACES.len())]),
            (true, false) => ("reactions.unshare", "share", PLACES[rng.random_range(0..PLACES.len())]),
        };
        let intent = Intent {
            kind,
            method: if is_made { "PUT" } else { "DELETE" },
            path: format!("/v1/me/{sort}s/{at}/{name}"),
            aggregate_id: format!("{}:{sort}:{name}:{target}", caller.id),
            if_match: None,
            expected: None,
            body: Value::Null,
            // The id of a comment does not tell where it is.
            recorded: number.map(|number| on(&post, number)).unwrap_or_default(),
            key: id(rng).to_string(),
        };
        let marks = self.marks.lock().expect("no holder of the lock panics");
        match marks.get(&intent.aggregate_id).filter(|last| last.version > 0 && rng.random_bool(0.2)) {
            Some(last) => {
                let (if_match, expected) = if_match(rng, last.version);
                Intent { if_match, expected, ..intent }
            }
            None => intent,
        }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        let mut marks = self.marks.lock().expect("no holder of the lock panics");
        let last = marks.entry(intent.aggregate_id.clone()).or_insert_with(|| accepted.clone());
        if last.version < accepted.version {
            *last = accepted.clone();
        }
    }

    /// The list of posts, which has their numbers, or of the popular ones. It has rows of `posts` too, whose positions
    /// the reader does not know: what it shows is not judged here, but that it waits; the rows at the end are judged.
    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let marks = self.marks.lock().expect("no holder of the lock panics");
        let (_, last) = marks.iter().filter(|(_, last)| last.version > 0).choose(rng)?;
        let path = if rng.random_bool(0.5) { "/v1/posts?limit=20" } else { "/v1/popular?limit=20" };
        Some(Question::that_waits(rng, path, last, None))
    }
}
