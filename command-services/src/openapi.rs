//! The OpenAPI document, made from the routes.

use actix_web::{HttpResponse, web};
use service_kit::routes::{self, CommonResponse};
use service_kit::{Methods, ProblemDetails};
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _};

use crate::bulk::BulkCommand;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "inklog commands",
        version = "1",
        description = "The write side of inklog. Every reply carries `Inklog-Position`: give it to a query to read \
                       what was written."
    ),
    components(schemas(ProblemDetails, BulkCommand)),
    security(("bearer" = [])),
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
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        document.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// The document as JSON.
#[must_use]
pub fn document() -> String {
    let mut document = Document::openapi();
    routes::describe(&mut document, &crate::routes(), &PROBLEMS);
    document.to_pretty_json().expect("the document is made of strings and maps")
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
