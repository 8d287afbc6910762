//! Commands on series: few of them, so that several clients are at one at the same time, and put into an order what
//! others add to and take from.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use checker::ids;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value, json};

use crate::load::values::{contended, id, if_match, unique};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// Series that are written to.
const SERIES: usize = 6;

/// The context `series`.
pub(super) struct Series {
    /// Knows posts.
    posts: Arc<dyn Generator>,
    known: Mutex<Vec<Known>>,
    slugs: AtomicU64,
}

/// A series as it was last heard of.
#[derive(Clone)]
struct Known {
    id: String,
    posts: Vec<String>,
    last: Accepted,
}

impl Series {
    pub(super) fn new(posts: Arc<dyn Generator>) -> Self {
        Self { posts, known: Mutex::default(), slugs: AtomicU64::new(0) }
    }

    /// One of those that were heard of.
    pub(super) fn any(&self, rng: &mut StdRng) -> Option<String> {
        self.known.lock().expect("no holder of the lock panics").iter().choose(rng).map(|known| known.id.clone())
    }

    fn slug(&self, rng: &mut StdRng) -> String {
        if rng.random_bool(0.3) {
            contended("hot", self.slugs.fetch_add(1, Ordering::Relaxed))
        } else {
            format!("series-{}", unique(rng))
        }
    }

    /// A post; now and then one that no client has heard of. Many of the others are drafts, or deleted.
    fn post(&self, rng: &mut StdRng) -> String {
        let known = self.posts.ask(rng).map(|question| question.aggregate_id);
        known.filter(|post| !post.is_empty() && rng.random_bool(0.97)).unwrap_or_else(|| id(rng).to_string())
    }

    fn create(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let key = id(rng).to_string();
        let created = ids::created("series", &caller.id.to_string(), &key).to_string();
        let mut body = json!({"title": format!("Series {}", unique(rng))});
        if rng.random_bool(0.7) {
            body["slug"] = self.slug(rng).into();
        }
        let intent = intent("series.create", "POST", &created, "", body);
        Intent { path: "/v1/series".to_owned(), key, ..intent }
    }

    fn edit(&self, rng: &mut StdRng, series: &str) -> Intent {
        let body = match rng.random_range(0..4) {
            0 => json!({"slug": self.slug(rng)}),
            1 => json!({"description": null}),
            2 => json!({"description": format!("About {}", unique(rng))}),
            _ => json!({"title": format!("Series {}", unique(rng))}),
        };
        intent("series.edit", "PATCH", series, "", body)
    }

    /// One of the posts that are known to be in it, or any.
    fn about_post(&self, rng: &mut StdRng, known: &Known) -> Intent {
        let inside = known.posts.iter().choose(rng).filter(|_| rng.random_bool(0.7)).cloned();
        let (kind, method, post) = if rng.random_bool(0.65) {
            ("series.add", "PUT", self.post(rng))
        } else {
            ("series.remove", "DELETE", inside.unwrap_or_else(|| self.post(rng)))
        };
        let recorded = Map::from_iter([("post_id".to_owned(), Value::from(post.as_str()))]);
        Intent { recorded, ..intent(kind, method, &known.id, &format!("/posts/{post}"), Value::Null) }
    }
}

fn intent(kind: &'static str, method: &'static str, series: &str, rest: &str, body: Value) -> Intent {
    let (path, aggregate_id) = (format!("/v1/series/{series}{rest}"), series.to_owned());
    let (if_match, expected, recorded, key) = (None, None, Map::new(), String::new());
    Intent { kind, method, path, aggregate_id, if_match, expected, body, recorded, key }
}

/// All that are known to be in it, in another order; often there are others by now.
fn order(rng: &mut StdRng, known: &Known) -> Intent {
    let mut posts = known.posts.clone();
    posts.sort_by_key(|_| rng.random::<u32>());
    intent("series.order", "PUT", &known.id, "/order", json!({"post_ids": posts}))
}

impl Generator for Series {
    fn context(&self) -> &'static str {
        "series"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let known = self.known.lock().expect("no holder of the lock panics").iter().choose(rng).cloned();
        let Some(known) = known.filter(|_| rng.random_bool(0.9)) else { return self.create(rng, caller) };
        let intent = match rng.random_range(0..100) {
            0..20 => self.edit(rng, &known.id),
            20..70 => self.about_post(rng, &known),
            70..95 => order(rng, &known),
            _ => intent("series.delete", "DELETE", &known.id, "", Value::Null),
        };
        let intent = Intent { key: id(rng).to_string(), ..intent };
        if rng.random_bool(0.9) {
            return intent;
        }
        let (if_match, expected) = if_match(rng, known.last.version);
        Intent { if_match, expected, ..intent }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        let mut all = self.known.lock().expect("no holder of the lock panics");
        let post = intent.recorded.get("post_id").and_then(Value::as_str).unwrap_or_default();
        match all.iter_mut().find(|known| known.id == intent.aggregate_id) {
            Some(known) if known.last.version <= accepted.version => {
                known.last = accepted.clone();
                known.posts.retain(|other| other != post);
                known.posts.extend((intent.kind == "series.add").then(|| post.to_owned()));
            }
            None if intent.kind == "series.create" => {
                let (id, posts) = (intent.aggregate_id.clone(), Vec::new());
                all.push(Known { id, posts, last: accepted.clone() });
            }
            Some(_) | None => {}
        }
        if intent.kind == "series.delete" {
            all.retain(|known| known.id != intent.aggregate_id);
        }
        if all.len() > SERIES {
            all.remove(0);
        }
    }

    /// The list of series. Its numbers are made of `posts` too, whose positions the reader does not know: what it shows
    /// is not judged here, but that it waits; the rows at the end are judged.
    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let last = self.known.lock().expect("no holder of the lock panics").iter().choose(rng)?.last.clone();
        Some(Question::that_waits(rng, "/v1/series?limit=20", &last, None))
    }
}
