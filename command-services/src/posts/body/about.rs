//! What a post has that may be missing, as clients name it: a cover is one object, and fields of one's own are another.
//! In events a cover is four fields, and what is one's own is a text.

use domain::accounts::Patch;
use domain::media::Reference;
use domain::posts::{Drafted, Edited};
use domain::values::{AltText, CoverImage, CustomFields, Limited as _, Markdown, Percent, Sha256, Slug, WebAddress};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use service_kit::schemas;
use service_kit::times::Rfc3339;
use utoipa::openapi::schema::{AdditionalProperties, OneOf, Type};
use utoipa::openapi::{ObjectBuilder, OneOfBuilder};
use uuid::Uuid;

use super::{EditPost, NewPost};

/// The picture at the head of a post, and what of it is to be seen wherever it is cut.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Told", into = "Told")]
pub struct Cover {
    image: CoverImage,
    alt: AltText,
    focal_x: Percent,
    focal_y: Percent,
}

/// The same as a client tells it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    #[serde(default, deserialize_with = "typed_or_none", skip_serializing_if = "Option::is_none")]
    url: Option<WebAddress>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<Sha256>,
    #[serde(default = "super::empty", deserialize_with = "super::typed")]
    alt: AltText,
    #[serde(default = "middle")]
    focal_x: Percent,
    #[serde(default = "middle")]
    focal_y: Percent,
}

fn middle() -> Percent {
    Percent::MIDDLE
}

/// A text that a person typed, or none.
pub(super) fn typed_or_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr<Err = domain::values::Invalid>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse()).transpose().map_err(serde::de::Error::custom)
}

/// What is to become of a text that a person types.
pub(super) fn patch_typed<'de, D, T>(deserializer: D) -> Result<Patch<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr<Err = domain::values::Invalid>,
{
    Ok(typed_or_none(deserializer)?.map_or(Patch::Default, Patch::Set))
}

impl TryFrom<Told> for Cover {
    type Error = &'static str;

    fn try_from(told: Told) -> Result<Self, Self::Error> {
        let Told { url, sha256, alt, focal_x, focal_y } = told;
        let image = match (url, sha256) {
            (Some(url), None) => url.into(),
            (None, Some(sha256)) => sha256.into(),
            (None, None) | (Some(_), Some(_)) => return Err("needs `url` or `sha256`, and not both"),
        };
        Ok(Self { image, alt, focal_x, focal_y })
    }
}

impl From<Cover> for Told {
    fn from(Cover { image, alt, focal_x, focal_y }: Cover) -> Self {
        let sha256 = image.sha256();
        let url = sha256.is_none().then(|| WebAddress::try_from(String::from(image)).ok()).flatten();
        Self { url, sha256, alt, focal_x, focal_y }
    }
}

impl Cover {
    /// The item of media that it is, if it is one: described where it is said what it shows.
    fn reference(&self) -> Option<Reference> {
        Some(Reference { sha256: self.image.sha256()?, described: !self.alt.as_str().is_empty() })
    }
}

/// Fields of one's own: a JSON object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct OwnFields(pub CustomFields);

impl TryFrom<Value> for OwnFields {
    type Error = domain::values::Invalid;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        CustomFields::try_from(&value).map(Self)
    }
}

impl From<OwnFields> for Value {
    fn from(OwnFields(fields): OwnFields) -> Self {
        fields.value()
    }
}

impl NewPost {
    /// What is judged before it is decided: the fields of one's own, and the post that it is to be a translation of.
    #[must_use]
    pub fn judged(&self) -> (Option<&CustomFields>, Option<Uuid>) {
        (self.custom_fields.as_ref().map(|OwnFields(fields)| fields), self.translation_of)
    }

    /// What it shows of pictures: its text, and its cover.
    #[must_use]
    pub fn shows(&self) -> (Option<&Markdown>, Option<Reference>) {
        (Some(&self.body), self.cover.as_ref().and_then(Cover::reference))
    }

    /// The least post with what may be missing.
    pub(super) fn about(&self, author_id: Uuid, slug: Slug) -> Drafted {
        let (image, alt, focal_x, focal_y) = parts(self.cover.clone());
        Drafted {
            canonical_url: self.canonical_url.clone(),
            cover_image: image,
            cover_alt: alt,
            cover_focal_x: focal_x,
            cover_focal_y: focal_y,
            language_tag: self.language.clone(),
            translation_of: self.translation_of,
            meta_title: self.meta_title.clone(),
            meta_description: self.meta_description.clone(),
            custom_fields: self.custom_fields.clone().map(|OwnFields(fields)| fields),
            visibility: self.visibility,
            featured: self.featured,
            comments: self.comments,
            ..Drafted::new(author_id, slug, self.title.clone())
        }
    }
}

impl EditPost {
    /// What is judged before it is decided, as of a new post.
    #[must_use]
    pub fn judged(&self) -> (Option<&CustomFields>, Option<Uuid>) {
        let fields = match &self.custom_fields {
            Patch::Set(OwnFields(fields)) => Some(fields),
            Patch::Keep | Patch::Default => None,
        };
        (fields, if let Patch::Set(id) = self.translation_of { Some(id) } else { None })
    }

    /// What it shows anew of pictures: its text, and its cover.
    #[must_use]
    pub fn shows(&self) -> (Option<&Markdown>, Option<Reference>) {
        let cover = if let Patch::Set(cover) = &self.cover { cover.reference() } else { None };
        (self.body.as_ref(), cover)
    }

    /// The change of what may be missing: small beside the text, which is moved.
    pub(super) fn about(&self) -> Edited {
        let mut reset = Vec::new();
        let at = set(&self.originally_published_at, &["originally_published_at"], &mut reset);
        let (image, alt, focal_x, focal_y) = parts(set(&self.cover, COVER, &mut reset));
        let custom_fields = set(&self.custom_fields, &["custom_fields"], &mut reset);
        Edited {
            originally_published_at: at.map(|Rfc3339(at)| at),
            cover_image: image,
            cover_alt: alt,
            cover_focal_x: focal_x,
            cover_focal_y: focal_y,
            custom_fields: custom_fields.map(|OwnFields(fields)| fields),
            canonical_url: set(&self.canonical_url, &["canonical_url"], &mut reset),
            language_tag: set(&self.language, &["language_tag"], &mut reset),
            translation_of: set(&self.translation_of, &["translation_of"], &mut reset),
            meta_title: set(&self.meta_title, &["meta_title"], &mut reset),
            meta_description: set(&self.meta_description, &["meta_description"], &mut reset),
            visibility: set(&self.visibility, &["visibility"], &mut reset),
            featured: set(&self.featured, &["featured"], &mut reset),
            comments: set(&self.comments, &["comments"], &mut reset),
            reset_fields: reset,
            ..Edited::default()
        }
    }
}

/// The fields of events that a cover is.
const COVER: &[&str] = &["cover_image", "cover_alt", "cover_focal_x", "cover_focal_y"];

/// The new value, if there is one; what is taken away is named among what is reset.
fn set<T: Clone>(patch: &Patch<T>, fields: &[&str], reset: &mut Vec<String>) -> Option<T> {
    match patch {
        Patch::Keep => None,
        Patch::Default => {
            reset.extend(fields.iter().map(|field| (*field).to_owned()));
            None
        }
        Patch::Set(value) => Some(value.clone()),
    }
}

type Parts = (Option<CoverImage>, Option<AltText>, Option<Percent>, Option<Percent>);

fn parts(cover: Option<Cover>) -> Parts {
    let Some(Cover { image, alt, focal_x, focal_y }) = cover else { return (None, None, None, None) };
    (Some(image), Some(alt), Some(focal_x), Some(focal_y))
}

const ALT: &str = "What it shows. Before the post is public, of media here this or the item itself says it.";

/// One of the two ways to name a picture; the other may be there, as null.
fn cover_with(name: &str, picture: ObjectBuilder, other: &str) -> ObjectBuilder {
    let percent = || {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        number.minimum(Some(0)).maximum(Some(Percent::MOST)).default(Some(50.into()))
    };
    let alt = schemas::text(AltText::LIMITS).description(Some(ALT));
    let place = "What of it is to be seen wherever it is cut: percent from the";
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .property(name, picture)
        .required(name)
        .property(other, ObjectBuilder::new().schema_type(Type::Null))
        .property("alt", alt)
        .property("focal_x", percent().description(Some(format!("{place} left."))))
        .property("focal_y", percent().description(Some(format!("{place} top."))))
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

fn cover() -> OneOf {
    let url = schemas::text(WebAddress::LIMITS).description(Some("The address of a picture somewhere."));
    let medium = schemas::text(Sha256::LIMITS)
        .description(Some("The item of media here that is the picture, as its upload replied."));
    OneOfBuilder::new().item(cover_with("url", url, "sha256")).item(cover_with("sha256", medium, "url")).build()
}

fn own_fields() -> ObjectBuilder {
    let told = "Fields of one's own, as the schema has them that the service is configured with: at most 16,384 bytes \
                and 8 levels.";
    let fields = ObjectBuilder::new().schema_type(Type::Object).max_properties(Some(CustomFields::MOST));
    fields.description(Some(told)).additional_properties(Some(AdditionalProperties::FreeForm(true)))
}

service_kit::describe! {
    Cover as "NewCover" = utoipa::openapi::Schema::from(cover());
    OwnFields as "CustomFields" = utoipa::openapi::Schema::from(own_fields().build());
}
