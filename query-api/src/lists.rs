//! Redis: the most used tags, already counted, and what is new of the authors whom a reader follows. It is asked first
//! where it can be, and never needed.

mod feed;
mod stand;

pub(crate) use feed::{CONTEXTS, Ready};

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{FromRedisValue, Pipeline};
use uuid::Uuid;

use crate::progress::Known;
use stand::Stand;

const CONNECT: Duration = Duration::from_millis(300);
const ANSWER: Duration = Duration::from_millis(300);
/// After a failure Redis is left alone for so long: queries go to Postgres without waiting for it first.
const PAUSE: Duration = Duration::from_secs(1);

/// The lists that the projector `lists` keeps.
pub(crate) struct Lists {
    connection: ConnectionManager,
    keys: Keys,
    /// What the keys of feeds begin with.
    feeds: String,
    began: Instant,
    /// Milliseconds since `began` until which Redis is not asked.
    closed_until_ms: AtomicU64,
}

/// The keys that are read.
struct Keys {
    positions: String,
    sizes: String,
    parked: String,
    tags: String,
}

impl Lists {
    /// Connects when it is first asked. Needs a running Tokio.
    pub(crate) fn new(url: &str, prefix: &str) -> anyhow::Result<Self> {
        // The address may hold a password, so the parser's words about it are not passed on.
        let client = redis::Client::open(url).ok().context("INKLOG_REDIS_URL is not a redis:// address")?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER))
            .set_number_of_retries(0);
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(client, config).context("preparing for Redis")?,
            keys: Keys {
                positions: format!("{prefix}:lists:positions"),
                sizes: format!("{prefix}:lists:sizes"),
                parked: format!("{prefix}:lists:parked"),
                tags: format!("{prefix}:lists:tags"),
            },
            feeds: format!("{prefix}:feeds:"),
            began: Instant::now(),
            closed_until_ms: AtomicU64::new(0),
        })
    }

    /// A connection to the same, with its deadlines.
    pub(crate) fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    /// The most used tags with the number of posts under each, if Redis answers and is at least as far as `known`:
    /// lists that are being filled again, lag behind, have lost a key or wait for a parked event are not shown.
    pub(crate) async fn top_tags(&self, limit: u32, known: &Known) -> Option<Vec<(String, u64)>> {
        let last = i64::from(limit) - 1;
        // All in one transaction, so that the positions are those of the very tags.
        let mut question = redis::pipe();
        let Keys { positions, sizes, parked, tags } = &self.keys;
        question.atomic().hgetall(positions).hgetall(sizes).hlen(parked).zcard(tags);
        question.zrevrange_withscores(tags, 0, last as isize);
        let (positions, sizes, parked, tags_there_are, tags): (_, _, _, u64, Vec<(String, f64)>) =
            self.ask(&question).await?;
        let stand = Stand { positions, sizes, parked };
        (stand.is_whole(&[("tags", tags_there_are)]) && stand.has_reached(known, &["posts"]))
            .then(|| tags.into_iter().map(|(tag, posts)| (tag, posts as u64)).collect())
    }

    /// What there is of a reader's feed, if it is whole and what readers see of rows, `known`, is no other than it was
    /// made of: rows may be behind it, but by nothing that was taken away from the feed since.
    pub(crate) async fn feed(&self, reader: Uuid, known: &Known) -> Option<Ready> {
        let keys = feed::Keys::new(&self.feeds, reader);
        let answer = self.ask(&keys.question()).await?;
        feed::Found::of(answer).ready(known)
    }

    async fn ask<T: FromRedisValue>(&self, question: &Pipeline) -> Option<T> {
        if self.since_began() < self.closed_until_ms.load(Ordering::Relaxed) {
            return None;
        }
        let answer = question.query_async(&mut self.connection.clone()).await;
        answer
            .inspect_err(|error| {
                tracing::warn!(%error, "Redis does not answer; Postgres is asked instead");
                measures::queries::REDIS_FAILURES.increment();
                self.closed_until_ms.store(self.since_began() + PAUSE.as_millis() as u64, Ordering::Relaxed);
            })
            .ok()
    }

    fn since_began(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}
