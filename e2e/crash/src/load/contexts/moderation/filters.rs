//! What comments are held for, changed by the admin while people write: some of their comments have a link, some the
//! word.

use std::sync::Mutex;

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Map, json};

use crate::load::values::{id, if_match};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// The aggregate that all of it is.
const FILTERS: &str = "filters";
/// A word that comments have now and then.
const WORD: &str = "blotting";

/// What comments are held for, of the context `moderation`.
pub(in crate::load) struct Filters {
    admin: Person,
    last: Mutex<Option<Accepted>>,
}

impl Filters {
    pub(in crate::load) fn new(admin: Person) -> Self {
        Self { admin, last: Mutex::default() }
    }
}

impl Generator for Filters {
    fn context(&self) -> &'static str {
        "moderation"
    }

    fn sender(&self) -> Option<&Person> {
        Some(&self.admin)
    }

    fn draw(&self, rng: &mut StdRng, _: &Person) -> Intent {
        let words: &[&str] = if rng.random_bool(0.5) { &[WORD] } else { &[] };
        let mut body = json!({"words": words, "first_comments": 0});
        if rng.random_bool(0.5) {
            body["most_links"] = rng.random_range(0..2).into();
        }
        let last = self.last.lock().expect("no holder of the lock panics");
        let (if_match, expected) = match last.as_ref().filter(|_| rng.random_bool(0.2)) {
            Some(last) => if_match(rng, last.version),
            None => (None, None),
        };
        let (kind, path, key) = ("moderation.set_filters", "/v1/moderation/filters".to_owned(), id(rng).to_string());
        let (aggregate_id, recorded) = (FILTERS.to_owned(), Map::new());
        Intent { kind, method: "PUT", path, aggregate_id, if_match, expected, body, recorded, key }
    }

    fn learn(&self, _: &Intent, accepted: &Accepted) {
        let mut last = self.last.lock().expect("no holder of the lock panics");
        if last.as_ref().is_none_or(|last| last.version < accepted.version) {
            *last = Some(accepted.clone());
        }
    }

    fn ask(&self, _: &mut StdRng) -> Option<Question> {
        None
    }
}
