use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::Slug;
use domain::{Actor, series, views};
use serde::Serialize;
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes};
use sqlx::query_builder::Separated;
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::entry::SeriesEntry;
use crate::author_refs;
use crate::cursor::{Key, ListId};
use crate::database::Database;
use crate::library::Library;
use crate::listed::shown;
use crate::page::{List, Order, Page, page_query};
use crate::posts::{Named, PostSummary};
use crate::reply::{Keep, unkept};

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => one;
    }
}

page_query! {
    /// The parameters of a series.
    pub(crate) struct OneSeriesQuery {}
    /// How many of its posts to give at most.
    limit
}

/// A series, with a page of its posts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Series {
    #[serde(flatten)]
    series: SeriesEntry,
    /// The ids of all its posts, drafts and deleted ones too, in their order: what a new order names. Its owner and
    /// editors see it; null for all others.
    #[schema(required = true)]
    post_ids: Option<Vec<Uuid>>,
    /// Its published posts, in their order.
    posts: Vec<PostSummary>,
    /// The `cursor` of the next page; null on the last.
    #[schema(required = true)]
    next: Option<String>,
}

/// What a slug leads to.
#[derive(FromRow)]
struct Found {
    #[sqlx(flatten)]
    series: SeriesEntry,
    post_ids: Vec<Uuid>,
    deleted: bool,
}

/// A series by its slug, with its published posts in order
///
/// A former slug, or one in another case, redirects to the present one. A post that is a draft or deleted is left out
/// until it can be read again.
#[utoipa::path(
    get, path = "/v1/series/{slug}", operation_id = "read_series", tag = "series",
    params(("slug" = String, Path, description = "Its slug, or a former one"), OneSeriesQuery),
    responses(
        (status = 200, description = "The series, with a page of its posts", body = Series),
        (status = 301, description = "It is a former slug, or in another case", headers(
            ("Location" = String, description = "Where"),
        )),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 404, description = "`not-found`: no series has this slug"),
        (status = 410, description = "`gone`: the series was deleted"),
    ),
    security((), ("token" = []))
)]
pub(crate) async fn one(
    library: Data<Library>,
    request: HttpRequest,
    slug: Path<String>,
    Query(query): Query<OneSeriesQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let named = slug.into_inner();
    let slug: Slug = named.to_ascii_lowercase().parse().map_err(|_| missing())?;
    let reply = library.reply(&request, query.position.as_ref()).await?.depends_on_the_reader();
    let Some(found) = find(&library.database, &slug).await? else {
        return Err(reply.lists::<views::AllSeries>().refused(missing()));
    };
    let Found { mut series, post_ids, deleted } = found;
    let reply = reply.shows::<views::AllSeries>([series.id]);
    if deleted {
        return Err(reply.refused(unkept(Problem::gone("the series was deleted"))));
    }
    if series.slug != named {
        return Ok(reply.moved(&format!("/v1/series/{}", series.slug), request.query_string()));
    }
    let manages = may_manage(reader.as_ref(), series.owner.id);
    let Page { entries, next } = Members { series_id: series.id }.page(query.paging(), &library.database).await?;
    let mut posts: Vec<PostSummary> = entries.into_iter().map(|member| member.post).collect();
    let people = author_refs::look_up(vec![&mut series.owner], &library.database).await?;
    let named = Named::by(posts.iter_mut().collect(), &library.database).await?;
    let reply = named.shown_in(reply.lists::<views::Posts>()).shows::<views::Authors>(people);
    let reply = reply.keep(if manages { Keep::Private } else { Keep::Public }).next_page(next.as_deref());
    reply.json(&Series { series, post_ids: manages.then_some(post_ids), posts, next })
}

async fn find(database: &Database, slug: &Slug) -> Result<Option<Found>, Problem> {
    let columns = SeriesEntry::columns();
    let mut query = QueryBuilder::new(format!(
        "SELECT {columns}, s.post_ids, s.deleted FROM content.series_slugs l \
         JOIN content.series s ON s.series_id = l.series_id WHERE l.slug = "
    ));
    query.push_bind(slug.as_str());
    database.run(query.build_query_as().fetch_optional(database.pool())).await
}

/// Whether a reader may change the series, and so sees what is in it that is no one's to read yet.
fn may_manage(reader: Option<&Actor>, owner_id: Uuid) -> bool {
    reader.is_some_and(|reader| series::permit(reader, owner_id).is_ok())
}

fn missing() -> Problem {
    unkept(Problem::not_found("no series has this slug"))
}

/// The published posts of a series.
struct Members {
    series_id: Uuid,
}

/// One of them.
#[derive(Debug, FromRow)]
struct Member {
    place: i64,
    #[sqlx(flatten)]
    post: PostSummary,
}

/// A place among the posts of a series, and the post there. What is after it follows where the post is by now; where it
/// is in the series no more, what came into its place, or stands there still, does.
struct PlaceKey(i64, Uuid);

impl Key for PlaceKey {
    fn text(&self) -> String {
        format!("{}/{}", self.0, self.1)
    }

    fn parse(text: &str) -> Option<Self> {
        let (place, id) = text.split_once('/')?;
        let place = place.parse().ok().filter(|place| *place >= 0)?;
        Some(Self(place, id.parse().ok()?))
    }

    fn bind(self, values: &mut Separated<'_, Postgres, &'static str>) {
        const NOW: &str = "FROM content.series_posts s WHERE s.series_id = m.series_id AND s.post_id = ";
        let Self(place, id) = self;
        values.push(format_args!("COALESCE((SELECT s.place {NOW}")).push_bind_unseparated(id);
        values.push_unseparated(" LIMIT 1), ").push_bind_unseparated(place).push_unseparated(")");
        values.push(format_args!("COALESCE((SELECT s.post_id {NOW}")).push_bind_unseparated(id);
        values.push_unseparated(" LIMIT 1), ").push_bind_unseparated(Uuid::nil()).push_unseparated(")");
    }
}

impl List for Members {
    type Key = PlaceKey;
    type Entry = Member;

    fn id(&self) -> ListId {
        ListId::of(["posts of series", &self.series_id.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let (columns, shown) = (PostSummary::columns(), shown("p"));
        let mut query = QueryBuilder::new(format!(
            "SELECT m.place, {columns} FROM content.series_posts m JOIN content.posts p ON p.post_id = m.post_id \
             WHERE {shown} AND m.series_id = "
        ));
        query.push_bind(self.series_id);
        query
    }

    fn order(&self) -> Order {
        Order::Ascending(["m.place", "m.post_id"])
    }

    fn key(member: &Member) -> PlaceKey {
        PlaceKey(member.place, member.post.id)
    }
}
