//! What comments are held for: `GET /v1/moderation/filters`. It is said at the command API.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::{Role, views};
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::FromRow;
use utoipa::ToSchema;

use crate::freshness::OneQuery;
use crate::library::Library;
use crate::reply::Keep;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Moderator) => read;
    }
}

/// What comments are held for until a moderator has read them.
#[derive(Debug, Default, FromRow, Serialize, ToSchema)]
pub(crate) struct CommentFilters {
    /// Words that are looked for, whole and in lower case.
    words: Vec<String>,
    /// More links than this; null: no comment is held for its links.
    #[schema(required = true)]
    most_links: Option<i64>,
    /// Comments of authors of whom fewer than this are shown.
    first_comments: i64,
    /// The version: what `If-Match` takes at the command API; 0 before an admin has said anything.
    version: i64,
}

/// What comments are held for
#[utoipa::path(
    get, path = "/v1/moderation/filters", operation_id = "read_filters", tag = "moderation", params(OneQuery),
    responses(
        (status = 200, description = "What comments are held for", body = CommentFilters),
        (status = 403, description = "`forbidden`: this needs the role moderator"),
    )
)]
pub(crate) async fn read(
    Authenticated(_): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<OneQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Never).depends_on_the_reader().lists::<views::CommentFilters>();
    let sql = "SELECT words, most_links, first_comments, version FROM content.comment_filters";
    let query = sqlx::query_as::<_, CommentFilters>(sql);
    let found = library.database.run(query.fetch_optional(library.database.pool())).await?;
    reply.json(&found.unwrap_or_default())
}
