//! The commands on accounts that need no password; those of admins are in `standing.rs`, those that need one in
//! `load/people.rs`.

mod standing;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use checker::history::Seen;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value, json};
use testkit::http::Response;
use uuid::Uuid;

pub(super) use standing::Standing;

use crate::load::values::{contended, id, if_match, one_of, unique};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// Accounts of each partition that are written to.
const ACCOUNTS: usize = 3;
/// Accounts without which clients register.
const LEAST: usize = 4;
/// The fields of an answer that are those of a row.
const FIELDS: [&str; 4] = ["user_name", "display_name", "bio", "image_url"];

/// The context `accounts`.
#[derive(Default)]
pub(super) struct Accounts {
    known: Mutex<BTreeMap<String, Accepted>>,
    /// The accounts of the persons whom clients act for, as they were last heard of: they rename them, prefer
    /// something, follow each other.
    registered: Mutex<BTreeMap<Uuid, Accepted>>,
    names: AtomicU64,
}

impl Accounts {
    /// Some account, once there are a few.
    pub(super) fn some(&self, rng: &mut StdRng) -> Option<(String, Accepted)> {
        let known = self.known.lock().expect("no holder of the lock panics");
        if known.len() < LEAST {
            return None;
        }
        known.iter().choose(rng).map(|(id, last)| (id.clone(), last.clone()))
    }

    fn is_registered(&self, caller: &Person) -> bool {
        self.registered.lock().expect("no holder of the lock panics").contains_key(&caller.id)
    }

    /// A name that several want at about the same time, or one that no other client wants.
    fn name(&self, rng: &mut StdRng) -> String {
        match self.names.fetch_add(1, Ordering::Relaxed) {
            draws if draws % 2 == 0 => contended("Hot", draws),
            _ => format!("user.{}", unique(rng)),
        }
    }

    fn profile(&self, rng: &mut StdRng, user_name: Option<&str>) -> Value {
        let user_name = user_name.map_or_else(|| self.name(rng), str::to_owned);
        let mut profile = change(rng);
        profile.insert("user_name".into(), user_name.into());
        profile.into()
    }
}

impl Accounts {
    fn learn_of_a_person(&self, intent: &Intent, accepted: &Accepted) {
        let Ok(id) = intent.aggregate_id.parse() else { return };
        let mut registered = self.registered.lock().expect("no holder of the lock panics");
        match registered.get_mut(&id) {
            Some(last) if last.version <= accepted.version => *last = accepted.clone(),
            None if intent.kind == "accounts.register" => drop(registered.insert(id, accepted.clone())),
            Some(_) | None => {}
        }
    }

    /// What the owner of an account prefers, asked by the owner.
    fn ask_for_preferences(&self, rng: &mut StdRng) -> Option<Question> {
        let registered = self.registered.lock().expect("no holder of the lock panics");
        let (id, last) = registered.iter().choose(rng)?;
        Some(Question {
            path: "/v1/me/preferences".to_owned(),
            after: rng.random_bool(0.6).then(|| last.clone()),
            as_editor: false,
            own: Some(*id),
            seen: seen_preferences,
            aggregate_id: id.to_string(),
        })
    }
}

/// A name that no other command writes, and perhaps more.
fn change(rng: &mut StdRng) -> Map<String, Value> {
    let mut change = Map::from_iter([("display_name".to_owned(), format!("Name {}", unique(rng)).into())]);
    if rng.random_bool(0.3) {
        change.insert("bio".into(), format!("Bio {}", unique(rng)).into());
    }
    if rng.random_bool(0.2) {
        change.insert("image_url".into(), json!(one_of(rng, &["", "https://example.org/a.png"])));
    }
    change
}

/// A few preferences, each with few values, so that many are so already and many go back to their defaults.
fn preferences(rng: &mut StdRng) -> Value {
    let mut change = Map::new();
    if rng.random_bool(0.6) {
        change.insert("theme".into(), json!(one_of(rng, &[Some("dark"), Some("light"), None])));
    }
    if rng.random_bool(0.6) {
        change.insert("posts_per_page".into(), json!(one_of(rng, &[Some(10), Some(50), None])));
    }
    if rng.random_bool(0.4) {
        change.insert("following_list".into(), json!(one_of(rng, &[Some("public"), Some("private"), None])));
    }
    if rng.random_bool(0.3) {
        change.insert("reactions_list".into(), json!(one_of(rng, &[Some("public"), Some("private"), None])));
    }
    if rng.random_bool(0.4) {
        change.insert("comments_list".into(), json!(one_of(rng, &[Some("public"), Some("private"), None])));
    }
    if rng.random_bool(0.4) {
        change.insert("email_comment".into(), json!(one_of(rng, &[Some(true), Some(false), None])));
    }
    change.into()
}

impl Generator for Accounts {
    fn context(&self) -> &'static str {
        "accounts"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let intent = |kind, method, account_id: String, body, key| Intent {
            kind,
            method,
            path: format!("/v1/accounts/{account_id}"),
            aggregate_id: account_id,
            if_match: None,
            expected: None,
            body,
            recorded: Map::new(),
            key,
        };
        let key = id(rng).to_string();
        let known = self.some(rng);
        let place = if self.is_registered(caller) || rng.random_bool(0.5) { rng.random_range(0..100) } else { 0 };
        match (place, known) {
            (0..10, _) | (_, None) => {
                let register = intent("accounts.register", "POST", caller.id.to_string(), self.profile(rng, None), key);
                Intent { path: "/v1/accounts".to_owned(), ..register }
            }
            (10..20, Some(_)) => intent("accounts.put", "PUT", id(rng).to_string(), self.profile(rng, None), key),
            (20..28, Some(_)) => {
                let body = json!({"user_name": self.name(rng)});
                let rename = intent("accounts.rename", "POST", caller.id.to_string(), body, key);
                Intent { path: "/v1/me/user-name".to_owned(), ..rename }
            }
            (28..40, Some(_)) => {
                let prefer = intent("accounts.prefer", "PATCH", caller.id.to_string(), preferences(rng), key);
                Intent { path: "/v1/me/preferences".to_owned(), ..prefer }
            }
            (place, Some((account_id, last))) => {
                let (if_match, expected) = if_match(rng, last.version);
                let intent = if place < 50 {
                    let body = self.profile(rng, last.body["user_name"].as_str());
                    intent("accounts.put", "PUT", account_id, body, key)
                } else {
                    intent("accounts.change", "PATCH", account_id, change(rng).into(), key)
                };
                Intent { if_match, expected, ..intent }
            }
        }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        self.learn_of_a_person(intent, accepted);
        let mut known = self.known.lock().expect("no holder of the lock panics");
        let partition = |accepted: &Accepted| accepted.position.1.partition;
        let fits = match known.get(&intent.aggregate_id) {
            Some(last) => last.version <= accepted.version,
            None => known.values().filter(|last| partition(last) == partition(accepted)).count() < ACCOUNTS,
        };
        if fits {
            known.insert(intent.aggregate_id.clone(), accepted.clone());
        }
    }

    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        if rng.random_bool(0.4)
            && let Some(question) = self.ask_for_preferences(rng)
        {
            return Some(question);
        }
        let (aggregate_id, last) = self.some(rng)?;
        Some(Question {
            path: format!("/v1/authors/{}", last.body["user_name"].as_str()?),
            after: rng.random_bool(0.6).then_some(last),
            as_editor: false,
            own: None,
            seen,
            aggregate_id,
        })
    }
}

/// An author, or that there is none.
pub(in crate::load) fn seen(question: &Question, response: &Response) -> Option<Vec<Seen>> {
    let author: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let fields = FIELDS.iter().filter_map(|name| Some(((*name).to_owned(), author.get(name)?.clone())));
    let (version, fields) = match response.status {
        200 => (author["version"].as_u64(), fields.collect()),
        404 if question.after.is_some() => (None, Map::new()),
        _ => return None,
    };
    let aggregate_id = author["id"].as_str().unwrap_or(&question.aggregate_id).to_owned();
    Some(vec![Seen { context: "accounts".to_owned(), aggregate_id, version, fields }])
}

/// All preferences, with defaults where nothing is chosen. The entity tag is the version of the account.
fn seen_preferences(question: &Question, response: &Response) -> Option<Vec<Seen>> {
    let (version, fields) = match response.status {
        200 => {
            let version = response.header("etag")?.trim_matches('"').parse().ok()?;
            (Some(version), serde_json::from_slice(&response.body).ok()?)
        }
        404 if question.after.is_some() => (None, Map::new()),
        _ => return None,
    };
    let aggregate_id = question.aggregate_id.clone();
    Some(vec![Seen { context: "accounts".to_owned(), aggregate_id, version, fields }])
}
