//! What an author reacted to: `GET /v1/authors/{user_name}/reactions/post/{kind}`, newest first, unless they keep that
//! to themselves.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::{ReactionKind, UserName};
use domain::views;
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes, schemas};
use sqlx::FromRow;
use uuid::Uuid;

use super::given::{MarkedList, MarkedQuery, OfAccount, Which};
use crate::authors::below;
use crate::database::Database;
use crate::library::Library;
use crate::names::{NamedAuthor, asked_for, not_at_present};
use crate::privacy;
use crate::reply::Keep;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list;
    }
}

/// Whose list it is.
#[derive(FromRow)]
struct Owner {
    account_id: Uuid,
    reactions_list: Option<String>,
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
    let name = asked_for(&name)?;
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let Some(owner) = owner(&library.database, &name).await? else {
        let what = format!("/reactions/post/{kind}");
        return not_at_present(&name, reply, &library.database, below(&request, &what)).await;
    };
    let why = "what this author reacted to is shown to themselves only";
    let keep = privacy::shown(owner.reactions_list.as_deref(), owner.account_id, reader.as_ref(), why)?;
    let list = OfAccount {
        account_id: owner.account_id,
        which: Which::Reactions(kind),
        post_id: query.post_id(),
        address: "authors",
        is_for_others: reader.is_none_or(|reader| reader.id != owner.account_id),
    };
    let keep = if list.is_for_others { keep } else { Keep::Private };
    list.answer(query.paging(), &library, reply.keep(keep).lists::<views::Authors>()).await
}

async fn owner(database: &Database, name: &UserName) -> Result<Option<Owner>, Problem> {
    let query = sqlx::query_as(
        "SELECT a.account_id, p.reactions_list FROM content.authors a \
         LEFT JOIN content.preferences p ON p.account_id = a.account_id WHERE lower(a.user_name) = $1 LIMIT 1",
    )
    .bind(name.canonical());
    database.run(query.fetch_optional(database.pool())).await
}
