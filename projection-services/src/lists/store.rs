use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use event_log::subscription::{PartitionId, Position};
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, AsyncConnectionConfig, Client, FromRedisValue, RedisError, Script};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::Keys;
use super::commit::Commit;
use crate::log::Positions;
use crate::parked::ParkedEntry;
use crate::projector::Failed;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may take; a script over thousands of rows takes tens of milliseconds.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(20);
/// So many tags' lists are looked at in one script: for about a millisecond Redis does nothing else.
const TAGS_AT_ONCE: u64 = 1_000;

static COMMIT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(concat!(include_str!("intact.lua"), include_str!("feeds.lua"), include_str!("commit.lua")))
});
static LOOK: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("intact.lua"), include_str!("look.lua"))));
static SWAP: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("swap.lua")));

/// A connection to Redis that is made anew after every failure.
#[derive(Debug)]
pub struct RedisStore {
    client: Client,
    connection: Option<MultiplexedConnection>,
}

impl RedisStore {
    /// Not connected yet.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, connection: None }
    }

    /// Where a set of lists stands.
    ///
    /// # Errors
    /// Redis fails.
    pub async fn positions(&mut self, keys: &Keys) -> Result<Positions, Failed> {
        let stored: HashMap<String, String> =
            self.ask(async |connection| connection.hgetall(keys.positions()).await).await?;
        let parse = |(place, json): (&String, &String)| {
            let (context, partition) = place.split_once('/')?;
            let partition = PartitionId { context: context.to_owned(), partition: partition.parse().ok()? };
            Some((partition, serde_json::from_str::<Position>(json).ok()?))
        };
        let positions: Option<Positions> = stored.iter().map(parse).collect();
        positions.ok_or_else(|| Failed::Unavailable("a position in Redis cannot be read".to_owned()))
    }

    /// Which set of lists stands there: another after each swap, and after each beginning anew. Empty where it has not
    /// been named yet.
    ///
    /// # Errors
    /// Redis fails.
    pub(super) async fn generation(&mut self, keys: &Keys) -> Result<String, Failed> {
        let named: Option<String> =
            self.ask(async |connection| connection.hget(keys.sizes(), "generation").await).await?;
        Ok(named.unwrap_or_default())
    }

    /// Looks whether a set of lists is whole, at all of it but the tags' lists and at a stretch of those. Gives where
    /// the next stretch begins; `None` if something is lost.
    ///
    /// # Errors
    /// Redis fails.
    pub async fn look(&mut self, keys: &Keys, from: u64) -> Result<Option<u64>, Failed> {
        self.look_and(keys, "look", from).await
    }

    /// Deletes what is left of a set of lists that is not whole. `true`: it was not.
    ///
    /// # Errors
    /// Redis fails.
    pub async fn begin_anew_unless_whole(&mut self, keys: &Keys) -> Result<bool, Failed> {
        let mut from = 0;
        loop {
            match self.look_and(keys, "begin anew", from).await? {
                None => return Ok(true),
                Some(0) => return Ok(false),
                Some(next) => from = next,
            }
        }
    }

    /// Deletes a set of lists.
    ///
    /// # Errors
    /// Redis fails.
    pub async fn delete(&mut self, keys: &Keys) -> Result<(), Failed> {
        self.look_and(keys, "delete", 0).await.map(drop)
    }

    async fn look_and(&mut self, keys: &Keys, act: &str, from: u64) -> Result<Option<u64>, Failed> {
        let mut invocation = LOOK.arg(act);
        for key in keys.all() {
            invocation.key(key);
        }
        invocation.arg(format!("{}*", escaped(keys.base()))).arg(keys.tag("")).arg(from).arg(TAGS_AT_ONCE);
        invocation.arg(Uuid::now_v7().to_string());
        let looked: i64 = self.ask(async |connection| invocation.invoke_async(connection).await).await?;
        let next = |looked| if looked < TAGS_AT_ONCE { 0 } else { from + looked };
        Ok(u64::try_from(looked).ok().map(next))
    }

    /// The policy by which Redis may evict keys that never expire, as those of lists never do; `None` if it does not.
    ///
    /// # Errors
    /// Redis fails, or does not say.
    pub async fn evicts_by(&mut self) -> Result<Option<String>, Failed> {
        let memory: String =
            self.ask(async |connection| redis::cmd("INFO").arg("memory").query_async(connection).await).await?;
        Ok(evicting(&memory).map(str::to_owned))
    }

    /// Those of some posts' rows that there are.
    ///
    /// # Errors
    /// Redis fails.
    pub async fn rows<R: DeserializeOwned>(&mut self, keys: &Keys, ids: Vec<Uuid>) -> Result<HashMap<Uuid, R>, Failed> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let fields: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let rows: Vec<Option<String>> =
            self.ask(async |connection| connection.hmget(keys.posts(), &fields).await).await?;
        let parsed: Result<HashMap<Uuid, R>, _> = ids
            .into_iter()
            .zip(rows)
            .filter_map(|(id, json)| json.map(|json| serde_json::from_str(&json).map(|row| (id, row))))
            .collect();
        parsed
            .map_err(|_| Failed::Unavailable("a row in Redis cannot be read; `rebuild lists` makes it anew".to_owned()))
    }

    /// Those of some aggregates that have parked events.
    ///
    /// # Errors
    /// Redis fails.
    pub async fn parked_keys<'a>(&mut self, keys: &Keys, among: &[&'a [u8]]) -> Result<Vec<&'a [u8]>, Failed> {
        let names: Vec<_> = among.iter().map(|key| String::from_utf8_lossy(key)).collect();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let counts: Vec<Option<i64>> =
            self.ask(async |connection| connection.hmget(keys.parked_keys(), &names).await).await?;
        Ok(among.iter().zip(counts).filter(|(_, count)| count.is_some()).map(|(key, _)| *key).collect())
    }

    /// All parked events, in the order of the log.
    ///
    /// # Errors
    /// Redis fails.
    pub async fn parked(&mut self, keys: &Keys) -> Result<Vec<ParkedEntry>, Failed> {
        let entries: Vec<String> = self.ask(async |connection| connection.hvals(keys.parked()).await).await?;
        let parsed: Result<Vec<ParkedEntry>, _> = entries.iter().map(|json| serde_json::from_str(json)).collect();
        let mut parked =
            parsed.map_err(|_| Failed::Unavailable("a parked event in Redis cannot be read".to_owned()))?;
        parked.sort_by(|one, other| {
            (&one.context, one.partition, one.offset).cmp(&(&other.context, other.partition, other.offset))
        });
        Ok(parked)
    }

    /// Whether an event is on the list.
    ///
    /// # Errors
    /// Redis fails.
    pub(super) async fn is_parked(&mut self, keys: &Keys, entry: &ParkedEntry) -> Result<bool, Failed> {
        self.ask(async |connection| connection.hexists(keys.parked(), entry.place()).await).await
    }

    /// How many members some sorted sets have.
    ///
    /// # Errors
    /// Redis fails.
    pub async fn sizes(&mut self, keys: &[String]) -> Result<Vec<usize>, Failed> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut all = redis::pipe();
        for key in keys {
            all.zcard(key);
        }
        self.ask(async |connection| all.query_async(connection).await).await
    }

    /// Writes changes, parks and moves positions on, or does nothing; `false` if something is not as the commit expects
    /// it: its positions, or what it holds or takes off the list.
    pub(super) async fn commit(&mut self, keys: &Keys, commit: &Commit<'_>) -> Result<bool, Failed> {
        let mut invocation = COMMIT.arg(serde_json::to_string(commit).expect("strings and numbers are always JSON"));
        for key in keys.all() {
            invocation.key(key);
        }
        match self.ask(async |connection| invocation.invoke_async(connection).await).await? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Failed::Unavailable(format!("Redis has lost a key below {}", keys.base()))),
        }
    }

    /// Puts one set of lists in the place of another; `false` if the live one has read further.
    ///
    /// # Errors
    /// Redis fails.
    pub async fn swap(&mut self, live: &Keys, new: &Keys, whatever_live_says: bool) -> Result<bool, Failed> {
        let mut invocation = SWAP.key(live.positions());
        invocation.key(new.positions()).arg(live.base()).arg(new.base()).arg(i32::from(whatever_live_says));
        invocation.arg(live.names_of_parts()).arg(live.part());
        invocation.arg(Uuid::now_v7().to_string()).arg(&live.names()[..]);
        self.ask(async |connection| invocation.invoke_async(connection).await).await
    }

    /// The number of posts that there are rows of, and of parked events.
    ///
    /// # Errors
    /// Redis fails.
    pub async fn count(&mut self, keys: &Keys) -> Result<(u64, u64), Failed> {
        let mut both = redis::pipe();
        both.hlen(keys.posts()).hlen(keys.parked());
        self.ask(async |connection| both.query_async(connection).await).await
    }

    /// Asks, on a connection that is put back only if it worked.
    pub(crate) async fn ask<T: FromRedisValue>(
        &mut self,
        question: impl AsyncFnOnce(&mut MultiplexedConnection) -> Result<T, RedisError>,
    ) -> Result<T, Failed> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await.map_err(unavailable)?,
        };
        let answer = question(&mut connection).await.map_err(unavailable)?;
        self.connection = Some(connection);
        Ok(answer)
    }

    async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        self.client.get_multiplexed_async_connection_with_config(&config).await
    }
}

/// What Redis said, without its details, which may quote arguments.
#[allow(clippy::needless_pass_by_value, reason = "it stands where map_err wants a function")]
fn unavailable(error: RedisError) -> Failed {
    Failed::Unavailable(format!("Redis: {}", error.category()))
}

/// The policy in what Redis says of its memory, if it evicts what never expires.
fn evicting(memory: &str) -> Option<&str> {
    let policy = memory.lines().find_map(|line| line.strip_prefix("maxmemory_policy:"))?.trim();
    let spares_them = policy == "noeviction" || policy.starts_with("volatile-");
    (!spares_them).then_some(policy)
}

/// A prefix as a pattern that matches only itself.
fn escaped(prefix: &str) -> String {
    prefix
        .chars()
        .flat_map(|c| matches!(c, '*' | '?' | '[' | ']' | '\\').then_some('\\').into_iter().chain([c]))
        .collect()
}

#[cfg(test)]
mod tests;
