//! How often a post is read: `GET /v1/posts/{slug}/reads`, for its authors and editors, and the counting
//! ([`counter::Counter`]). Why it is in no log, and what is kept of readers, says docs/adr/0025.

mod counter;
mod keys;
mod store;
mod visitor;

use std::ops::ControlFlow;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::posts::Action;
use serde::{Serialize, Serializer};
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::query_builder::Separated;
use sqlx::{Postgres, QueryBuilder};
use time::Date;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::{Key, ListId};
use crate::library::Library;
use crate::named_post::ListOfPost;
use crate::page::{List, Order, page_body, page_query};
use crate::reply::Keep;
use crate::row::row;
pub(crate) use counter::Counter;
pub(crate) use keys::Keys;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => of_post;
    }
}

row! {
    /// A day on which a post was read.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct DayOfReads of "r" {
        /// The day, in UTC.
        #[schema(value_type = String, format = Date)]
        #[serde(serialize_with = "as_text")]
        day: Date,
        /// How many readers it had: each counts once a day.
        reads: i64,
    }
}

page_body! {
    /// A page of the days on which a post was read.
    pub(crate) struct ReadsOfPost {
        /// The days, the last first; those without readers are left out.
        days: DayOfReads,
    }
}

page_query! {
    /// The parameters of the list of days.
    pub(crate) struct ReadsQuery {}
    /// How many days to give at most.
    limit
}

/// Who sees how often a post is read.
const DAYS: ListOfPost = ListOfPost {
    list: "reads",
    keep: Keep::Never,
    action: Action::ReadDraft,
    why: "only its authors and editors see how often it is read",
};

/// How often a post was read, by day
///
/// For its authors and editors. A reader counts once a day and post, whatever they ask for again; programs, what
/// browsers fetch before it is wanted, and the authors and editors themselves are not counted. A count is seconds late.
#[utoipa::path(
    get, path = "/v1/posts/{slug}/reads", operation_id = "list_reads_of_post", tag = "posts",
    params(("slug" = String, Path, description = "Its slug, or a former one"), ReadsQuery),
    responses(
        (status = 200, description = "A page of days", body = ReadsOfPost),
        (status = 301, description = "The post has another slug, or is asked for in another case", headers(
            ("Location" = String, description = "Where"),
        )),
        (status = 403, description = "`not-the-author`: only its authors and editors see it"),
        (status = 404, description = "`not-found`: no post has this slug, or only others may see it"),
        (status = 410, description = "`gone`: the post was deleted"),
    )
)]
pub(crate) async fn of_post(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    named: Path<String>,
    Query(query): Query<ReadsQuery>,
) -> Result<HttpResponse, Problem> {
    let (post_id, reply) = match DAYS.begin(&library, &request, (&reader, &named), query.position.as_ref()).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(moved) => return Ok(moved),
    };
    OfPost { post_id }.page(query.paging(), &library.database).await?.answer::<ReadsOfPost>(reply)
}

/// The days of a post.
struct OfPost {
    post_id: Uuid,
}

/// A day, by which alone they are ordered.
struct DayKey(Date);

/// A date as ISO 8601 has it.
fn as_text<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

impl Key for DayKey {
    fn text(&self) -> String {
        format!("{}/{}", self.0.ordinal(), self.0.year())
    }

    fn parse(text: &str) -> Option<Self> {
        let (day, year) = text.split_once('/')?;
        let date = Date::from_ordinal_date(year.parse().ok()?, day.parse().ok()?).ok();
        date.filter(|date| (1970..=9999).contains(&date.year())).map(Self)
    }

    fn bind(self, values: &mut Separated<'_, Postgres, &'static str>) {
        values.push_bind(self.0).push_bind(self.0);
    }
}

impl List for OfPost {
    type Key = DayKey;
    type Entry = DayOfReads;

    fn id(&self) -> ListId {
        ListId::of(["reads", &self.post_id.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let columns = DayOfReads::columns();
        let mut query = QueryBuilder::new(format!("SELECT {columns} FROM reads.daily r WHERE r.post_id = "));
        query.push_bind(self.post_id);
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["r.day", "r.day"])
    }

    fn key(day: &DayOfReads) -> DayKey {
        DayKey(day.day)
    }
}
