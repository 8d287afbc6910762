//! What is sent by mail and can be used once, to show that its reader answers to the address.

use domain::security::Note;
use service_kit::Problem;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::lock::{self, changed_meanwhile};
use super::outbox::{self, Kind, Letter};
use super::sessions::{self, Which};
use super::{Vault, notes};
use crate::identity::secret::Token;

/// What a token is for. One for one purpose is good for no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The address that the account was registered with.
    VerifyEmail,
    /// An address that the account is to have.
    ChangeEmail,
    /// A new password.
    ResetPassword,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ChangeEmail => "change_email",
            Self::ResetPassword => "reset_password",
        }
    }

    /// How long it is good, in seconds.
    fn seconds(self) -> i32 {
        match self {
            Self::VerifyEmail => 3 * 86_400,
            Self::ChangeEmail => 86_400,
            Self::ResetPassword => 30 * 60,
        }
    }
}

/// A token to be written down.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// Whose.
    pub account_id: Uuid,
    /// What for.
    pub purpose: Purpose,
    /// The address it is sent to.
    pub email: &'a str,
    /// The token.
    pub token: &'a Token,
}

/// What a good token stands for.
#[derive(Clone, FromRow)]
pub struct Proof {
    /// Whose.
    pub account_id: Uuid,
    /// The address it was sent to.
    pub email: String,
    purpose: String,
    /// Whether it was used before. Confirming an address again changes nothing, so a link that is opened twice is fine.
    pub used: bool,
}

impl Proof {
    /// What for; nothing if a newer version of this service wrote it.
    #[must_use]
    pub fn purpose(&self) -> Option<Purpose> {
        [Purpose::VerifyEmail, Purpose::ChangeEmail, Purpose::ResetPassword]
            .into_iter()
            .find(|purpose| purpose.name() == self.purpose)
    }
}

/// Writes a token down; earlier ones for the same purpose are good no more.
pub(super) async fn insert(connection: &mut PgConnection, new: NewToken<'_>) -> sqlx::Result<()> {
    let sql = "DELETE FROM one_time_tokens WHERE account_id = $1 AND purpose = $2 AND used_at IS NULL";
    sqlx::query(sql).bind(new.account_id).bind(new.purpose.name()).execute(&mut *connection).await?;
    let sql = "INSERT INTO one_time_tokens (token_hash, account_id, purpose, email, expires_at)
        VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))";
    let insert = sqlx::query(sql).bind(new.token.hash()).bind(new.account_id).bind(new.purpose.name());
    insert.bind(new.email).bind(f64::from(new.purpose.seconds())).execute(connection).await.map(drop)
}

impl Vault {
    /// Writes a token down and has it sent. One for an address that the account has is not, if it has another by now.
    ///
    /// # Errors
    /// The password is another than the one of which the hash is given, if it is; or the vault cannot be reached.
    pub async fn send_token(
        &self,
        new: NewToken<'_>,
        shown: Option<&str>,
        kind: Kind,
        user_name: &str,
    ) -> Result<(), Problem> {
        let sent = self.run(async {
            let mut transaction = self.pool().begin().await?;
            let Some(person) = lock::person(&mut transaction, new.account_id).await? else { return Ok(None) };
            if shown.is_some_and(|hash| hash != person.password_hash) {
                return Ok(None);
            }
            if new.purpose != Purpose::ChangeEmail && person.email != new.email {
                return Ok(Some(()));
            }
            insert(&mut transaction, new).await?;
            let letter =
                Letter { account_id: new.account_id, kind, recipient: new.email, token: Some(new.token), user_name };
            outbox::insert(&mut transaction, letter).await?;
            transaction.commit().await.map(Some)
        });
        sent.await?.ok_or_else(changed_meanwhile)
    }

    /// What a token stands for; nothing if there is no such token or its time is over.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn proof(&self, token: &Token) -> Result<Option<Proof>, Problem> {
        let sql = "SELECT account_id, email, purpose, used_at IS NOT NULL AS used FROM one_time_tokens
            WHERE token_hash = $1 AND expires_at > now()";
        self.run(sqlx::query_as(sql).bind(token.hash()).fetch_optional(self.pool())).await
    }

    /// The address that a token was sent to is the account's by now: the event says so. The owner of another one before
    /// is told there.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn email_confirmed(&self, token: &Token, proof: &Proof, user_name: &str) -> Result<(), Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            lock::person(&mut transaction, proof.account_id).await?;
            let sql = "UPDATE one_time_tokens SET used_at = now() WHERE token_hash = $1 AND used_at IS NULL";
            let used = sqlx::query(sql).bind(token.hash()).execute(&mut *transaction).await?;
            if used.rows_affected() == 1 {
                notes::insert(&mut transaction, proof.account_id, Note::EmailConfirmed).await?;
            }
            let sql = "UPDATE people SET unconfirmed_since = NULL WHERE account_id = $1";
            sqlx::query(sql).bind(proof.account_id).execute(&mut *transaction).await?;
            let sql = "UPDATE people new SET email = $2 FROM people old
                WHERE new.account_id = $1 AND old.account_id = $1 AND old.email <> $2 RETURNING old.email";
            let former: Option<String> = sqlx::query_scalar(sql)
                .bind(proof.account_id)
                .bind(&proof.email)
                .fetch_optional(&mut *transaction)
                .await?;
            if let Some(former) = former {
                let account_id = proof.account_id;
                let letter =
                    Letter { account_id, kind: Kind::EmailChanged, recipient: &former, token: None, user_name };
                outbox::insert(&mut transaction, letter).await?;
            }
            transaction.commit().await
        })
        .await
    }

    /// Sets a new password by a token, once: ends all sessions, which are given back, and tells the person. Nothing if
    /// the token is not good.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn reset_password(
        &self,
        account_id: Uuid,
        token: &Token,
        hash: &str,
        user_name: &str,
    ) -> Result<Option<Vec<Uuid>>, Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            lock::person(&mut transaction, account_id).await?;
            // Of two who use it at once, one finds it unused.
            let sql = "UPDATE one_time_tokens SET used_at = now() WHERE token_hash = $1 AND account_id = $2
                AND purpose = 'reset_password' AND used_at IS NULL AND expires_at > now()";
            let used = sqlx::query(sql).bind(token.hash()).bind(account_id).execute(&mut *transaction).await?;
            if used.rows_affected() == 0 {
                return Ok(None);
            }
            set_password(&mut transaction, account_id, hash, user_name).await?;
            notes::insert(&mut transaction, account_id, Note::PasswordReset).await?;
            let ended = sessions::end(&mut transaction, account_id, Which::AllBut(None)).await?;
            transaction.commit().await?;
            Ok(Some(ended))
        })
        .await
    }

    /// Sets a new password for a caller who showed the former one; the other sessions end. Which ones it were; nothing
    /// if the password is no longer the one that was shown.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn change_password(&self, change: NewPassword<'_>) -> Result<Option<Vec<Uuid>>, Problem> {
        let NewPassword { account_id, before, after, keep, user_name } = change;
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            if lock::person_shown(&mut transaction, account_id, before).await?.is_none() {
                return Ok(None);
            }
            set_password(&mut transaction, account_id, after, user_name).await?;
            notes::insert(&mut transaction, account_id, Note::PasswordChanged).await?;
            let ended = sessions::end(&mut transaction, account_id, Which::AllBut(keep)).await?;
            transaction.commit().await?;
            Ok(Some(ended))
        })
        .await
    }
}

/// A change of password.
#[derive(Clone, Copy)]
pub struct NewPassword<'a> {
    /// Whose.
    pub account_id: Uuid,
    /// The hash that the shown password was checked against.
    pub before: &'a str,
    /// The new password's hash.
    pub after: &'a str,
    /// The session that goes on.
    pub keep: Option<Uuid>,
    /// What the person is called in the letter about it.
    pub user_name: &'a str,
}

async fn set_password(
    connection: &mut PgConnection,
    account_id: Uuid,
    hash: &str,
    user_name: &str,
) -> sqlx::Result<()> {
    let sql = "UPDATE people SET password_hash = $2, password_changed_at = now() WHERE account_id = $1 RETURNING email";
    let email: String = sqlx::query_scalar(sql).bind(account_id).bind(hash).fetch_one(&mut *connection).await?;
    // A letter that could reset the former password cannot the new one.
    let sql = "DELETE FROM one_time_tokens WHERE account_id = $1 AND purpose = 'reset_password' AND used_at IS NULL";
    sqlx::query(sql).bind(account_id).execute(&mut *connection).await?;
    // Nor does a caller who showed the former one get in with a code.
    let sql = "DELETE FROM challenges WHERE account_id = $1";
    sqlx::query(sql).bind(account_id).execute(&mut *connection).await?;
    let letter = Letter { account_id, kind: Kind::PasswordChanged, recipient: &email, token: None, user_name };
    outbox::insert(connection, letter).await
}
