//! The interface's description, OpenAPI 3.1, made from the routes themselves. `openapi.json` in this package is the
//! same as a file; a test holds the two together.

use std::slice;
use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};
use service_kit::routes::{self, CommonResponse};
use service_kit::{Access, Problem, ProblemDetails, Route};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Header, HeaderBuilder, ObjectBuilder, RefOr, Response, SecurityRequirement};
use utoipa::{IntoParams, Modify, OpenApi};

use crate::reply::Reply;
use crate::{READ_MODELS, preferences};

/// Headers that every query of the read models understands.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "described here, read where they are used")]
struct Conditional {
    /// The `Inklog-Position` of a command's reply: wait until its event is visible.
    #[param(rename = "Inklog-Position", required = false)]
    inklog_position: String,
    /// `stale-ok`: rather an answer that has not reached the position than none.
    #[param(rename = "Prefer", required = false)]
    prefer: String,
    /// Entity tags of which the answer must have one.
    #[param(rename = "If-Match", required = false)]
    if_match: String,
    /// Entity tags that are in the cache.
    #[param(rename = "If-None-Match", required = false)]
    if_none_match: String,
}

/// What every route can answer beside what its handler says.
const COMMON: [CommonResponse; 5] = [
    ("304", "As `If-None-Match` says: it is in the cache"),
    ("400", "`malformed`: a header cannot be read"),
    ("405", "`method-not-allowed`: only GET and HEAD are answered"),
    ("412", "`version-conflict`: what is there has none of the tags in `If-Match`"),
    ("500", "`internal`: the fault is ours"),
];

/// What a route that answers from the read models can answer besides.
const OF_READ_MODELS: [CommonResponse; 3] = [
    ("409", "`foreign-position`: the position is of another log: a replaced one, or one to rebuild from"),
    ("422", "`invalid`: a parameter is unknown or wrong"),
    ("503", "`behind`: the position was not reached in time; `unavailable`: the read models cannot be reached"),
];

/// What a route that needs a token can answer besides.
const OF_ACCOUNTS: [CommonResponse; 1] = [("401", "`unauthorized`: no token was sent, or it is not good")];

/// The description of the query API.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "inklog queries",
        description = "Posts, authors and tags for readers. Every answer has a strong entity tag; a query that carries \
                       the position of a write waits until that write is visible, or as long as it says in \
                       `Inklog-Timeout-Ms` where that is less. Answers of a kibibyte or more are \
                       compressed for those who accept gzip: their tags end in `-gzip`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(ProblemDetails)),
    tags(
        (name = "posts", description = "Posts"),
        (name = "authors", description = "Those who have an account"),
        (name = "me", description = "The token's subject"),
        (name = "series", description = "Posts in an order, of a title and a description"),
        (name = "categories", description = "What posts are sorted by, as a tree"),
        (name = "tags", description = "Tags of published posts"),
        (name = "cards", description = "Posts and people for apps that page by numbers"),
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

/// The routes that answer from the read models.
fn of_read_models() -> Vec<Route> {
    READ_MODELS.iter().flat_map(|routes| routes()).collect()
}

/// The routes whose answer is the same for all readers, from one release to the next.
fn constant() -> Vec<Route> {
    preferences::constant_routes()
}

/// All routes there are.
pub(crate) fn routes() -> Vec<Route> {
    [of_read_models(), constant()].concat()
}

static TEXT: LazyLock<serde_json::Value> = LazyLock::new(|| {
    let mut description = Description::openapi();
    for route in &of_read_models() {
        let of_accounts: &[CommonResponse] = if route.access == Access::Anyone { &[] } else { &OF_ACCOUNTS };
        let problems = [&COMMON, OF_READ_MODELS.as_slice(), of_accounts].concat();
        routes::describe(&mut description, slice::from_ref(route), &problems);
        let item = description.paths.paths.get_mut(route.path).expect("the route was added under its path");
        complete(item.get.as_mut().expect("every route is a GET"), route.access);
    }
    routes::describe(&mut description, &constant(), &COMMON);
    serde_json::to_value(description).expect("a description has string keys only, so it is JSON")
});

/// What the header of that name says.
const STALE: &str = "`true` if the position was not reached, or what is shown (or was not found, or may be missing in \
                     a list) has events that could not be handled yet, and is as it was before them. Numbers beside \
                     an author are not looked at";

/// Adds to a route's description what is the same for all that answer from the read models: the headers of request and
/// response, the token where one is needed, and what comes with a cursor.
fn complete(operation: &mut Operation, access: Access) {
    let parameters = operation.parameters.get_or_insert_default();
    let is_paged = parameters.iter().any(|parameter| parameter.name == "cursor");
    parameters.extend(Conditional::into_params(|| None));
    if access != Access::Anyone {
        operation.security = Some(vec![SecurityRequirement::new("token", [""; 0])]);
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(Response { headers, description, .. }) = response else { continue };
        let mut add = |name: &str, words: &str| {
            headers.entry(name.to_owned()).or_insert_with(|| header(words));
        };
        if status == "200" {
            add("ETag", "Strong: other bytes, other tag");
        }
        if ["200", "301", "304", "404", "410"].contains(&status.as_str()) {
            add("Inklog-Stale", STALE);
        }
        if status == "301" {
            add("Location", "Where");
        }
        if status == "200" && is_paged {
            add("Link", "`rel=\"next\"`: the next page, if there is one");
        }
        if status == "422" && is_paged {
            description.push_str(", a cursor is of another list");
        }
    }
}

fn header(words: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String);
    HeaderBuilder::new().schema(text).description(Some(words)).build()
}

/// The description as the golden file has it.
#[must_use]
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&*TEXT).expect("a JSON value can be written");
    text.push('\n');
    text
}

/// `GET /openapi.json`.
pub(crate) async fn document(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Reply::constant(&request).json(&*TEXT)
}
