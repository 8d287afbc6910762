//! Authors who type at posts together: they save working copies, in the place of what they saw and of what another has
//! replaced since, look at them, release them and throw them away. Saves are no events, so what was answered is written
//! down by itself; drafts, releases and edits are calls as all others are.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use checker::history::{Call, CopyAnswer, Nanos, Typed, Typing};
use checker::ids;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value, json};
use testkit::http::Response;
use tokio::sync::watch;
use tokio::time::sleep;

use super::client::{Client, is_problem};
use super::values::{id, unique};
use super::{Intent, Volume, World};

/// One of so many clients stands for an author who types.
const ONE_OF: usize = 8;
/// No more of them than this.
const MOST: usize = 4;
/// Posts that are typed at: few, so that several do at the same time.
const POSTS: usize = 3;
/// How often a new one is begun.
const NEW: f64 = 0.02;
/// How long an author pauses, on average.
const PAUSE: Duration = Duration::from_millis(250);
/// How often the same is asked again where there is no answer.
const ATTEMPTS: usize = 3;

/// The posts that are typed at.
#[derive(Debug, Default)]
pub(super) struct Desk(Mutex<VecDeque<String>>);

/// A working copy as it was shown.
struct Shown {
    version: u64,
    change: Map<String, Value>,
    /// The post's version to save it with, where the post was edited beside it.
    outdated: Option<u64>,
}

/// An author who types.
pub(super) struct Typist {
    client: Client,
    desk: Arc<Desk>,
    typing: Vec<Typing>,
}

/// How many there are at a time.
pub(super) fn count(volume: &Volume) -> usize {
    (volume.clients / ONE_OF).clamp(1, MOST)
}

impl Typist {
    /// `number` tells who types from the other clients.
    pub(super) fn new(world: Arc<World>, number: usize, rng: StdRng, desk: Arc<Desk>) -> Self {
        let mut client = Client::new(world, number, rng);
        if client.world.review_is_demanded {
            // One author at several windows: editors need no approval.
            client.person = client.world.persons.last().expect("there are persons").clone();
        }
        Self { client, desk, typing: Vec::new() }
    }

    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) -> (Vec<Call>, Vec<Typing>) {
        while !*stop.borrow_and_update() {
            self.act().await;
            let pause = PAUSE.mul_f64(self.client.rng.random_range(0.5..1.5));
            tokio::select! {
                () = sleep(pause) => {}
                _ = stop.changed() => {}
            }
        }
        (self.client.calls, self.typing)
    }

    async fn act(&mut self) {
        let Some(post) = self.post().await else { return };
        let copy = self.look(&post).await;
        match (self.client.rng.random_range(0..100), copy) {
            (0..15, Some(copy)) if copy.outdated.is_none() => self.release(&post, &copy).await,
            (15..20, Some(Shown { version, .. })) => {
                self.ask(&post, Typed::Discard { version }, "DELETE", Some(version), Value::Null).await;
            }
            (20..28, _) => self.edit(&post).await,
            (28..45, Some(copy)) => self.review(&post, &copy).await,
            (_, copy) => self.save(&post, copy.as_ref()).await,
        }
    }

    /// A post to type at; a new one where there are few yet, and now and then.
    async fn post(&mut self) -> Option<String> {
        let on_it: Vec<String> = self.desk.0.lock().expect("no holder of the lock panics").iter().cloned().collect();
        if on_it.len() >= POSTS && !self.client.rng.random_bool(NEW) {
            return on_it.into_iter().choose(&mut self.client.rng);
        }
        let (key, title) = (id(&mut self.client.rng).to_string(), self.title());
        let author_id = self.client.person.id.to_string();
        let post = ids::created("posts", &author_id, &key).to_string();
        let slug = format!("typed-{}", unique(&mut self.client.rng));
        let body = json!({"author_id": author_id, "title": title, "slug": slug});
        self.perform(&intent("posts.draft", "POST", "/v1/posts".to_owned(), post.clone(), body, key)).await?;
        if self.client.world.review_is_demanded {
            let publish = self.asked("posts.publish", &post, "publish", Value::Null);
            self.as_editor(publish).await?;
        }
        let mut posts = self.desk.0.lock().expect("no holder of the lock panics");
        posts.push_back(post.clone());
        if posts.len() > POSTS {
            posts.pop_front();
        }
        Some(post)
    }

    /// The working copy, if there is one and an answer that says so.
    async fn look(&mut self, post: &str) -> Option<Shown> {
        let answer = self.ask(post, Typed::Read, "GET", None, Value::Null).await?;
        let shown: Value = serde_json::from_slice(&answer.body).ok().filter(|_| answer.status == 200)?;
        let outdated = shown["outdated"].as_bool()?.then(|| shown["post_version"].as_u64());
        let change = shown["change"].as_object()?.clone();
        Some(Shown { version: shown["version"].as_u64()?, change, outdated: outdated.flatten() })
    }

    /// Saves a text that no other save has: in the place of what was shown, of an older version, or of none.
    async fn save(&mut self, post: &str, copy: Option<&Shown>) {
        let shown = copy.map(|copy| copy.version);
        let replaces = match self.client.rng.random_range(0..10) {
            0 => None,
            1 => shown.map(|version| version.saturating_sub(1).max(1)),
            _ => shown,
        };
        let text = self.title();
        let mut body = json!({"change": {"title": text}});
        if let Some(version) = copy.and_then(|copy| copy.outdated) {
            body["base_version"] = version.into();
        }
        let answer = self.ask(post, Typed::Save { replaces, text }, "PUT", replaces, body.clone()).await;
        // A copy that is new says which version of the post it is made to; the refusal says which there is.
        if let Some(version) = answer.and_then(|answer| present_version(&answer)) {
            let text = self.title();
            body["change"]["title"] = text.as_str().into();
            body["base_version"] = version.into();
            self.ask(post, Typed::Save { replaces, text }, "PUT", replaces, body).await;
        }
    }

    /// Has the post be as the copy says. Whatever comes of it, the copy may be gone then.
    async fn release(&mut self, post: &str, copy: &Shown) {
        let key = id(&mut self.client.rng).to_string();
        let (path, change) = (format!("/v1/working-copies/{post}/release"), copy.change.clone());
        let release = intent("posts.release", "POST", path, post.to_owned(), Value::Null, key);
        let if_match = Some(format!("\"{}\"", copy.version));
        let invoked_at = self.client.world.clock.now();
        let mut recorded = change;
        recorded.insert("copy_version".to_owned(), copy.version.into());
        let accepted = self.perform(&Intent { if_match, recorded, ..release }).await;
        let answer = if accepted.is_some() { CopyAnswer::None } else { CopyAnswer::Unknown };
        self.note(post, Typed::Release { version: copy.version }, invoked_at, answer);
    }

    /// The copy as it was shown is submitted; mostly an editor approves it, or wants it changed, and then it is
    /// released. Others go on typing meanwhile.
    async fn review(&mut self, post: &str, copy: &Shown) {
        let meant = json!({"what": "working-copy", "copy_version": copy.version});
        let submit = self.asked("posts.submit", post, "review", meant.clone());
        let Some(submitted) = self.perform(&submit).await else { return };
        match self.client.rng.random_range(0..10) {
            0..8 => {
                let approve = self.asked("posts.approve", post, "review/approve", meant);
                let (if_match, expected) = (Some(format!("\"{}\"", submitted.version)), Some(submitted.version));
                self.as_editor(Intent { if_match, expected, ..approve }).await;
            }
            8 => {
                let note = json!({"note": self.title()});
                let request = self.asked("posts.request_changes", post, "review/request-changes", note);
                self.as_editor(request).await;
            }
            _ => {}
        }
        if self.client.rng.random_bool(0.7) {
            self.release(post, copy).await;
        }
    }

    /// The post is edited beside its working copy.
    async fn edit(&mut self, post: &str) {
        let (path, key) = (format!("/v1/posts/{post}"), id(&mut self.client.rng).to_string());
        let body = json!({"summary": self.title()});
        let edit = intent("posts.edit", "PATCH", path, post.to_owned(), body, key);
        self.perform(&Intent { if_match: Some("*".to_owned()), ..edit }).await;
    }

    /// A command on a post itself.
    fn asked(&mut self, kind: &'static str, post: &str, verb: &str, body: Value) -> Intent {
        let key = id(&mut self.client.rng).to_string();
        intent(kind, "POST", format!("/v1/posts/{post}/{verb}"), post.to_owned(), body, key)
    }

    async fn as_editor(&mut self, intent: Intent) -> Option<super::Accepted> {
        let editor = self.client.world.persons.iter().find(|person| person.is_editor);
        let editor = editor.expect("all but one are editors").clone();
        self.client.perform("posts", &editor, &intent).await
    }

    fn title(&mut self) -> String {
        format!("Typed {}", unique(&mut self.client.rng))
    }

    async fn perform(&mut self, intent: &Intent) -> Option<super::Accepted> {
        let person = self.client.person.clone();
        self.client.perform("posts", &person, intent).await
    }

    /// Asks for something about a working copy, again where there is no answer; the last answer.
    async fn ask(
        &mut self,
        post: &str,
        act: Typed,
        method: &'static str,
        version: Option<u64>,
        body: Value,
    ) -> Option<Response> {
        let (path, key) = (format!("/v1/working-copies/{post}"), id(&mut self.client.rng).to_string());
        let asked = intent("posts.type", method, path, post.to_owned(), body, key);
        let asked = Intent { if_match: version.map(|version| format!("\"{version}\"")), ..asked };
        let person = self.client.person.clone();
        for _ in 0..ATTEMPTS {
            let invoked_at = self.client.world.clock.now();
            let answer = self.client.attempt(&person, &asked).await;
            let told = told(&act, answer.as_ref());
            self.note(post, act.clone(), invoked_at, told.clone());
            if told != CopyAnswer::Unknown {
                return answer;
            }
        }
        None
    }

    fn note(&mut self, post: &str, act: Typed, invoked_at: Nanos, answer: CopyAnswer) {
        let answered_at = Some(self.client.world.clock.now()).filter(|_| answer != CopyAnswer::Unknown);
        let (client, post_id) = (self.client.number as u64, post.to_owned());
        self.typing.push(Typing { client, post_id, act, invoked_at, answered_at, answer });
    }
}

/// A command with no conditions of which nothing is recorded beside its body.
fn intent(kind: &'static str, method: &'static str, path: String, post: String, body: Value, key: String) -> Intent {
    Intent { kind, method, path, aggregate_id: post, if_match: None, expected: None, body, recorded: Map::new(), key }
}

/// The version of the post, of an answer that wants to be told one.
fn present_version(answer: &Response) -> Option<u64> {
    let body: Value = serde_json::from_slice(&answer.body).ok().filter(|_| answer.status == 422)?;
    body["version"].as_u64()
}

/// What an answer says of the working copy.
fn told(act: &Typed, answer: Option<&Response>) -> CopyAnswer {
    let Some(answer) = answer else { return CopyAnswer::Unknown };
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match (answer.status, act) {
        (200, Typed::Discard { .. } | Typed::Release { .. }) => CopyAnswer::None,
        (200, _) => {
            let text = match act {
                Typed::Save { text, .. } => Some(text.clone()),
                _ => body["change"]["title"].as_str().map(str::to_owned),
            };
            let is = body["version"].as_u64().zip(text);
            is.map_or(CopyAnswer::Refused, |(version, text)| CopyAnswer::Is { version, text })
        }
        // Of a post that the instance has not read of it is another problem.
        (404, Typed::Read) if is_problem(&body, "no-working-copy") => CopyAnswer::None,
        // What did not arrive in time, or was answered in place of what may have been done, is not known.
        (408 | 429 | 500..=599, _) => CopyAnswer::Unknown,
        _ => CopyAnswer::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &Value) -> Response {
        Response::of(status, &[], body.to_string().into_bytes())
    }

    #[test]
    fn an_answer_says_what_the_working_copy_is() {
        let is = |version, text: &str| CopyAnswer::Is { version, text: text.to_owned() };
        let save = Typed::Save { replaces: None, text: "a".to_owned() };
        let read = said(200, &json!({"version": 3, "change": {"title": "b"}}));
        assert_eq!(told(&Typed::Read, Some(&read)), is(3, "b"));
        assert_eq!(told(&save, Some(&said(200, &json!({"version": 4})))), is(4, "a"));
        assert_eq!(told(&save, Some(&said(412, &json!({"version": 4})))), CopyAnswer::Refused);
        assert_eq!(told(&save, None), CopyAnswer::Unknown);
        let missing = |kind: &str| said(404, &json!({"type": format!("urn:inklog:problem:{kind}")}));
        assert_eq!(told(&Typed::Read, Some(&missing("no-working-copy"))), CopyAnswer::None);
        assert_eq!(told(&Typed::Read, Some(&missing("not-found"))), CopyAnswer::Refused);
    }
}
