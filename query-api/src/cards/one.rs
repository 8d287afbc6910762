use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::{ReactionKind, Slug};
use domain::views;
use serde::{Deserialize, Serialize};
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes, schemas};
use sqlx::{FromRow, QueryBuilder};
use utoipa::{IntoParams, ToSchema};

use super::card::{Card, Look};
use crate::freshness::{self, Position};
use crate::library::Library;
use crate::named_post::{NamedPost, missing};
use crate::reply::Keep;
use crate::tags;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => by_slug;
    }
}

/// A post as a card, with its text.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct WholeCard {
    #[serde(flatten)]
    #[sqlx(flatten)]
    card: Card,
    /// Its text as the author wrote it.
    body_markdown: String,
}

/// The parameters of a card.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardQuery {
    /// Which kind of reaction is counted: `like` where it is missing.
    #[param(inline, value_type = Option<schemas::ReactionKind>)]
    kind: Option<ReactionKind>,
    /// Wait until this position is reached; the same as the header `Inklog-Position`.
    #[param(required = false, schema_with = freshness::position)]
    position: Option<Position>,
}

/// A post as a card, with its text
///
/// A former slug, or one in another case, redirects to the present one.
#[utoipa::path(
    get, path = "/v1/cards/{slug}", operation_id = "read_card", tag = "cards",
    params(("slug" = String, Path, description = "The post's slug, or a former one"), CardQuery),
    responses(
        (status = 200, description = "The post", body = WholeCard),
        (status = 301, description = "The post has another slug, or is asked for in another case"),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 403, description = "`private`: the text of the post is for members"),
        (status = 404, description = "`not-found`: no post has this slug, or only others may see it"),
        (status = 410, description = "`gone`: the post was deleted"),
    ),
    security((), ("token" = []))
)]
pub(crate) async fn by_slug(
    library: Data<Library>,
    request: HttpRequest,
    slug: Path<String>,
    Query(asked): Query<CardQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let named = slug.into_inner();
    let slug: Slug = named.to_ascii_lowercase().parse().map_err(|_| missing())?;
    let look = Look::of(reader, asked.kind.as_ref());
    let reply = library.reply(&request, asked.position.as_ref()).await?.depends_on_the_reader();
    let Some(post) = NamedPost::find(&library.database, &slug).await? else {
        return Err(reply.lists::<views::Posts>().refused(missing()));
    };
    let reply = reply.shows::<views::Posts>([post.post_id]);
    let keep = post.permit_reading(look.reader.as_ref()).map_err(|problem| reply.refused(problem))?;
    if post.slug != named {
        return Ok(reply.moved(&format!("/v1/cards/{}", post.slug), request.query_string()));
    }
    let mut query = QueryBuilder::new("SELECT p.body AS body_markdown, ");
    look.push_columns(&mut query);
    query.push(" FROM content.posts p LEFT JOIN content.authors a ON a.account_id = p.author_id WHERE p.post_id = ");
    query.push_bind(post.post_id);
    let found = query.build_query_as::<WholeCard>().fetch_optional(library.database.pool());
    let Some(mut whole) = library.database.run(found).await? else { return Err(reply.refused(missing())) };
    tags::resolve(vec![&mut whole.card.tags], &library.database).await?;
    let is_theirs = look.reader_id() == whole.card.author.account_id();
    if let (Some(reads), Keep::Public, false) = (&library.reads, keep, is_theirs) {
        reads.read(&request, post.post_id);
    }
    let reply = look.shown_in(std::slice::from_ref(&whole.card), reply.keep(keep));
    let reply = reply.lists::<views::TagNames>().shows::<views::Follows>([whole.card.author.account_id()]);
    reply.json(&whole)
}
