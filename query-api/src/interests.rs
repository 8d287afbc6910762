//! What else than people the caller follows: `GET /v1/me/following/tags`, `…/categories` and `…/series`, newest first.
//! A name or id that came to stand for something else is shown as that, and two that stand for one thing once.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::Timestamp;
use domain::values::Tag;
use domain::views;
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::query_builder::Separated;
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::author_refs;
use crate::category_refs::CategoryRef;
use crate::cursor::{Key, ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::page::{List, Order, page_body, page_query};
use crate::reply::Keep;
use crate::series::SeriesEntry;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => tags, categories, series;
    }
}

/// A tag that is followed.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct FollowedTag {
    /// The tag.
    tag: String,
    /// Since when it is followed.
    #[schema(value_type = String, format = DateTime)]
    since: Time,
}

/// A category that is followed.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct FollowedCategory {
    /// The category.
    #[serde(flatten)]
    #[sqlx(flatten)]
    category: CategoryRef,
    /// Since when it is followed.
    #[schema(value_type = String, format = DateTime)]
    since: Time,
}

/// A series that is followed.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct FollowedSeries {
    /// The series.
    #[serde(flatten)]
    #[sqlx(flatten)]
    series: SeriesEntry,
    /// Since when it is followed.
    #[schema(value_type = String, format = DateTime)]
    since: Time,
}

page_body! {
    /// A page of tags that are followed.
    pub(crate) struct FollowedTagList {
        /// The tags, the newest first.
        tags: FollowedTag,
    }
}

page_body! {
    /// A page of categories that are followed.
    pub(crate) struct FollowedCategoryList {
        /// The categories, the newest first.
        categories: FollowedCategory,
    }
}

page_body! {
    /// A page of series that are followed.
    pub(crate) struct FollowedSeriesList {
        /// The series, the newest first.
        series: FollowedSeries,
    }
}

page_query! {
    /// The parameters of these lists.
    pub(crate) struct FollowedQuery {}
    /// How many to give at most.
    limit
}

/// The tags that an account follows.
struct Tags(Uuid);
/// The categories.
struct Categories(Uuid);
/// The series.
struct AllSeries(Uuid);

/// Since when a tag is followed, and its name.
struct TagKey(Time, String);

/// The tags that the token's subject follows
///
/// A name that stands for another tag is shown as that.
#[utoipa::path(
    get, path = "/v1/me/following/tags", operation_id = "list_followed_tags", tag = "me", params(FollowedQuery),
    responses(
        (status = 200, description = "A page of tags", body = FollowedTagList),
    )
)]
pub(crate) async fn tags(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<FollowedQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader().shows::<views::FollowedSubjects>([reader.id]);
    let page = Tags(reader.id).page(query.paging(), &library.database).await?;
    page.answer::<FollowedTagList>(reply.lists::<views::TagNames>())
}

/// The categories that the token's subject follows
///
/// One that was merged is shown as the one that it was merged into, one that was deleted not at all.
#[utoipa::path(
    get, path = "/v1/me/following/categories", operation_id = "list_followed_categories", tag = "me",
    params(FollowedQuery),
    responses(
        (status = 200, description = "A page of categories", body = FollowedCategoryList),
    )
)]
pub(crate) async fn categories(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<FollowedQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader().shows::<views::FollowedSubjects>([reader.id]);
    let page = Categories(reader.id).page(query.paging(), &library.database).await?;
    page.answer::<FollowedCategoryList>(reply.lists::<views::Categories>())
}

/// The series that the token's subject follows
///
/// One that was deleted is left out.
#[utoipa::path(
    get, path = "/v1/me/following/series", operation_id = "list_followed_series", tag = "me", params(FollowedQuery),
    responses(
        (status = 200, description = "A page of series", body = FollowedSeriesList),
    )
)]
pub(crate) async fn series(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<FollowedQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader().shows::<views::FollowedSubjects>([reader.id]);
    let mut page = AllSeries(reader.id).page(query.paging(), &library.database).await?;
    let owners = page.entries.iter_mut().map(|entry| &mut entry.series.owner).collect();
    let people = author_refs::look_up(owners, &library.database).await?;
    let reply = reply.lists::<views::AllSeries>().lists::<views::Posts>().shows::<views::Authors>(people);
    page.answer::<FollowedSeriesList>(reply)
}

impl List for Tags {
    type Key = TagKey;
    type Entry = FollowedTag;

    fn id(&self) -> ListId {
        ListId::of(["followed tags", &self.0.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(
            "SELECT t.tag, t.since FROM (SELECT COALESCE(n.tag, f.subject_ref) AS tag, max(f.since) AS since \
             FROM content.followed_subjects f LEFT JOIN content.tag_names n ON n.name = f.subject_ref \
             WHERE f.active AND f.subject_kind = 'tag' AND f.follower_id = ",
        );
        query.push_bind(self.0).push(" GROUP BY 1) t WHERE true");
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["t.since", "t.tag COLLATE \"C\""])
    }

    fn key(entry: &FollowedTag) -> TagKey {
        TagKey(entry.since, entry.tag.clone())
    }
}

impl List for Categories {
    type Key = TimeKey;
    type Entry = FollowedCategory;

    fn id(&self) -> ListId {
        ListId::of(["followed categories", &self.0.to_string()])
    }

    /// A merged category may be merged into one that is merged.
    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(
            "SELECT t.id, t.slug, t.name, t.since FROM (WITH RECURSIVE walk (since, category_id) AS ( \
                 SELECT f.since, CASE WHEN f.subject_kind = 'category' THEN f.subject_ref::uuid END \
                 FROM content.followed_subjects f WHERE f.active AND f.subject_kind = 'category' AND f.follower_id = ",
        );
        query.push_bind(self.0).push(
            " UNION SELECT w.since, c.merged_into FROM walk w JOIN content.categories c \
                 ON c.category_id = w.category_id WHERE c.merged_into IS NOT NULL) \
             SELECT max(w.since) AS since, c.category_id AS id, c.slug, c.name FROM walk w JOIN content.categories c \
                 ON c.category_id = w.category_id WHERE c.merged_into IS NULL AND NOT c.deleted \
                 GROUP BY c.category_id) t WHERE true",
        );
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["t.since", "t.id"])
    }

    fn key(entry: &FollowedCategory) -> TimeKey {
        TimeKey(entry.since, entry.category.id)
    }
}

impl List for AllSeries {
    type Key = TimeKey;
    type Entry = FollowedSeries;

    fn id(&self) -> ListId {
        ListId::of(["followed series", &self.0.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(format!(
            "SELECT f.since, {} FROM content.followed_subjects f JOIN content.series s \
             ON s.series_id = CASE WHEN f.subject_kind = 'series' THEN f.subject_ref::uuid END \
             WHERE f.active AND f.subject_kind = 'series' AND NOT s.deleted AND f.follower_id = ",
            SeriesEntry::columns()
        ));
        query.push_bind(self.0);
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["f.since", "s.series_id"])
    }

    fn key(entry: &FollowedSeries) -> TimeKey {
        TimeKey(entry.since, entry.series.id)
    }
}

impl Key for TagKey {
    fn text(&self) -> String {
        format!("{}/{}", self.0.timestamp().0, self.1)
    }

    fn parse(text: &str) -> Option<Self> {
        let (millis, tag) = text.split_once('/')?;
        let tag: Tag = tag.parse().ok()?;
        Some(Self(Time::exactly(Timestamp(millis.parse().ok()?))?, tag.into()))
    }

    fn bind(self, values: &mut Separated<'_, Postgres, &'static str>) {
        values.push_bind(self.0).push_bind(self.1);
    }
}
