//! Bringing files and deleting them, describing them besides: few texts, so that several clients bring the same at the
//! same time, and that what one has deleted another brings again.

use std::collections::BTreeMap;
use std::sync::Mutex;

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::load::values::{id, if_match};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// So many texts.
const TEXTS: u32 = 4;

/// The context `media`.
#[derive(Default)]
pub(super) struct Media {
    /// Items that were heard of.
    items: Mutex<BTreeMap<String, Accepted>>,
}

/// A text, and what it is: a text is kept as it is, so its address is known before.
fn text(rng: &mut StdRng) -> (String, String) {
    let text = format!("A text, number {}.\n", rng.random_range(0..TEXTS));
    let digits = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    (text, digits)
}

impl Generator for Media {
    fn context(&self) -> &'static str {
        "media"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let (text, sha256) = text(rng);
        let path = format!("/v1/media/{sha256}");
        let (kind, method, path, body) = match rng.random_range(0..10) {
            0..5 => ("media.upload", "POST", "/v1/media".to_owned(), Value::String(text)),
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

    /// The owner's list: what it shows is not judged here, but that it waits; the rows at the end are judged.
    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let items = self.items.lock().expect("no holder of the lock panics");
        let (id, last) = items.iter().filter(|(_, last)| last.version > 0).choose(rng)?;
        let owner: Uuid = id.split_once(':')?.0.parse().ok()?;
        Some(Question::that_waits(rng, "/v1/me/media?limit=20", last, Some(owner)))
    }
}
