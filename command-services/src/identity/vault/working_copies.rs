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
/// Working copies of which it is looked at once whose they are.
const OWNERS: i64 = 500;

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

    /// Some working copies that name an account as their owner, or are of these posts: those after this post's, each
    /// with the owner that it names.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub async fn owners_of_copies(
        &self,
        account_id: Uuid,
        posts: &[Uuid],
        after: Uuid,
    ) -> Result<Vec<(Uuid, Uuid)>, Problem> {
        let sql = "SELECT post_id, owner_id FROM writing.working_copies
            WHERE (owner_id = $1 OR post_id = ANY($2)) AND post_id > $3 ORDER BY post_id LIMIT $4";
        let query = sqlx::query_as(sql).bind(account_id).bind(posts).bind(after).bind(OWNERS);
        self.run_on("working copies", query.fetch_all(self.pool())).await
    }

    /// Notes whose a working copy is.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub async fn copy_is_of(&self, post_id: Uuid, owner_id: Uuid) -> Result<(), Problem> {
        let sql = "UPDATE writing.working_copies SET owner_id = $2 WHERE post_id = $1";
        let update = sqlx::query(sql).bind(post_id).bind(owner_id);
        self.run_on("working copies", update.execute(self.pool())).await.map(drop)
    }

    /// Forgets the working copies of these posts.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub async fn forget_working_copies(&self, posts: &[Uuid]) -> Result<(), Problem> {
        let delete = sqlx::query("DELETE FROM writing.working_copies WHERE post_id = ANY($1)").bind(posts);
        self.run_on("working copies", delete.execute(self.pool())).await.map(drop)
    }

    /// Forgets which working copies an account saved last.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub async fn forget_who_saved(&self, account_id: Uuid) -> Result<(), Problem> {
        let sql = "UPDATE writing.working_copies SET saved_by = NULL WHERE saved_by = $1";
        let update = sqlx::query(sql).bind(account_id);
        self.run_on("working copies", update.execute(self.pool())).await.map(drop)
    }
}
