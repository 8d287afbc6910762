//! The OpenAPI document, made from the routes.

use actix_web::{HttpResponse, web};
use service_kit::Methods;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, ResponseBuilder};
use utoipa::{IntoParams, Modify, OpenApi as _};

use crate::{accounts, following, identity, posts, reply};

/// Headers that every command takes.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "it is read by the derive only")]
pub struct CommandHeaders {
    /// Makes the command repeatable: the same key again within 24 hours gets the first reply, and nothing is done twice.
    #[param(rename = "Idempotency-Key", max_length = 200)]
    idempotency_key: Option<String>,
    /// The version that the caller saw, such as `"7"`.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
    /// W3C trace context.
    traceparent: Option<String>,
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "inklog commands", version = "1", description = "The write side of inklog. Every reply carries `Inklog-Position`: give it to a query to read what was written."),
    paths(
        identity::jwks, identity::registering::register,
        identity::sessions::log_in, identity::sessions::refresh, identity::sessions::list, identity::sessions::end_others,
        identity::sessions::log_out, identity::sessions::end,
        identity::challenges::meet,
        identity::second_factor::show, identity::second_factor::begin, identity::second_factor::confirm,
        identity::second_factor::renew, identity::second_factor::remove, identity::second_factor::remove_for,
        identity::recovering::confirm, identity::recovering::forgot, identity::recovering::reset,
        identity::myself::change_password, identity::myself::change_email, identity::myself::send_verification,
        identity::myself::change_user_name, identity::myself::deactivate,
        identity::erasing::erase_me, identity::erasing::erase_account, identity::exporting::export,
        identity::preferring::change, following::follow, following::unfollow,
        identity::roles::grant, identity::roles::revoke, identity::roles::reactivate,
        accounts::register, accounts::put, accounts::change_profile,
        posts::draft, posts::put, posts::edit, posts::publish, posts::unpublish, posts::delete, posts::restore,
    ),
    components(schemas(service_kit::ProblemDetails, reply::PostReply, reply::AccountReply)),
    security(("bearer" = [])),
    modifiers(&Common)
)]
struct Document;

/// What every command can answer, and how callers say who they are.
struct Common;

/// Status and meaning.
const ALWAYS: [(&str, &str); 14] = [
    ("400", "The request cannot be read."),
    ("401", "No token, or not a good one."),
    ("403", "The caller may not do this."),
    ("404", "There is no such thing."),
    ("409", "It is taken, or deleted."),
    ("410", "The account was erased."),
    ("412", "It has moved on from the version in If-Match."),
    ("413", "The body is too large."),
    ("415", "The body is not JSON."),
    (
        "422",
        "The body breaks a rule; `errors` names each field. Or the Idempotency-Key came before with another request.",
    ),
    ("429", "Too many attempts; try again after Retry-After."),
    ("500", "The fault is ours."),
    ("503", "Not done; try again after Retry-After."),
    ("504", "The outcome is not known yet: ask again with the same Idempotency-Key."),
];

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        if let Some(components) = document.components.as_mut() {
            let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
            components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        }
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            for operation in operations.into_iter().flatten() {
                for (status, meaning) in ALWAYS {
                    let content = Content::new(Some(Ref::from_schema_name("ProblemDetails")));
                    let problem =
                        ResponseBuilder::new().description(meaning).content(service_kit::problem::MEDIA_TYPE, content);
                    operation.responses.responses.entry(status.to_owned()).or_insert_with(|| problem.build().into());
                }
            }
        }
    }
}

/// The document as JSON.
#[must_use]
pub fn document() -> String {
    Document::openapi().to_pretty_json().expect("the document is made of strings and maps")
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
