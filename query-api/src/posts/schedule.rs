//! What is to happen by itself to the caller's posts: `GET /v1/me/schedule`, the next first. Schedules are made and
//! withdrawn at the command API.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::{Timestamp, views};
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::summary::{PostSummary, answer};
use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::listed::left_to_its_authors;
use crate::page::{List, Order, page_body, page_query};
use crate::reply::Keep;
use crate::row::row;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => list;
    }
}

row! {
    /// When something is to happen to a post, and how its author gave the time.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct Times of "p" {
        /// When it is to be published; null if not by itself.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        release_at: Option<Time>,
        /// That time as it was given, where it was given as local time.
        #[schema(required = true)]
        release_local_time: Option<String>,
        /// The zone of that.
        #[schema(required = true)]
        release_time_zone: Option<String>,
        /// Until when everyone can read it, once it is published; null for good.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        expires_at: Option<Time>,
        /// That time as it was given, where it was given as local time.
        #[schema(required = true)]
        expiry_local_time: Option<String>,
        /// The zone of that.
        #[schema(required = true)]
        expiry_time_zone: Option<String>,
    }
}

/// A post to which something is to happen.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct Planned {
    #[serde(flatten)]
    #[sqlx(flatten)]
    times: Times,
    /// The post.
    #[sqlx(flatten)]
    post: PostSummary,
}

page_body! {
    /// A page of what is to come.
    pub(crate) struct ScheduleList {
        /// The posts, the one to which something happens next first.
        schedule: Planned,
    }
}

page_query! {
    /// The parameters of the list.
    pub(crate) struct ScheduleQuery {}
    /// How many to give at most.
    limit
}

/// What is to happen to an author's posts.
struct Schedule {
    author_id: Uuid,
}

/// What is to happen by itself to the token's subject's posts
///
/// Drafts that are to be published, and published posts that are to expire. A deleted post is left out until it is
/// restored. What is due may be in the list until it is carried out, which takes a second.
#[utoipa::path(
    get, path = "/v1/me/schedule", operation_id = "list_schedule", tag = "me", params(ScheduleQuery),
    responses(
        (status = 200, description = "A page of what is to come", body = ScheduleList),
    )
)]
pub(crate) async fn list(
    Authenticated(author): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<ScheduleQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader();
    let page = Schedule { author_id: author.id }.page(query.paging(), &library.database).await?;
    answer::<_, ScheduleList>(page, |planned| &mut planned.post, &library, reply.lists::<views::Posts>()).await
}

impl List for Schedule {
    type Key = TimeKey;
    type Entry = Planned;

    fn id(&self) -> ListId {
        ListId::of(["schedule", &self.author_id.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let (times, post) = (Times::columns(), PostSummary::columns());
        let holds = left_to_its_authors("p");
        let mut query = QueryBuilder::new(format!("SELECT {times}, {post} FROM content.posts p WHERE {holds}"));
        query.push(" AND (p.release_at IS NOT NULL OR p.published AND p.expires_at IS NOT NULL)");
        query.push(" AND p.author_id = ").push_bind(self.author_id);
        query
    }

    fn order(&self) -> Order {
        Order::Ascending(["coalesce(p.release_at, p.expires_at)", "p.post_id"])
    }

    fn key(planned: &Planned) -> TimeKey {
        let next = planned.times.release_at.or(planned.times.expires_at);
        TimeKey(next.unwrap_or_else(|| Time::nearest(Timestamp(0))), planned.post.id)
    }
}
