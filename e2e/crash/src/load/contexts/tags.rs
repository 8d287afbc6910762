//! What is said of tags: few names, so that several clients are at one at the same time. Some posts have them: then
//! what their own events say is not what they show, and their rows alone are judged.

use std::sync::Mutex;

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};

use crate::load::values::{id, if_match, one_of, unique};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// The aggregate that all of it is.
const TAGS: &str = "tags";
/// The names. What one of them comes to stand for is one of them.
pub(super) const NAMES: [&str; 10] =
    ["folio", "quarto", "octavo", "quire", "ream", "vellum", "parchment", "papyrus", "codex", "scroll"];

/// What is said of tags, of the context `taxonomy`.
#[derive(Default)]
pub(super) struct Tags {
    last: Mutex<Option<Accepted>>,
}

impl Generator for Tags {
    fn context(&self) -> &'static str {
        "taxonomy"
    }

    fn draw(&self, rng: &mut StdRng, _: &Person) -> Intent {
        let (tag, other) = (one_of(rng, &NAMES), one_of(rng, &NAMES));
        let synonym = json!({"tag": tag, "synonym": other});
        let (kind, method, rest, body, recorded) = match rng.random_range(0..100) {
            0..30 => {
                let body = json!({"description": format!("About {}", unique(rng))});
                ("taxonomy.describe_tag", "PUT", String::new(), body, json!({"tag": tag}))
            }
            30..45 => {
                let body = json!({"new_name": other});
                ("taxonomy.rename_tag", "POST", "/rename".to_owned(), body, json!({"tag": tag}))
            }
            45..60 => {
                ("taxonomy.merge_tags", "POST", "/merge".to_owned(), json!({"into_tag": other}), json!({"tag": tag}))
            }
            60..78 => ("taxonomy.add_synonym", "PUT", format!("/synonyms/{other}"), Value::Null, synonym),
            _ => ("taxonomy.remove_synonym", "DELETE", format!("/synonyms/{other}"), Value::Null, synonym),
        };
        let last = self.last.lock().expect("no holder of the lock panics");
        let (if_match, expected) = match last.as_ref().filter(|last| last.version > 0 && rng.random_bool(0.1)) {
            Some(last) => if_match(rng, last.version),
            None => (None, None),
        };
        let recorded: Map<String, Value> = recorded.as_object().cloned().unwrap_or_default();
        let (path, key) = (format!("/v1/tags/{tag}{rest}"), id(rng).to_string());
        Intent { kind, method, path, aggregate_id: TAGS.to_owned(), if_match, expected, body, recorded, key }
    }

    fn learn(&self, _: &Intent, accepted: &Accepted) {
        let mut last = self.last.lock().expect("no holder of the lock panics");
        if last.as_ref().is_none_or(|last| last.version < accepted.version) {
            *last = Some(accepted.clone());
        }
    }

    /// The list of tags, or of those that trend. Its numbers are made of `posts` too, whose positions the reader does
    /// not know: what it shows is not judged here, but that it waits; the rows at the end are judged.
    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let last = self.last.lock().expect("no holder of the lock panics").clone()?;
        let path = if rng.random_bool(0.5) { "/v1/tags?limit=20" } else { "/v1/trending-tags" };
        Some(Question::that_waits(rng, path, &last, None))
    }
}
