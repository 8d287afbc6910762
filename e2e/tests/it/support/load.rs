//! Writers that never rest: each has a post and edits it, one version after the other, at every instance in turn, and
//! asks again with the same key until there is an answer. A lost or doubled command shows at once, for the next edit
//! then names the wrong version.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::{Answer, Log, eventually};
use tokio::task::JoinHandle;

use super::{Author, PATIENCE, System, unique};

/// Between two edits, so that two cores have time for something else.
const REST: Duration = Duration::from_millis(5);
/// Before asking again.
const AGAIN: Duration = Duration::from_millis(50);

/// Writers at work.
pub(crate) struct Load {
    ending: Arc<AtomicBool>,
    writers: Vec<JoinHandle<Written>>,
    progress: Vec<Arc<AtomicU64>>,
}

/// What one writer did.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) id: String,
    pub(crate) slug: String,
    /// Of the last answer.
    pub(crate) version: u64,
    pub(crate) position: String,
    /// From first asking to the good answer, at worst.
    pub(crate) slowest: Duration,
    /// What came instead of a good answer, and how often: a status, `refused` (a connection), `broken` (one that was
    /// there), `late`.
    pub(crate) troubles: BTreeMap<String, u32>,
}

struct Writer {
    author: Author,
    written: Written,
    patience: Duration,
    next: usize,
}

impl Load {
    /// So many writers at all instances, who wait so long for each answer. Their posts are there and published.
    pub(crate) async fn begin(system: &System, writers: usize, patience: Duration) -> Self {
        let ending = Arc::new(AtomicBool::new(false));
        let mut load = Self { ending, writers: Vec::new(), progress: Vec::new() };
        for number in 0..writers {
            let (author, slug) = (system.author(), unique("load"));
            let id = author.draft(&slug, &["load", &format!("writer-{number}")]).await.id();
            let published = author.publish(&id).await;
            let (version, position) = (published.version(), published.position());
            let written = Written { id, slug, version, position, slowest: Duration::ZERO, troubles: BTreeMap::new() };
            let writer = Writer { author, written, patience, next: number };
            let progress = Arc::new(AtomicU64::new(version));
            load.progress.push(Arc::clone(&progress));
            load.writers.push(tokio::spawn(writer.write(Arc::clone(&load.ending), progress)));
        }
        load
    }

    /// Waits until every writer got some further answers: how long that took.
    pub(crate) async fn goes_on(&self) -> Duration {
        let began = Instant::now();
        let goal: Vec<u64> = self.progress.iter().map(|version| version.load(Ordering::Relaxed) + 5).collect();
        let reached =
            || self.progress.iter().zip(&goal).all(|(version, goal)| version.load(Ordering::Relaxed) >= *goal);
        eventually("every writer goes on", PATIENCE, async || reached().then_some(())).await;
        began.elapsed()
    }

    /// Lets the writers finish what they are at.
    pub(crate) async fn end(self) -> Vec<Written> {
        self.ending.store(true, Ordering::Relaxed);
        let mut written = Vec::new();
        for writer in self.writers {
            written.push(writer.await.expect("no writer saw a command lost or doubled"));
        }
        eprintln!("{:?}", Summary::of(&written));
        written
    }
}

/// What all writers saw together.
#[derive(Debug)]
#[allow(dead_code, reason = "it is shown")]
pub(crate) struct Summary {
    pub(crate) commands: u64,
    pub(crate) slowest: Duration,
    pub(crate) troubles: BTreeMap<String, u32>,
}

impl Summary {
    pub(crate) fn of(written: &[Written]) -> Self {
        let mut troubles = BTreeMap::new();
        for (trouble, times) in written.iter().flat_map(|written| &written.troubles) {
            *troubles.entry(trouble.clone()).or_default() += times;
        }
        let slowest = written.iter().map(|written| written.slowest).max().unwrap_or_default();
        Self { commands: written.iter().map(|written| written.version).sum(), slowest, troubles }
    }
}

/// The log holds exactly what the writers were told.
#[track_caller]
pub(crate) fn assert_kept(written: &[Written], log: &Log) {
    log.assert_whole();
    for post in written {
        assert_eq!(log.version(&post.id), post.version, "{post:?}");
    }
}

impl Writer {
    async fn write(mut self, ending: Arc<AtomicBool>, progress: Arc<AtomicU64>) -> Written {
        while !ending.load(Ordering::Relaxed) {
            let began = Instant::now();
            let answer = self.edit().await;
            let version = self.written.version + 1;
            assert_eq!((answer.version(), answer.changed()), (version, true), "{:?}", self.written);
            self.written.slowest = self.written.slowest.max(began.elapsed());
            (self.written.version, self.written.position) = (version, answer.position());
            progress.store(version, Ordering::Relaxed);
            tokio::time::sleep(REST).await;
        }
        self.written
    }

    /// Asks until there is a good answer, always with the same key.
    async fn edit(&mut self) -> Answer {
        let version = self.written.version;
        let path = format!("/v1/posts/{}", self.written.id);
        let body = json!({"title": format!("Version {}", version + 1)});
        loop {
            self.next += 1;
            let api = &self.author.apis[self.next % self.author.apis.len()];
            let call = api.patch(&path).json(&body).if_match(version).key(&format!("edit-{version}"));
            let trouble = match call.within(self.patience).attempt().await {
                Ok(answer) if answer.status == 200 => return answer,
                Ok(answer) => {
                    assert!(matches!(answer.status, 503 | 504), "{} {:#}", answer.status, answer.body);
                    assert!(answer.status == 504 || !answer.header("retry-after").is_empty());
                    answer.status.to_string()
                }
                Err(error) if error.is_connect() => "refused".into(),
                Err(error) if error.is_timeout() => "late".into(),
                Err(error) => {
                    eprintln!("{error:?}");
                    "broken".into()
                }
            };
            *self.written.troubles.entry(trouble).or_default() += 1;
            tokio::time::sleep(AGAIN).await;
        }
    }
}
