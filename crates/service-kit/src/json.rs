//! The strict JSON body: what a handler gets is what its type says, and what is wrong is named field by field.

mod fault;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures::StreamExt as _;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::problem::Kind;
use crate::{FieldError, Problem};

/// The largest body taken where neither [`Json`] nor [`JsonLimit`] says otherwise: 1 MiB.
pub const DEFAULT_LIMIT_BYTES: usize = 1024 * 1024;

/// Sets another limit for bodies: register it as `app_data`.
#[derive(Clone, Copy, Debug)]
pub struct JsonLimit(pub usize);

/// A body that has not arrived whole by then is given up: a client that sends a byte a minute holds a connection, not a
/// handler.
pub const DEFAULT_BODY_DEADLINE: Duration = Duration::from_secs(30);

/// Sets another deadline for bodies: register it as `app_data`.
#[derive(Clone, Copy, Debug)]
pub struct BodyDeadline(pub Duration);

/// What the bodies of all requests under way may hold together: register one for all workers as `app_data`. Without it
/// a few thousand callers that wait for a busy partition, each with a long text, would be gigabytes.
#[derive(Clone, Debug)]
pub struct BodyBudget(Arc<Semaphore>);

impl BodyBudget {
    /// A budget of so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }

    /// Takes a body's share until the request is answered.
    fn take(&self, request: &HttpRequest, limit: usize) -> Result<(), Problem> {
        let bytes = announced_length(request.headers()).unwrap_or(limit);
        let share = Arc::clone(&self.0).try_acquire_many_owned(u32::try_from(bytes).unwrap_or(u32::MAX));
        request.extensions_mut().insert(share.map_err(|_| Problem::overloaded(1))?);
        Ok(())
    }
}

/// A JSON body. Use `#[serde(deny_unknown_fields)]` on `T`, or unknown fields pass unseen. A `T` whose texts can be
/// longer says so with `LIMIT`: JSON may escape each of their bytes with six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<T, const LIMIT: usize = DEFAULT_LIMIT_BYTES>(pub T);

impl<T: DeserializeOwned, const LIMIT: usize> FromRequest for Json<T, LIMIT> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = request.app_data::<JsonLimit>().map_or(LIMIT, |limit| limit.0);
        let deadline = request.app_data::<BodyDeadline>().map_or(DEFAULT_BODY_DEADLINE, |deadline| deadline.0);
        let checked = check_headers(request.headers(), limit)
            .and_then(|()| request.app_data::<BodyBudget>().map_or(Ok(()), |budget| budget.take(request, limit)));
        let payload = payload.take();
        Box::pin(async move {
            checked?;
            let late = |_| Problem::new(&Kind::BODY_TOO_SLOW, format!("the body did not arrive within {deadline:?}"));
            parse(&timeout(deadline, read(payload, limit)).await.map_err(late)??).map(Json)
        })
    }
}

fn check_headers(headers: &HeaderMap, limit: usize) -> Result<(), Problem> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_json(media_type) {
        return Err(Problem::unsupported_media_type("the body must be JSON, with Content-Type: application/json"));
    }
    if headers.get(CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::unsupported_media_type("the body must not be compressed"));
    }
    let too_long = announced_length(headers).is_some_and(|length| length > limit);
    if too_long { Err(Problem::body_too_large(limit)) } else { Ok(()) }
}

fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

async fn read(mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => Problem::body_too_large(limit),
            _ => Problem::malformed("the body ended early"),
        })?;
        if body.len() + chunk.len() > limit {
            return Err(Problem::body_too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
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
