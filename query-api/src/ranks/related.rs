//! Posts that have tags and words of their titles in common with one.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::Slug;
use domain::views;
use serde::{Deserialize, Serialize};
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes};
use sqlx::{Postgres, QueryBuilder};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::ITS_POST;
use super::shared::Shared;
use crate::database::Database;
use crate::freshness::{self, Position};
use crate::library::Library;
use crate::limit::{self, Limit};
use crate::listed::listed;
use crate::named_post::{NamedPost, missing};
use crate::posts::{Named, PostSummary};

/// The newest of each tag, under its names together, and of each word are looked at: so many posts.
const NEWEST: (usize, usize) = (100, 50);

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => of_post;
    }
}

/// The parameters of the list of related posts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelatedQuery {
    /// How many posts to give at most.
    #[param(required = false, schema_with = limit::schema::<5, 20>)]
    limit: Option<Limit<5, 20>>,
    /// Wait until this position is reached; the same as the header `Inklog-Position`.
    #[param(required = false, schema_with = freshness::position)]
    position: Option<Position>,
}

/// The posts that are related to one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RelatedPosts {
    /// The posts, the most related first; of those that are as much, the newest.
    posts: Vec<PostSummary>,
}

/// Posts that are related to a post
///
/// By the tags that they share, under whichever of their names, and by the words of their titles: what few posts have
/// counts most, and tags twice. Looked at are the newest posts in the lists of each tag and of each word.
#[utoipa::path(
    get, path = "/v1/posts/{slug}/related", operation_id = "list_related_posts", tag = "posts",
    params(("slug" = String, Path, description = "The post's slug, or a former one"), RelatedQuery),
    responses(
        (status = 200, description = "The posts", body = RelatedPosts),
        (status = 301, description = "The post has another slug, or is asked for in another case"),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 404, description = "`not-found`: no post has this slug, or only others may see it"),
        (status = 410, description = "`gone`: the post was deleted"),
    ),
    security((), ("token" = []))
)]
pub(crate) async fn of_post(
    library: Data<Library>,
    request: HttpRequest,
    named: Path<String>,
    Query(query): Query<RelatedQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let slug: Slug = named.to_ascii_lowercase().parse().map_err(|_| missing())?;
    let reply = library.reply(&request, query.position.as_ref()).await?.depends_on_the_reader();
    let database = &library.database;
    let Some(post) = NamedPost::find(database, &slug).await? else {
        return Err(reply.lists::<views::Posts>().refused(missing()));
    };
    let reply = reply.shows::<views::Posts>([post.post_id]);
    let reply = match post.permit_seeing(reader.as_ref()) {
        Ok(keep) => reply.keep(keep),
        Err(problem) => return Err(reply.refused(problem)),
    };
    if post.slug != *named {
        return Ok(reply.moved(&format!("/v1/posts/{}/related", post.slug), request.query_string()));
    }
    let shared = Shared::of(database, post.post_id).await?;
    let mut posts = related(database, post.post_id, shared, query.limit.unwrap_or_default().get()).await?;
    let named = Named::by(posts.iter_mut().collect(), database).await?;
    let reply = reply.lists::<views::Posts>().lists::<views::Tags>().lists::<views::TagNames>();
    named.shown_in(reply).json(&RelatedPosts { posts })
}

async fn related(database: &Database, of: Uuid, shared: Shared, limit: u32) -> Result<Vec<PostSummary>, Problem> {
    let mut query = statement(of, shared, limit);
    database.run(query.build_query_as().fetch_all(database.pool())).await
}

/// Each tag counts once, by however many of its names a post has it.
fn statement(of: Uuid, shared: Shared, limit: u32) -> QueryBuilder<Postgres> {
    let (tags, (names, weights)): (Vec<String>, (Vec<String>, Vec<i64>)) =
        shared.tags.into_iter().map(|(tag, name, weight)| (tag, (name, weight))).unzip();
    let (words, word_weights): (Vec<String>, Vec<i64>) = shared.words.into_iter().unzip();
    let mut query = QueryBuilder::new("WITH tags (tag, name, weight) AS (SELECT * FROM unnest(");
    query.push_bind(tags).push(", ").push_bind(names).push(", ").push_bind(weights);
    query.push(")), words (word, weight) AS (SELECT * FROM unnest(");
    query.push_bind(words).push(", ").push_bind(word_weights);
    let (of_each_tag, of_each_word) = NEWEST;
    query.push(format_args!(
        ")), near (post_id) AS MATERIALIZED (
            SELECT c.post_id FROM (SELECT DISTINCT tag FROM tags) t, LATERAL (
                SELECT n.post_id FROM tags, LATERAL (
                    SELECT x.post_id, x.published_at FROM content.post_tags x WHERE x.tag = tags.name
                    ORDER BY x.published_at DESC, x.post_id DESC LIMIT {of_each_tag}) n
                WHERE tags.tag = t.tag ORDER BY n.published_at DESC, n.post_id DESC LIMIT {of_each_tag}) c
            UNION
            SELECT c.post_id FROM words, LATERAL (SELECT x.post_id FROM content.post_words x WHERE x.word = words.word
                ORDER BY x.published_at DESC, x.post_id DESC LIMIT {of_each_word}) c),
        scored (post_id, score) AS (
            SELECT post_id, sum(weight) FROM (
                SELECT DISTINCT near.post_id, tags.tag AS what, tags.weight FROM near, LATERAL (
                    SELECT x.tag FROM content.post_tags x WHERE x.post_id = near.post_id OFFSET 0) x
                    JOIN tags ON tags.name = x.tag
                UNION ALL
                SELECT near.post_id, words.word, words.weight FROM near, LATERAL (
                    SELECT x.word FROM content.post_words x WHERE x.post_id = near.post_id OFFSET 0) x
                    JOIN words ON words.word = x.word) AS found
            GROUP BY post_id)
        SELECT {} FROM scored s {ITS_POST} WHERE {} AND p.post_id <> ",
        PostSummary::columns(),
        listed("p")
    ));
    query.push_bind(of).push(" ORDER BY s.score DESC, p.published_at DESC, p.post_id DESC LIMIT ");
    query.push_bind(i64::from(limit));
    query
}
