//! What the schema `writing` has of an account: the working copies of its posts, and those that it saved last. The
//! service that owns posts keeps them; identity gives them to their owner, and forgets them.

use domain::values::Sha256;
use serde_json::Value;
use service_kit::Problem;
use sqlx::FromRow;
use uuid::Uuid;

use super::Vault;

/// Working copies that are read at once: each may have half a million characters.
const PAGE: i64 = 4;

/// A working copy, as its owner gets it.
#[derive(Clone, Debug, FromRow)]
pub struct HeldCopy {
    /// Of which post.
    pub post_id: Uuid,
    /// When it was begun, in milliseconds since 1970.
    pub begun_at_ms: i64,
    /// When it was saved last.
    pub saved_at_ms: i64,
    change: String,
}

impl HeldCopy {
    /// What it changes.
    #[must_use]
    pub fn change(&self) -> Value {
        serde_json::from_str(&self.change).unwrap_or_default()
    }
}

impl Vault {
    /// Some working copies of an account's posts, or that it saved last: those after this post's.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub async fn working_copies_after(&self, account_id: Uuid, post_id: Uuid) -> Result<Vec<HeldCopy>, Problem> {
        let sql = "SELECT post_id, change, (extract(epoch FROM begun_at) * 1000)::bigint AS begun_at_ms,
                (extract(epoch FROM saved_at) * 1000)::bigint AS saved_at_ms
            FROM writing.working_copies WHERE (owner_id = $1 OR saved_by = $1) AND post_id > $2
            ORDER BY post_id LIMIT $3";
        let query = sqlx::query_as(sql).bind(account_id).bind(post_id).bind(PAGE);
        self.run_on("working copies", query.fetch_all(self.pool())).await
    }

    /// Whether a working copy shows what has this SHA-256, in its text or as its cover.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub async fn is_in_a_working_copy(&self, sha256: &Sha256) -> Result<bool, Problem> {
        let sql = "SELECT EXISTS (SELECT FROM writing.working_copies WHERE sha256s @> ARRAY[$1])";
        let query = sqlx::query_scalar(sql).bind(sha256.as_str());
        self.run_on("working copies", query.fetch_one(self.pool())).await
    }

    /// Forgets an account's working copies: those of its own posts are gone, and of others' it is not said any more
    /// that it saved them.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub async fn forget_working_copies(&self, account_id: Uuid) -> Result<(), Problem> {
        self.run_on("working copies", async {
            let mut transaction = self.pool().begin().await?;
            for sql in [
                "DELETE FROM writing.working_copies WHERE owner_id = $1",
                "UPDATE writing.working_copies SET saved_by = NULL WHERE saved_by = $1",
            ] {
                sqlx::query(sql).bind(account_id).execute(&mut *transaction).await?;
            }
            transaction.commit().await
        })
        .await
    }
}
