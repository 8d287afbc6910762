//! Trending tags.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::views::{self, ranks::USE};
use serde::{Deserialize, Serialize};
use service_kit::{Access, Problem, Query, Route, routes};
use utoipa::{IntoParams, ToSchema};

use crate::database::Database;
use crate::freshness::{self, Position};
use crate::library::Library;
use crate::limit::{self, Limit};

/// Names that stand for one tag are ranked together, with the points that they have of both sums; what a post gave to
/// more than one of them is taken away again, as far as it is among the newest of each. A name is read
/// that may be no post's: what is in the lists under any name of its tag lets it trend. A tag whose posts are all gone
/// trends no more, whatever was read.
const RANKED: &str = "WITH most (name) AS (
        (SELECT tag FROM content.tag_points ORDER BY points DESC, tag COLLATE \"C\" DESC LIMIT 250)
        UNION (SELECT r.tag FROM reads.tag_points r LEFT JOIN content.tag_names m ON m.name = r.tag
            CROSS JOIN LATERAL (SELECT FROM content.tag_points u WHERE u.tag = ANY(
                COALESCE(m.tag, r.tag)
                || ARRAY(SELECT n.name FROM content.tag_names n WHERE n.tag = COALESCE(m.tag, r.tag)))
                LIMIT 1) AS listed
            ORDER BY r.points DESC, r.tag COLLATE \"C\" DESC LIMIT 250)),
    meant (tag) AS (SELECT DISTINCT COALESCE(n.tag, m.name) FROM most m LEFT JOIN content.tag_names n USING (name)),
    named (tag, name) AS (
        SELECT tag, tag FROM meant UNION SELECT n.tag, n.name FROM content.tag_names n JOIN meant USING (tag)),
    again (tag, points) AS MATERIALIZED (
        SELECT n.tag, $2 * (count(*) - 1)
            * content.weight_of_day(floor(extract(epoch FROM x.published_at) / 86400)::bigint)
        FROM named n JOIN (SELECT tag FROM named GROUP BY tag HAVING count(*) > 1) several USING (tag),
            LATERAL (SELECT t.post_id, t.published_at FROM content.post_tags t WHERE t.tag = n.name
                ORDER BY t.published_at DESC, t.post_id DESC LIMIT 100) x
        GROUP BY n.tag, x.post_id, x.published_at HAVING count(*) > 1)
    SELECT n.tag FROM named n GROUP BY n.tag
    ORDER BY sum(COALESCE((SELECT u.points FROM content.tag_points u WHERE u.tag = n.name), 0)
            + COALESCE((SELECT r.points FROM reads.tag_points r WHERE r.tag = n.name), 0))
        - COALESCE((SELECT sum(a.points) FROM again a WHERE a.tag = n.tag), 0) DESC, n.tag COLLATE \"C\" LIMIT $1";

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list;
    }
}

/// The parameters of the list of trending tags.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrendingQuery {
    /// How many tags to give at most.
    #[param(required = false, schema_with = limit::schema::<10, 100>)]
    limit: Option<Limit<10, 100>>,
    /// Wait until this position is reached; the same as the header `Inklog-Position`.
    #[param(required = false, schema_with = freshness::position)]
    position: Option<Position>,
}

/// The tags that trend.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrendingTags {
    /// The tags, the most talked of first.
    tags: Vec<TrendingTag>,
}

/// A tag that trends.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrendingTag {
    /// The tag.
    tag: String,
    /// What it is about; may be empty.
    description: String,
}

/// The tags that trend
///
/// By the posts in the lists that have them, under whichever of their names, and by how often those are read: a post
/// counts 20, a reading 1, and a tenth of that ten days later.
#[utoipa::path(
    get, path = "/v1/trending-tags", operation_id = "list_trending_tags", tag = "tags", params(TrendingQuery),
    responses(
        (status = 200, description = "The tags", body = TrendingTags),
    )
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<TrendingQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let tags = ranked(&library.database, query.limit.unwrap_or_default().get()).await?;
    let mut descriptions = descriptions(&library.database, &tags).await?;
    let told = |tag: String| TrendingTag { description: descriptions.remove(&tag).unwrap_or_default(), tag };
    let tags = tags.into_iter().map(told).collect();
    reply.lists::<views::Tags>().lists::<views::TagNames>().json(&TrendingTags { tags })
}

async fn ranked(database: &Database, limit: u32) -> Result<Vec<String>, Problem> {
    let query = sqlx::query_scalar(RANKED).bind(i64::from(limit)).bind(USE);
    database.run(query.fetch_all(database.pool())).await
}

async fn descriptions(database: &Database, tags: &[String]) -> Result<HashMap<String, String>, Problem> {
    let statement = "SELECT name, description FROM content.tag_names WHERE name = ANY($1) AND name = tag";
    let query = sqlx::query_as::<_, (String, String)>(statement).bind(tags.to_vec());
    Ok(database.run(query.fetch_all(database.pool())).await?.into_iter().collect())
}
