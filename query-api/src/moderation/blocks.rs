//! Whom the caller blocks: `GET /v1/me/blocks`, newest first. No one else is shown it.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::views;
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::author_refs::{self, AuthorRef};
use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
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
    /// An account that is blocked.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct BlockEntry of "b" {
        /// Which.
        #[sqlx(try_from = "Uuid")]
        account: AuthorRef = "b.blocked_id",
        /// Since when.
        #[schema(value_type = String, format = DateTime)]
        since: Time,
    }
}

page_body! {
    /// A page of accounts that are blocked.
    pub(crate) struct BlockList {
        /// The accounts, the newest first.
        blocks: BlockEntry,
    }
}

page_query! {
    /// The parameters of the list.
    pub(crate) struct BlocksQuery {}
    /// How many to give at most.
    limit
}

/// Whom an account blocks.
struct Blocked(Uuid);

/// Whom the token's subject blocks
#[utoipa::path(
    get, path = "/v1/me/blocks", operation_id = "list_blocks", tag = "me", params(BlocksQuery),
    responses(
        (status = 200, description = "A page of accounts", body = BlockList),
    )
)]
pub(crate) async fn list(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<BlocksQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader();
    let mut page = Blocked(reader.id).page(query.paging(), &library.database).await?;
    let people = page.entries.iter_mut().map(|entry| &mut entry.account).collect();
    let people = author_refs::look_up(people, &library.database).await?;
    page.answer::<BlockList>(reply.lists::<views::PersonBlocks>().shows::<views::Authors>(people))
}

impl List for Blocked {
    type Key = TimeKey;
    type Entry = BlockEntry;

    fn id(&self) -> ListId {
        ListId::of(["blocks", &self.0.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let columns = BlockEntry::columns();
        let mut query = QueryBuilder::new(format!("SELECT {columns} FROM content.person_blocks b WHERE b.active"));
        query.push(" AND b.blocker_id = ").push_bind(self.0);
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["b.since", "b.blocked_id"])
    }

    fn key(entry: &BlockEntry) -> TimeKey {
        TimeKey(entry.since, entry.account.id)
    }
}
