use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::views::{self, DELETED_PREFIX};
use serde::Serialize;
use service_kit::{Access, Problem, Query, Route, routes};
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, FromRow};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ENDED;
use crate::database::{Database, Time};
use crate::freshness::OneQuery;
use crate::library::Library;
use crate::pictures::Pictures;
use crate::posts::{About, Copied, Named, PostSummary};
use crate::reply::Keep;

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
    #[serde(flatten)]
    post: PostSummary,
    #[serde(flatten)]
    about: About,
    /// When it was first published elsewhere.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    originally_published_at: Option<Time>,
    /// The post that it is a translation of.
    #[schema(required = true)]
    translation_of: Option<Uuid>,
    /// Whether it shows the working copy: changes that are saved and not released.
    working_copy: bool,
    /// Whether the post was edited beside that copy: it is shown over the post as it is by now, and not released so
    /// (409 `outdated`) before its authors have looked at both.
    outdated: bool,
    /// Until when the link is good, unless it is revoked before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Time,
    /// Its text as HTML that is safe to show. Ids in it begin with `content-`.
    body_html: String,
}

/// A link that is good, its post and its working copy.
#[derive(FromRow)]
struct Found {
    #[sqlx(flatten)]
    post: PostSummary,
    #[sqlx(flatten)]
    about: About,
    originally_published_at: Option<Time>,
    translation_of: Option<Uuid>,
    body: String,
    preview_id: Uuid,
    expires_at: Time,
    change: Option<String>,
    copy_version: Option<i64>,
    saved_at: Option<Time>,
    outdated: bool,
}

/// The working copy that was laid over a post.
#[derive(Clone, Copy)]
struct Laid {
    version: i64,
    has_a_text: bool,
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
    let reply = reply.keep(Keep::Never).lists::<views::Previews>().lists::<views::Authors>();
    // A token is looked up by its digest: how long that takes tells of digests, of which no token follows.
    let found = find(&library.database, token).await?;
    let Some(mut found) = found else { return Err(reply.refused(missing())) };
    let reply = reply.shows::<views::Posts>([found.post.id]);
    let version = found.post.version;
    let working_copy = found.overlay();
    // A version of a copy is no other copy's, and another than a post's: its text is remembered under the link.
    let of_copy = working_copy.filter(|copy| copy.has_a_text).map(|copy| (found.preview_id, copy.version));
    let (of, version) = of_copy.unwrap_or((found.post.id, version));
    let pictures = Pictures::of(&found.body, &found.post.writers(), &library.database).await?;
    let html = library.rendered.html(of, version, &found.body).await?;
    let mut preview = Preview {
        post: found.post,
        about: found.about,
        originally_published_at: found.originally_published_at,
        translation_of: found.translation_of,
        working_copy: working_copy.is_some(),
        outdated: working_copy.is_some() && found.outdated,
        expires_at: found.expires_at,
        body_html: pictures.put_into(&html).unwrap_or_else(|| html.to_string()),
    };
    let named = Named::by(vec![&mut preview.post], &library.database).await?;
    pictures.shown_in(named.shown_in(reply)).json(&preview)
}

/// The link with this token, if it is good. With its owner's account end the links of a post.
async fn find(database: &Database, token: &str) -> Result<Option<Found>, Problem> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if token.len() != LENGTH || !token.bytes().all(fits) {
        return Ok(None);
    }
    let digest: String = Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect();
    let sql = format!(
        "SELECT {}, {}, p.originally_published_at, p.translation_of, p.body, v.preview_id, v.expires_at, w.change, \
         w.version AS copy_version, w.saved_at, COALESCE(w.base_version < p.edited_version, false) AS outdated \
         FROM content.previews v JOIN content.posts p ON p.post_id = v.post_id \
         LEFT JOIN writing.working_copies w ON w.post_id = v.post_id \
         WHERE v.token_sha256 = $1 AND NOT v.revoked AND v.expires_at > now() AND NOT {ENDED} AND NOT p.deleted \
         AND p.visible = 'all' \
         AND NOT EXISTS (SELECT FROM content.authors a WHERE a.account_id = p.author_id \
         AND starts_with(a.user_name, $2))",
        PostSummary::columns(),
        About::columns()
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(digest).bind(DELETED_PREFIX);
    database.run(query.fetch_optional(database.pool())).await
}

fn missing() -> Problem {
    Problem::not_found("the link is not good, or not any more")
}

impl Found {
    /// Lays the working copy over the post, as its release would, if there is one.
    fn overlay(&mut self) -> Option<Laid> {
        let (copied, saved_at) = (Copied::of(self.change.as_deref()?)?, self.saved_at?);
        self.post.lay(&copied, saved_at);
        self.about.lay(&copied, &self.post);
        copied.lay("body", &mut self.body);
        copied.lay("translation_of", &mut self.translation_of);
        copied.lay_time("originally_published_at", &mut self.originally_published_at);
        Some(Laid { version: self.copy_version?, has_a_text: copied.has_a_text() })
    }
}
