use domain::accounts::Patch;
use domain::posts::{Drafted, Edited};
use domain::values::{Limited as _, Markdown, Slug, Summary, Tag, Title};
use domain::{Gained, Timestamp};
use serde::{Deserialize, Serialize};
use service_kit::schemas;
use service_kit::times::{Rfc3339, rfc3339};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::body::{BoundedVec, FEW, as_sent, empty, new_or_empty, new_text, new_text_or_empty, patch, typed};

/// The largest body of a command on a post: JSON may write each byte of a text as six (`\u0041`), and what is not text
/// has room beside it.
pub const LARGEST: usize = 3 * 1024 * 1024;

/// A post to draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPost {
    /// One line of 1 to 300 characters. Each is seen, or does something to one that is.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = schemas::Title)]
    pub title: Title,
    /// What it is about: at most 2,000 characters.
    #[serde(default = "empty", deserialize_with = "typed")]
    #[schema(value_type = schemas::Summary)]
    pub summary: Summary,
    /// Its text in Markdown: at most 500,000 bytes.
    #[serde(default = "empty", deserialize_with = "typed")]
    #[schema(value_type = schemas::Markdown)]
    pub body: Markdown,
    /// Its tags: at most 50, none twice.
    #[serde(default)]
    #[schema(value_type = Tags)]
    pub tags: BoundedVec<Tag>,
    /// The part of its address that names it; made from the title where it is missing.
    #[schema(value_type = Option<schemas::Slug>)]
    pub slug: Option<Slug>,
    /// Whose it is; the caller's where it is missing, or of a post that is there, its author's. Editors may name
    /// another.
    pub author_id: Option<Uuid>,
    /// Who else is named as its author, for imports: at most 50, none twice, and not the author. Only editors may name
    /// others than the post has; authors invite (`POST /v1/posts/{id}/invitations`). Who accepted an invitation stays,
    /// and who declined or left is not named again.
    #[serde(default)]
    #[schema(value_type = CoAuthorIds)]
    pub co_author_ids: BoundedVec<Uuid>,
    /// The ids of its categories: at most 50, none twice. One that is not there is not shown.
    #[serde(default)]
    #[schema(value_type = CategoryIds)]
    pub category_ids: BoundedVec<Uuid>,
    /// When it was first published elsewhere (RFC 3339), for imports: from 1000-01-01 to a day from now. A PUT without
    /// it keeps the one there is.
    #[serde(default, with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub originally_published_at: Option<Timestamp>,
}

/// A post as it should be: a [`NewPost`] that has a slug.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "NewPost", into = "NewPost")]
pub struct PutPost {
    /// The part of its address that names it.
    pub slug: Slug,
    /// The post, with the slug.
    pub post: NewPost,
}

impl TryFrom<NewPost> for PutPost {
    type Error = &'static str;

    fn try_from(post: NewPost) -> Result<Self, Self::Error> {
        let slug = post.slug.clone().ok_or("missing field `slug`")?;
        Ok(Self { slug, post })
    }
}

impl From<PutPost> for NewPost {
    fn from(put: PutPost) -> Self {
        put.post
    }
}

impl NewPost {
    /// The post as the domain takes it.
    #[must_use]
    pub fn content(self, author_id: Uuid, slug: Slug) -> Drafted {
        let Self { title, summary, body, tags, co_author_ids, originally_published_at, category_ids, .. } = self;
        let (tags, co_author_ids, category_ids) = (tags.0, co_author_ids.0, Gained(category_ids.0));
        Drafted { author_id, co_author_ids, slug, title, summary, body, tags, originally_published_at, category_ids }
    }
}

/// Fields of a post to change, as a JSON merge patch (RFC 7396): what is missing stays as it is; null empties what may
/// be empty, and takes the date away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditPost {
    /// The new title.
    #[serde(default, deserialize_with = "new_text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::Title, required = false)]
    pub title: Option<Title>,
    /// The new summary.
    #[serde(default, deserialize_with = "new_text_or_empty", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Summary>)]
    pub summary: Option<Summary>,
    /// The new text.
    #[serde(default, deserialize_with = "new_text_or_empty", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Markdown>)]
    pub body: Option<Markdown>,
    /// The new tags, none twice.
    #[serde(default, deserialize_with = "new_or_empty", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Tags>)]
    pub tags: Option<BoundedVec<Tag>>,
    /// The new slug; the former one redirects to it.
    #[serde(default, deserialize_with = "new_text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::Slug, required = false)]
    pub slug: Option<Slug>,
    /// The new co-authors, for imports, as of a new post.
    #[serde(default, deserialize_with = "new_or_empty", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CoAuthorIds>)]
    pub co_author_ids: Option<BoundedVec<Uuid>>,
    /// The new categories, by their ids: none twice.
    #[serde(default, deserialize_with = "new_or_empty", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CategoryIds>)]
    pub category_ids: Option<BoundedVec<Uuid>>,
    /// The new date of first publication elsewhere (RFC 3339), from 1000-01-01 to a day from now; null for none: the
    /// post is then dated by its publication here.
    #[serde(default, deserialize_with = "patch", serialize_with = "as_sent", skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub originally_published_at: Patch<Rfc3339>,
}

impl EditPost {
    /// The change as the domain takes it.
    #[must_use]
    pub fn change(self) -> Edited {
        let Self { title, summary, body, tags, slug, co_author_ids, originally_published_at, category_ids } = self;
        let (tags, category_ids) = (tags.map(|tags| tags.0), category_ids.map(|ids| ids.0));
        let co_author_ids = co_author_ids.map(|ids| ids.0);
        let (originally_published_at, reset_fields) = match originally_published_at {
            Patch::Keep => (None, Vec::new()),
            Patch::Default => (None, vec!["originally_published_at".to_owned()]),
            Patch::Set(Rfc3339(at)) => (Some(at), Vec::new()),
        };
        let dates = Edited { originally_published_at, reset_fields, ..Edited::default() };
        Edited { co_author_ids, slug, title, summary, body, tags, category_ids, ..dates }
    }
}

/// The list of a post's tags, as the OpenAPI document describes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tags {}

/// The list of a post's co-authors, as the OpenAPI document describes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum CoAuthorIds {}

/// The list of a post's categories, as the OpenAPI document describes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum CategoryIds {}

service_kit::describe! {
    Tags as "Tags" = schemas::few(FEW, schemas::text(Tag::LIMITS));
    CoAuthorIds as "CoAuthorIds" = schemas::few(FEW, schemas::id());
    CategoryIds as "CategoryIds" = schemas::few(FEW, schemas::id());
}
