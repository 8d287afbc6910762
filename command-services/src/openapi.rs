//! The OpenAPI document, made from the routes.

use actix_web::{HttpResponse, web};
use service_kit::routes::{self, CommonResponse};
use service_kit::{Methods, ProblemDetails, json};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, Ref, RefOr, Response, Schema};
use utoipa::{Modify, OpenApi as _, ToSchema as _};

use crate::bulk::BulkCommand;
use crate::posts::working_copy::CopyReply;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "inklog commands",
        version = "1",
        description = "The write side of inklog. Every reply carries `Inklog-Position`: give it to a query to read \
                       what was written. A request may say in `Inklog-Timeout-Ms` how long it waits, and is then \
                       answered sooner that the outcome is not known."
    ),
    components(schemas(ProblemDetails, BulkCommand)),
    security(("token" = [])),
    modifiers(&Bearer)
)]
struct Document;

/// How callers say who they are.
struct Bearer;

/// What every command can answer.
const PROBLEMS: [CommonResponse; 15] = [
    ("400", "The request cannot be read."),
    ("401", "No token, or not a good one."),
    ("403", "The caller may not do this."),
    ("404", "There is no such thing."),
    ("408", "The body did not arrive in time."),
    ("409", "It is taken, or deleted."),
    ("410", "The account was erased."),
    ("412", "It is not as If-Match or If-None-Match demand: in another version, or not there, or there."),
    ("413", "The body is larger than this route takes; the detail says how much that is."),
    ("415", "The body is not JSON."),
    (
        "422",
        "The body breaks a rule; `errors` names each field. Or the Idempotency-Key came before with another request.",
    ),
    ("429", "More than the quota of the account or network, or too many bad attempts; try again after Retry-After."),
    ("500", "The fault is ours."),
    ("503", "Not done; try again after Retry-After."),
    ("504", "The outcome is not known yet: ask again with the same Idempotency-Key."),
];

impl Modify for Bearer {
    fn modify(&self, document: &mut OpenApi) {
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        let token = token.description(Some("An Ed25519 access token (RFC 9068)")).build();
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(token));
    }
}

/// The document as JSON.
#[must_use]
pub fn document() -> String {
    let mut document = Document::openapi();
    routes::describe(&mut document, &crate::routes(), &PROBLEMS);
    add_outcomes(&mut document);
    document.to_pretty_json().expect("the document is made of strings and maps")
}

/// Adds the headers of [`Accepted::reply`](crate::reply::Accepted::reply) wherever the body is that of an outcome.
fn add_outcomes(document: &mut OpenApi) {
    let schemas = document.components.as_ref().map(|components| components.schemas.clone()).unwrap_or_default();
    let items = document.paths.paths.values_mut();
    let operations = items.flat_map(|item| [&mut item.put, &mut item.post, &mut item.patch, &mut item.delete]);
    for operation in operations.flatten() {
        for (status, response) in &mut operation.responses.responses {
            let RefOr::T(response) = response else { continue };
            let Some(name) = body_of(response).filter(|name| is_outcome(schemas.get(name))) else { continue };
            routes::add_header(response, "ETag", Type::String, "The version, in quotes: what `If-Match` demands.");
            if name != CopyReply::name() {
                let meaning = "Where in the log it holds from: what a query waits for that is given it.";
                routes::add_header(response, "Inklog-Position", Type::String, meaning);
            }
            if status == "201" {
                routes::add_header(response, "Location", Type::String, "The address of what came into being.");
            }
        }
    }
}

/// The name of the schema of a response's body.
fn body_of(response: &Response) -> Option<String> {
    match response.content.get(json::MEDIA_TYPE)?.schema.as_ref()? {
        RefOr::Ref(Ref { ref_location, .. }) => Some(ref_location.rsplit('/').next()?.to_owned()),
        RefOr::T(_) => None,
    }
}

/// An outcome says which version it left, and whether it changed anything.
fn is_outcome(schema: Option<&RefOr<Schema>>) -> bool {
    let Some(RefOr::T(Schema::Object(object))) = schema else { return false };
    ["version", "changed"].iter().all(|name| object.properties.contains_key(*name))
}

/// Registers `/openapi.json`.
pub fn configure(config: &mut web::ServiceConfig) {
    let document: web::Bytes = document().into();
    let answer = move || {
        let document = document.clone();
        async move { HttpResponse::Ok().content_type("application/json").body(document) }
    };
    config.service(Methods::at("/openapi.json").get(answer).build());
}
