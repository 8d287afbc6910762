//! The strict JSON body: what a handler gets is what its type says, and what is wrong is named field by field.

mod body;
mod budget;
mod fault;
mod lines;

pub use body::BodyPace;
pub use budget::BodyBudget;
pub use fault::syntax;
pub use lines::{Lines, MEDIA_TYPE as LINES};

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use serde::de::DeserializeOwned;

use crate::{FieldError, Problem};
use body::{arriving, essence_of};

/// The largest body taken where neither [`Json`] nor [`JsonLimit`] says otherwise: 1 MiB.
pub const DEFAULT_LIMIT_BYTES: usize = 1024 * 1024;

/// The largest body taken of a caller who has yet to show who they are: a name, an address, a password.
pub const ANONYMOUS_LIMIT_BYTES: usize = 16 * 1024;

/// What a body is.
pub const MEDIA_TYPE: &str = "application/json";
/// What the body of a PATCH may call itself besides (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

/// Sets another limit for bodies whose [`Json`] says none: register it as `app_data`. One in the request's extensions
/// goes before.
#[derive(Clone, Copy, Debug)]
pub struct JsonLimit(pub usize);

/// A JSON body. Use `#[serde(deny_unknown_fields)]` on `T`, or unknown fields pass unseen. A `T` whose texts can be
/// longer says so with `LIMIT`: JSON may escape each of their bytes with six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<T, const LIMIT: usize = DEFAULT_LIMIT_BYTES>(pub T);

impl<T: DeserializeOwned, const LIMIT: usize> FromRequest for Json<T, LIMIT> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = check_media_type(request.method(), request.headers());
        let body = arriving(request, payload, limit(request, LIMIT));
        Box::pin(async move {
            is_json?;
            parse(&body.await?).map(Json)
        })
    }
}

fn limit(request: &HttpRequest, of_type: usize) -> usize {
    if of_type != DEFAULT_LIMIT_BYTES {
        return of_type;
    }
    let here = request.extensions().get::<JsonLimit>().copied();
    here.or_else(|| request.app_data().copied()).map_or(of_type, |JsonLimit(limit)| limit)
}

fn check_media_type(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let essence = essence_of(headers.get(CONTENT_TYPE));
    if essence != MEDIA_TYPE && (essence != MERGE_PATCH || method != Method::PATCH) {
        return Err(Problem::unsupported_media_type("the body must be JSON, with Content-Type: application/json"));
    }
    Ok(())
}

/// Reads a JSON text strictly.
///
/// # Errors
/// It is no JSON (400), or not what `T` is (422, with a JSON pointer).
pub fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::malformed("the body is empty; it must be JSON"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(fault::explain)?;
    deserializer.end().map_err(|error| fault::syntax(&error))?;
    Ok(value)
}

/// The problem of a field that is well-formed but breaks a rule: 422 at its JSON pointer.
pub fn broken_rule(pointer: &str, detail: impl std::fmt::Display) -> Problem {
    Problem::invalid(vec![FieldError::at(pointer, detail.to_string())])
}

#[cfg(test)]
mod tests;
