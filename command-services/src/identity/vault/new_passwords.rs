//! A new password, by a letter or by who showed the former one: what was good because of the former one ends.

use domain::security::Note;
use service_kit::Problem;
use sqlx::PgConnection;
use uuid::Uuid;

use super::lock::{self, changed_meanwhile};
use super::one_time;
use super::outbox::{self, Kind, Letter};
use super::sessions::{self, Which};
use super::{Vault, known_networks, lasting, notes, second_factors};
use crate::identity::secret::Token;

/// A new password by a letter.
#[derive(Clone, Copy)]
pub struct Reset<'a> {
    /// Whose.
    pub account_id: Uuid,
    /// What was in the letter.
    pub token: &'a Token,
    /// The new password's hash.
    pub hash: &'a str,
    /// What the person is called in the letter about it.
    pub user_name: &'a str,
    /// Where the caller is, as an HMAC.
    pub network: &'a [u8],
    /// Whether the log does not say that the owner was shown to answer to the address.
    pub unconfirmed: bool,
}

/// A change of password.
#[derive(Clone, Copy)]
pub struct NewPassword<'a> {
    /// Whose.
    pub account_id: Uuid,
    /// The hash that the shown password was checked against.
    pub before: &'a str,
    /// The lasting session that the caller has in place of it.
    pub in_place: Option<Uuid>,
    /// The new password's hash.
    pub after: &'a str,
    /// The session that goes on.
    pub keep: Option<Uuid>,
    /// What the person is called in the letter about it.
    pub user_name: &'a str,
}

impl Vault {
    /// Sets a new password by a token, once: ends all sessions, which are given back, and tells the person. Nothing if
    /// the token is not good.
    ///
    /// Who uses the token answers to the address. Where no owner was shown to before, the one who registered the
    /// account may have been another: nothing that they set up stands in the way, the second factor neither; and the
    /// log is to be told, see [`Vault::proven`].
    ///
    /// # Errors
    /// The account is getting another address at this moment, or the vault cannot be reached.
    pub async fn reset_password(&self, reset: Reset<'_>) -> Result<Option<Vec<Uuid>>, Problem> {
        let Reset { account_id, token, hash, user_name, network, unconfirmed } = reset;
        let done = self.run(async {
            let mut transaction = self.pool().begin().await?;
            let person = lock::person(&mut transaction, account_id).await?;
            // Of two who use it at once, one finds it unused.
            let sql = "UPDATE one_time_tokens SET used_at = now() WHERE token_hash = $1 AND account_id = $2
                AND purpose = 'reset_password' AND used_at IS NULL AND expires_at > now()";
            let used = sqlx::query(sql).bind(token.hash()).bind(account_id).execute(&mut *transaction).await?;
            if used.rows_affected() == 0 {
                return Ok(Some(None));
            }
            if !set_password(&mut transaction, account_id, hash, user_name).await? {
                return Ok(None);
            }
            notes::insert(&mut transaction, account_id, Note::PasswordReset).await?;
            if unconfirmed && person.is_some_and(|person| person.unconfirmed) {
                second_factors::take_away(&mut transaction, account_id, account_id, user_name).await?;
                let sql = "UPDATE people SET proven_at = now() WHERE account_id = $1";
                sqlx::query(sql).bind(account_id).execute(&mut *transaction).await?;
            }
            // Its owner gets in from there, whatever strangers try; with a second factor this is not all of a log-in.
            let sql = "SELECT EXISTS (SELECT FROM second_factors WHERE account_id = $1)";
            if !sqlx::query_scalar(sql).bind(account_id).fetch_one(&mut *transaction).await? {
                known_networks::remember(&mut transaction, account_id, network).await?;
            }
            let ended = sessions::end(&mut transaction, account_id, Which::AllBut(None)).await?;
            transaction.commit().await?;
            Ok(Some(Some(ended)))
        });
        done.await?.ok_or_else(changed_meanwhile)
    }

    /// Sets a new password for a caller who showed the former one, or has a lasting session in place of it; the other
    /// sessions end. Which ones it were; nothing if the password is no longer the one that it was then.
    ///
    /// # Errors
    /// The account is getting another address at this moment, the lasting session has ended, or the vault cannot be
    /// reached.
    pub async fn change_password(&self, change: NewPassword<'_>) -> Result<Option<Vec<Uuid>>, Problem> {
        let NewPassword { account_id, before, in_place, after, keep, user_name } = change;
        let done = self.run(async {
            let mut transaction = self.pool().begin().await?;
            if lock::person_shown(&mut transaction, account_id, before).await?.is_none() {
                return Ok(Some(None));
            }
            if !lasting::goes_on(&mut transaction, in_place).await?
                || !set_password(&mut transaction, account_id, after, user_name).await?
            {
                return Ok(None);
            }
            notes::insert(&mut transaction, account_id, Note::PasswordChanged).await?;
            let ended = sessions::end(&mut transaction, account_id, Which::AllBut(keep)).await?;
            transaction.commit().await?;
            Ok(Some(Some(ended)))
        });
        done.await?.ok_or_else(changed_meanwhile)
    }
}

/// Whether it did: see [`one_time::void`].
async fn set_password(
    connection: &mut PgConnection,
    account_id: Uuid,
    hash: &str,
    user_name: &str,
) -> sqlx::Result<bool> {
    let sql = "UPDATE people SET password_hash = $2, password_changed_at = now() WHERE account_id = $1 RETURNING email";
    let email: String = sqlx::query_scalar(sql).bind(account_id).bind(hash).fetch_one(&mut *connection).await?;
    if !one_time::void(connection, account_id).await? {
        return Ok(false);
    }
    let letter = Letter { account_id, kind: Kind::PasswordChanged, recipient: &email, token: None, user_name };
    outbox::insert(connection, letter).await.map(|()| true)
}
