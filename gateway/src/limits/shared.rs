//! Counting in Redis, for all gateways together: one script, one round trip.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use parking_lot::Mutex;
use redis::Script;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use super::{Bucket, Level, Whom};

const CONNECT: Duration = Duration::from_millis(300);
/// A request waits no longer than this to be counted.
const ANSWER: Duration = Duration::from_millis(100);
/// After a failure Redis is left alone for so long.
const PAUSE: Duration = Duration::from_secs(1);

/// Each key holds the microsecond at which its bucket will be empty, by Redis' clock. `ARGV` has, for each key, how
/// many microseconds a request takes to drain, and how many requests the bucket holds. The request goes into all of
/// them or into none. What is answered, for each: how many more it takes, until when it is full, how long to wait.
const SCRIPT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local levels, ends, is_full = {}, {}, false
for i, key in ipairs(KEYS) do
  local interval, most = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local empty = tonumber(redis.call('GET', key) or now)
  if empty < now then empty = now end
  local full_for, size = empty - now + interval, interval * most
  ends[i] = full_for
  if full_for > size then
    is_full = true
    table.insert(levels, 0)
    table.insert(levels, full_for - interval)
    table.insert(levels, full_for - size)
  else
    table.insert(levels, math.floor((size - full_for) / interval))
    table.insert(levels, full_for)
    table.insert(levels, 0)
  end
end
if not is_full then
  for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', now + ends[i]), 'PX', math.ceil(ends[i] / 1000))
  end
end
return levels
";

/// After so many failures without an answer between them, the connection is made anew: where Redis vanished without a
/// word, the manager waits on the old one for as long as the system sends.
const FAILURES: u32 = 3;

/// What counts.
pub(crate) struct Shared {
    client: redis::Client,
    connection: Mutex<ConnectionManager>,
    failures: AtomicU32,
    script: Script,
    /// What keys begin with.
    prefix: String,
    began: Instant,
    /// Milliseconds since `began` until which Redis is not asked.
    closed_until_ms: AtomicU64,
}

impl Shared {
    /// Connects when it is first asked. Needs a running Tokio.
    ///
    /// # Errors
    /// The address is none of Redis.
    pub(crate) fn new(url: &str, prefix: &str) -> anyhow::Result<Self> {
        // The address may hold a password, so the parser's words about it are not passed on.
        let client = redis::Client::open(url).ok().context("INKLOG_REDIS_URL is not a redis:// address")?;
        Ok(Self {
            connection: Mutex::new(connection(&client).context("preparing for Redis")?),
            client,
            failures: AtomicU32::new(0),
            script: Script::new(SCRIPT),
            prefix: format!("{prefix}:gateway:"),
            began: Instant::now(),
            closed_until_ms: AtomicU64::new(0),
        })
    }

    /// Counts a request; `None` where Redis does not answer.
    pub(super) async fn count(&self, buckets: &[Bucket]) -> Option<Vec<Level>> {
        if self.now_ms() < self.closed_until_ms.load(Ordering::Relaxed) {
            return None;
        }
        let mut question = self.script.prepare_invoke();
        for bucket in buckets {
            question.key(self.key(bucket)).arg(bucket.interval().as_micros() as u64).arg(bucket.most);
        }
        let mut connection = self.connection.lock().clone();
        let asking = question.invoke_async::<Vec<u64>>(&mut connection);
        match tokio::time::timeout(CONNECT, asking).await {
            Ok(Ok(levels)) if levels.len() == 3 * buckets.len() => {
                self.failures.store(0, Ordering::Relaxed);
                Some(levels.chunks_exact(3).map(level).collect())
            }
            Ok(Ok(_)) | Err(_) => self.pause("no answer in time"),
            Ok(Err(error)) => self.pause(&error.to_string()),
        }
    }

    fn pause(&self, error: &str) -> Option<Vec<Level>> {
        let now = self.now_ms();
        let until = self.closed_until_ms.swap(now + PAUSE.as_millis() as u64, Ordering::Relaxed);
        // Those that were asked at the same time fail together, and are one failure.
        let is_first = until <= now;
        if is_first && self.failures.fetch_add(1, Ordering::Relaxed) + 1 == FAILURES {
            self.failures.store(0, Ordering::Relaxed);
            connection(&self.client).into_iter().for_each(|new| *self.connection.lock() = new);
        }
        tracing::warn!(error, "Redis does not count requests: this gateway does so alone for a moment");
        None
    }

    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    fn key(&self, bucket: &Bucket) -> String {
        let whom = match &bucket.whom {
            Whom::Account(account) => account.simple().to_string(),
            Whom::Address(address) => address.clone(),
        };
        format!("{}{}:{whom}", self.prefix, bucket.class.name())
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
}

/// One that connects when it is first asked.
fn connection(client: &redis::Client) -> redis::RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(ANSWER))
        .set_number_of_retries(0);
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

fn level(answer: &[u64]) -> Level {
    let [left, full_for, wait] = answer else { return Level { left: 0, full_for: Duration::ZERO, wait: PAUSE } };
    Level {
        left: u32::try_from(*left).unwrap_or(u32::MAX),
        full_for: Duration::from_micros(*full_for),
        wait: Duration::from_micros(*wait),
    }
}
