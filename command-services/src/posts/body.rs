mod about;

pub(super) use about::{Cover, OwnFields};

use domain::accounts::Patch;
use domain::posts::{Drafted, Edited};
use domain::values::{Comments, Limited as _, Locale, Markdown, MetaDescription, Slug, Summary, Tag, Title};
use domain::values::{Visibility, WebAddress};
use domain::{Gained, Timestamp};
use serde::{Deserialize, Serialize};
use service_kit::schemas;
use service_kit::times::{Rfc3339, rfc3339};
use utoipa::ToSchema;
use uuid::Uuid;

use about::{patch_typed, typed_or_none};

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
    /// it keeps the one there is, and so with all that follows.
    #[serde(default, with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub originally_published_at: Option<Timestamp>,
    /// Where the text stands that search engines are to take for the first: an http or https address elsewhere.
    #[serde(default, deserialize_with = "typed_or_none", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::WebAddress>)]
    pub canonical_url: Option<WebAddress>,
    /// The picture at its head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Cover>)]
    pub cover: Option<Cover>,
    /// The language that it is written in: a BCP 47 tag, such as `de` or `pt-BR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Locale>)]
    pub language: Option<Locale>,
    /// The post that it is a translation of: one that the caller may edit. Readers are shown all translations of one
    /// post, whichever of them they read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translation_of: Option<Uuid>,
    /// Its title for search engines, where that is another.
    #[serde(default, deserialize_with = "typed_or_none", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Title>)]
    pub meta_title: Option<Title>,
    /// What search engines and previews show of it; the summary, where it is missing.
    #[serde(default, deserialize_with = "typed_or_none", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::MetaDescription>)]
    pub meta_description: Option<MetaDescription>,
    /// Fields of one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<OwnFields>)]
    pub custom_fields: Option<OwnFields>,
    /// Who can read it once it is published: `public`; `unlisted`, who has its address; or `members`, whose text only
    /// its authors and editors are shown until there are members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::PostVisibility>)]
    pub visibility: Option<Visibility>,
    /// Whether it is put before others. Only editors say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub featured: Option<bool>,
    /// Who may comment: `open` (anyone with an account), `confirmed` (who confirmed their address), `followers` (of its
    /// author), `closed` (no one).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Comments>)]
    pub comments: Option<Comments>,
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
        let about = self.about(author_id, slug);
        Drafted {
            co_author_ids: self.co_author_ids.0,
            summary: self.summary,
            body: self.body,
            tags: self.tags.0,
            originally_published_at: self.originally_published_at,
            category_ids: Gained(self.category_ids.0),
            ..about
        }
    }
}

/// Fields of a post to change, as a JSON merge patch (RFC 7396): what is missing stays as it is; null empties what may
/// be empty, and takes away what may be missing.
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
    /// The new canonical address; null for none.
    #[serde(
        default,
        deserialize_with = "patch_typed",
        serialize_with = "as_sent",
        skip_serializing_if = "Patch::is_keep"
    )]
    #[schema(value_type = Option<schemas::WebAddress>)]
    pub canonical_url: Patch<WebAddress>,
    /// The new cover, as a whole; null for none.
    #[serde(default, deserialize_with = "patch", serialize_with = "as_sent", skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Cover>)]
    pub cover: Patch<Cover>,
    /// The new language; null where it is not to be said.
    #[serde(default, deserialize_with = "patch", serialize_with = "as_sent", skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<schemas::Locale>)]
    pub language: Patch<Locale>,
    /// The post that it is a translation of; null for none.
    #[serde(default, deserialize_with = "patch", serialize_with = "as_sent", skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Uuid>)]
    pub translation_of: Patch<Uuid>,
    /// The new title for search engines; null for the post's.
    #[serde(
        default,
        deserialize_with = "patch_typed",
        serialize_with = "as_sent",
        skip_serializing_if = "Patch::is_keep"
    )]
    #[schema(value_type = Option<schemas::Title>)]
    pub meta_title: Patch<Title>,
    /// What search engines show; null for the summary.
    #[serde(
        default,
        deserialize_with = "patch_typed",
        serialize_with = "as_sent",
        skip_serializing_if = "Patch::is_keep"
    )]
    #[schema(value_type = Option<schemas::MetaDescription>)]
    pub meta_description: Patch<MetaDescription>,
    /// The new fields of one's own, all of them; null for none.
    #[serde(default, deserialize_with = "patch", serialize_with = "as_sent", skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<OwnFields>)]
    pub custom_fields: Patch<OwnFields>,
    /// Who can read it; null for everyone.
    #[serde(default, deserialize_with = "patch", serialize_with = "as_sent", skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<schemas::PostVisibility>)]
    pub visibility: Patch<Visibility>,
    /// Whether it is put before others; null for no. Only editors say so.
    #[serde(default, deserialize_with = "patch", serialize_with = "as_sent", skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<bool>)]
    pub featured: Patch<bool>,
    /// Who may comment: `open` (anyone with an account; also null), `confirmed` (who confirmed their address),
    /// `followers` (of its author), `closed` (no one).
    #[serde(default, deserialize_with = "patch", serialize_with = "as_sent", skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<schemas::Comments>)]
    pub comments: Patch<Comments>,
}

impl EditPost {
    /// The change as the domain takes it.
    #[must_use]
    pub fn change(self) -> Edited {
        let about = self.about();
        Edited {
            co_author_ids: self.co_author_ids.map(|ids| ids.0),
            slug: self.slug,
            title: self.title,
            summary: self.summary,
            body: self.body,
            tags: self.tags.map(|tags| tags.0),
            category_ids: self.category_ids.map(|ids| ids.0),
            ..about
        }
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
