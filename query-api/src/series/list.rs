use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::views;
use service_kit::{Access, Problem, Query, Route, routes};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::entry::SeriesEntry;
use crate::author_refs;
use crate::cursor::{ListId, TimeKey};
use crate::library::Library;
use crate::names::{NamedAuthor, asked_for, bearer, not_at_present};
use crate::page::{List, Order, page_body, page_query, with};

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list;
    }
}

page_query! {
    /// The parameters of the list of series.
    pub(crate) struct SeriesQuery {
        /// Only series of the account of this user name, whatever its case.
        author: Option<String>,
    }
    /// How many series to give at most.
    limit
}

page_body! {
    /// A page of series.
    pub(crate) struct SeriesList {
        /// The series, newest first.
        series: SeriesEntry,
    }
}

/// Series, of all accounts or of one.
struct AllSeries {
    owner: Option<Uuid>,
}

/// Series, newest first
#[utoipa::path(
    get, path = "/v1/series", operation_id = "list_series", tag = "series", params(SeriesQuery),
    responses((status = 200, description = "A page of series", body = SeriesList), NamedAuthor)
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<SeriesQuery>,
) -> Result<HttpResponse, Problem> {
    let name = query.author.as_deref().map(asked_for).transpose()?;
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let owner = match &name {
        Some(name) => bearer(&library.database, name).await?,
        None => None,
    };
    if let (Some(name), None) = (&name, owner) {
        let address = |name: &str| (request.path().to_owned(), with("author", name, request.query_string()));
        return not_at_present(name, reply, &library.database, address).await;
    }
    let mut page = AllSeries { owner }.page(query.paging(), &library.database).await?;
    let people = page.entries.iter_mut().map(|series| &mut series.owner).collect();
    let people = author_refs::look_up(people, &library.database).await?;
    let reply = reply.lists::<views::AllSeries>().lists::<views::Posts>().shows::<views::Authors>(people);
    page.answer::<SeriesList>(reply)
}

impl List for AllSeries {
    type Key = TimeKey;
    type Entry = SeriesEntry;

    fn id(&self) -> ListId {
        let owner = self.owner.map(|id| id.to_string());
        ListId::of(["series"].into_iter().chain(owner.as_deref()))
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let columns = SeriesEntry::columns();
        let mut query = QueryBuilder::new(format!("SELECT {columns} FROM content.series s WHERE NOT s.deleted"));
        if let Some(id) = self.owner {
            query.push(" AND s.owner_id = ").push_bind(id);
        }
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["s.created_at", "s.series_id"])
    }

    fn key(series: &SeriesEntry) -> TimeKey {
        TimeKey(series.created_at, series.id)
    }
}
