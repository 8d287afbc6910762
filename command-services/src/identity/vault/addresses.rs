//! Addresses that owners take without having been shown to answer to them.

use service_kit::Problem;
use uuid::Uuid;

use super::lock::changed_meanwhile;
use super::one_time::{self, NewToken, Purpose};
use super::outbox::{self, Kind, Letter};
use super::{Vault, lasting, lock};
use crate::identity::secret::Token;

impl Vault {
    /// An address is the account's as of this version of it: the event says so. The owner of the one before is told
    /// there, and a letter to the new one asks whether it is theirs, unless that of a later version is there. Where a
    /// lasting session was had in place of the password, it must not have ended: no letter goes to an address that the
    /// vault does not have, so none resets the password.
    ///
    /// # Errors
    /// The lasting session has ended, or the vault cannot be reached.
    pub async fn email_taken(
        &self,
        (account_id, in_place): (Uuid, Option<Uuid>),
        email: &str,
        version: u64,
        user_name: &str,
    ) -> Result<(), Problem> {
        let noted = self.run(async {
            let mut transaction = self.pool().begin().await?;
            lock::person(&mut transaction, account_id).await?;
            if !lasting::goes_on(&mut transaction, in_place).await? {
                return Ok(None);
            }
            if one_time::changed(&mut transaction, (account_id, user_name), email, version).await? {
                let sql =
                    "UPDATE people SET unconfirmed_since = CASE WHEN lower($2) NOT LIKE '%.invalid' THEN now() END,
                    proven_at = NULL WHERE account_id = $1";
                sqlx::query(sql).bind(account_id).bind(email).execute(&mut *transaction).await?;
                let (token, kind) = (Token::draw(), Kind::VerifyEmail);
                let new = NewToken { account_id, purpose: Purpose::VerifyEmail, email, token: &token };
                one_time::insert(&mut transaction, new).await?;
                let letter = Letter { account_id, kind, recipient: email, token: Some(&token), user_name };
                outbox::insert(&mut transaction, letter).await?;
            }
            transaction.commit().await.map(Some)
        });
        noted.await?.ok_or_else(changed_meanwhile)
    }
}
