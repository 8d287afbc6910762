use std::collections::{HashMap, HashSet};
use std::time::Duration;

use event_log::subscription::SubscribeError;
use moka::sync::Cache;
use sealing::{DataKey, KeyRing, Wrapped};
use service_kit::telemetry;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// Keys that are kept in memory: 100 bytes each, about.
const MOST: u64 = 200_000;
/// None is kept for longer, whatever happens to its owner and is not heard of.
const KEPT: Duration = Duration::from_secs(600);
/// For one question to Postgres.
const DEADLINE: Duration = Duration::from_secs(10);
/// A question may want another connection while the one before was given up.
const CONNECTIONS: u32 = 2;

/// People's data keys: read from the vault's window on them, and remembered for a while. What is not there is not
/// remembered.
#[derive(Clone, Debug)]
pub struct Keys {
    pool: PgPool,
    ring: KeyRing,
    known: Cache<Uuid, DataKey>,
}

#[derive(FromRow)]
struct Row {
    account_id: Uuid,
    key_id: String,
    wrapped_key: Vec<u8>,
}

impl Keys {
    /// Keys that are read when they are first needed.
    #[must_use]
    pub fn new(postgres: PgConnectOptions, ring: KeyRing) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(DEADLINE)
            .idle_timeout(Duration::from_secs(60))
            .connect_lazy_with(postgres.application_name("inklog-unsealing"));
        telemetry::watch_pool("keys", &pool);
        Self { pool, ring, known: Cache::builder().max_capacity(MOST).time_to_live(KEPT).build() }
    }

    /// Reads all keys, up to what is kept in memory.
    ///
    /// # Errors
    /// Postgres does not answer, or a key cannot be unwrapped.
    pub(super) async fn read_all(&self) -> Result<(), SubscribeError> {
        let sql = "SELECT account_id, key_id, wrapped_key FROM identity.data_keys LIMIT $1";
        let rows = self.ask(sqlx::query_as(sql).bind(MOST.cast_signed()).fetch_all(&self.pool)).await?;
        self.unwrap(rows).map(drop)
    }

    /// Those of some people that are there.
    ///
    /// # Errors
    /// See [`Keys::read_all`]. Then it is not known who has one.
    pub(super) async fn of(&self, people: HashSet<Uuid>) -> Result<HashMap<Uuid, DataKey>, SubscribeError> {
        let mut keys = HashMap::with_capacity(people.len());
        let mut unknown = Vec::new();
        for id in people {
            match self.known.get(&id) {
                Some(key) => {
                    keys.insert(id, key);
                }
                None => unknown.push(id),
            }
        }
        measures::http::CACHE.with(["data-keys", "hit"]).increment(keys.len() as u64);
        measures::http::CACHE.with(["data-keys", "miss"]).increment(unknown.len() as u64);
        if !unknown.is_empty() {
            let sql = "SELECT account_id, key_id, wrapped_key FROM identity.data_keys WHERE account_id = ANY($1)";
            let rows = self.ask(sqlx::query_as(sql).bind(unknown).fetch_all(&self.pool)).await?;
            keys.extend(self.unwrap(rows)?);
        }
        Ok(keys)
    }

    /// Forgets the keys of people who were forgotten.
    pub(super) fn forget(&self, people: impl Iterator<Item = Uuid>) {
        people.for_each(|id| self.known.invalidate(&id));
    }

    fn unwrap(&self, rows: Vec<Row>) -> Result<Vec<(Uuid, DataKey)>, SubscribeError> {
        let unwrap = |Row { account_id, key_id, wrapped_key }| {
            let wrapped = Wrapped { key_id, bytes: wrapped_key };
            let key = self.ring.unwrap(account_id, &wrapped).map_err(|error| {
                SubscribeError::Unusable(format!("what is personal cannot be opened (INKLOG_KEY_RING_FILE): {error}"))
            })?;
            self.known.insert(account_id, key.clone());
            Ok((account_id, key))
        };
        rows.into_iter().map(unwrap).collect()
    }

    async fn ask<T>(&self, question: impl Future<Output = sqlx::Result<T>>) -> Result<T, SubscribeError> {
        let said = match tokio::time::timeout(DEADLINE, question).await {
            Ok(Ok(rows)) => return Ok(rows),
            Ok(Err(sqlx::Error::Database(error))) => {
                let code = error.code().unwrap_or_default();
                let hint = if code == "42P01" { " (was `command-services vault migrate` run?)" } else { "" };
                format!("SQLSTATE {code}{hint}")
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        Err(SubscribeError::Unusable(format!("the keys of what is personal cannot be read: {said}")))
    }
}
