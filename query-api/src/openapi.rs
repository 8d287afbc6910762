//! The interface's description, OpenAPI 3.1, made from the routes themselves. `openapi.json` in this package is the
//! same as a file; a test holds the two together.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};
use service_kit::{FieldError, Problem, ProblemDetails};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{IntoParams, IntoResponses, Modify, OpenApi};

use crate::freshness::Freshness;
use crate::reply::Reply;
use crate::{author_refs, authors, follows, posts, preferences, tags};

/// Headers that every query understands.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "described here, read where they are used")]
pub(crate) struct Conditional {
    /// The `Inklog-Position` of a command's reply: wait until its event is visible.
    #[param(rename = "Inklog-Position", required = false)]
    inklog_position: String,
    /// `stale-ok`: rather an answer that has not reached the position than none.
    #[param(rename = "Prefer", required = false)]
    prefer: String,
    /// Entity tags that are in the cache.
    #[param(rename = "If-None-Match", required = false)]
    if_none_match: String,
}

/// Declares the problems of a route as its responses.
macro_rules! problems {
    ($(#[$doc:meta])* $name:ident { $($status:literal $variant:ident $description:literal,)+ }) => {
        $(#[$doc])*
        #[derive(IntoResponses)]
        #[expect(dead_code, reason = "described here, made where they arise")]
        pub(crate) enum $name {
            $(
                #[response(status = $status, description = $description, content_type = "application/problem+json")]
                $variant(ProblemDetails),
            )+
        }
    };
}

problems! {
    /// What can go wrong with a list.
    ListProblems {
        400 Malformed "`malformed`: a header cannot be read",
        405 Method "`method-not-allowed`: only GET and HEAD are answered",
        409 ForeignPosition "`foreign-position`: the position is of a log that has been replaced",
        422 Invalid "`invalid`: a parameter is unknown or wrong, a cursor is of another list",
        500 Internal "`internal`: the fault is ours",
        503 Unavailable "`behind`: the position was not reached in time; `unavailable`: the read models cannot be reached",
    }
}

problems! {
    /// What can go wrong with one entry.
    OneProblems {
        400 Malformed "`malformed`: a header cannot be read",
        404 NotFound "`not-found`: nobody has this name",
        405 Method "`method-not-allowed`: only GET and HEAD are answered",
        409 ForeignPosition "`foreign-position`: the position is of a log that has been replaced",
        410 Gone "`account-erased`: whoever it was has been forgotten",
        422 Invalid "`invalid`: a parameter is unknown or wrong",
        500 Internal "`internal`: the fault is ours",
        503 Unavailable "`behind`: the position was not reached in time; `unavailable`: the read models cannot be reached",
    }
}

problems! {
    /// What can go wrong with a post.
    PostProblems {
        400 Malformed "`malformed`: a header cannot be read",
        401 Unauthorized "`unauthorized`: a token was sent, and is not good",
        404 NotFound "`not-found`: no post has this slug, or only others may see it",
        405 Method "`method-not-allowed`: only GET and HEAD are answered",
        409 ForeignPosition "`foreign-position`: the position is of a log that has been replaced",
        410 Gone "`gone`: the post was deleted",
        422 Invalid "`invalid`: a parameter is unknown or wrong",
        500 Internal "`internal`: the fault is ours",
        503 Unavailable "`behind`: the position was not reached in time; `unavailable`: the read models cannot be reached",
    }
}

problems! {
    /// What can go wrong with a list of followers.
    FollowersProblems {
        400 Malformed "`malformed`: a header cannot be read",
        404 NotFound "`not-found`: nobody has this name",
        405 Method "`method-not-allowed`: only GET and HEAD are answered",
        409 ForeignPosition "`foreign-position`: the position is of a log that has been replaced",
        410 Gone "`account-erased`: whoever it was has been forgotten",
        422 Invalid "`invalid`: a parameter is unknown or wrong, a cursor is of another list",
        500 Internal "`internal`: the fault is ours",
        503 Unavailable "`behind`: the position was not reached in time; `unavailable`: the read models cannot be reached",
    }
}

problems! {
    /// What can go wrong with a list of those who are followed.
    FollowingProblems {
        400 Malformed "`malformed`: a header cannot be read",
        401 Unauthorized "`unauthorized`: a token was sent, and is not good",
        403 Private "`private`: its owner keeps this list to themselves",
        404 NotFound "`not-found`: nobody has this name",
        405 Method "`method-not-allowed`: only GET and HEAD are answered",
        409 ForeignPosition "`foreign-position`: the position is of a log that has been replaced",
        410 Gone "`account-erased`: whoever it was has been forgotten",
        422 Invalid "`invalid`: a parameter is unknown or wrong, a cursor is of another list",
        500 Internal "`internal`: the fault is ours",
        503 Unavailable "`behind`: the position was not reached in time; `unavailable`: the read models cannot be reached",
    }
}

problems! {
    /// What can go wrong with what is the token's subject's own.
    MineProblems {
        400 Malformed "`malformed`: a header cannot be read",
        401 Unauthorized "`unauthorized`: no token was sent, or it is not good",
        404 NotFound "`not-found`: the token's subject has no account",
        405 Method "`method-not-allowed`: only GET and HEAD are answered",
        409 ForeignPosition "`foreign-position`: the position is of a log that has been replaced",
        422 Invalid "`invalid`: a parameter is unknown or wrong",
        500 Internal "`internal`: the fault is ours",
        503 Unavailable "`behind`: the position was not reached in time; `unavailable`: the read models cannot be reached",
    }
}

problems! {
    /// What can go wrong with what is the same for all and for ever.
    StaticProblems {
        400 Malformed "`malformed`: a header cannot be read",
        405 Method "`method-not-allowed`: only GET and HEAD are answered",
        500 Internal "`internal`: the fault is ours",
    }
}

/// The description of the query API.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "inklog queries",
        description = "Posts, authors and tags for readers. Every answer has a strong entity tag; a query that carries \
                       the position of a write waits until that write is visible.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        posts::list::list, posts::by_slug::by_slug, authors::list, authors::by_user_name, follows::followers,
        follows::following, preferences::read, preferences::schema, tags::list,
    ),
    components(schemas(ProblemDetails, FieldError, author_refs::AuthorRef)),
    tags(
        (name = "posts", description = "Posts"),
        (name = "authors", description = "Those who have an account"),
        (name = "me", description = "The token's subject"),
        (name = "tags", description = "Tags of published posts"),
    ),
    modifiers(&BearerToken),
)]
struct Description;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let mut http = Http::new(HttpAuthScheme::Bearer);
        http.bearer_format = Some("JWT".into());
        http.description = Some("An Ed25519 access token (RFC 9068)".into());
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(http));
    }
}

static TEXT: LazyLock<serde_json::Value> = LazyLock::new(|| {
    serde_json::to_value(Description::openapi()).expect("a description has string keys only, so it is JSON")
});

/// The description as the golden file has it.
#[must_use]
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&*TEXT).expect("a JSON value can be written");
    text.push('\n');
    text
}

/// `GET /openapi.json`.
pub(crate) async fn document(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Reply::to(&request, Freshness::Fresh).json(&*TEXT)
}
