//! A body as it arrives: bounded, at a pace, and charged to its network's share.

use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpMessage as _, HttpRequest};
use futures::StreamExt as _;
use tokio::time::{Instant, timeout_at};

use super::budget::{BodyBudget, Share};
use crate::Problem;
use crate::network::Network;
use crate::problem::Kind;

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

/// The body of a request, of at most so many bytes.
pub(super) fn arriving(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let pace = request.app_data::<BodyPace>().copied().unwrap_or_default();
    let checked = check_size(request.headers(), limit);
    let budget = request.app_data::<BodyBudget>();
    let share = budget.map(|budget| Rc::new(budget.share(Network::of(request))));
    // What a body holds it holds until its request is answered.
    request.extensions_mut().insert(share.clone());
    let payload = payload.take();
    async move {
        checked?;
        read(payload, limit, pace, share.as_deref()).await
    }
}

/// What a header says of the body's kind, without its parameters.
pub(super) fn essence_of(content_type: Option<&HeaderValue>) -> String {
    let media_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn check_size(headers: &HeaderMap, limit: usize) -> Result<(), Problem> {
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
