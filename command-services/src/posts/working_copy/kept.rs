//! The working copies, as Postgres keeps them: a row for each, in the schema `writing`. Each statement is by itself: a
//! save says which version it takes the place of, and one that lost changes nothing.

use serde_json::{Map, Value};
use service_kit::Problem;
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use crate::identity::vault::Vault;
use crate::posts::EditPost;

/// What is said when Postgres does not answer.
pub(super) const WHAT: &str = "working copies";

/// A working copy, as it is kept.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Kept {
    #[sqlx(try_from = "i64")]
    pub(super) version: u64,
    #[sqlx(try_from = "i64")]
    pub(super) base_version: u64,
    #[sqlx(try_from = "i64")]
    pub(super) base_revision: u64,
    pub(super) saved_by: Option<Uuid>,
    pub(super) saved_at_ms: i64,
    change: String,
}

/// A save.
#[derive(Clone, Copy, Debug)]
pub(super) struct Save {
    pub(super) post_id: Uuid,
    /// The version of the row that it takes the place of; 0: there is none.
    pub(super) replaces: u64,
    pub(super) base_version: u64,
    pub(super) base_revision: u64,
    pub(super) owner_id: Uuid,
    pub(super) saved_by: Uuid,
}

impl Kept {
    /// The SHA-256 of the change, in hexadecimal: what an editor approves it by.
    pub(super) fn digest(&self) -> String {
        Sha256::digest(&self.change).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What it changes.
    ///
    /// # Errors
    /// This version of the service does not know all of it.
    pub(super) fn change(&self) -> Result<EditPost, Problem> {
        serde_json::from_str(&self.change).map_err(|_| {
            Problem::unavailable("this version of the service does not know all that the working copy changes", 60)
        })
    }

    /// Whether a save of this account would change nothing: its answer was lost, and it comes again.
    pub(super) fn is_the_same(&self, change: &EditPost, by: Uuid, base: Option<u64>) -> Result<bool, Problem> {
        let same_base = base.is_none_or(|base| base == self.base_version);
        Ok(same_base && self.saved_by == Some(by) && self.change()? == *change)
    }

    /// The names of the fields in which it differs from what was sent.
    pub(super) fn differing(&self, sent: &EditPost) -> Vec<String> {
        let kept: Map<String, Value> = serde_json::from_str(&self.change).unwrap_or_default();
        let sent = match serde_json::to_value(sent) {
            Ok(Value::Object(sent)) => sent,
            Ok(_) | Err(_) => Map::new(),
        };
        let differs = |name: &&String| kept.get(*name) != sent.get(*name);
        let mut names: Vec<String> = kept.keys().chain(sent.keys()).filter(differs).cloned().collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The row of a post, if there is one.
///
/// # Errors
/// Postgres does not answer.
pub(super) async fn find(vault: &Vault, post_id: Uuid) -> Result<Option<Kept>, Problem> {
    let sql = "SELECT version, base_version, base_revision, saved_by, change,
            (extract(epoch FROM saved_at) * 1000)::bigint AS saved_at_ms
        FROM writing.working_copies WHERE post_id = $1";
    vault.run_on(WHAT, sqlx::query_as(sql).bind(post_id).fetch_optional(vault.pool())).await
}

/// Keeps a change in the place of the row that is named; nothing if another row is there by now.
///
/// # Errors
/// Postgres does not answer: whether it is kept is not known then, and the same save again tells.
pub(super) async fn save(vault: &Vault, save: Save, change: &EditPost) -> Result<Option<Kept>, Problem> {
    let sql = "INSERT INTO writing.working_copies AS w
            (post_id, version, base_version, base_revision, change, owner_id, saved_by)
        SELECT $1, nextval('writing.versions'), $2, $3, $4, $5, $6
        WHERE $7 = 0 OR EXISTS (SELECT FROM writing.working_copies WHERE post_id = $1 AND version = $7)
        ON CONFLICT (post_id) DO UPDATE SET version = excluded.version, base_version = excluded.base_version,
            base_revision = excluded.base_revision, change = excluded.change, owner_id = excluded.owner_id,
            saved_by = excluded.saved_by, saved_at = excluded.saved_at
        WHERE w.version = $7
        RETURNING version, base_version, base_revision, saved_by, change,
            (extract(epoch FROM saved_at) * 1000)::bigint AS saved_at_ms";
    let change = serde_json::to_string(change).map_err(Problem::internal)?;
    let query = sqlx::query_as(sql)
        .bind(save.post_id)
        .bind(save.base_version.cast_signed())
        .bind(save.base_revision.cast_signed())
        .bind(change)
        .bind(save.owner_id)
        .bind(save.saved_by)
        .bind(save.replaces.cast_signed());
    vault.run_on(WHAT, query.fetch_optional(vault.pool())).await
}

/// Takes a version away; whether it was there.
///
/// # Errors
/// Postgres does not answer.
pub(super) async fn discard(vault: &Vault, post_id: Uuid, version: u64) -> Result<bool, Problem> {
    let sql = "DELETE FROM writing.working_copies WHERE post_id = $1 AND version = $2";
    let delete = sqlx::query(sql).bind(post_id).bind(version.cast_signed());
    Ok(vault.run_on(WHAT, delete.execute(vault.pool())).await?.rows_affected() == 1)
}
