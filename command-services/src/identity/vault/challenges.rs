//! Log-ins that wait for a second factor: good for a few minutes, once, for one account.

use service_kit::Problem;
use uuid::Uuid;

use super::Vault;
use crate::identity::secret::Token;

/// How long a caller who showed the password has to show a code, in seconds.
pub const CHALLENGE_SECONDS: u32 = 300;

impl Vault {
    /// Notes that a caller showed the password of an account and has yet to show a code: what they show it with.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn challenge(&self, account_id: Uuid) -> Result<Token, Problem> {
        let token = Token::draw();
        let sql = "INSERT INTO challenges (token_hash, account_id, expires_at)
            VALUES ($1, $2, now() + make_interval(secs => $3))";
        let insert = sqlx::query(sql).bind(token.hash()).bind(account_id).bind(f64::from(CHALLENGE_SECONDS));
        self.run(insert.execute(self.pool())).await?;
        Ok(token)
    }

    /// The account that a challenge is for; nothing if there is no such challenge or its time is over.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn challenged(&self, challenge: &Token) -> Result<Option<Uuid>, Problem> {
        let sql = "SELECT account_id FROM challenges WHERE token_hash = $1 AND expires_at > now()";
        self.run(sqlx::query_scalar(sql).bind(challenge.hash()).fetch_optional(self.pool())).await
    }

    /// The challenge was met, and is good no more; whether it was good until now.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn challenge_met(&self, challenge: &Token) -> Result<bool, Problem> {
        let sql = "DELETE FROM challenges WHERE token_hash = $1 AND expires_at > now()";
        Ok(self.run(sqlx::query(sql).bind(challenge.hash()).execute(self.pool())).await?.rows_affected() == 1)
    }
}
