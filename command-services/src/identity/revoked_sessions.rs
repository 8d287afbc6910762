//! Which sessions are over, as every process that takes commands hears it: the vault's list at first, then each end as
//! it is announced. So a command costs no question. Where Postgres is away no session can be ended either; where
//! only this process is cut off from it, a token of an ended session is believed here until it expires, ten minutes at
//! most.

use std::time::Duration;

use service_kit::auth::RevokedSessions;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use uuid::Uuid;

use super::vault::Vault;
use super::vault::sessions::CHANNEL;

/// Between attempts to listen.
const PAUSE: Duration = Duration::from_secs(1);
/// The list is read again so often, whatever was announced.
const REREAD: Duration = Duration::from_secs(30);

/// Follows the ends of sessions for as long as the process lives.
pub async fn follow(vault: Vault, ended: RevokedSessions) {
    let mut heard = true;
    loop {
        let error = match listen(vault.pool(), &ended, &mut heard).await {
            Ok(never) => match never {},
            Err(error) => error,
        };
        // Once per outage.
        if std::mem::take(&mut heard) {
            tracing::warn!(%error, "ends of sessions are not heard of; tokens are believed until they expire");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen(
    pool: &PgPool,
    ended: &RevokedSessions,
    heard: &mut bool,
) -> Result<std::convert::Infallible, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // After listening has begun, so that nothing falls between the two.
        read(pool, ended).await?;
        if !std::mem::replace(heard, true) {
            tracing::info!("ends of sessions are heard of again");
        }
        let again = tokio::time::Instant::now() + REREAD;
        while let Ok(announced) = tokio::time::timeout_at(again, listener.try_recv()).await {
            match announced? {
                Some(announced) => ended.extend(parse(announced.payload())),
                // The connection was lost, and with it maybe an announcement.
                None => break,
            }
        }
    }
}

async fn read(pool: &PgPool, ended: &RevokedSessions) -> Result<(), sqlx::Error> {
    let sql = "SELECT session_id, extract(epoch FROM tokens_expire_at)::bigint FROM identity.ended_sessions
        WHERE tokens_expire_at > now()";
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(sql).fetch_all(pool).await?;
    ended.extend(rows.into_iter().map(|(session, until)| (session, until.cast_unsigned())));
    Ok(())
}

fn parse(payload: &str) -> Option<(Uuid, u64)> {
    let (session, until) = payload.split_once(' ')?;
    Some((session.parse().ok()?, until.parse().ok()?))
}
