use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::author_refs::AuthorRef;
use crate::database::Time;
use crate::listed::shown;

/// A series as lists show it.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct SeriesEntry {
    /// Its id: what commands name it by.
    pub(crate) id: Uuid,
    /// Its slug: what it is read by.
    pub(super) slug: String,
    /// What it is called.
    title: String,
    /// What it is about; may be empty.
    description: String,
    /// Whose it is.
    #[sqlx(try_from = "Uuid")]
    pub(crate) owner: AuthorRef,
    /// How many published posts are in it.
    posts_count: i64,
    /// How many accounts follow it.
    followers_count: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Time,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
    /// Its version: what `If-Match` takes.
    version: i64,
}

impl SeriesEntry {
    /// The list that a `SELECT` begins with which calls `content.series` `s`. A series has so few posts that they are
    /// counted when it is asked: whether one can be read is of another topic.
    pub(crate) fn columns() -> String {
        format!(
            "s.series_id AS id, s.slug, s.title, s.description, s.owner_id AS owner, (SELECT count(*) \
             FROM content.series_posts m JOIN content.posts o ON o.post_id = m.post_id \
             WHERE m.series_id = s.series_id AND {}) AS posts_count, COALESCE((SELECT k.followers \
             FROM content.subject_follow_counts k WHERE k.subject_kind = 'series' \
             AND k.subject_ref = s.series_id::text), 0) AS followers_count, s.created_at, s.updated_at, s.version",
            shown("o")
        )
    }
}
