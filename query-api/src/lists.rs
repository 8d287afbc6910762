//! Redis: the most used tags, already counted. It is asked first where it can be, and never needed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use serde::Deserialize;
use uuid::Uuid;

use crate::progress::Known;

const CONNECT: Duration = Duration::from_millis(300);
const ANSWER: Duration = Duration::from_millis(300);
/// After a failure Redis is left alone for so long: queries go to Postgres without waiting for it first.
const PAUSE: Duration = Duration::from_secs(1);

/// The lists that the projector `lists` keeps.
pub(crate) struct Lists {
    connection: ConnectionManager,
    keys: Keys,
    began: Instant,
    /// Milliseconds since `began` until which Redis is not asked.
    closed_until_ms: AtomicU64,
}

/// What the projector keeps per partition; the rest of it does not matter here.
#[derive(Deserialize)]
struct Position {
    log_id: Option<Uuid>,
    next_offset: i64,
}

/// The keys that are read.
struct Keys {
    positions: String,
    sizes: String,
    parked: String,
    tags: String,
}

/// What they hold, at one moment.
struct Answer {
    positions: HashMap<String, String>,
    sizes: HashMap<String, String>,
    parked: u64,
    tags_there_are: u64,
    tags: Vec<(String, f64)>,
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
        if self.since_began() < self.closed_until_ms.load(Ordering::Relaxed) {
            return None;
        }
        match self.ask(limit).await {
            Ok(answer) => (answer.is_whole() && known.reached_by("posts", |partition| answer.position(partition)))
                .then(|| answer.tags.into_iter().map(|(tag, posts)| (tag, posts as u64)).collect()),
            Err(error) => {
                tracing::warn!(%error, "Redis does not answer; Postgres is asked instead");
                measures::queries::REDIS_FAILURES.increment();
                self.closed_until_ms.store(self.since_began() + PAUSE.as_millis() as u64, Ordering::Relaxed);
                None
            }
        }
    }

    /// All in one transaction, so that the positions are those of the very tags.
    async fn ask(&self, limit: u32) -> redis::RedisResult<Answer> {
        let last = i64::from(limit) - 1;
        let mut question = redis::pipe();
        let Keys { positions, sizes, parked, tags } = &self.keys;
        question.atomic().hgetall(positions).hgetall(sizes).hlen(parked).zcard(tags);
        question.zrevrange_withscores(tags, 0, last as isize);
        let (positions, sizes, parked, tags_there_are, tags) =
            question.query_async(&mut self.connection.clone()).await?;
        Ok(Answer { positions, sizes, parked, tags_there_are, tags })
    }

    fn since_began(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}

impl Answer {
    /// Whether all of it is as the writer of these very positions left it, and nothing waits to be folded.
    fn is_whole(&self) -> bool {
        let noted = |name: &str| self.sizes.get(name).and_then(|size| size.parse::<u64>().ok());
        let read: Option<i64> = self.positions.values().map(|json| parse(json).map(|at| at.next_offset)).sum();
        noted("at") == read.map(i64::unsigned_abs)
            && noted("tags") == Some(self.tags_there_are)
            && noted("parked") == Some(0)
            && self.parked == 0
    }

    fn position(&self, partition: i32) -> Option<(Option<Uuid>, i64)> {
        let position = parse(self.positions.get(&format!("posts/{partition}"))?)?;
        Some((position.log_id, position.next_offset))
    }
}

fn parse(position: &str) -> Option<Position> {
    serde_json::from_str(position).ok()
}
