//! Log-ins that wait for a second factor: good for a few minutes, once, for one account.

use service_kit::Problem;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Vault;
use crate::identity::secret::Token;

/// How long a caller who showed the password has to show a code, in seconds.
pub const CHALLENGE_SECONDS: u32 = 300;

/// Notes that a caller showed the password of an account and has yet to show a code: what they show it with.
pub(super) async fn begin(connection: &mut PgConnection, account_id: Uuid) -> sqlx::Result<Token> {
    let token = Token::draw();
    let sql = "INSERT INTO challenges (token_hash, account_id, expires_at)
        VALUES ($1, $2, now() + make_interval(secs => $3))";
    let insert = sqlx::query(sql).bind(token.hash()).bind(account_id).bind(f64::from(CHALLENGE_SECONDS));
    insert.execute(connection).await?;
    Ok(token)
}

/// The challenge was met, and is good no more; whether it was good until now.
pub(super) async fn meet(connection: &mut PgConnection, challenge: &Token) -> sqlx::Result<bool> {
    let sql = "DELETE FROM challenges WHERE token_hash = $1 AND expires_at > now()";
    Ok(sqlx::query(sql).bind(challenge.hash()).execute(connection).await?.rows_affected() == 1)
}

impl Vault {
    /// The account that a challenge is for; nothing if there is no such challenge or its time is over.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn challenged(&self, challenge: &Token) -> Result<Option<Uuid>, Problem> {
        let sql = "SELECT account_id FROM challenges WHERE token_hash = $1 AND expires_at > now()";
        self.run(sqlx::query_scalar(sql).bind(challenge.hash()).fetch_optional(self.pool())).await
    }
}
