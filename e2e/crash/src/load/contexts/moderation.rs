//! Reports of few comments and posts, and moderators who claim, decide and lift at the same time as their authors edit
//! and delete them: several at one case, so that rulings follow each other faster than they are carried out. Appeals,
//! of whom it concerns and of others, and answers; people who are warned, muted for a few seconds, and blocked from a
//! post for as long; and people who block each other, some of them for longer than an instance looks at what it has
//! read.

mod filters;

pub(super) use filters::Filters;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value, json};
use service_kit::times;

use super::comments::Comments;
use crate::load::values::{id, if_match, one_of, unique};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// Cases that are moderated.
const CASES: usize = 4;
/// For how long an account is muted, in milliseconds.
const MUTED_MS: std::ops::Range<i64> = 1_000..4_000;

/// The context `moderation`.
pub(super) struct Moderation {
    /// Knows comments.
    comments: Arc<Comments>,
    /// Cases that were heard of, with how many rulings they had.
    cases: Mutex<BTreeMap<String, (Accepted, i64)>>,
    /// People whom others block.
    people: Mutex<Vec<String>>,
}

impl Moderation {
    pub(super) fn new(comments: Arc<Comments>) -> Self {
        Self { comments, cases: Mutex::default(), people: Mutex::default() }
    }

    /// A case that was heard of, or that of a comment or a post that was; now and then of none that there is.
    fn case(&self, rng: &mut StdRng) -> String {
        let known = self.cases.lock().expect("no holder of the lock panics").keys().choose(rng).cloned();
        known.filter(|_| rng.random_bool(0.8)).unwrap_or_else(|| {
            // Few: what is hidden takes no comments and reactions.
            if rng.random_bool(0.2) {
                return format!("post:{}", self.comments.a_post(rng));
            }
            let (post, number) = self.comments.one(rng).unwrap_or_else(|| (id(rng).to_string(), 1));
            format!("comment:{post}:{number}")
        })
    }

    /// A ruling that was made, or is about to be.
    fn ruling(&self, rng: &mut StdRng, case: &str) -> i64 {
        let cases = self.cases.lock().expect("no holder of the lock panics");
        let rulings = cases.get(case).map_or(1, |(_, rulings)| *rulings);
        rng.random_range(1..=rulings.max(1))
    }

    fn block(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let mut people = self.people.lock().expect("no holder of the lock panics");
        let other = people.iter().choose(rng).cloned().unwrap_or_else(|| id(rng).to_string());
        if !people.contains(&caller.id.to_string()) {
            people.push(caller.id.to_string());
        }
        // More often than not: so some stay apart while they go on answering each other.
        let (kind, method) = match rng.random_bool(0.6) {
            true => ("moderation.block", "PUT"),
            false => ("moderation.unblock", "DELETE"),
        };
        let aggregate_id = format!("block:{}:{other}", caller.id);
        Intent { aggregate_id, ..intent(kind, method, format!("/v1/me/blocks/{other}"), "", Value::Null) }
    }

    /// Who is dealt with: warned, muted, or kept from a post, for as long as a few comments take.
    fn deal_with(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let person = self.people.lock().expect("no holder of the lock panics").iter().choose(rng).cloned();
        let case = format!("account:{}", person.unwrap_or_else(|| caller.id.to_string()));
        let mut body = json!({"measure": "warn", "rule": "hate", "explanation": format!("Because {}", unique(rng))});
        let measure = one_of(rng, &["warn", "warn", "mute", "block"]);
        body["measure"] = measure.into();
        if measure != "warn" {
            let until = times::now().0 + rng.random_range(MUTED_MS);
            body["until"] = times::format(domain::Timestamp(until)).into();
        }
        if measure == "block" {
            body["post_id"] = self.comments.a_post(rng).into();
        }
        intent("moderation.decide", "POST", format!("/v1/moderation/{case}/decisions"), &case, body)
    }

    fn moderate(&self, rng: &mut StdRng) -> Intent {
        let case = self.case(rng);
        let path = |rest: &str| format!("/v1/moderation/{case}/{rest}");
        let (explanation, ruling) = (format!("Because {}", unique(rng)), self.ruling(rng, &case));
        let report = format!("/v1/me/reports/{case}");
        match rng.random_range(0..100) {
            0..20 => {
                let body = json!({"rule": one_of(rng, &["spam", "hate"]), "statement": format!("See {}", unique(rng))});
                intent("moderation.report", "PUT", report, &case, body)
            }
            20..25 => intent("moderation.withdraw_report", "DELETE", report, &case, Value::Null),
            25..33 => intent("moderation.claim", "PUT", path("claim"), &case, Value::Null),
            33..40 => intent("moderation.release_claim", "DELETE", path("claim"), &case, Value::Null),
            40..65 => {
                let measure = one_of(rng, &["hide", "remove"]);
                let body = json!({"measure": measure, "rule": "spam", "explanation": explanation});
                intent("moderation.decide", "POST", path("decisions"), &case, body)
            }
            65..70 => {
                let read = json!({"edits": rng.random_range(0..3)});
                intent("moderation.dismiss", "POST", path("dismissal"), &case, read)
            }
            70..80 => {
                let body = json!({"statement": format!("But {}", unique(rng))});
                intent("moderation.appeal", "PUT", format!("/v1/me/appeals/{case}/{ruling}"), &case, body)
            }
            80..86 => {
                let (path, upheld) = (path(&format!("rulings/{ruling}/answer")), rng.random_bool(0.5));
                intent("moderation.answer", "POST", path, &case, json!({"upheld": upheld, "explanation": explanation}))
            }
            _ => {
                let path = path(&format!("rulings/{ruling}/lift"));
                intent("moderation.lift", "POST", path, &case, json!({"explanation": explanation}))
            }
        }
    }
}

fn intent(kind: &'static str, method: &'static str, path: String, aggregate_id: &str, body: Value) -> Intent {
    let (if_match, expected, recorded, key) = (None, None, Map::new(), String::new());
    Intent { kind, method, path, aggregate_id: aggregate_id.to_owned(), if_match, expected, body, recorded, key }
}

impl Generator for Moderation {
    fn context(&self) -> &'static str {
        "moderation"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let drawn = match rng.random_range(0..100) {
            0..10 => self.block(rng, caller),
            10..15 => self.deal_with(rng, caller),
            _ => self.moderate(rng),
        };
        let intent = Intent { key: id(rng).to_string(), ..drawn };
        // Who reports sees no version.
        let sees = !matches!(intent.kind, "moderation.report" | "moderation.withdraw_report" | "moderation.appeal");
        let cases = self.cases.lock().expect("no holder of the lock panics");
        match cases.get(&intent.aggregate_id).filter(|_| sees && rng.random_bool(0.1)) {
            Some((last, _)) => {
                let (if_match, expected) = if_match(rng, last.version);
                Intent { if_match, expected, ..intent }
            }
            None => intent,
        }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        let Some(rulings) = accepted.body["rulings"].as_i64() else { return };
        let mut cases = self.cases.lock().expect("no holder of the lock panics");
        let known = cases.entry(intent.aggregate_id.clone()).or_insert_with(|| (accepted.clone(), rulings));
        if known.0.version <= accepted.version {
            *known = (accepted.clone(), rulings);
        }
        if cases.len() > CASES {
            // Any: the first would always be one of the accounts.
            let one = cases.keys().nth(usize::try_from(accepted.version).unwrap_or(0) % CASES).cloned();
            one.into_iter().for_each(|case| drop(cases.remove(&case)));
        }
    }

    /// The queue, which has rows of `comments` too, whose positions the reader does not know: what it shows is not
    /// judged here, but that it waits; the rows at the end are judged.
    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let cases = self.cases.lock().expect("no holder of the lock panics");
        let (_, (last, _)) = cases.iter().choose(rng)?;
        let question = Question::that_waits(rng, "/v1/moderation/queue?limit=20", last, None);
        Some(Question { as_editor: true, ..question })
    }
}
