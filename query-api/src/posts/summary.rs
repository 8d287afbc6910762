use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::author_refs::{AuthorRef, AuthorRefs};
use crate::database::Time;
use crate::row::row;

row! {
    /// A post as lists show it.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct PostSummary of "p" {
        /// Its id: what commands name it by.
        pub(crate) id: Uuid = "p.post_id",
        /// Its slug: what it is read by.
        pub(super) slug: String,
        /// Its title.
        title: String,
        /// What it is about; may be empty.
        summary: String,
        /// Its tags.
        tags: Vec<String>,
        /// Who wrote it.
        #[sqlx(try_from = "Uuid")]
        pub(super) author: AuthorRef = "p.author_id",
        /// Who else is named.
        #[sqlx(try_from = "Vec<Uuid>")]
        #[schema(value_type = Vec<AuthorRef>)]
        pub(super) co_authors: AuthorRefs = "p.co_author_ids",
        /// When it was first published, here or elsewhere; null for a draft that never was.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        pub(super) published_at: Option<Time>,
        /// When it last changed.
        #[schema(value_type = String, format = DateTime)]
        updated_at: Time,
        /// Its version: what an edit names in `If-Match`.
        pub(super) version: i64,
    }
}

impl PostSummary {
    /// The accounts named beside the post.
    pub(crate) fn people(&mut self) -> impl Iterator<Item = &mut AuthorRef> {
        std::iter::once(&mut self.author).chain(&mut self.co_authors.0)
    }
}
