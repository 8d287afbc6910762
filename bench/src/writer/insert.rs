use event_log::codec::Wire;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::callers::{Measured, Window, drive};
use crate::site::Site;

/// More connections than this make Postgres slower on a small machine.
const CONNECTIONS: u32 = 32;

/// A table of events, as a blog would have it that keeps them in Postgres: appended to, with one key.
pub(crate) const CREATE: &str = "CREATE TABLE IF NOT EXISTS events (\
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, aggregate_id text NOT NULL, \
     version bigint NOT NULL, command_id uuid NOT NULL, \
     occurred_at timestamptz NOT NULL DEFAULT now(), event_type text NOT NULL, payload bytea NOT NULL)";
/// One event.
pub(crate) const INSERT: &str = "INSERT INTO events (aggregate_id, version, command_id, event_type, payload) \
     VALUES ($1, $2, $3, $4, $5)";

/// The table, and how it is reached.
pub(super) struct Table(PgPool);

impl Table {
    pub(super) async fn open(site: &Site) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect_with(site.database()?).await?;
        sqlx::query(CREATE).execute(&pool).await?;
        Ok(Self(pool))
    }

    /// Every caller inserts the row again and again, each time committed.
    pub(super) async fn run(&self, wire: &Wire, callers: usize, window: Window) -> anyhow::Result<Measured> {
        let (pool, wire) = (self.0.clone(), wire.clone());
        drive(callers, window, move |_, n| {
            let (pool, key, value) = (pool.clone(), wire.key.clone(), wire.value.clone());
            async move {
                let row = sqlx::query(INSERT).bind(key).bind(i64::try_from(n)?).bind(Uuid::now_v7());
                row.bind("inklog.posts.Edited").bind(value).execute(&pool).await?;
                Ok(())
            }
        })
        .await
    }
}
