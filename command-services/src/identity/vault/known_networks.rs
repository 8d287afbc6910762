//! Networks from which an account was logged in to. What strangers try elsewhere keeps its owner out at none of them.

use service_kit::Problem;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Vault;

/// How long a network is known after the last log-in from there, in days.
const KEPT_DAYS: i32 = 90;
/// Networks that are known of an account; the one that was logged in from longest ago makes room.
const MOST: i64 = 20;

/// Remembers a network, which is an HMAC.
pub(super) async fn remember(connection: &mut PgConnection, account_id: Uuid, network: &[u8]) -> sqlx::Result<()> {
    let sql = "INSERT INTO known_networks (account_id, network, known_until)
        VALUES ($1, $2, now() + make_interval(days => $3))
        ON CONFLICT (account_id, network) DO UPDATE SET known_until = EXCLUDED.known_until";
    sqlx::query(sql).bind(account_id).bind(network).bind(KEPT_DAYS).execute(&mut *connection).await?;
    let sql = "DELETE FROM known_networks WHERE account_id = $1 AND network IN (
        SELECT network FROM known_networks WHERE account_id = $1 ORDER BY known_until DESC OFFSET $2)";
    sqlx::query(sql).bind(account_id).bind(MOST).execute(connection).await.map(drop)
}

impl Vault {
    /// Whether an account was logged in to from this network lately.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn knows_network(&self, account_id: Uuid, network: &[u8]) -> Result<bool, Problem> {
        let sql = "SELECT EXISTS (SELECT FROM known_networks
            WHERE account_id = $1 AND network = $2 AND known_until > now())";
        self.run(sqlx::query_scalar(sql).bind(account_id).bind(network).fetch_one(self.pool())).await
    }
}
