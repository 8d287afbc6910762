//! Second factors: the secret of an authenticator (sealed), and recovery codes (hashed).

use domain::security::Note;
use service_kit::Problem;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::lock::{self, changed_meanwhile};
use super::one_time;
use super::outbox::{self, Kind, Letter};
use super::sessions::{self, Which};
use super::{Vault, notes};
use crate::identity::code::RecoveryCode;

/// How long a second factor that was begun waits for its first code, in seconds.
const BEGUN_SECONDS: f64 = 3600.0;

/// A second factor.
#[derive(Clone, FromRow)]
pub struct SecondFactor {
    /// The secret, sealed under the person's data key.
    pub secret: String,
    /// When it was confirmed; until then no code is asked for.
    pub confirmed_at: Option<OffsetDateTime>,
    /// Recovery codes that were not used.
    pub recovery_codes: i64,
}

/// The first code of a second factor was shown.
#[derive(Clone, Copy)]
pub struct Confirmed<'a> {
    /// Whose.
    pub account_id: Uuid,
    /// The sealed secret that the code was checked against.
    pub secret: &'a str,
    /// The code's time step.
    pub step: i64,
    /// The codes for when the authenticator is lost.
    pub recovery_codes: &'a [RecoveryCode],
    /// The session that goes on.
    pub keep: Option<Uuid>,
    /// What the person is called in the letter about it.
    pub user_name: &'a str,
}

/// A second factor that is to be removed.
#[derive(Clone, Copy)]
pub struct Removal<'a> {
    /// Whose.
    pub account_id: Uuid,
    /// Who removes it.
    pub removed_by: Uuid,
    /// The hash of the password that its owner showed; an admin shows none.
    pub shown: Option<&'a str>,
    /// The session that goes on.
    pub keep: Option<Uuid>,
    /// What the person is called in the letter about it.
    pub user_name: &'a str,
}

impl Vault {
    /// An account's second factor, also one that was begun within the hour and not confirmed.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn second_factor(&self, account_id: Uuid) -> Result<Option<SecondFactor>, Problem> {
        let sql = "SELECT secret, confirmed_at,
                (SELECT count(*) FROM recovery_codes r WHERE r.account_id = f.account_id AND r.used_at IS NULL)
                    AS recovery_codes
            FROM second_factors f WHERE account_id = $1
                AND (confirmed_at IS NOT NULL OR began_at > now() - make_interval(secs => $2))";
        let query = sqlx::query_as(sql).bind(account_id).bind(BEGUN_SECONDS);
        self.run(query.fetch_optional(self.pool())).await
    }

    /// Whether an account has a second factor, which was confirmed.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn has_second_factor(&self, account_id: Uuid) -> Result<bool, Problem> {
        let sql = "SELECT EXISTS (SELECT FROM second_factors WHERE account_id = $1 AND confirmed_at IS NOT NULL)";
        self.run(sqlx::query_scalar(sql).bind(account_id).fetch_one(self.pool())).await
    }

    /// Begins a second factor, in place of one that was begun and not confirmed, for a caller who showed the password
    /// of this hash; whether there was none that was.
    ///
    /// # Errors
    /// The password is another one by now, or the vault cannot be reached.
    pub async fn begin_second_factor(&self, account_id: Uuid, hash: &str, secret: &str) -> Result<bool, Problem> {
        let sql = "INSERT INTO second_factors AS f (account_id, secret) VALUES ($1, $2)
            ON CONFLICT (account_id) DO UPDATE SET secret = EXCLUDED.secret, began_at = now(), last_step = 0
                WHERE f.confirmed_at IS NULL";
        let begun = self.run(async {
            let mut transaction = self.pool().begin().await?;
            if lock::person_shown(&mut transaction, account_id, hash).await?.is_none() {
                return Ok(None);
            }
            let begun = sqlx::query(sql).bind(account_id).bind(secret).execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(Some(begun.rows_affected() == 1))
        });
        begun.await?.ok_or_else(changed_meanwhile)
    }

    /// Confirms a second factor: from now on it is asked for. The other sessions end, for they began without it; which
    /// ones it were. Nothing if it is no longer the one that was shown, or was confirmed meanwhile.
    ///
    /// # Errors
    /// The account is getting another address at this moment, or the vault cannot be reached.
    pub async fn confirm_second_factor(&self, confirmed: Confirmed<'_>) -> Result<Option<Vec<Uuid>>, Problem> {
        let Confirmed { account_id, secret, step, recovery_codes, keep, user_name } = confirmed;
        let done = self.run(async {
            let mut transaction = self.pool().begin().await?;
            lock::person(&mut transaction, account_id).await?;
            let sql = "UPDATE second_factors SET confirmed_at = now(), last_step = $3
                WHERE account_id = $1 AND secret = $2 AND confirmed_at IS NULL";
            let update = sqlx::query(sql).bind(account_id).bind(secret).bind(step);
            if update.execute(&mut *transaction).await?.rows_affected() == 0 {
                return Ok(Some(None));
            }
            if !one_time::void(&mut transaction, account_id).await? {
                return Ok(None);
            }
            write_codes(&mut transaction, account_id, recovery_codes).await?;
            tell(&mut transaction, account_id, Kind::SecondFactorAdded, user_name).await?;
            notes::insert(&mut transaction, account_id, Note::SecondFactorAdded).await?;
            let ended = sessions::end(&mut transaction, account_id, Which::AllBut(keep)).await?;
            transaction.commit().await?;
            Ok(Some(Some(ended)))
        });
        done.await?.ok_or_else(changed_meanwhile)
    }

    /// Takes the code of a time step, once: not if this one or a later one was taken before.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn take_step(&self, account_id: Uuid, step: i64) -> Result<bool, Problem> {
        let sql = "UPDATE second_factors SET last_step = $2 WHERE account_id = $1 AND last_step < $2";
        let update = sqlx::query(sql).bind(account_id).bind(step);
        Ok(self.run(update.execute(self.pool())).await?.rows_affected() == 1)
    }

    /// Takes a recovery code, once, and tells the person; whether it was good.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn take_recovery_code(
        &self,
        account_id: Uuid,
        code: &RecoveryCode,
        user_name: &str,
    ) -> Result<bool, Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            // Of two who use it at once, one finds it unused.
            let sql = "UPDATE recovery_codes SET used_at = now()
                WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL";
            let update = sqlx::query(sql).bind(account_id).bind(code.hash());
            let taken = update.execute(&mut *transaction).await?.rows_affected() == 1;
            if taken {
                tell(&mut transaction, account_id, Kind::RecoveryCodeUsed, user_name).await?;
                notes::insert(&mut transaction, account_id, Note::RecoveryCodeUsed).await?;
            }
            transaction.commit().await?;
            Ok(taken)
        })
        .await
    }

    /// Replaces the recovery codes for a caller who showed the password of this hash; whether there is a second factor
    /// that they belong to.
    ///
    /// # Errors
    /// The password is another one by now, or the vault cannot be reached.
    pub async fn replace_recovery_codes(
        &self,
        account_id: Uuid,
        hash: &str,
        codes: &[RecoveryCode],
    ) -> Result<bool, Problem> {
        let replaced = self.run(async {
            let mut transaction = self.pool().begin().await?;
            if lock::person_shown(&mut transaction, account_id, hash).await?.is_none() {
                return Ok(None);
            }
            let sql = "SELECT EXISTS (SELECT FROM second_factors WHERE account_id = $1 AND confirmed_at IS NOT NULL)";
            if !sqlx::query_scalar(sql).bind(account_id).fetch_one(&mut *transaction).await? {
                return Ok(Some(false));
            }
            write_codes(&mut transaction, account_id, codes).await?;
            notes::insert(&mut transaction, account_id, Note::RecoveryCodesRenewed).await?;
            transaction.commit().await?;
            Ok(Some(true))
        });
        replaced.await?.ok_or_else(changed_meanwhile)
    }

    /// Removes a second factor and tells the person; the sessions that end. Nothing if there is none.
    ///
    /// # Errors
    /// The password is another one by now, the account is getting another address, or the vault cannot be reached.
    pub async fn remove_second_factor(&self, removal: Removal<'_>) -> Result<Option<Vec<Uuid>>, Problem> {
        let Removal { account_id, removed_by, shown, keep, user_name } = removal;
        let removed = self.run(async {
            let mut transaction = self.pool().begin().await?;
            let person = lock::person(&mut transaction, account_id).await?;
            if shown.is_some_and(|hash| person.is_none_or(|person| person.password_hash != hash)) {
                return Ok(None);
            }
            if !take_away(&mut transaction, account_id, removed_by, user_name).await? {
                return Ok(Some(None));
            }
            if !one_time::void(&mut transaction, account_id).await? {
                return Ok(None);
            }
            let ended = sessions::end(&mut transaction, account_id, Which::AllBut(keep)).await?;
            transaction.commit().await?;
            Ok(Some(Some(ended)))
        });
        removed.await?.ok_or_else(changed_meanwhile)
    }
}

/// Removes a second factor and its recovery codes, and tells the person; whether there was one.
pub(super) async fn take_away(
    connection: &mut PgConnection,
    account_id: Uuid,
    removed_by: Uuid,
    user_name: &str,
) -> sqlx::Result<bool> {
    let sql = "DELETE FROM second_factors WHERE account_id = $1 AND confirmed_at IS NOT NULL";
    if sqlx::query(sql).bind(account_id).execute(&mut *connection).await?.rows_affected() == 0 {
        return Ok(false);
    }
    tell(connection, account_id, Kind::SecondFactorRemoved, user_name).await?;
    notes::insert_by(connection, account_id, removed_by, Note::SecondFactorRemoved).await?;
    Ok(true)
}

async fn write_codes(connection: &mut PgConnection, account_id: Uuid, codes: &[RecoveryCode]) -> sqlx::Result<()> {
    let sql = "DELETE FROM recovery_codes WHERE account_id = $1";
    sqlx::query(sql).bind(account_id).execute(&mut *connection).await?;
    let hashes: Vec<Vec<u8>> = codes.iter().map(RecoveryCode::hash).collect();
    let sql = "INSERT INTO recovery_codes (account_id, code_hash) SELECT $1, * FROM UNNEST($2::bytea[])";
    sqlx::query(sql).bind(account_id).bind(hashes).execute(connection).await.map(drop)
}

async fn tell(connection: &mut PgConnection, account_id: Uuid, kind: Kind, user_name: &str) -> sqlx::Result<()> {
    let sql = "SELECT email FROM people WHERE account_id = $1";
    let email: String = sqlx::query_scalar(sql).bind(account_id).fetch_one(&mut *connection).await?;
    outbox::insert(connection, Letter { account_id, kind, recipient: &email, token: None, user_name }).await
}
