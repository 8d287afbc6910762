//! Comments on few posts, so that several clients write to one thread at the same time, answer what others delete, and
//! edit what they have written.

use std::sync::{Arc, Mutex};

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::load::values::{id, if_match, unique};
use crate::load::{Accepted, Generator, Intent, Person, Question};

/// Threads that are written to.
const THREADS: usize = 4;

/// The context `comments`.
pub(super) struct Comments {
    /// Knows posts.
    posts: Arc<dyn Generator>,
    threads: Mutex<Vec<Thread>>,
}

/// The comments on a post as they were last heard of.
#[derive(Clone)]
struct Thread {
    post: String,
    /// The comments by their numbers, and who wrote each.
    comments: Vec<(i64, String)>,
    last: Accepted,
    /// Who sent the last command.
    by: String,
}

impl Comments {
    pub(super) fn new(posts: Arc<dyn Generator>) -> Self {
        Self { posts, threads: Mutex::default() }
    }

    /// A comment that was heard of: its post, and its number there.
    pub(super) fn one(&self, rng: &mut StdRng) -> Option<(String, i64)> {
        let threads = self.threads.lock().expect("no holder of the lock panics");
        let thread = threads.iter().choose(rng)?;
        thread.comments.iter().choose(rng).map(|(number, _)| (thread.post.clone(), *number))
    }

    /// A post; now and then one that no client has heard of. Many of the others are drafts, or deleted.
    pub(super) fn a_post(&self, rng: &mut StdRng) -> String {
        let known = self.posts.ask(rng).map(|question| question.aggregate_id);
        known.filter(|post| !post.is_empty() && rng.random_bool(0.97)).unwrap_or_else(|| id(rng).to_string())
    }
}

/// Some of it filters hold, as they stand.
fn says(rng: &mut StdRng) -> String {
    let more = match rng.random_range(0..20) {
        0 => " (https://www.example.org/)",
        1 => " http://example.org and www.example.com",
        2 => " on BLOTTING paper",
        _ => "",
    };
    format!("*Said* {}{more}", unique(rng))
}

fn write(rng: &mut StdRng, post: &str, thread: Option<&Thread>) -> Intent {
    let answered = thread.and_then(|thread| thread.comments.iter().choose(rng)).filter(|_| rng.random_bool(0.5));
    let mut body = json!({"text": says(rng)});
    if let Some((number, _)) = answered {
        body["reply_to"] = (*number).into();
    }
    intent("comments.write", "POST", post, "", body)
}

/// What is done with a comment: most often with one's own.
fn change(rng: &mut StdRng, thread: &Thread, caller: &Person) -> Option<Intent> {
    let own = thread.comments.iter().filter(|(_, author)| *author == caller.id.to_string()).choose(rng);
    let (number, _) = own.or_else(|| thread.comments.iter().choose(rng))?;
    let rest = format!("/{number}");
    let mut intent = if rng.random_bool(0.65) {
        intent("comments.edit", "PATCH", &thread.post, &rest, json!({"text": says(rng)}))
    } else {
        intent("comments.delete", "DELETE", &thread.post, &rest, Value::Null)
    };
    intent.recorded.insert("number".into(), (*number).into());
    Some(intent)
}

fn intent(kind: &'static str, method: &'static str, post: &str, rest: &str, body: Value) -> Intent {
    let (path, aggregate_id) = (format!("/v1/comments/{post}{rest}"), post.to_owned());
    let (if_match, expected, recorded, key) = (None, None, Map::new(), String::new());
    Intent { kind, method, path, aggregate_id, if_match, expected, body, recorded, key }
}

impl Generator for Comments {
    fn context(&self) -> &'static str {
        "comments"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let thread = self.threads.lock().expect("no holder of the lock panics").iter().choose(rng).cloned();
        let thread = thread.filter(|_| rng.random_bool(0.9));
        let changed = thread.as_ref().filter(|_| rng.random_bool(0.4)).and_then(|it| change(rng, it, caller));
        let mut intent = changed.unwrap_or_else(|| {
            let post = thread.as_ref().map_or_else(|| self.a_post(rng), |thread| thread.post.clone());
            let mut intent = write(rng, &post, thread.as_ref());
            intent.recorded.insert("author_id".into(), caller.id.to_string().into());
            intent
        });
        intent.key = id(rng).to_string();
        match thread.filter(|_| rng.random_bool(0.1)) {
            Some(thread) => {
                let (if_match, expected) = if_match(rng, thread.last.version);
                Intent { if_match, expected, ..intent }
            }
            None => intent,
        }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        let mut threads = self.threads.lock().expect("no holder of the lock panics");
        let (number, by) = (accepted.body["number"].as_i64(), intent.recorded.get("author_id").and_then(Value::as_str));
        let place = threads.iter().position(|thread| thread.post == intent.aggregate_id);
        // Only who writes is known by what was recorded.
        let Some((number, by)) = number.zip(by.map(str::to_owned)) else { return };
        let place = place.unwrap_or_else(|| {
            let (post, comments) = (intent.aggregate_id.clone(), Vec::new());
            threads.push(Thread { post, comments, last: accepted.clone(), by: by.clone() });
            threads.len() - 1
        });
        let thread = &mut threads[place];
        thread.comments.push((number, by.clone()));
        if thread.last.version <= accepted.version {
            (thread.last, thread.by) = (accepted.clone(), by);
        }
        if threads.len() > THREADS {
            threads.remove(0);
        }
    }

    /// What its author has commented, or what is popular. It has rows of `posts` too, whose positions the reader does
    /// not know: what it shows is not judged here, but that it waits; the rows at the end are judged.
    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let threads = self.threads.lock().expect("no holder of the lock panics");
        let thread = threads.iter().choose(rng)?;
        let owner: Uuid = thread.by.parse().ok()?;
        let is_popular = rng.random_bool(0.3);
        let path = if is_popular { "/v1/popular?limit=20" } else { "/v1/me/comments?limit=20" };
        Some(Question::that_waits(rng, path, &thread.last, Some(owner)))
    }
}
