//! The strict JSON body: what a handler gets is what its type says, and what is wrong is named field by field.

mod budget;
mod fault;

pub use budget::BodyBudget;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures::StreamExt as _;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use crate::network::Network;
use crate::problem::Kind;
use crate::{FieldError, Problem};
use budget::Share;

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

/// How fast a body must arrive: register another one as `app_data`. A client that sends a byte a minute holds a
/// connection, not a handler.
#[derive(Clone, Copy, Debug)]
pub struct BodyPace {
    /// After so long it has arrived whole, or is given up.
    pub deadline: Duration,
    /// For so long it may rest; then it has arrived on average at the least rate.
    pub grace: Duration,
    /// The least rate.
    pub bytes_per_second: u32,
}

impl Default for BodyPace {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(30), grace: Duration::from_secs(5), bytes_per_second: 1024 }
    }
}

impl BodyPace {
    /// Until when more must come of a body of which so much has arrived.
    fn patience(&self, arrived: usize) -> Duration {
        let earned = u32::try_from(arrived).unwrap_or(u32::MAX);
        let earned = Duration::from_secs(earned.into()) / self.bytes_per_second.max(1);
        self.deadline.min(self.grace + earned)
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
        let limit = limit(request, LIMIT);
        let pace = request.app_data::<BodyPace>().copied().unwrap_or_default();
        let checked = check_headers(request.method(), request.headers(), limit);
        let budget = request.app_data::<BodyBudget>();
        let share = budget.map(|budget| Rc::new(budget.share(Network::of(request))));
        // What a body holds it holds until its request is answered.
        request.extensions_mut().insert(share.clone());
        let payload = payload.take();
        Box::pin(async move {
            checked?;
            parse(&read(payload, limit, pace, share.as_deref()).await?).map(Json)
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

fn check_headers(method: &Method, headers: &HeaderMap, limit: usize) -> Result<(), Problem> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != MEDIA_TYPE && (essence != MERGE_PATCH || method != Method::PATCH) {
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

async fn read(mut payload: Payload, limit: usize, pace: BodyPace, share: Option<&Share>) -> Result<Bytes, Problem> {
    let (began, mut body) = (Instant::now(), BytesMut::new());
    loop {
        let next = timeout_at(began + pace.patience(body.len()), payload.next()).await;
        let Some(chunk) = next.map_err(|_| too_slow(body.len(), pace))? else { return Ok(body.freeze()) };
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => Problem::body_too_large(limit),
            _ => Problem::malformed("the body ended early"),
        })?;
        if body.len() + chunk.len() > limit {
            return Err(Problem::body_too_large(limit));
        }
        share.map_or(Ok(()), |share| share.grow(chunk.len()))?;
        body.extend_from_slice(&chunk);
    }
}

fn too_slow(arrived: usize, pace: BodyPace) -> Problem {
    measures::http::BODIES_TOO_SLOW.increment();
    let BodyPace { deadline, grace, bytes_per_second } = pace;
    let least =
        format!("a body must arrive within {deadline:?}, after {grace:?} at {bytes_per_second} bytes/s or faster");
    Problem::new(&Kind::BODY_TOO_SLOW, format!("{least}; {arrived} bytes came"))
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
