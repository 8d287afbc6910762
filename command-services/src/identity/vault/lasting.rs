//! Sessions whose clients have one token for as long as they last, for those that know of no refreshing. It is shown
//! for each access token, which is as short-lived as any, and is good as long as its session is.

use service_kit::Problem;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::Vault;
use super::sessions::IDLE_SECONDS;
use crate::identity::secret::Token;

const IS_LASTING: &str = "SELECT EXISTS (SELECT FROM sessions
    WHERE session_id = $1 AND lasting_token_hash IS NOT NULL AND ended_at IS NULL AND expires_at > now()
        AND last_used_at > now() - make_interval(secs => $2))";

/// A lasting session.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Lasting {
    /// Its id.
    pub session_id: Uuid,
    /// Whose it is.
    pub account_id: Uuid,
    /// The version of the account at which sessions were ended last: who has not read that far knows too little.
    least_version: i64,
}

impl Lasting {
    /// Whether this version of the account is not before that at which its sessions were ended last.
    #[must_use]
    pub fn is_known_at(&self, version: u64) -> bool {
        self.least_version.cast_unsigned() <= version
    }
}

impl Vault {
    /// The session that goes on with this token, which is used by that. Nothing where it has ended.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn lasting_session(&self, token: &Token) -> Result<Option<Lasting>, Problem> {
        let sql = "UPDATE sessions s SET last_used_at = now() FROM people p
            WHERE p.account_id = s.account_id AND s.lasting_token_hash = $1 AND s.ended_at IS NULL
                AND s.expires_at > now() AND s.last_used_at > now() - make_interval(secs => $2)
            RETURNING s.session_id, s.account_id, p.least_version";
        let query = sqlx::query_as(sql).bind(token.hash()).bind(IDLE_SECONDS as f64);
        self.run(query.fetch_optional(self.pool())).await
    }

    /// Whether a session is a lasting one that has not ended.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn is_lasting(&self, session_id: Uuid) -> Result<bool, Problem> {
        let query = sqlx::query_scalar(IS_LASTING).bind(session_id).bind(IDLE_SECONDS as f64);
        self.run(query.fetch_one(self.pool())).await
    }
}

/// Whether the session that a caller has in place of the password, if it is had, is a lasting one that has not ended.
/// For a transaction that has the person's row to itself: no session ends until that is through.
pub(super) async fn goes_on(connection: &mut PgConnection, in_place: Option<Uuid>) -> sqlx::Result<bool> {
    let Some(session_id) = in_place else { return Ok(true) };
    sqlx::query_scalar(IS_LASTING).bind(session_id).bind(IDLE_SECONDS as f64).fetch_one(connection).await
}
