//! The keys that visits are hashed by: one a day, in Redis, which drops it when the day is over, whatever runs then. So
//! who has the database, or a dump of it, cannot tell who read.

use redis::aio::ConnectionManager;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

/// For so long after its end a day is still counted: for what was gathered before, and clocks that differ.
pub(super) const AFTERWARDS: Duration = Duration::minutes(15);

/// The key of a day.
pub(super) struct Key(pub(super) Vec<u8>);

/// The keys of all days that are not over.
pub(crate) struct Keys {
    connection: ConnectionManager,
    prefix: String,
}

impl Keys {
    pub(crate) fn new(connection: ConnectionManager, prefix: &str) -> Self {
        Self { connection, prefix: format!("{prefix}:reads:key") }
    }

    /// The key of a day, made by whichever process asks for it first; none where Redis does not answer.
    pub(super) async fn of(&self, day: Date, now: OffsetDateTime) -> Option<Key> {
        let seconds = (over_at(day)? - now).whole_seconds().max(1);
        let name = format!("{}:{day}", self.prefix);
        let mut question = redis::pipe();
        question.atomic();
        question.cmd("SET").arg(&name).arg(new_key()).arg("NX").arg("EX").arg(seconds).ignore();
        question.get(&name);
        match question.query_async(&mut self.connection.clone()).await {
            Ok((key,)) => Option::map(key, Key),
            Err(error) => {
                tracing::warn!(%error, "Redis does not answer; reads are counted later");
                measures::queries::REDIS_FAILURES.increment();
                None
            }
        }
    }
}

/// When nothing of a day is counted any more.
pub(super) fn over_at(day: Date) -> Option<OffsetDateTime> {
    Some(day.next_day()?.midnight().assume_utc() + AFTERWARDS)
}

/// 244 random bits: what two UUIDs of version 4 have.
fn new_key() -> Vec<u8> {
    [Uuid::new_v4(), Uuid::new_v4()].iter().flat_map(|half| *half.as_bytes()).collect()
}
