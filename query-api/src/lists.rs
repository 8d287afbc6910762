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
    positions_key: String,
    tags_key: String,
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

type Answer = (HashMap<String, String>, Vec<(String, f64)>);

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
            positions_key: format!("{prefix}:lists:positions"),
            tags_key: format!("{prefix}:lists:tags"),
            began: Instant::now(),
            closed_until_ms: AtomicU64::new(0),
        })
    }

    /// The most used tags with the number of posts under each, if Redis answers and is at least as far as `known`:
    /// lists that are being filled again, or lag behind, are not shown.
    pub(crate) async fn top_tags(&self, limit: u32, known: &Known) -> Option<Vec<(String, u64)>> {
        if self.since_began() < self.closed_until_ms.load(Ordering::Relaxed) {
            return None;
        }
        match self.ask(limit).await {
            Ok((positions, tags)) => known
                .reached_by("posts", |partition| position(&positions, partition))
                .then(|| tags.into_iter().map(|(tag, posts)| (tag, posts as u64)).collect()),
            Err(error) => {
                tracing::warn!(%error, "Redis does not answer; Postgres is asked instead");
                metrics::counter!("query_redis_failures_total").increment(1);
                self.closed_until_ms.store(self.since_began() + PAUSE.as_millis() as u64, Ordering::Relaxed);
                None
            }
        }
    }

    /// Both in one transaction, so that the positions are those of the very tags.
    async fn ask(&self, limit: u32) -> redis::RedisResult<Answer> {
        let last = i64::from(limit) - 1;
        let mut question = redis::pipe();
        question.atomic().hgetall(&self.positions_key).zrevrange_withscores(&self.tags_key, 0, last as isize);
        question.query_async(&mut self.connection.clone()).await
    }

    fn since_began(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}

fn position(positions: &HashMap<String, String>, partition: i32) -> Option<(Option<Uuid>, i64)> {
    let position: Position = serde_json::from_str(positions.get(&format!("posts/{partition}"))?).ok()?;
    Some((position.log_id, position.next_offset))
}
