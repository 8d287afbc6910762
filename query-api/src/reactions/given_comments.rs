//! The comments that the caller reacted to, `GET /v1/me/reactions/comment/{kind}`, and that an author did, `GET
//! /v1/authors/{user_name}/reactions/comment/{kind}`: newest first, as the posts beside them.

use std::ops::ControlFlow;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::{ReactionKind, TargetKind, Visibility};
use domain::views;
use serde::Serialize;
use service_kit::{Access, Authenticated, MaybeAuthenticated, Problem, Query, Route, routes, schemas};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::given::MarkedQuery;
use super::owner::{list_of, readable};
use crate::comments::{CommentOnPost, Reader};
use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::list_of_author::Begun;
use crate::names::NamedAuthor;
use crate::page::{List, Order, Paging, page_body};
use crate::reply::{Keep, Reply};

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => mine;
        Access::Anyone => of_author;
    }
}

/// A comment that an account reacted to.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct MarkedComment {
    /// When it did.
    #[schema(value_type = String, format = DateTime)]
    since: Time,
    /// The comment.
    #[serde(flatten)]
    #[sqlx(flatten)]
    on_post: CommentOnPost,
}

page_body! {
    /// A page of comments that an account reacted to.
    pub(crate) struct MarkedCommentList {
        /// What it reacted to, the newest first.
        comments: MarkedComment,
    }
}

/// The comments that an account gave a reaction of a kind.
struct OfAccount {
    account_id: Uuid,
    kind: ReactionKind,
    /// On this post alone.
    post_id: Option<Uuid>,
    /// At which address it is: a cursor is good at one.
    address: &'static str,
    /// Whether it is for others: then it has comments on what everyone finds in lists, and may read.
    is_for_others: bool,
    reader: Reader,
}

/// The comments to which the token's subject gave a reaction of this kind
///
/// A comment that was deleted or hidden is left out, and so is what is on a post that cannot be read, until it can be
/// again.
#[utoipa::path(
    get, path = "/v1/me/reactions/comment/{kind}", operation_id = "list_my_comment_reactions", tag = "me",
    params(("kind" = inline(schemas::ReactionKind), Path, description = "The kind of reaction"), MarkedQuery),
    responses(
        (status = 200, description = "A page of comments", body = MarkedCommentList),
        (status = 404, description = "`not-found`: it is no name of a kind"),
    )
)]
pub(crate) async fn mine(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    kind: Path<ReactionKind>,
    Query(query): Query<MarkedQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let (account_id, kind, post_id) = (reader.id, kind.into_inner(), query.post_id());
    let reader = Reader::of(Some(&reader));
    let list = OfAccount { account_id, kind, post_id, address: "me", is_for_others: false, reader };
    list.answer(query.paging(), &library, reply.keep(Keep::Private)).await
}

/// The comments to which an author gave a reaction of this kind
///
/// An author who prefers so (`reactions_list`) keeps this list to themselves. Comments on posts that are in no list, or
/// whose text is for members, are left out.
#[utoipa::path(
    get, path = "/v1/authors/{user_name}/reactions/comment/{kind}", operation_id = "list_author_comment_reactions",
    tag = "authors",
    params(("user_name" = String, Path, description = "The user name"),
        ("kind" = inline(schemas::ReactionKind), Path, description = "The kind of reaction"), MarkedQuery),
    responses(
        (status = 200, description = "A page of comments", body = MarkedCommentList),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 403, description = "`private`: its owner keeps this list to themselves"),
        NamedAuthor,
    ),
    security((), ("token" = []))
)]
pub(crate) async fn of_author(
    library: Data<Library>,
    request: HttpRequest,
    path: Path<(String, ReactionKind)>,
    Query(query): Query<MarkedQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let (name, kind) = path.into_inner();
    let what = format!("/reactions/comment/{kind}");
    let begun = list_of(&what).begin(&library, &request, (reader.as_ref(), &name), query.position.as_ref()).await?;
    let Begun { account_id, is_for_others, keep, reply } = match begun {
        ControlFlow::Break(moved) => return Ok(moved),
        ControlFlow::Continue(begun) => begun,
    };
    let (post_id, reader) = (query.post_id(), Reader::of(reader.as_ref()));
    let keep = if reader.is_known() { Keep::Private } else { keep };
    let list = OfAccount { account_id, kind, post_id, address: "authors", is_for_others, reader };
    list.answer(query.paging(), &library, reply.keep(keep).lists::<views::Authors>()).await
}

impl OfAccount {
    /// A page of it.
    async fn answer(&self, paging: Paging<'_>, library: &Library, reply: Reply<'_>) -> Result<HttpResponse, Problem> {
        let reply = reply.depends_on_the_reader().shows::<views::Reactions>([self.account_id]);
        let reply = reply.lists::<views::PersonBlocks>();
        let mut page = self.page(paging, &library.database).await?;
        let comments = page.entries.iter_mut().map(|entry| &mut entry.on_post).collect();
        let reply = CommentOnPost::complete(comments, &library.database, reply).await?;
        page.answer::<MarkedCommentList>(reply)
    }
}

impl List for OfAccount {
    type Key = TimeKey;
    type Entry = MarkedComment;

    fn id(&self) -> ListId {
        let ids = [Some(self.account_id), self.post_id].map(|id| id.map(|id| id.to_string()).unwrap_or_default());
        let to = if self.is_for_others { "others" } else { "oneself" };
        ListId::of(["reactions to comments", self.kind.as_str(), &ids[0], &ids[1], self.address, to])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(format!(
            "SELECT r.since, {} FROM content.reactions r JOIN content.comments c ON c.comment_id = r.target_id \
             JOIN content.posts p ON p.post_id = c.post_id WHERE r.active AND NOT c.deleted AND r.kind = ",
            CommentOnPost::columns()
        ));
        query.push_bind(self.kind.to_string());
        query.push(" AND r.target_kind = ").push_bind(TargetKind::Comment.name());
        query.push(" AND r.account_id = ").push_bind(self.account_id);
        readable(&mut query, self.account_id, self.is_for_others);
        self.reader.only_what_is_shown(&mut query);
        if self.is_for_others {
            // What is said of a text that is for some is, too.
            query.push(" AND p.visibility <> ").push_bind(Visibility::Members.name());
        } else {
            query.push(" AND (p.visibility <> ").push_bind(Visibility::Members.name());
            query.push(" OR p.author_id = ").push_bind(self.account_id);
            query.push(" OR p.co_author_ids @> ").push_bind(vec![self.account_id]).push(")");
        }
        if let Some(post_id) = self.post_id {
            query.push(" AND c.post_id = ").push_bind(post_id);
        }
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["r.since", "r.target_id"])
    }

    fn key(entry: &MarkedComment) -> TimeKey {
        TimeKey(entry.since, entry.on_post.id())
    }
}
