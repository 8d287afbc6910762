//! What a post has beside its text, and the posts that it is a translation of, or that are translations of it.

use domain::values::{Visibility, WITHIN};
use serde::Serialize;
use serde_json::Value;
use service_kit::Problem;
use sqlx::AssertSqlSafe;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::database::Database;
use crate::listed::shown;
use crate::row::row;

/// What is read of a cover: see [`Covered`].
pub(super) type CoverColumns = Vec<Option<String>>;

/// The picture at the head of a post.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cover {
    /// The address of a picture somewhere; null for one that is here.
    #[schema(required = true)]
    url: Option<String>,
    /// The item of media here that is the picture, at `/media/<sha256>`; null for a picture somewhere else.
    #[schema(required = true)]
    sha256: Option<String>,
    /// What it shows; empty where it shows nothing of note.
    alt: String,
    /// What of it is to be seen wherever it is cut: percent from the left.
    focal_x: i64,
    /// Percent from the top.
    focal_y: i64,
}

/// A cover, if there is one.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Covered(Option<Cover>);

/// Picture, words and the two places, as the row has them.
impl From<CoverColumns> for Covered {
    fn from(columns: CoverColumns) -> Self {
        let mut columns = columns.into_iter();
        let mut next = || columns.next().flatten();
        let (image, alt, x, y) = (next(), next(), next(), next());
        let percent = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or(50);
        Self(image.map(|image| {
            let sha256 = image.strip_prefix(WITHIN).map(ToOwned::to_owned);
            let url = Some(image).filter(|_| sha256.is_none());
            Cover { url, sha256, alt: alt.unwrap_or_default(), focal_x: percent(x), focal_y: percent(y) }
        }))
    }
}

/// Fields of a post of one's own.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct OwnFields(Value);

impl From<Option<String>> for OwnFields {
    fn from(text: Option<String>) -> Self {
        let fields = text.and_then(|text| serde_json::from_str(&text).ok());
        Self(fields.unwrap_or_else(|| Value::Object(serde_json::Map::new())))
    }
}

impl From<serde_json::Map<String, Value>> for OwnFields {
    fn from(fields: serde_json::Map<String, Value>) -> Self {
        Self(Value::Object(fields))
    }
}

row! {
    /// What a post alone shows, and no list.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct About of "p" {
        /// Where the text stands that search engines are to take for the first: an address elsewhere.
        #[schema(required = true)]
        pub(super) canonical_url: Option<String>,
        /// Its title for search engines, where that is another.
        #[schema(required = true)]
        pub(super) meta_title: Option<String>,
        /// What search engines and previews show of it; the summary, where it is null.
        #[schema(required = true)]
        pub(super) meta_description: Option<String>,
        /// Fields of its author's own.
        #[sqlx(try_from = "Option<String>")]
        #[schema(value_type = Object)]
        pub(super) custom_fields: OwnFields,
        /// Who may comment: `open` (all with an account), `confirmed`, `followers` (of its author), `closed` (no one,
        /// as where it is archived).
        pub(super) comments: String = "CASE WHEN p.archived THEN 'closed' ELSE p.comments END",
        /// Whether there may be translations.
        #[serde(skip)]
        pub(super) has_translations: bool = "(p.translation_of IS NOT NULL OR EXISTS \
            (SELECT FROM content.posts t WHERE t.translation_of = p.post_id))",
    }
}

/// A post in another language.
#[derive(Debug, sqlx::FromRow, Serialize, ToSchema)]
pub(crate) struct Translation {
    /// Its id.
    id: Uuid,
    /// Its slug: what it is read by.
    slug: String,
    /// Its title.
    title: String,
    /// Its language, as a BCP 47 tag; null where its author does not say.
    #[schema(required = true)]
    language: Option<String>,
}

impl Translation {
    /// All that is shown of it.
    pub(super) fn shown(&self) -> impl Iterator<Item = &str> {
        [self.slug.as_str(), self.title.as_str(), self.language.as_deref().unwrap_or_default()].into_iter()
    }
}

/// The most posts of which each is a translation of another of them.
const MOST_TRANSLATIONS: usize = 100;

/// The translations of a post that are in the lists, or in the archive: all that can be reached from it by
/// who names whom, either way. Thus each of them shows all others, whichever was named.
pub(super) async fn translations(post_id: Uuid, database: &Database) -> Result<Vec<Translation>, Problem> {
    let shown = shown("p");
    let statement = format!(
        "WITH RECURSIVE walk (post_id) AS (
            SELECT $1::uuid
            UNION
            SELECT beside.post_id FROM walk w CROSS JOIN LATERAL (
                SELECT t.post_id FROM content.posts t WHERE t.translation_of = w.post_id
                UNION ALL
                SELECT o.translation_of FROM content.posts o
                    WHERE o.post_id = w.post_id AND o.translation_of IS NOT NULL
            ) beside
        ), few AS (SELECT post_id FROM walk LIMIT {MOST_TRANSLATIONS})
        SELECT p.post_id AS id, p.slug, p.title, p.language_tag AS language
        FROM few JOIN content.posts p ON p.post_id = few.post_id
        WHERE {shown} AND p.post_id <> $1 ORDER BY p.language_tag, p.post_id"
    );
    let query = sqlx::query_as(AssertSqlSafe(statement)).bind(post_id);
    database.run(query.fetch_all(database.pool())).await
}

/// Whether the text of a post is for members.
pub(crate) fn is_for_members(visibility: &str) -> bool {
    visibility == Visibility::Members.name()
}
