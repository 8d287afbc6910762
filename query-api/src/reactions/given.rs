//! What the caller reacted to, and shared: `GET /v1/me/reactions/post/{kind}` and `GET /v1/me/shares/post/{place}`,
//! newest first.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::{ReactionKind, SharePlace, TargetKind};
use domain::views;
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes, schemas};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::owner::readable;
use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::page::{List, Order, Paging, page_body, page_query};
use crate::posts::{PostSummary, answer};
use crate::reply::{Keep, Reply};

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => reactions, shares;
    }
}

/// A post that an account reacted to, or shared.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct Marked {
    /// When it did.
    #[schema(value_type = String, format = DateTime)]
    since: Time,
    /// The post.
    #[sqlx(flatten)]
    post: PostSummary,
}

page_body! {
    /// A page of posts that an account reacted to, or shared.
    pub(crate) struct MarkedList {
        /// What it reacted to, or shared, the newest first.
        entries: Marked,
    }
}

page_query! {
    /// The parameters of these lists.
    pub(crate) struct MarkedQuery {
        /// Of this post alone: the list has it, or is empty.
        post_id: Option<Uuid>,
    }
    /// How many to give at most.
    limit
}

/// Of which table the list is: of reactions of a kind, or of shares at a place.
pub(super) enum Which {
    /// Of this kind.
    Reactions(ReactionKind),
    /// At this place.
    Shares(SharePlace),
}

/// What an account reacted to, or shared.
pub(super) struct OfAccount {
    /// The account.
    pub(super) account_id: Uuid,
    /// Which list of it.
    pub(super) which: Which,
    /// Of this post alone.
    pub(super) post_id: Option<Uuid>,
    /// At which address it is: a cursor is good at one.
    pub(super) address: &'static str,
    /// Whether it is for others: then it has what everyone finds in lists.
    pub(super) is_for_others: bool,
}

/// The posts to which the token's subject gave a reaction of this kind
///
/// A post that was deleted, or is a draft of other authors, is left out until it can be read again.
#[utoipa::path(
    get, path = "/v1/me/reactions/post/{kind}", operation_id = "list_my_reactions", tag = "me",
    params(("kind" = inline(schemas::ReactionKind), Path, description = "The kind of reaction"), MarkedQuery),
    responses(
        (status = 200, description = "A page of posts", body = MarkedList),
        (status = 404, description = "`not-found`: it is no name of a kind"),
    )
)]
pub(crate) async fn reactions(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    kind: Path<ReactionKind>,
    Query(query): Query<MarkedQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let list = OfAccount::own(reader.id, Which::Reactions(kind.into_inner()), query.post_id);
    list.answer(query.paging(), &library, reply.keep(Keep::Private)).await
}

/// The posts that the token's subject shared there
///
/// A post that was deleted, or is a draft of other authors, is left out until it can be read again.
#[utoipa::path(
    get, path = "/v1/me/shares/post/{place}", operation_id = "list_my_shares", tag = "me",
    params(("place" = inline(schemas::SharePlace), Path, description = "Where they were shared"), MarkedQuery),
    responses(
        (status = 200, description = "A page of posts", body = MarkedList),
        (status = 404, description = "`not-found`: it is no name of a place"),
    )
)]
pub(crate) async fn shares(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    place: Path<SharePlace>,
    Query(query): Query<MarkedQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let list = OfAccount::own(reader.id, Which::Shares(place.into_inner()), query.post_id);
    list.answer(query.paging(), &library, reply.keep(Keep::Private)).await
}

impl MarkedQuery {
    /// The one post that is asked for.
    pub(super) fn post_id(&self) -> Option<Uuid> {
        self.post_id
    }
}

impl OfAccount {
    fn own(account_id: Uuid, which: Which, post_id: Option<Uuid>) -> Self {
        Self { account_id, which, post_id, address: "me", is_for_others: false }
    }

    /// A page of it.
    pub(super) async fn answer(
        &self,
        page: Paging<'_>,
        library: &Library,
        reply: Reply<'_>,
    ) -> Result<HttpResponse, Problem> {
        let reply = reply.depends_on_the_reader().shows::<views::Reactions>([self.account_id]);
        let page = self.page(page, &library.database).await?;
        answer::<_, MarkedList>(page, |marked| &mut marked.post, library, reply.lists::<views::Posts>()).await
    }
}

impl Which {
    /// Its table, and the column that tells the kind or the place.
    fn table(&self) -> (&'static str, &'static str) {
        match self {
            Self::Reactions(_) => ("reactions", "kind"),
            Self::Shares(_) => ("shares", "place"),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Reactions(kind) => kind.as_str(),
            Self::Shares(place) => place.as_str(),
        }
    }
}

impl List for OfAccount {
    type Key = TimeKey;
    type Entry = Marked;

    fn id(&self) -> ListId {
        let ids = [Some(self.account_id), self.post_id].map(|id| id.map(|id| id.to_string()).unwrap_or_default());
        let to = if self.is_for_others { "others" } else { "oneself" };
        ListId::of([self.which.table().0, self.which.name(), &ids[0], &ids[1], self.address, to])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let (table, column) = self.which.table();
        let mut query = QueryBuilder::new(format!(
            "SELECT r.since, {} FROM content.{table} r JOIN content.posts p ON p.post_id = r.target_id \
             WHERE r.active AND r.{column} = ",
            PostSummary::columns()
        ));
        query.push_bind(self.which.name().to_owned());
        query.push(" AND r.target_kind = ").push_bind(TargetKind::Post.name());
        query.push(" AND r.account_id = ").push_bind(self.account_id);
        readable(&mut query, self.account_id, self.is_for_others);
        if let Some(post_id) = self.post_id {
            query.push(" AND p.post_id = ").push_bind(post_id);
        }
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["r.since", "r.target_id"])
    }

    fn key(entry: &Marked) -> TimeKey {
        TimeKey(entry.since, entry.post.id)
    }
}
