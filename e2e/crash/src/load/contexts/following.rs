//! Following and following no more, among those whom the clients act for, tags and series: few of each, so that several
//! clients are at one pair at the same time. Of these tags nothing else is said, so each stands for itself; categories
//! are merged here, and who follows one follows what it stands for by then, which no client can tell beforehand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::posts::seen::seen_in_list;
use super::series::Series;
use crate::load::values::{id, if_match, one_of};
use crate::load::{Accepted, Generator, Intent, Person, Question};

const TAGS: [&str; 3] = ["linen", "cotton", "hemp"];

/// The context `following`.
pub(super) struct Following {
    /// Series that others make and delete.
    series: Arc<Series>,
    /// The callers who have sent a command here.
    people: Mutex<BTreeSet<Uuid>>,
    /// Pairs and interests that were heard of.
    pairs: Mutex<BTreeMap<String, Accepted>>,
}

impl Following {
    pub(super) fn new(series: Arc<Series>) -> Self {
        Self { series, people: Mutex::default(), pairs: Mutex::default() }
    }

    /// Something that is no person, as an address names it and as an aggregate does.
    fn subject(&self, rng: &mut StdRng) -> (String, String) {
        if rng.random_bool(0.5) {
            let tag = one_of(rng, &TAGS);
            return (format!("tags/{tag}"), format!("tag:{tag}"));
        }
        // Now and then a series that no client has heard of.
        let known = self.series.any(rng).filter(|_| rng.random_bool(0.97));
        let series = known.unwrap_or_else(|| id(rng).to_string());
        (format!("series/{series}"), format!("series:{series}"))
    }
}

impl Generator for Following {
    fn context(&self) -> &'static str {
        "following"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let followee = {
            let mut people = self.people.lock().expect("no holder of the lock panics");
            people.insert(caller.id);
            // Oneself, too; and now and then an account that no client has heard of.
            people.iter().copied().choose(rng).filter(|_| rng.random_bool(0.97)).unwrap_or_else(|| id(rng))
        };
        let (is_person, follows) = (rng.random_bool(0.6), rng.random_bool(0.6));
        let (which, subject) = if is_person { (followee.to_string(), followee.to_string()) } else { self.subject(rng) };
        let kind = match (is_person, follows) {
            (true, true) => "following.follow",
            (true, false) => "following.unfollow",
            (false, true) => "following.follow_subject",
            (false, false) => "following.unfollow_subject",
        };
        let intent = Intent {
            kind,
            method: if follows { "PUT" } else { "DELETE" },
            path: format!("/v1/me/following/{which}"),
            aggregate_id: format!("{}:{subject}", caller.id),
            if_match: None,
            expected: None,
            body: Value::Null,
            recorded: Map::new(),
            key: id(rng).to_string(),
        };
        let pairs = self.pairs.lock().expect("no holder of the lock panics");
        match pairs.get(&intent.aggregate_id).filter(|last| last.version > 0 && rng.random_bool(0.2)) {
            Some(last) => {
                let (if_match, expected) = if_match(rng, last.version);
                Intent { if_match, expected, ..intent }
            }
            None => intent,
        }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        let mut pairs = self.pairs.lock().expect("no holder of the lock panics");
        let last = pairs.entry(intent.aggregate_id.clone()).or_insert_with(|| accepted.clone());
        if last.version < accepted.version {
            *last = accepted.clone();
        }
    }

    /// The feed of who follows, of which each post is judged; or the list of authors, which has their numbers of
    /// followers. Both have rows of other contexts, whose positions the reader does not know: which posts and which
    /// numbers they show is not judged here, but that they wait; the feeds and the rows at the end are judged.
    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let pairs = self.pairs.lock().expect("no holder of the lock panics");
        let (id, last) = pairs.iter().filter(|(_, last)| last.version > 0).choose(rng)?;
        if rng.random_bool(0.3) {
            return Some(Question::that_waits(rng, "/v1/authors?limit=20", last, None));
        }
        let reader: Uuid = id.split_once(':')?.0.parse().ok()?;
        let waits = Question::that_waits(rng, "/v1/me/feed?limit=20", last, Some(reader));
        Some(Question { seen: seen_in_list, ..waits })
    }
}
