//! The months in which posts were published: `GET /v1/archive`. The posts of one: `GET /v1/posts?year=…&month=…`, and
//! with `archived=true` those in the archive.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::views;
use serde::Serialize;
use service_kit::{Access, Problem, Query, Route, routes};
use sqlx::query_builder::Separated;
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;

use crate::cursor::{Key, ListId};
use crate::library::Library;
use crate::page::{List, Order, page_body, page_query};
use crate::row::row;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list;
    }
}

row! {
    /// A month in which posts were published that are in the lists, or in the archive.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct Month of "m" {
        /// The year.
        year: i64 = "m.month / 100",
        /// The month: 1 to 12.
        month: i64 = "m.month % 100",
        /// How many posts are in the lists.
        posts: i64,
        /// How many are in the archive.
        archived: i64,
    }
}

page_body! {
    /// A page of months.
    pub(crate) struct Archive {
        /// The months, the last first.
        months: Month,
    }
}

page_query! {
    /// The parameters of the list of months.
    pub(crate) struct ArchiveQuery {}
    /// How many months to give at most.
    limit
}

/// The months in which posts were published, the last first
///
/// Months are those of UTC, as in `GET /v1/posts?year=…&month=…`; one without posts in the lists or in the archive
/// (the same with `archived=true`) is left out.
#[utoipa::path(
    get, path = "/v1/archive", operation_id = "list_months", tag = "posts", params(ArchiveQuery),
    responses(
        (status = 200, description = "A page of months", body = Archive),
    )
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<ArchiveQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let page = Months.page(query.paging(), &library.database).await?;
    page.answer::<Archive>(reply.lists::<views::Posts>())
}

/// All months.
struct Months;

/// The number of a month, by which alone they are ordered.
struct MonthKey(i64);

impl Key for MonthKey {
    fn text(&self) -> String {
        format!("{}/{}", self.0 / 100, self.0 % 100)
    }

    fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('/')?;
        let (year, month): (i64, i64) = (year.parse().ok()?, month.parse().ok()?);
        ((1..=9999).contains(&year) && (1..=12).contains(&month)).then(|| Self(year * 100 + month))
    }

    fn bind(self, values: &mut Separated<'_, Postgres, &'static str>) {
        values.push_bind(self.0).push_bind(self.0);
    }
}

impl List for Months {
    type Key = MonthKey;
    type Entry = Month;

    fn id(&self) -> ListId {
        ListId::of(["archive"])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        QueryBuilder::new(format!("SELECT {} FROM content.month_counts m WHERE true", Month::columns()))
    }

    fn order(&self) -> Order {
        Order::Descending(["m.month", "m.month"])
    }

    fn key(month: &Month) -> MonthKey {
        MonthKey(month.year * 100 + month.month)
    }
}
