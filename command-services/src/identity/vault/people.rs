//! Persons who log in: address and password hash.

use domain::security::Note;
use service_kit::Problem;
use sqlx::{FromRow, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

use super::one_time::{self, NewToken, Purpose};
use super::outbox::{self, Kind, Letter};
use super::{Vault, notes};
use crate::identity::secret::Token;

/// How long after something was written down of which a command is to come that command can no longer be begun, in
/// seconds: longer than a command may take, and than the clocks of two instances may differ besides.
pub const UNSETTLED_SECONDS: f64 = 120.0;

/// What the vault has of a person.
#[derive(Clone, FromRow)]
pub struct Person {
    /// The account.
    pub account_id: Uuid,
    /// The address; empty where it was given up.
    pub email: String,
    /// Argon2id, in PHC format.
    pub password_hash: String,
    /// Whether the account's event is known to be in the log.
    pub registered: bool,
}

/// What was there when a person was to be written down.
pub enum Prepared {
    /// Nothing: they were written down then.
    New(OffsetDateTime),
    /// The person, by another request or an earlier one.
    Known(Person),
}

impl Vault {
    /// A person.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn person(&self, account_id: Uuid) -> Result<Option<Person>, Problem> {
        let sql = "SELECT account_id, email, password_hash, registered FROM people WHERE account_id = $1";
        self.run(sqlx::query_as(sql).bind(account_id).fetch_optional(self.pool())).await
    }

    /// Writes a person down before the account's event, unless another request did. Each request
    /// begins the time anew within which its command can be begun, see [`Vault::unsettled`].
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn prepare(&self, account_id: Uuid, email: &str, password_hash: &str) -> Result<Prepared, Problem> {
        let sql = "INSERT INTO people AS p (account_id, email, password_hash, unconfirmed_since)
            VALUES ($1, $2, $3, CASE WHEN lower($2) NOT LIKE '%.invalid' THEN now() END)
            ON CONFLICT (account_id) DO UPDATE
                SET created_at = CASE WHEN p.registered THEN p.created_at
                    ELSE greatest(now(), p.created_at + interval '1 microsecond') END
            RETURNING account_id, email, password_hash, registered, created_at";
        let insert = sqlx::query(sql).bind(account_id).bind(email).bind(password_hash);
        let row = self.run(insert.fetch_one(self.pool())).await?;
        self.run(async {
            let person = Person::from_row(&row)?;
            // No two hashes are alike: each has its own salt.
            let is_new = person.password_hash == password_hash;
            Ok(if is_new { Prepared::New(row.try_get("created_at")?) } else { Prepared::Known(person) })
        })
        .await
    }

    /// Forgets a person whose account was not registered after all; not if it is being tried again.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn abandon(&self, account_id: Uuid) -> Result<(), Problem> {
        let sql = "DELETE FROM people
            WHERE account_id = $1 AND NOT registered AND created_at < now() - make_interval(secs => $2)";
        let delete = sqlx::query(sql).bind(account_id).bind(UNSETTLED_SECONDS);
        self.run(delete.execute(self.pool())).await.map(drop)
    }

    /// The same where it is known that nothing came of the request that wrote them down then, and nothing will: also
    /// forgets the data key that was drawn. Not if another request has come for the same account since, for that may
    /// yet register it.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn withdraw(&self, account_id: Uuid, written_at: OffsetDateTime) -> Result<(), Problem> {
        let sql = "WITH gone AS (
                DELETE FROM people WHERE account_id = $1 AND NOT registered AND created_at = $2 RETURNING account_id)
            DELETE FROM data_keys WHERE account_id IN (SELECT account_id FROM gone)";
        self.run(sqlx::query(sql).bind(account_id).bind(written_at).execute(self.pool())).await.map(drop)
    }

    /// The account's event is in the log: the first to say so also has the address verified.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn settle(&self, account_id: Uuid, user_name: &str) -> Result<(), Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            let sql = "UPDATE people SET registered = true WHERE account_id = $1 AND NOT registered RETURNING email";
            let email: Option<String> =
                sqlx::query_scalar(sql).bind(account_id).fetch_optional(&mut *transaction).await?;
            if let Some(email) = email {
                let token = Token::draw();
                let new = NewToken { account_id, purpose: Purpose::VerifyEmail, email: &email, token: &token };
                one_time::insert(&mut transaction, new).await?;
                let letter =
                    Letter { account_id, kind: Kind::VerifyEmail, recipient: &email, token: Some(&token), user_name };
                outbox::insert(&mut transaction, letter).await?;
                notes::insert(&mut transaction, account_id, Note::Registered).await?;
            }
            transaction.commit().await
        })
        .await
    }

    /// Some of those whose last request is so long ago that its command is begun by now or never will be, and whose
    /// account's event has not been seen: those after this one.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn unsettled(&self, after: Uuid) -> Result<Vec<Person>, Problem> {
        let sql = "SELECT account_id, email, password_hash, registered FROM people
            WHERE NOT registered AND created_at < now() - make_interval(secs => $1) AND account_id > $2
            ORDER BY account_id LIMIT 100";
        self.run(sqlx::query_as(sql).bind(UNSETTLED_SECONDS).bind(after).fetch_all(self.pool())).await
    }

    /// Those whose address has been unconfirmed for so many seconds.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn unconfirmed(&self, seconds: f64) -> Result<Vec<Person>, Problem> {
        let sql = "SELECT account_id, email, password_hash, registered FROM people
            WHERE registered AND proven_at IS NULL AND unconfirmed_since < now() - make_interval(secs => $1)
            ORDER BY unconfirmed_since LIMIT 100";
        self.run(sqlx::query_as(sql).bind(seconds).fetch_all(self.pool())).await
    }

    /// The address was confirmed: the log says so.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn confirmed(&self, account_id: Uuid) -> Result<(), Problem> {
        let sql = "UPDATE people SET unconfirmed_since = NULL WHERE account_id = $1";
        self.run(sqlx::query(sql).bind(account_id).execute(self.pool())).await.map(drop)
    }

    /// Those who were shown to answer to their address by what the log does not tell yet.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn proven(&self) -> Result<Vec<Person>, Problem> {
        let sql = "SELECT account_id, email, password_hash, registered FROM people
            WHERE proven_at IS NOT NULL ORDER BY proven_at LIMIT 100";
        self.run(sqlx::query_as(sql).fetch_all(self.pool())).await
    }

    /// The log was told of one of them: it says so by now, or refused to.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn proof_told(&self, account_id: Uuid, says_so: bool) -> Result<(), Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            let sql = "UPDATE people SET unconfirmed_since = CASE WHEN $2 THEN NULL ELSE unconfirmed_since END,
                proven_at = NULL WHERE account_id = $1 AND proven_at IS NOT NULL";
            let update = sqlx::query(sql).bind(account_id).bind(says_so);
            if update.execute(&mut *transaction).await?.rows_affected() == 1 && says_so {
                notes::insert(&mut transaction, account_id, Note::EmailConfirmed).await?;
            }
            transaction.commit().await
        })
        .await
    }

    /// The account has given this address up: the log says so. What was sent there is good for nothing any more.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn email_given_up(&self, account_id: Uuid, email: &str) -> Result<(), Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            let sql = "UPDATE people SET email = '', unconfirmed_since = NULL WHERE account_id = $1 AND email = $2";
            if sqlx::query(sql).bind(account_id).bind(email).execute(&mut *transaction).await?.rows_affected() == 1 {
                notes::insert(&mut transaction, account_id, Note::EmailGivenUp).await?;
            }
            let sql = "DELETE FROM one_time_tokens WHERE account_id = $1 AND email = $2";
            sqlx::query(sql).bind(account_id).bind(email).execute(&mut *transaction).await?;
            transaction.commit().await
        })
        .await
    }

    /// Replaces a password hash by a stronger one of the same password; whether it did.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn rehash(&self, account_id: Uuid, before: &str, after: &str) -> Result<bool, Problem> {
        // Only if the password is still that one: another request may have changed it meanwhile.
        let sql = "UPDATE people SET password_hash = $3 WHERE account_id = $1 AND password_hash = $2";
        let update = sqlx::query(sql).bind(account_id).bind(before).bind(after);
        Ok(self.run(update.execute(self.pool())).await?.rows_affected() == 1)
    }
}
