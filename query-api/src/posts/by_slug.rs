use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, LOCATION, VARY};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::Slug;
use domain::{Actor, Timestamp};
use serde::Serialize;
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes, times};
use sqlx::{FromRow, QueryBuilder};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::summary::{PostSummary, SummaryRow};
use crate::author_refs::AuthorRefs;
use crate::database::{Database, timestamp};
use crate::freshness::OneQuery;
use crate::library::Library;
use crate::markdown;
use crate::reply::{Keep, unkept};
use crate::row::row;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => by_slug;
    }
}

/// A post, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Post {
    #[serde(flatten)]
    summary: PostSummary,
    /// Whether everyone can read it.
    published: bool,
    /// When it was first published elsewhere.
    #[serde(with = "times::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    originally_published_at: Option<Timestamp>,
    /// When it was drafted.
    #[serde(with = "times::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    drafted_at: Timestamp,
    /// Its text as the author wrote it.
    body_markdown: String,
    /// Its text as HTML that is safe to show. Ids in it begin with `content-`.
    #[schema(value_type = String)]
    body_html: SharedText,
}

/// A text that the cache holds too.
#[derive(Debug)]
struct SharedText(Arc<str>);

impl Serialize for SharedText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    summary: SummaryRow,
    #[sqlx(flatten)]
    rest: RestRow,
}

row! {
    /// What a post has beyond its summary.
    struct RestRow of "p" {
        body: String,
        published: bool,
        deleted: bool,
        originally_published_at: Option<OffsetDateTime>,
        drafted_at: OffsetDateTime,
    }
}

/// A post by its slug
///
/// A former slug redirects to the present one. A draft is there for its authors and for editors only.
#[utoipa::path(
    get, path = "/v1/posts/{slug}", operation_id = "read_post", tag = "posts",
    params(("slug" = String, Path, description = "Its slug, or a former one"), OneQuery),
    responses(
        (status = 200, description = "The post", body = Post, headers(
            ("ETag" = String, description = "Strong; made of the versions of the post and of its authors"),
        )),
        (status = 301, description = "The post has another slug now", headers(
            ("Location" = String, description = "Where"),
        )),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 404, description = "`not-found`: no post has this slug, or only others may see it"),
        (status = 410, description = "`gone`: the post was deleted"),
    ),
    security((), ("token" = []))
)]
pub(crate) async fn by_slug(
    library: Data<Library>,
    request: HttpRequest,
    slug: Path<String>,
    Query(query): Query<OneQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    // What is no slug names nothing, and is not worth a question.
    let slug: Slug = slug.parse().map_err(|_| missing())?;
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let row = find(&library.database, &slug).await?.ok_or_else(missing)?;
    let listed = row.rest.published && !row.rest.deleted;
    if !listed {
        refuse(&row, reader.as_ref())?;
    }
    if row.summary.slug != slug.as_str() {
        return Ok(moved(&request, &row.summary.slug));
    }
    let authors = AuthorRefs::load(&library.database, row.summary.people().collect()).await?;
    let tag = tag(&row, &authors);
    let keep = if listed { Keep::Public } else { Keep::Private };
    let reply = reply.keep(keep).depends_on_the_reader();
    if let Some(response) = reply.not_modified(&tag)? {
        return Ok(response);
    }
    let html = library.rendered.html(row.summary.post_id, row.summary.version, &row.rest.body).await?;
    reply.json_as(&tag, &row.shown(&authors, html))
}

async fn find(database: &Database, slug: &Slug) -> Result<Option<Row>, Problem> {
    let (summary, rest) = (SummaryRow::columns(), RestRow::columns());
    let mut query = QueryBuilder::new(format!("SELECT {summary}, {rest} FROM content.slugs s"));
    query.push(" JOIN content.posts p ON p.post_id = s.post_id WHERE s.slug = ").push_bind(slug.as_str());
    database.run(query.build_query_as().fetch_optional(database.pool())).await
}

/// Says no to those who may not see a post that is not listed.
fn refuse(row: &Row, reader: Option<&Actor>) -> Result<(), Problem> {
    let SummaryRow { author_id, co_author_ids, published_at, .. } = &row.summary;
    let theirs = reader.is_some_and(|it| it.may_write_as(*author_id) || co_author_ids.contains(&it.id));
    // A reader who could not see a draft while it was there is not told that it was.
    match (row.rest.deleted, theirs || published_at.is_some()) {
        (true, true) => Err(unkept(Problem::gone("the post was deleted"))),
        (false, _) if theirs => Ok(()),
        (_, _) => Err(missing()),
    }
}

fn missing() -> Problem {
    unkept(Problem::not_found("no post has this slug"))
}

/// A slug can be given to another post, so even a permanent redirect is asked for anew.
fn moved(request: &HttpRequest, slug: &str) -> HttpResponse {
    let query = request.query_string();
    let separator = if query.is_empty() { "" } else { "?" };
    HttpResponse::MovedPermanently()
        .insert_header((LOCATION, format!("/v1/posts/{slug}{separator}{query}")))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((VARY, "Authorization"))
        .finish()
}

/// Whatever the answer is made of is in its tag.
fn tag(row: &Row, authors: &AuthorRefs) -> String {
    let people: Vec<String> = row.summary.people().map(|id| authors.version(id).to_string()).collect();
    format!("\"{}-{}-r{}\"", row.summary.version, people.join("."), markdown::REVISION)
}

impl Row {
    fn shown(self, authors: &AuthorRefs, html: Arc<str>) -> Post {
        let Self { summary, rest } = self;
        Post {
            summary: summary.shown(authors),
            published: rest.published,
            originally_published_at: rest.originally_published_at.map(timestamp),
            drafted_at: timestamp(rest.drafted_at),
            body_markdown: rest.body,
            body_html: SharedText(html),
        }
    }
}
