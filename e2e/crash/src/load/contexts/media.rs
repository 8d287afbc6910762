//! Bringing texts and pictures and deleting them, describing them besides, and reading what is served at their
//! addresses (`files.rs` says which there are). Posts refer to the pictures, their own authors' or others'; what none
//! refers to is swept soon.

use std::collections::BTreeMap;
use std::sync::Mutex;

use checker::history::Seen;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, IteratorRandom as _};
use serde_json::{Map, Value, json};
use testkit::http::Response;
use uuid::Uuid;

use crate::load::values::{id, if_match};
use crate::load::{Accepted, Generator, Intent, Person, Question, files};

/// The context `media`.
#[derive(Default)]
pub(super) struct Media {
    /// Items that were heard of.
    items: Mutex<BTreeMap<String, Accepted>>,
}

impl Generator for Media {
    fn context(&self) -> &'static str {
        "media"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let sha256 = &files::all().choose(rng).expect("there are files").sha256;
        let path = format!("/v1/media/{sha256}");
        let (kind, method, path, body) = match rng.random_range(0..10) {
            0..5 => ("media.upload", "POST", "/v1/media".to_owned(), Value::from(sha256.as_str())),
            5..8 => ("media.describe", "PUT", format!("{path}/alt"), json!({"alt": format!("Text {}", id(rng))})),
            _ => ("media.delete", "DELETE", path, Value::Null),
        };
        let intent = Intent {
            kind,
            method,
            path,
            aggregate_id: format!("{}:{sha256}", caller.id),
            if_match: None,
            expected: None,
            body,
            recorded: Map::new(),
            key: id(rng).to_string(),
        };
        let items = self.items.lock().expect("no holder of the lock panics");
        match items.get(&intent.aggregate_id).filter(|last| last.version > 0 && rng.random_bool(0.2)) {
            // Who brings something has seen no version of it.
            Some(last) if kind != "media.upload" => {
                let (if_match, expected) = if_match(rng, last.version);
                Intent { if_match, expected, ..intent }
            }
            _ => intent,
        }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        let mut items = self.items.lock().expect("no holder of the lock panics");
        let last = items.entry(intent.aggregate_id.clone()).or_insert_with(|| accepted.clone());
        if last.version < accepted.version {
            *last = accepted.clone();
        }
    }

    /// The bytes; or the owner's list: what that shows is not judged here, but that it waits; the rows at the end are
    /// judged.
    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let items = self.items.lock().expect("no holder of the lock panics");
        let (id, last) = items.iter().filter(|(_, last)| last.version > 0).choose(rng)?;
        let (owner, sha256) = id.split_once(':')?;
        if rng.random_bool(0.6) {
            return Some(Question {
                path: format!("/media/{sha256}"),
                after: rng.random_bool(0.7).then(|| last.clone()),
                as_editor: false,
                own: None,
                seen: seen_bytes,
                aggregate_id: id.clone(),
            });
        }
        let owner: Uuid = owner.parse().ok()?;
        Some(Question::that_waits(rng, "/v1/me/media?limit=20", last, Some(owner)))
    }
}

/// What bytes were served: whose item they are of cannot be told, but their SHA-256 can.
fn seen_bytes(question: &Question, response: &Response) -> Option<Vec<Seen>> {
    let fields = match response.status {
        200 => Map::from_iter([("sha256".to_owned(), Value::from(files::sha256(&response.body)))]),
        // Without the position of its upload the reader's instance may not have heard of it.
        404 if question.after.is_some() => Map::new(),
        _ => return None,
    };
    let aggregate_id = question.aggregate_id.clone();
    Some(vec![Seen { context: "media".to_owned(), aggregate_id, version: None, fields }])
}
