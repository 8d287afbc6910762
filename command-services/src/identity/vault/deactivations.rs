//! Deactivating an account that is still its owner's: the password was shown a while before the event is in the log,
//! and who takes an account back with a new one must not find it deactivated by who had the old one.

use service_kit::Problem;
use uuid::Uuid;

use super::Vault;
use super::lock::changed_meanwhile;
use super::people::UNSETTLED_SECONDS;

impl Vault {
    /// Keeps how the account logs in from being changed while a request deactivates it, whose caller showed the
    /// password of which this is the hash. `request_id` tells the request from others.
    ///
    /// # Errors
    /// The password is another one by now, or the vault cannot be reached.
    pub async fn begin_deactivation(&self, account_id: Uuid, hash: &str, request_id: Uuid) -> Result<(), Problem> {
        // It waits for who has the row to themselves, and then looks at it as they left it.
        let sql = "UPDATE people
            SET deactivating_by = CASE WHEN deactivating_until > now() THEN deactivating_by ELSE '{}' END || $3::uuid,
                deactivating_until = now() + make_interval(secs => $4)
            WHERE account_id = $1 AND password_hash = $2";
        let begin = sqlx::query(sql).bind(account_id).bind(hash).bind(request_id).bind(UNSETTLED_SECONDS);
        let begun = self.run(begin.execute(self.pool())).await?.rows_affected() == 1;
        begun.then_some(()).ok_or_else(changed_meanwhile)
    }

    /// The request was decided. Where this does not happen it ends by itself, when its command can no longer be begun.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn end_deactivation(&self, account_id: Uuid, request_id: Uuid) -> Result<(), Problem> {
        let sql = "UPDATE people SET deactivating_by = array_remove(deactivating_by, $2),
                deactivating_until = CASE WHEN deactivating_by <@ ARRAY[$2] THEN NULL ELSE deactivating_until END
            WHERE account_id = $1";
        self.run(sqlx::query(sql).bind(account_id).bind(request_id).execute(self.pool())).await.map(drop)
    }
}
