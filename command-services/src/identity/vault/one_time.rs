//! What is sent by mail and can be used once, to show that its reader answers to the address.

use domain::security::Note;
use service_kit::Problem;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::lock::{self, changed_meanwhile};
use super::outbox::{self, Kind, Letter};
use super::{Vault, notes};
use crate::identity::secret::Token;

/// How often an address may be tried to be made the account's by one letter.
const MOST_CLAIMS: i32 = 8;

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
    /// All of them.
    pub const ALL: [Self; 3] = [Self::VerifyEmail, Self::ChangeEmail, Self::ResetPassword];

    /// What the vault calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
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
        Purpose::ALL.into_iter().find(|purpose| purpose.name() == self.purpose)
    }
}

/// Voids what was sent or begun before how an account logs in changed, and would outlive that: letters, log-ins that
/// wait for a code, a second factor of which no code was shown. One letter stays: that which asks to confirm the
/// address that the account has, for it says nothing else. Not done, and so to be rolled back, while the account is
/// getting the address that one of the letters was sent to, or is being deactivated.
pub(super) async fn void(connection: &mut PgConnection, account_id: Uuid) -> sqlx::Result<bool> {
    for sql in [
        "DELETE FROM one_time_tokens t USING people p WHERE t.account_id = $1 AND p.account_id = $1
            AND t.used_at IS NULL AND (t.claimed_until IS NULL OR t.claimed_until <= now())
            AND NOT (t.purpose = 'verify_email' AND t.email = p.email)",
        "DELETE FROM challenges WHERE account_id = $1",
        "DELETE FROM second_factors WHERE account_id = $1 AND confirmed_at IS NULL",
    ] {
        sqlx::query(sql).bind(account_id).execute(&mut *connection).await?;
    }
    let sql = "SELECT NOT EXISTS (SELECT FROM one_time_tokens
            WHERE account_id = $1 AND used_at IS NULL AND claimed_until > now())
        AND NOT EXISTS (SELECT FROM people WHERE account_id = $1 AND deactivating_until > now())";
    sqlx::query_scalar(sql).bind(account_id).fetch_one(connection).await
}

/// Writes a token down; earlier ones for the same purpose are good no more. One whose address is becoming the account's
/// stays until it has, or [`void`] would not know.
pub(super) async fn insert(connection: &mut PgConnection, new: NewToken<'_>) -> sqlx::Result<()> {
    let sql = "DELETE FROM one_time_tokens WHERE account_id = $1 AND purpose = $2 AND used_at IS NULL
        AND (claimed_until IS NULL OR claimed_until <= now())";
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

    /// Keeps a token from being voided for so many seconds, in which its address becomes the account's; whether it is
    /// good until now. `claim_id` tells the request from others with the same token. A token that was claimed in vain
    /// too often is good no more: as long as one is claimed, its owner cannot change how the account logs in.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn claim(&self, token: &Token, claim_id: Uuid, seconds: f64) -> Result<bool, Problem> {
        let sql = "UPDATE one_time_tokens
            SET claimed_by = CASE WHEN claimed_until > now() THEN claimed_by ELSE '{}' END || $2::uuid,
                claimed_until = now() + make_interval(secs => $3), claims = claims + 1
            WHERE token_hash = $1 AND expires_at > now() AND (used_at IS NOT NULL OR claims < $4)";
        let claim = sqlx::query(sql).bind(token.hash()).bind(claim_id).bind(seconds).bind(MOST_CLAIMS);
        Ok(self.run(claim.execute(self.pool())).await?.rows_affected() == 1)
    }

    /// By this request the address did not become the account's after all. What others claim they keep.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn unclaim(&self, token: &Token, claim_id: Uuid) -> Result<(), Problem> {
        let sql = "UPDATE one_time_tokens SET claimed_by = array_remove(claimed_by, $2),
                claimed_until = CASE WHEN claimed_by <@ ARRAY[$2] THEN NULL ELSE claimed_until END
            WHERE token_hash = $1";
        self.run(sqlx::query(sql).bind(token.hash()).bind(claim_id).execute(self.pool())).await.map(drop)
    }

    /// The address that a token was sent to is the account's as of this version of it: the event says so. Where it is
    /// a new one, the owner of the one before is told there, and other letters are void. What is known of a later
    /// version stays: of two events the first may be noted last.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn email_confirmed(
        &self,
        token: &Token,
        proof: &Proof,
        version: u64,
        user_name: &str,
    ) -> Result<(), Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            let Proof { account_id, email, .. } = proof;
            lock::person(&mut transaction, *account_id).await?;
            let sql = "UPDATE one_time_tokens SET used_at = now() WHERE token_hash = $1 AND used_at IS NULL";
            let used = sqlx::query(sql).bind(token.hash()).execute(&mut *transaction).await?;
            if used.rows_affected() == 1 {
                notes::insert(&mut transaction, *account_id, Note::EmailConfirmed).await?;
            }
            if proof.purpose() == Some(Purpose::ChangeEmail) {
                changed(&mut transaction, (*account_id, user_name), email, version).await?;
            }
            // Of another address, which it has by now, it says nothing.
            let sql = "UPDATE people SET unconfirmed_since = NULL, proven_at = NULL
                WHERE account_id = $1 AND email = $2";
            sqlx::query(sql).bind(account_id).bind(email).execute(&mut *transaction).await?;
            transaction.commit().await
        })
        .await
    }
}

/// Writes the address down that an account has as of this version, unless that of a later one is there. Whether it is
/// another than before.
pub(super) async fn changed(
    connection: &mut PgConnection,
    (account_id, user_name): (Uuid, &str),
    email: &str,
    version: u64,
) -> sqlx::Result<bool> {
    let sql = "UPDATE people new SET email = $2, email_version = $3 FROM people old
        WHERE new.account_id = $1 AND old.account_id = $1 AND old.email_version < $3 RETURNING old.email";
    let former = sqlx::query_scalar(sql).bind(account_id).bind(email).bind(version.cast_signed());
    let former: Option<String> = former.fetch_optional(&mut *connection).await?;
    let Some(former) = former.filter(|former| former != email) else { return Ok(false) };
    void(connection, account_id).await?;
    if !former.is_empty() {
        let letter = Letter { account_id, kind: Kind::EmailChanged, recipient: &former, token: None, user_name };
        outbox::insert(connection, letter).await?;
    }
    Ok(true)
}
