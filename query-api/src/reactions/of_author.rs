//! What an author reacted to: `GET /v1/authors/{user_name}/reactions/post/{kind}`, newest first, unless they keep that
//! to themselves.

use std::ops::ControlFlow;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::ReactionKind;
use domain::views;
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes, schemas};

use super::given::{MarkedList, MarkedQuery, OfAccount, Which};
use super::owner::list_of;
use crate::library::Library;
use crate::list_of_author::Begun;
use crate::names::NamedAuthor;
use crate::reply::Keep;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list;
    }
}

/// The posts to which an author gave a reaction of this kind
///
/// An author who prefers so (`reactions_list`) keeps this list to themselves, and their name out of the lists of who
/// reacted; they count all the same. Posts that are in no list are left out.
#[utoipa::path(
    get, path = "/v1/authors/{user_name}/reactions/post/{kind}", operation_id = "list_author_reactions",
    tag = "authors",
    params(("user_name" = String, Path, description = "The user name"),
        ("kind" = inline(schemas::ReactionKind), Path, description = "The kind of reaction"), MarkedQuery),
    responses(
        (status = 200, description = "A page of posts", body = MarkedList),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 403, description = "`private`: its owner keeps this list to themselves"),
        NamedAuthor,
    ),
    security((), ("token" = []))
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    path: Path<(String, ReactionKind)>,
    Query(query): Query<MarkedQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let (name, kind) = path.into_inner();
    let what = format!("/reactions/post/{kind}");
    let begun = list_of(&what).begin(&library, &request, (reader.as_ref(), &name), query.position.as_ref()).await?;
    let Begun { account_id, is_for_others, keep, reply } = match begun {
        ControlFlow::Break(moved) => return Ok(moved),
        ControlFlow::Continue(begun) => begun,
    };
    let keep = if is_for_others { keep } else { Keep::Private };
    let (which, post_id) = (Which::Reactions(kind), query.post_id());
    let list = OfAccount { account_id, which, post_id, address: "authors", is_for_others };
    list.answer(query.paging(), &library, reply.keep(keep).lists::<views::Authors>()).await
}
