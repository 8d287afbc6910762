//! Commands on categories: few of them, so that several clients are at one at the same time, and merge, move and delete
//! what others are just about to name.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use checker::ids;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value, json};

use crate::load::values::{contended, id, if_match, unique};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// The aggregate that all categories are.
const TREE: &str = "categories";
/// Categories that are written to.
const CATEGORIES: usize = 12;

/// The context `taxonomy`.
#[derive(Default)]
pub(super) struct Taxonomy {
    known: Mutex<Known>,
    slugs: AtomicU64,
}

/// The tree as it was last heard of.
#[derive(Default)]
struct Known {
    /// The ids of some categories, each with what it was below.
    categories: Vec<(String, Value)>,
    last: Option<Accepted>,
}

impl Taxonomy {
    /// A category; now and then one that no client has heard of.
    pub(super) fn some(&self, rng: &mut StdRng) -> Option<String> {
        let known = self.known.lock().expect("no holder of the lock panics");
        let (known, _) = known.categories.iter().choose(rng)?;
        Some(if rng.random_bool(0.03) { id(rng).to_string() } else { known.clone() })
    }

    /// What to put a category below.
    fn parent(&self, rng: &mut StdRng) -> Value {
        self.some(rng).filter(|_| rng.random_bool(0.7)).map_or(Value::Null, Value::from)
    }

    fn slug(&self, rng: &mut StdRng) -> String {
        if rng.random_bool(0.3) {
            contended("hot", self.slugs.fetch_add(1, Ordering::Relaxed))
        } else {
            format!("category-{}", unique(rng))
        }
    }

    fn create(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let key = id(rng).to_string();
        let created = ids::created("taxonomy", &caller.id.to_string(), &key).to_string();
        let name = format!("Category {}", unique(rng));
        let body = json!({"name": name, "slug": self.slug(rng), "parent_id": self.parent(rng)});
        let intent = intent("taxonomy.create", "POST", String::new(), body, key);
        about(intent, &created)
    }

    fn change(&self, rng: &mut StdRng, category: &str) -> Intent {
        let body = match rng.random_range(0..3) {
            0 => json!({"slug": self.slug(rng)}),
            1 => json!({"name": format!("Category {}", unique(rng))}),
            _ => json!({"description": format!("About {}", unique(rng))}),
        };
        let intent = intent("taxonomy.change", "PATCH", format!("/{category}"), body, id(rng).to_string());
        about(intent, category)
    }

    fn merge(&self, rng: &mut StdRng, category: &str) -> Intent {
        let into = self.some(rng).unwrap_or_default();
        let (path, body) = (format!("/{category}/merge"), json!({"into_id": into}));
        about(intent("taxonomy.merge", "POST", path, body, id(rng).to_string()), category)
    }

    fn relocate(&self, rng: &mut StdRng, category: &str) -> Intent {
        let (path, body) = (format!("/{category}/move"), json!({"parent_id": self.parent(rng)}));
        about(intent("taxonomy.move", "POST", path, body, id(rng).to_string()), category)
    }

    /// All that are known to be below one, in another order; often there are others by now.
    fn order(&self, rng: &mut StdRng, category: &str) -> Intent {
        let known = self.known.lock().expect("no holder of the lock panics");
        let below = known.categories.iter().filter(|(_, parent)| *parent == category);
        let mut below: Vec<&str> = below.map(|(id, _)| id.as_str()).collect();
        below.sort_by_key(|_| rng.random::<u32>());
        let body = json!({"parent_id": category, "category_ids": below});
        intent("taxonomy.order", "PUT", "/order".to_owned(), body, id(rng).to_string())
    }
}

fn intent(kind: &'static str, method: &'static str, path: String, body: Value, key: String) -> Intent {
    let (path, aggregate_id) = (format!("/v1/categories{path}"), TREE.to_owned());
    Intent { kind, method, path, aggregate_id, if_match: None, expected: None, body, recorded: Map::new(), key }
}

/// The same with the category that it is about, which the body does not say.
fn about(intent: Intent, category: &str) -> Intent {
    let recorded = Map::from_iter([("category_id".to_owned(), Value::from(category))]);
    Intent { recorded, ..intent }
}

impl Generator for Taxonomy {
    fn context(&self) -> &'static str {
        "taxonomy"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let Some(category) = self.some(rng) else { return self.create(rng, caller) };
        let intent = match rng.random_range(0..100) {
            0..35 => self.create(rng, caller),
            35..60 => self.change(rng, &category),
            60..75 => self.relocate(rng, &category),
            75..85 => self.order(rng, &category),
            85..95 => self.merge(rng, &category),
            _ => {
                let path = format!("/{category}");
                about(intent("taxonomy.delete", "DELETE", path, Value::Null, id(rng).to_string()), &category)
            }
        };
        let known = self.known.lock().expect("no holder of the lock panics");
        match known.last.as_ref().filter(|_| rng.random_bool(0.1)) {
            Some(last) => {
                let (if_match, expected) = if_match(rng, last.version);
                Intent { if_match, expected, ..intent }
            }
            None => intent,
        }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        let mut known = self.known.lock().expect("no holder of the lock panics");
        if known.last.as_ref().is_none_or(|last| last.version < accepted.version) {
            known.last = Some(accepted.clone());
        }
        let Some(category) = intent.recorded.get("category_id").and_then(Value::as_str) else { return };
        match intent.kind {
            "taxonomy.create" => {
                known.categories.push((category.to_owned(), intent.body["parent_id"].clone()));
                if known.categories.len() > CATEGORIES {
                    known.categories.remove(0);
                }
            }
            "taxonomy.move" => {
                let moved = known.categories.iter_mut().find(|(id, _)| id == category);
                moved.into_iter().for_each(|(_, parent)| *parent = intent.body["parent_id"].clone());
            }
            _ => {}
        }
    }

    /// The tree. Its numbers are made of `posts` too, whose positions the reader does not know: what it shows is not
    /// judged here, but that it waits; the rows at the end are judged.
    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let last = self.known.lock().expect("no holder of the lock panics").last.clone()?;
        Some(Question::that_waits(rng, "/v1/categories", &last, None))
    }
}
