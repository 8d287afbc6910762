use domain::Timestamp;
use serde::Serialize;
use service_kit::times;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::author_refs::{AuthorRef, AuthorRefs};
use crate::database::timestamp;
use crate::row::row;

/// A post as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PostSummary {
    /// Its id: what commands name it by.
    id: Uuid,
    /// Its slug: what it is read by.
    slug: String,
    /// Its title.
    title: String,
    /// What it is about; may be empty.
    summary: String,
    /// Its tags.
    tags: Vec<String>,
    /// Who wrote it.
    author: AuthorRef,
    /// Who else is named.
    co_authors: Vec<AuthorRef>,
    /// When it was first published, here or elsewhere; null for a draft that never was.
    #[serde(with = "times::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    published_at: Option<Timestamp>,
    /// When it last changed.
    #[serde(with = "times::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version: what an edit names in `If-Match`.
    version: i64,
}

row! {
    /// What a summary is made of.
    pub(super) struct SummaryRow of "p" {
        pub(super) post_id: Uuid,
        pub(super) author_id: Uuid,
        pub(super) co_author_ids: Vec<Uuid>,
        pub(super) slug: String,
        pub(super) title: String,
        pub(super) summary: String,
        pub(super) tags: Vec<String>,
        pub(super) published_at: Option<OffsetDateTime>,
        pub(super) updated_at: OffsetDateTime,
        pub(super) version: i64,
    }
}

impl SummaryRow {
    /// The accounts named beside the post.
    pub(super) fn people(&self) -> impl Iterator<Item = Uuid> {
        std::iter::once(self.author_id).chain(self.co_author_ids.iter().copied())
    }

    /// As a list shows it.
    pub(super) fn shown(self, authors: &AuthorRefs) -> PostSummary {
        PostSummary {
            author: authors.one(self.author_id),
            co_authors: authors.several(&self.co_author_ids),
            id: self.post_id,
            slug: self.slug,
            title: self.title,
            summary: self.summary,
            tags: self.tags,
            published_at: self.published_at.map(timestamp),
            updated_at: timestamp(self.updated_at),
            version: self.version,
        }
    }
}
