//! The world: who goes on next, and whose time it is, is drawn from the seed; nothing happens by itself.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use checker::{Kind, Verdict, judge};
use command_services::claiming::{NotClaimed, with_claim};
use command_services::commanding::{Caller, Decided};
use domain::posts::{Command as PostCommand, Content, Edited, Posts};
use domain::values::Slug;
use domain::{Actor, Role};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::Instant;
use uuid::Uuid;

use super::owners::{Nature, Owners};
use super::record::Recorder;

const POSTS: u128 = 6;
/// So many clients in a row want one of the same few slugs.
const RIVALS: usize = 8;
const AUTHOR: Uuid = Uuid::from_u128(0xa);

pub(super) type Came = Result<Decided<Posts>, NotClaimed>;

/// What a client asks for: with a new key, or again.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) key: String,
    pub(super) post: Uuid,
    pub(super) slug: Slug,
    /// Whether to draft the post, or to rename it.
    pub(super) drafts: bool,
}

/// A request that is being answered.
struct UnderWay {
    call: usize,
    /// Its process sleeps until this step.
    wakes_at: usize,
    answer: Pin<Box<dyn Future<Output = Came>>>,
}

struct World {
    rng: StdRng,
    owners: Arc<Owners>,
    under_way: Vec<UnderWay>,
    asked: Vec<Asked>,
    recorder: Recorder,
    step: usize,
}

/// Runs a seed to its end and has it judged.
///
/// # Errors
/// What is wrong, by kinds and in words.
pub(super) async fn run(seed: u64, nature: Nature) -> Result<Verdict, (Vec<Kind>, String)> {
    let mut world = World {
        rng: StdRng::seed_from_u64(seed.wrapping_mul(31)),
        owners: Arc::new(Owners::new(seed, nature)),
        under_way: Vec::new(),
        asked: Vec::new(),
        recorder: Recorder::default(),
        step: 0,
    };
    for _ in 0..world.rng.random_range(50..400) {
        world.step().await;
    }
    let stuck = world.heal().await;
    let verdict = judge(&world.recorder.history(&world.owners));
    match stuck {
        _ if !verdict.is_clean() => Err((verdict.found.keys().copied().collect(), verdict.to_string())),
        Some(stuck) => Err((Vec::new(), stuck)),
        None => Ok(verdict),
    }
}

impl World {
    async fn step(&mut self) {
        match self.rng.random_range(0..100) {
            0..10 => self.ask(),
            10..90 => self.go_on().await,
            90..92 => self.vanish(),
            92..94 => self.sleep(),
            94..97 => self.pass(5_000),
            _ => self.pass(100_000),
        }
        self.step += 1;
        self.pass(20);
    }

    fn pass(&mut self, most_ms: i64) {
        let passed = self.rng.random_range(0..=most_ms);
        self.owners.0.lock().unwrap().now += passed;
    }

    fn ask(&mut self) {
        let asked = if !self.asked.is_empty() && self.rng.random_bool(0.3) {
            self.asked[self.rng.random_range(0..self.asked.len())].clone()
        } else {
            Asked {
                key: format!("key-{}", self.asked.len()),
                post: Uuid::from_u128(0x1000 + self.rng.random_range(0..POSTS)),
                slug: slug(self.asked.len() / RIVALS + self.rng.random_range(0..2)),
                drafts: self.rng.random_bool(0.6),
            }
        };
        self.begin(asked);
    }

    fn begin(&mut self, asked: Asked) {
        let call = self.recorder.invoked(&asked);
        let answer = Box::pin(answer(Arc::clone(&self.owners), asked.clone()));
        self.asked.push(asked);
        self.under_way.push(UnderWay { call, wakes_at: 0, answer });
    }

    /// Somebody takes a step.
    async fn go_on(&mut self) {
        if self.under_way.is_empty() {
            return;
        }
        let who = self.rng.random_range(0..self.under_way.len());
        if self.under_way[who].wakes_at > self.step {
            return;
        }
        self.owners.0.lock().unwrap().steps = 1;
        let polled = futures::poll!(self.under_way[who].answer.as_mut());
        self.owners.0.lock().unwrap().steps = 0;
        if let Poll::Ready(came) = polled {
            let UnderWay { call, .. } = self.under_way.swap_remove(who);
            self.recorder.answered(call, &came);
        }
    }

    /// The process that answers somebody is stopped for a while.
    fn sleep(&mut self) {
        if !self.under_way.is_empty() {
            let who = self.rng.random_range(0..self.under_way.len());
            self.under_way[who].wakes_at = self.step + self.rng.random_range(20..120);
        }
    }

    /// The process that answers somebody dies.
    fn vanish(&mut self) {
        if !self.under_way.is_empty() {
            let who = self.rng.random_range(0..self.under_way.len());
            self.under_way.swap_remove(who);
        }
    }

    /// Everyone is answered; and long after, a new post asks for each slug: it has it if nobody bears or bore it.
    async fn heal(&mut self) -> Option<String> {
        self.owners.0.lock().unwrap().loses = false;
        self.step = usize::MAX;
        self.settle().await;
        let slugs = self.asked.len() / RIVALS;
        for number in 0..=slugs {
            self.owners.0.lock().unwrap().now += 600_000;
            let (key, post, slug) = (format!("last-{number}"), Uuid::from_u128(0x2000 + number as u128), slug(number));
            let is_borne = self.recorder.is_borne(&self.owners, &slug);
            self.begin(Asked { key, post, slug: slug.clone(), drafts: true });
            let call = self.under_way[0].call;
            self.settle().await;
            if is_borne == self.recorder.is_accepted(call) {
                return Some(format!(
                    "{slug}: that it was borne is {is_borne}, and that a new post can have it is too"
                ));
            }
        }
        None
    }

    async fn settle(&mut self) {
        while !self.under_way.is_empty() {
            self.go_on().await;
        }
    }
}

fn slug(number: usize) -> Slug {
    format!("slug-{number}").parse().unwrap()
}

/// What `POST /v1/posts` and `PATCH` do with a slug.
async fn answer(owners: Arc<Owners>, asked: Asked) -> Came {
    let Asked { key, post, slug, drafts } = asked;
    let caller = Caller {
        actor: Actor::new(AUTHOR).with(Role::Author),
        key,
        if_match: None,
        traceparent: String::new(),
        deadline: Instant::now() + Duration::from_secs(3_600),
    };
    let command = caller.command_over::<Posts>(&*owners, post.to_string(), &(drafts, slug.as_str()));
    let draft = |grant| PostCommand::Put { content: content(&slug), overwrite: false, grant };
    let rename = |grant| {
        let change = Edited { slug: Some(slug.clone()), ..Edited::default() };
        PostCommand::Edit { change, grant: Some(grant) }
    };
    match drafts {
        true => with_claim(&command, &slug, post, None, draft).await,
        false => with_claim(&command, &slug, post, None, rename).await,
    }
}

pub(super) fn content(slug: &Slug) -> Content {
    Content {
        author_id: AUTHOR,
        co_author_ids: Vec::new(),
        slug: slug.clone(),
        title: "A post".parse().unwrap(),
        summary: "".parse().unwrap(),
        body: "".parse().unwrap(),
        tags: Vec::new(),
        originally_published_at: None,
    }
}

/// The id of the command, as the log has it.
pub(super) fn command_id(asked: &Asked) -> Uuid {
    checker::ids::command("posts", &asked.post.to_string(), &AUTHOR.to_string(), &asked.key)
}
