//! Every command on posts, over a few posts in each partition that are replaced now and then.

mod about;
mod fields;
mod previews;
mod reviews;
mod schedule;
pub(super) mod seen;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use checker::ids;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value};

use super::taxonomy::Taxonomy;
use crate::load::values::{contended, id, if_match, one_of, unique};
use crate::load::{Accepted, Generator, Intent, Person, Question};
use fields::{change, millis_of, title};
use seen::{a_list, seen_alone, seen_in_list, seen_in_preview};

/// Posts in each partition that are written to.
const POSTS: usize = 5;
/// Posts of a partition without which clients draft.
const LEAST: usize = 2;
/// Drafts without a slug that may be sent again.
const DRAFTS: usize = 64;
/// The context `posts`.
pub(super) struct Posts {
    known: Mutex<Vec<Vec<Known>>>,
    /// What was drafted without a slug: sent again after a while, it may find another slug free than it found then.
    drafts: Mutex<VecDeque<Intent>>,
    links: Mutex<previews::Links>,
    slugs: AtomicU64,
    /// The categories that posts are in.
    taxonomy: Arc<Taxonomy>,
}

/// A post as it was last heard of.
#[derive(Clone, Debug)]
struct Known {
    id: String,
    author_id: String,
    deleted: bool,
    /// The slug that it had before, if it had another.
    former: Option<String>,
    last: Accepted,
}

impl Known {
    fn slug(&self) -> &str {
        self.last.body["slug"].as_str().unwrap_or_default()
    }
}

impl Posts {
    pub(super) fn new(partitions: usize, taxonomy: Arc<Taxonomy>) -> Self {
        let (known, drafts) = (Mutex::new(vec![Vec::new(); partitions]), Mutex::default());
        Self { known, drafts, links: Mutex::default(), slugs: AtomicU64::new(0), taxonomy }
    }

    /// Some post, once there are some in every partition.
    fn some(&self, rng: &mut StdRng) -> Option<Known> {
        let known = self.known.lock().expect("no holder of the lock panics");
        if known.iter().any(|posts| posts.len() < LEAST) {
            return None;
        }
        let partition = &known[rng.random_range(0..known.len())];
        Some(partition[rng.random_range(0..partition.len())].clone())
    }

    fn slug(&self, rng: &mut StdRng) -> String {
        if rng.random_bool(0.4) {
            contended("hot", self.slugs.fetch_add(1, Ordering::Relaxed))
        } else {
            format!("post-{}", unique(rng))
        }
    }

    /// A post as it should be.
    fn content(&self, rng: &mut StdRng, author_id: &str, slug: Option<String>) -> Map<String, Value> {
        let mut body = change(rng, &self.taxonomy);
        body.insert("author_id".into(), author_id.into());
        body.insert("title".into(), title(rng));
        body.extend(slug.map(|slug| ("slug".to_owned(), Value::from(slug))));
        body
    }

    fn draft(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let slug = rng.random_bool(0.7).then(|| self.slug(rng));
        let (author_id, is_suggested) = (caller.id.to_string(), slug.is_none());
        let (mut body, key) = (self.content(rng, &author_id, slug), id(rng).to_string());
        if is_suggested && rng.random_bool(0.7) {
            body.insert("title".into(), contended("hot", self.slugs.fetch_add(1, Ordering::Relaxed)).into());
        }
        let post_id = ids::created("posts", &author_id, &key).to_string();
        let intent = intent("posts.draft", "POST", post_id, "", body.into(), key);
        Intent { path: "/v1/posts".to_owned(), ..intent }
    }

    /// A draft of this caller's without a slug, once more.
    fn draft_again(&self, rng: &mut StdRng, caller: &Person) -> Option<Intent> {
        let author_id = caller.id.to_string();
        let drafts = self.drafts.lock().expect("no holder of the lock panics");
        drafts.iter().filter(|draft| draft.body["author_id"] == author_id).cloned().choose(rng)
    }

    /// Whether a command was drawn again whose outcome is known.
    fn is_repeated(&self, intent: &Intent) -> bool {
        let drafts = self.drafts.lock().expect("no holder of the lock panics");
        drafts.iter().any(|draft| draft.key == intent.key)
    }

    fn remember(&self, intent: &Intent) {
        if intent.kind == "posts.draft" && intent.body["slug"].is_null() {
            let mut drafts = self.drafts.lock().expect("no holder of the lock panics");
            drafts.push_back(intent.clone());
            if drafts.len() > DRAFTS {
                drafts.pop_front();
            }
        }
    }

    fn put(&self, rng: &mut StdRng, caller: &Person, known: &Known) -> Intent {
        let is_new = rng.random_bool(0.3);
        let post_id = if is_new { id(rng).to_string() } else { known.id.clone() };
        let slug = if is_new || rng.random_bool(0.2) { self.slug(rng) } else { known.slug().to_owned() };
        let author_id = if is_new { caller.id.to_string() } else { known.author_id.clone() };
        let (mut body, key) = (self.content(rng, &author_id, Some(slug)), id(rng).to_string());
        let original = self.some(rng);
        about::translate(rng, &mut body, original);
        let intent = intent("posts.put", "PUT", post_id, "", body.into(), key);
        if is_new || rng.random_bool(0.2) {
            return intent;
        }
        let (if_match, expected) = if_match(rng, known.last.version);
        Intent { if_match, expected, ..intent }
    }

    fn edit(&self, rng: &mut StdRng, known: &Known) -> Intent {
        let mut body = change(rng, &self.taxonomy);
        match rng.random_range(0..100) {
            // The same again and again: mostly nothing changes.
            0..4 => body = Map::from_iter([("summary".to_owned(), Value::from("as ever"))]),
            4..16 => body.extend([("slug".to_owned(), self.slug(rng).into())]),
            _ => body.extend([("title".to_owned(), title(rng))]),
        }
        if rng.random_bool(0.1) {
            // Takes away what is there.
            let fields = ["originally_published_at", "summary", "tags", "category_ids"];
            let field = if rng.random_bool(0.5) { one_of(rng, &fields) } else { one_of(rng, &about::MISSING) };
            body.insert(field.into(), Value::Null);
        }
        let original = self.some(rng);
        about::translate(rng, &mut body, original);
        let (if_match, expected) = if_match(rng, known.last.version);
        let intent = intent("posts.edit", "PATCH", known.id.clone(), "", body.into(), id(rng).to_string());
        Intent { if_match, expected, ..intent }
    }
}

fn intent(kind: &'static str, method: &'static str, post_id: String, verb: &str, body: Value, key: String) -> Intent {
    let path = format!("/v1/posts/{post_id}{verb}");
    let recorded = body["originally_published_at"].as_str().and_then(millis_of);
    let recorded = recorded.map(|millis| ("originally_published_at".to_owned(), Value::from(millis))).into_iter();
    let (if_match, expected, recorded) = (None, None, recorded.collect());
    Intent { kind, method, path, aggregate_id: post_id, if_match, expected, body, recorded, key }
}

/// A command that says all with its verb.
fn simple(rng: &mut StdRng, known: &Known) -> Intent {
    let verbs = [
        ("posts.publish", "POST", "/publish"),
        ("posts.publish", "POST", "/publish"),
        ("posts.unpublish", "POST", "/unpublish"),
        ("posts.archive", "PUT", "/archive"),
        ("posts.unarchive", "DELETE", "/archive"),
        ("posts.unarchive", "DELETE", "/archive"),
        ("posts.delete", "DELETE", ""),
        ("posts.restore", "POST", "/restore"),
    ];
    let (kind, method, verb) = if known.deleted { verbs[7] } else { one_of(rng, &verbs) };
    let intent = intent(kind, method, known.id.clone(), verb, Value::Null, id(rng).to_string());
    if rng.random_bool(0.8) {
        return intent;
    }
    let (if_match, expected) = if_match(rng, known.last.version);
    Intent { if_match, expected, ..intent }
}

impl Generator for Posts {
    fn context(&self) -> &'static str {
        "posts"
    }

    fn draw(&self, rng: &mut StdRng, caller: &Person) -> Intent {
        let Some(known) = self.some(rng) else { return self.draft(rng, caller) };
        match rng.random_range(0..100) {
            0..3 => self.draft(rng, caller),
            3 => self.draft_again(rng, caller).unwrap_or_else(|| self.draft(rng, caller)),
            4..10 => self.put(rng, caller, &known),
            10..26 => simple(rng, &known),
            26..30 if known.deleted => simple(rng, &known),
            26 => about::give_up(rng, &known).unwrap_or_else(|| simple(rng, &known)),
            27..30 => schedule::command(rng, &known),
            // Of a post that is deleted, too.
            31..34 => {
                let links = self.links.lock().expect("no holder of the lock panics");
                previews::command(rng, caller, &known, &links)
            }
            34..37 => reviews::command(rng, &known),
            30..80 if known.deleted => simple(rng, &known),
            // Of a post that never was.
            30 => {
                let nothing = Known { id: id(rng).to_string(), ..known };
                self.edit(rng, &nothing)
            }
            _ => self.edit(rng, &known),
        }
    }

    fn learn(&self, intent: &Intent, accepted: &Accepted) {
        if self.is_repeated(intent) {
            return;
        }
        self.remember(intent);
        previews::learn(intent, accepted, &mut self.links.lock().expect("no holder of the lock panics"));
        let partition = usize::try_from(accepted.position.1.partition).unwrap_or(0);
        let mut known = self.known.lock().expect("no holder of the lock panics");
        let Some(posts) = known.get_mut(partition) else { return };
        let found = posts.iter_mut().find(|known| known.id == intent.aggregate_id);
        match found {
            Some(known) if known.last.version <= accepted.version => {
                known.deleted = match intent.kind {
                    "posts.delete" => true,
                    "posts.restore" => false,
                    _ => known.deleted,
                };
                let mut last = accepted.clone();
                // What is done beside its fields names no slug.
                if last.body["slug"].is_null() {
                    last.body["slug"] = known.slug().into();
                }
                let is_renamed = last.body["slug"] != known.slug();
                known.former = Some(known.slug().to_owned()).filter(|_| is_renamed).or(known.former.take());
                known.last = last;
            }
            Some(_) => {}
            None => {
                // Only what makes a post names its author; what was dropped from the list stays dropped.
                let Some(author_id) = intent.body["author_id"].as_str().map(str::to_owned) else { return };
                posts.push(Known {
                    id: intent.aggregate_id.clone(),
                    author_id,
                    deleted: false,
                    former: None,
                    last: accepted.clone(),
                });
                if posts.len() > POSTS {
                    posts.remove(0);
                }
            }
        }
    }

    fn moved(&self, partitions: usize) {
        *self.known.lock().expect("no holder of the lock panics") = vec![Vec::new(); partitions];
    }

    fn newest(&self, partition: usize) -> Option<Question> {
        let known = self.known.lock().expect("no holder of the lock panics");
        let newest = known.get(partition)?.iter().max_by_key(|known| known.last.at)?;
        Some(Question {
            path: format!("/v1/posts/{}", newest.slug()),
            after: Some(newest.last.clone()),
            as_editor: true,
            own: None,
            seen: seen_alone,
            aggregate_id: newest.id.clone(),
        })
    }

    fn ask(&self, rng: &mut StdRng) -> Option<Question> {
        let known = self.some(rng)?;
        let after = rng.random_bool(0.6).then(|| known.last.clone());
        let (aggregate_id, as_editor) = (known.id.clone(), rng.random_bool(0.7));
        let list = |path: String| Question {
            path,
            after: after.clone(),
            as_editor: false,
            own: None,
            seen: seen_in_list,
            aggregate_id: String::new(),
        };
        Some(match rng.random_range(0..12) {
            0..3 => list(a_list(rng, known.slug())?),
            3 => {
                let links = self.links.lock().expect("no holder of the lock panics");
                return previews::question(rng, &links, seen_in_preview);
            }
            _ => Question {
                path: format!("/v1/posts/{}", known.slug()),
                after,
                as_editor,
                own: None,
                seen: seen_alone,
                aggregate_id,
            },
        })
    }
}
