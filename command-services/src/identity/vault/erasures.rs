//! Whom to forget, and forgetting them. What is left is an id and times.

use domain::security::Note;
use service_kit::Problem;
use sqlx::FromRow;
use uuid::Uuid;

use super::sessions::{self, Which};
use super::{Vault, lock, notes};

/// Accounts that are looked through at once.
const PAGE: i64 = 1_000;

/// An account that is to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Erasure {
    /// Whose account.
    pub account_id: Uuid,
    /// Who asked: they themselves, or an admin.
    pub requested_by: Uuid,
}

impl Vault {
    /// Notes that an account is to be forgotten: from then on it will be done, whatever crashes. Their sessions end:
    /// which ones. Nothing if the caller had to show the password, of which the hash is given, and it is another now.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn begin_erasure(&self, erasure: Erasure, shown: Option<&str>) -> Result<Option<Vec<Uuid>>, Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            let person = lock::person(&mut transaction, erasure.account_id).await?;
            if shown.is_some_and(|hash| person.is_none_or(|person| person.password_hash != hash)) {
                return Ok(None);
            }
            let sql = "INSERT INTO erasures (account_id, requested_by) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            let insert = sqlx::query(sql).bind(erasure.account_id).bind(erasure.requested_by);
            insert.execute(&mut *transaction).await?;
            let ended = sessions::end(&mut transaction, erasure.account_id, Which::AllBut(None)).await?;
            transaction.commit().await?;
            Ok(Some(ended))
        })
        .await
    }

    /// Forgets all that is held of an account, and notes that it is done; `counted` are what their attempts were
    /// counted by. Which sessions ended by that: they can have begun since the first time.
    ///
    /// # Errors
    /// The vault cannot be reached. Nothing has changed then.
    pub async fn forget(&self, account_id: Uuid, counted: &[Vec<u8>]) -> Result<Vec<Uuid>, Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            // Locked, so that no session begins while they are counted.
            let email = lock::person(&mut transaction, account_id).await?.map(|person| person.email);
            let ended = sessions::end(&mut transaction, account_id, Which::AllBut(None)).await?;
            for sql in [
                "DELETE FROM data_keys WHERE account_id = $1",
                // Sessions and one-time tokens go with it.
                "DELETE FROM people WHERE account_id = $1",
                "DELETE FROM outbox WHERE account_id = $1",
            ] {
                sqlx::query(sql).bind(account_id).execute(&mut *transaction).await?;
            }
            // Letters that were written before it was noted whose they are.
            let sql = "DELETE FROM outbox WHERE account_id IS NULL AND recipient = $1";
            sqlx::query(sql).bind(email).execute(&mut *transaction).await?;
            let sql = "DELETE FROM attempts WHERE subject = ANY($1)";
            sqlx::query(sql).bind(counted).execute(&mut *transaction).await?;
            let sql = "INSERT INTO erasures (account_id, requested_by, finished_at) VALUES ($1, $1, now())
                ON CONFLICT (account_id) DO UPDATE SET finished_at = now() WHERE erasures.finished_at IS NULL";
            if sqlx::query(sql).bind(account_id).execute(&mut *transaction).await?.rows_affected() == 1 {
                notes::insert(&mut transaction, account_id, Note::Erased).await?;
            }
            transaction.commit().await?;
            Ok(ended)
        })
        .await
    }

    /// Some of those who are to be forgotten and are not yet.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn unfinished_erasures(&self) -> Result<Vec<Erasure>, Problem> {
        let sql = "SELECT account_id, requested_by FROM erasures WHERE finished_at IS NULL
            ORDER BY requested_at LIMIT 100";
        self.run(sqlx::query_as(sql).fetch_all(self.pool())).await
    }

    /// Some of the accounts that were forgotten within a day, far longer than a token is believed, and than a sweep is
    /// late: those after this one.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn lately_erased(&self, after: Uuid) -> Result<Vec<Uuid>, Problem> {
        let sql = "SELECT account_id FROM erasures WHERE finished_at > now() - interval '1 day' AND account_id > $1
            ORDER BY account_id LIMIT $2";
        self.run(sqlx::query_scalar(sql).bind(after).bind(PAGE).fetch_all(self.pool())).await
    }

    /// Accounts of which something is held, in the order of their ids: those after this one.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn held_after(&self, account_id: Uuid) -> Result<Vec<Uuid>, Problem> {
        let sql = "(SELECT account_id FROM data_keys WHERE account_id > $1 ORDER BY 1 LIMIT $2)
            UNION (SELECT account_id FROM people WHERE account_id > $1 ORDER BY 1 LIMIT $2) ORDER BY 1 LIMIT $2";
        self.run(sqlx::query_scalar(sql).bind(account_id).bind(PAGE).fetch_all(self.pool())).await
    }
}
