//! Tags: `GET /v1/tags`.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::views;
use serde::{Deserialize, Serialize};
use service_kit::{Access, Problem, Query, Route, routes};
use utoipa::{IntoParams, ToSchema};

use crate::database::Database;
use crate::freshness::{self, Position};
use crate::library::Library;
use crate::limit::{self, Limit};

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list;
    }
}

/// The most used tags.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagList {
    /// The tags, most used first.
    tags: Vec<TagCount>,
}

/// A tag and how much it is used.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TagCount {
    /// The tag.
    tag: String,
    /// How many published posts have it.
    posts: u64,
}

/// The parameters of the list of tags.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// How many tags to give at most.
    #[param(required = false, schema_with = limit::schema::<100, 1000>)]
    limit: Option<Limit<100, 1000>>,
    /// Wait until this position is reached; the same as the header `Inklog-Position`.
    #[param(required = false, schema_with = freshness::position)]
    position: Option<Position>,
}

/// The tags of published posts, most used first
#[utoipa::path(
    get, path = "/v1/tags", operation_id = "list_tags", tag = "tags", params(ListQuery),
    responses(
        (status = 200, description = "The tags", body = TagList),
        // The description is published so; there is no cursor.
        (status = 422, description = "`invalid`: a parameter is unknown or wrong, a cursor is of another list"),
    )
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let limit = query.limit.unwrap_or_default().get();
    reply.lists::<views::Tags>().json(&TagList { tags: most_used(&library, limit).await? })
}

/// From Redis, where they are counted, as long as that is as far as Postgres; else counted here.
async fn most_used(library: &Library, limit: u32) -> Result<Vec<TagCount>, Problem> {
    let listed = match library.progress.current() {
        Some(known) => library.lists.top_tags(limit, &known).await,
        None => None,
    };
    let (source, listed) = match listed {
        Some(tags) => ("redis", tags),
        None => ("postgres", counted(&library.database, limit).await?),
    };
    metrics::counter!("query_tags_total", "source" => source).increment(1);
    let mut tags: Vec<_> = listed.into_iter().map(|(tag, posts)| TagCount { tag, posts }).collect();
    // Both sources cut ties from the end of the alphabet; shown they are from its beginning.
    tags.sort_by(|a, b| b.posts.cmp(&a.posts).then_with(|| a.tag.cmp(&b.tag)));
    Ok(tags)
}

async fn counted(database: &Database, limit: u32) -> Result<Vec<(String, u64)>, Problem> {
    let query = sqlx::query_as::<_, (String, i64)>(
        "SELECT tag, count(*) FROM content.post_tags GROUP BY tag \
         ORDER BY count(*) DESC, tag COLLATE \"C\" DESC LIMIT $1",
    )
    .bind(i64::from(limit));
    let rows = database.run(query.fetch_all(database.pool())).await?;
    Ok(rows.into_iter().map(|(tag, posts)| (tag, posts.unsigned_abs())).collect())
}
