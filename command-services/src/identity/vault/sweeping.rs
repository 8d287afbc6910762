//! Forgetting what has been over for long: a batch at a time, for no backlog may be too long for a statement's time.

use service_kit::Problem;
use sqlx::AssertSqlSafe;

use super::Vault;

/// Rows that are deleted at once.
const ROWS: i64 = 500;
/// Batches of a kind in one sweep; the next one goes on.
const BATCHES: u32 = 200;
/// What is over of each table.
const OVER: [(&str, &str); 10] = [
    ("refresh_tokens", "expires_at < now()"),
    // Before their sessions: one may have had thousands.
    (
        "refresh_tokens",
        "session_id IN (SELECT session_id FROM sessions
            WHERE expires_at < now() OR ended_at < now() - interval '30 days')",
    ),
    (
        "sessions",
        "(expires_at < now() OR ended_at < now() - interval '30 days')
            AND NOT EXISTS (SELECT FROM refresh_tokens r WHERE r.session_id = sessions.session_id)",
    ),
    ("one_time_tokens", "expires_at < now() - interval '1 day'"),
    ("challenges", "expires_at < now()"),
    ("second_factors", "confirmed_at IS NULL AND began_at < now() - interval '1 hour'"),
    ("attempts", "window_ends_at < now()"),
    ("known_networks", "known_until < now()"),
    // A letter that was given up is kept as long as one that was sent.
    ("outbox", "COALESCE(sent_at, failed_at) < now() - interval '30 days'"),
    ("identity.ended_sessions", "tokens_expire_at < now()"),
];

impl Vault {
    /// Forgets what has been over for long, as far as one sweep gets.
    ///
    /// # Errors
    /// The vault could not be reached for some kind of it; the others are done all the same.
    pub async fn sweep(&self) -> Result<(), Problem> {
        let mut outcome = Ok(());
        for (table, over) in OVER {
            outcome = outcome.and(self.forget_over(table, over).await);
        }
        outcome
    }

    async fn forget_over(&self, table: &str, over: &str) -> Result<(), Problem> {
        // What another instance is deleting is left to it.
        let sql = format!(
            "DELETE FROM {table} WHERE ctid = ANY (ARRAY (
                SELECT ctid FROM {table} WHERE {over} LIMIT {ROWS} FOR UPDATE SKIP LOCKED))"
        );
        for _ in 0..BATCHES {
            let delete = sqlx::query(AssertSqlSafe(sql.clone()));
            if self.run(delete.execute(self.pool())).await?.rows_affected() < ROWS.cast_unsigned() {
                break;
            }
        }
        Ok(())
    }
}
