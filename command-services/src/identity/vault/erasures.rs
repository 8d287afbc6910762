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
            let sql = "INSERT INTO erasures (account_id, requested_by, finished_at, late_comers_until)
                VALUES ($1, $1, now(), now() + interval '1 day')
                ON CONFLICT (account_id) DO UPDATE SET finished_at = now(), ended_elsewhere_at = NULL,
                    late_comers_until = excluded.late_comers_until
                WHERE erasures.finished_at IS NULL";
            if sqlx::query(sql).bind(account_id).execute(&mut *transaction).await?.rows_affected() == 1 {
                notes::insert(&mut transaction, account_id, Note::Erased).await?;
            }
            transaction.commit().await?;
            Ok(ended)
        })
        .await
    }

    /// One who is to be forgotten and is not yet: who was not tried for longest, and not just now. It counts as a try.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn next_unfinished(&self) -> Result<Option<Erasure>, Problem> {
        let sql = "UPDATE erasures SET tried_at = now() WHERE account_id = (SELECT account_id FROM erasures
                WHERE finished_at IS NULL AND (tried_at IS NULL OR tried_at < now() - interval '4 seconds')
                ORDER BY tried_at NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING account_id, requested_by";
        self.run(sqlx::query_as(sql).fetch_optional(self.pool())).await
    }

    /// One of whom the vault holds nothing any more, and something may be left in other contexts: who was not tried
    /// for longest. What has not ended there yet is due soon, and the more seldom the longer it has not, up to ten
    /// minutes; what has, once an hour. It counts as a try.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn next_to_look_after(&self) -> Result<Option<Uuid>, Problem> {
        let sql = "UPDATE erasures SET tried_at = now() WHERE account_id = (SELECT account_id FROM erasures
                WHERE late_comers_until IS NOT NULL AND finished_at IS NOT NULL AND (tried_at IS NULL OR tried_at <
                    now() - CASE WHEN ended_elsewhere_at IS NOT NULL THEN interval '1 hour' ELSE LEAST(
                        interval '10 minutes', GREATEST(interval '4 seconds', (tried_at - finished_at) / 4)) END)
                ORDER BY tried_at NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING account_id";
        self.run(sqlx::query_scalar(sql).fetch_optional(self.pool())).await
    }

    /// Notes that what ends with an account has ended in other contexts. If the try began when nothing more could come
    /// there, it was the last.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn ended_elsewhere(&self, account_id: Uuid) -> Result<(), Problem> {
        let sql = "UPDATE erasures SET ended_elsewhere_at = now(),
                late_comers_until = CASE WHEN tried_at > late_comers_until THEN NULL ELSE late_comers_until END
            WHERE account_id = $1 AND finished_at IS NOT NULL";
        self.run(sqlx::query(sql).bind(account_id).execute(self.pool())).await.map(drop)
    }

    /// Notes that something of an erased account's is about to come in another context, so that it is ended there,
    /// whatever crashes: it is looked after for a day again, far longer than a command is under way.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn expect_late_comers(&self, account_id: Uuid) -> Result<(), Problem> {
        let sql = "INSERT INTO erasures (account_id, requested_by, late_comers_until)
            VALUES ($1, $1, now() + interval '1 day') ON CONFLICT (account_id) DO UPDATE SET
                ended_elsewhere_at = NULL, late_comers_until = excluded.late_comers_until";
        self.run(sqlx::query(sql).bind(account_id).execute(self.pool())).await.map(drop)
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
