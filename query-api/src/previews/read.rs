use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::views::{self, DELETED_PREFIX};
use serde::Serialize;
use serde_json::Value;
use service_kit::{Access, Problem, Query, Route, routes};
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, FromRow};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ENDED;
use crate::author_refs::{self, AuthorRef, AuthorRefs};
use crate::database::{Database, Time};
use crate::freshness::OneQuery;
use crate::library::Library;
use crate::reply::Keep;
use crate::tags;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => read;
    }
}

/// What every answer says, good or not: the address is a secret.
const SECRET: [(&str, &str); 3] =
    [("cache-control", "private, no-store"), ("x-robots-tag", "noindex"), ("referrer-policy", "no-referrer")];

/// The characters of a token: 32 bytes in base64url.
const LENGTH: usize = 43;

/// A post as it would be, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    /// Its title.
    title: String,
    /// What it is about; may be empty.
    summary: String,
    /// Its tags. A name that stands for another tag is shown as that.
    tags: Vec<String>,
    /// Who wrote it.
    author: AuthorRef,
    /// Who else is named.
    #[schema(value_type = Vec<AuthorRef>)]
    co_authors: AuthorRefs,
    /// Whether it shows the working copy: changes that are saved and not released.
    working_copy: bool,
    /// When what it shows last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
    /// Until when the link is good, unless it is revoked before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Time,
    /// Its text as HTML that is safe to show. Ids in it begin with `content-`.
    body_html: String,
}

/// A link that is good, its post and its working copy.
#[derive(FromRow)]
struct Found {
    preview_id: Uuid,
    expires_at: Time,
    post_id: Uuid,
    version: i64,
    title: String,
    summary: String,
    body: String,
    tags: Vec<String>,
    author_id: Uuid,
    co_author_ids: Vec<Uuid>,
    updated_at: Time,
    change: Option<String>,
    copy_version: Option<i64>,
    saved_at: Option<Time>,
}

/// A post by a preview link
///
/// No account is needed: the token is the key. What is shown is the working copy where there is one, else the post, be
/// it a draft or not. It is read anew each time and kept nowhere; that a link was never there, has expired or was
/// revoked is not told apart.
#[utoipa::path(
    get, path = "/v1/previews/{token}", operation_id = "read_preview", tag = "posts",
    params(("token" = String, Path, description = "The token of the link", min_length = 43, max_length = 43,
            pattern = "^[0-9A-Za-z_-]{43}$"), OneQuery),
    responses(
        (status = 200, description = "The post as it would be", body = Preview, headers(
            ("Cache-Control" = String, description = "`private, no-store`"),
            ("X-Robots-Tag" = String, description = "`noindex`"),
            ("Referrer-Policy" = String, description = "`no-referrer`: the address is a secret"),
        )),
        (status = 404, description = "`not-found`: the link is not good, or not any more"),
    )
)]
pub(crate) async fn read(
    library: Data<Library>,
    request: HttpRequest,
    token: Path<String>,
    Query(query): Query<OneQuery>,
) -> Result<HttpResponse, Problem> {
    let mut response = match answer(&library, &request, &token, &query).await {
        Ok(response) => response,
        Err(problem) => {
            let secret = |problem: Problem, (name, value): (&'static str, &str)| problem.header(name, value);
            return Err(SECRET.into_iter().fold(problem, secret));
        }
    };
    for (name, value) in SECRET {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Ok(response)
}

async fn answer(
    library: &Library,
    request: &HttpRequest,
    token: &str,
    query: &OneQuery,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Never).lists::<views::Previews>();
    // A token is looked up by its digest: how long that takes tells of digests, of which no token follows.
    let found = find(&library.database, token).await?;
    let Some(mut found) = found else { return Err(reply.refused(missing())) };
    let working_copy = found.overlay();
    let reply = reply.shows::<views::Posts>([found.post_id]);
    let (author, co_authors) = (AuthorRef::from(found.author_id), AuthorRefs::from(found.co_author_ids));
    // A version of a copy is no other copy's, and another than a post's: it is remembered under the link.
    let (of, version) = if working_copy {
        (found.preview_id, found.copy_version.unwrap_or_default())
    } else {
        (found.post_id, found.version)
    };
    let body_html = library.rendered.html(of, version, &found.body).await?.to_string();
    let mut preview = Preview {
        title: found.title,
        summary: found.summary,
        tags: found.tags,
        author,
        co_authors,
        working_copy,
        updated_at: found.saved_at.filter(|_| working_copy).unwrap_or(found.updated_at),
        expires_at: found.expires_at,
        body_html,
    };
    let people = std::iter::once(&mut preview.author).chain(&mut preview.co_authors.0).collect();
    let named = author_refs::look_up(people, &library.database).await?;
    let are_tagged = tags::resolve(vec![&mut preview.tags], &library.database).await?;
    let reply = reply.shows::<views::Authors>(named);
    let reply = if are_tagged { reply.lists::<views::TagNames>() } else { reply };
    reply.json(&preview)
}

/// The link with this token, if it is good. With its owner's account end the links of a post.
async fn find(database: &Database, token: &str) -> Result<Option<Found>, Problem> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if token.len() != LENGTH || !token.bytes().all(fits) {
        return Ok(None);
    }
    let digest: String = Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect();
    let statement = format!(
        "SELECT v.preview_id, v.expires_at, p.post_id, p.version, p.title, p.summary, p.body, p.tags, p.author_id, \
         p.co_author_ids, p.updated_at, w.change, w.version AS copy_version, w.saved_at \
         FROM content.previews v JOIN content.posts p ON p.post_id = v.post_id \
         LEFT JOIN writing.working_copies w ON w.post_id = v.post_id \
         WHERE v.token_sha256 = $1 AND NOT v.revoked AND v.expires_at > now() AND NOT {ENDED} AND NOT p.deleted \
         AND NOT EXISTS (SELECT FROM content.authors a WHERE a.account_id = p.author_id \
         AND starts_with(a.user_name, $2))",
    );
    let query = sqlx::query_as(AssertSqlSafe(statement)).bind(digest).bind(DELETED_PREFIX);
    database.run(query.fetch_optional(database.pool())).await
}

fn missing() -> Problem {
    Problem::not_found("the link is not good, or not any more")
}

impl Found {
    /// Lays the working copy over the post, as its release would; whether there is one.
    fn overlay(&mut self) -> bool {
        let Some(Ok(Value::Object(change))) = self.change.take().map(|change| serde_json::from_str(&change)) else {
            return false;
        };
        let texts = [("title", &mut self.title), ("summary", &mut self.summary), ("body", &mut self.body)];
        for (name, text) in texts {
            if let Some(new) = change.get(name) {
                new.as_str().unwrap_or_default().clone_into(text);
            }
        }
        if let Some(tags) = change.get("tags") {
            let tags = tags.as_array().into_iter().flatten().filter_map(Value::as_str);
            self.tags = tags.map(ToOwned::to_owned).collect();
        }
        true
    }
}
