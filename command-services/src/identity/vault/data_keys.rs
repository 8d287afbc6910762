//! Data keys: what is personal of an account is sealed under its own.

use sealing::{DataKey, KeyRing, UnwrapError, Wrapped};
use service_kit::Problem;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::Vault;

/// Keys that are wrapped anew in one transaction.
const BATCH: i64 = 500;

#[derive(FromRow)]
struct Row {
    account_id: Uuid,
    key_id: String,
    wrapped_key: Vec<u8>,
}

impl Row {
    fn unwrap(self, ring: &KeyRing) -> Result<DataKey, UnwrapError> {
        ring.unwrap(self.account_id, &Wrapped { key_id: self.key_id, bytes: self.wrapped_key })
    }
}

impl Vault {
    /// An account's key; nothing if there is none.
    ///
    /// # Errors
    /// 503: the vault cannot be reached, or the ring does not unwrap the key.
    pub async fn data_key(&self, ring: &KeyRing, account_id: Uuid) -> Result<Option<DataKey>, Problem> {
        let sql = "SELECT account_id, key_id, wrapped_key FROM data_keys WHERE account_id = $1";
        let row: Option<Row> = self.run(sqlx::query_as(sql).bind(account_id).fetch_optional(self.pool())).await?;
        row.map(|row| row.unwrap(ring)).transpose().map_err(unusable)
    }

    /// An account's key, drawn if there is none yet; nothing if the person is forgotten, or about to be.
    ///
    /// # Errors
    /// See [`Vault::data_key`].
    pub async fn data_key_or_new(&self, ring: &KeyRing, account_id: Uuid) -> Result<Option<DataKey>, Problem> {
        if let Some(key) = self.data_key(ring, account_id).await? {
            return Ok(Some(key));
        }
        let wrapped = ring.wrap(account_id, &DataKey::draw());
        let sql = "INSERT INTO data_keys (account_id, key_id, wrapped_key)
            SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM erasures WHERE account_id = $1)
            ON CONFLICT (account_id) DO NOTHING";
        let insert = sqlx::query(sql).bind(account_id).bind(wrapped.key_id).bind(wrapped.bytes);
        self.run(insert.execute(self.pool())).await?;
        // Of two who draw one, the second takes the first one's.
        self.data_key(ring, account_id).await
    }

    /// How many data keys each key of the ring wraps.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn wrapping_keys(&self) -> Result<Vec<(String, i64)>, Problem> {
        let sql = "SELECT key_id, count(*) FROM data_keys GROUP BY key_id ORDER BY key_id";
        self.run(sqlx::query_as(sql).fetch_all(self.pool())).await
    }

    /// Wraps some data keys by the newest key of the ring that another one wraps; how many. None: all are.
    ///
    /// # Errors
    /// The vault cannot be reached, or the ring does not unwrap one. What was wrapped before stays so.
    pub async fn rewrap(&self, ring: &KeyRing, newest: &str) -> Result<usize, Problem> {
        let wrapped = self.run(async {
            let mut transaction = self.pool().begin().await?;
            // Locked, so that no account is forgotten in between and comes back.
            let sql = "SELECT account_id, key_id, wrapped_key FROM data_keys WHERE key_id <> $1
                ORDER BY account_id LIMIT $2 FOR UPDATE";
            let rows: Vec<Row> = sqlx::query_as(sql).bind(newest).bind(BATCH).fetch_all(&mut *transaction).await?;
            let wrap = |row: Row| {
                let account_id = row.account_id;
                row.unwrap(ring).map(|key| (account_id, ring.wrap(account_id, &key)))
            };
            let wrapped: Vec<(Uuid, Wrapped)> = match rows.into_iter().map(wrap).collect() {
                Ok(wrapped) => wrapped,
                Err(error) => return Ok(Err(error)),
            };
            replace(&mut transaction, &wrapped).await?;
            transaction.commit().await?;
            Ok(Ok(wrapped.len()))
        });
        wrapped.await?.map_err(unusable)
    }
}

async fn replace(connection: &mut PgConnection, wrapped: &[(Uuid, Wrapped)]) -> sqlx::Result<()> {
    let sql = "UPDATE data_keys d SET key_id = t.key_id, wrapped_key = t.wrapped_key
        FROM UNNEST($1::uuid[], $2::text[], $3::bytea[]) AS t (account_id, key_id, wrapped_key)
        WHERE d.account_id = t.account_id";
    let accounts: Vec<Uuid> = wrapped.iter().map(|(account, _)| *account).collect();
    let ids: Vec<&str> = wrapped.iter().map(|(_, wrapped)| wrapped.key_id.as_str()).collect();
    let bytes: Vec<&[u8]> = wrapped.iter().map(|(_, wrapped)| wrapped.bytes.as_slice()).collect();
    sqlx::query(sql).bind(accounts).bind(ids).bind(bytes).execute(connection).await.map(drop)
}

#[allow(clippy::needless_pass_by_value, reason = "it stands where map_err wants a function")]
fn unusable(error: UnwrapError) -> Problem {
    tracing::error!(%error, "a data key is there and cannot be used: look at INKLOG_KEY_RING_FILE");
    Problem::unavailable("what is personal of this account cannot be sealed or opened at the moment", 60)
}
