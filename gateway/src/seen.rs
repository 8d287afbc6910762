//! A request as the gateway sees it, whatever it asks for.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http::HeaderValue;
use http::request::Parts;
use service_kit::TraceContext;
use service_kit::network::TrustedProxies;
use service_kit::trace::TRACEPARENT;
use uuid::Uuid;

use crate::headers::{REQUEST_ID, TIMEOUT};
use crate::origin::Origin;

/// Who asks, since when, and by which ids it is known. All requests that are made of one share it.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) origin: Origin,
    pub(crate) trace: TraceContext,
    pub(crate) request_id: HeaderValue,
    pub(crate) began: Instant,
    /// How long the client says that it waits.
    pub(crate) asked: Option<Duration>,
}

impl Seen {
    pub(crate) fn of(parts: &Parts, peer: SocketAddr, trusted: &TrustedProxies) -> Self {
        let caller = parts.headers.get(TRACEPARENT).and_then(|value| TraceContext::parse(value.to_str().ok()?));
        Self {
            origin: Origin::of(parts, peer, trusted),
            trace: caller.map_or_else(TraceContext::begin, TraceContext::child),
            request_id: request_id(parts),
            began: Instant::now(),
            asked: asked_for(parts),
        }
    }
}

fn asked_for(parts: &Parts) -> Option<Duration> {
    let millis = parts.headers.get(TIMEOUT)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_millis(millis))
}

/// The caller's id for the request where it is short and plain, or a new one.
fn request_id(parts: &Parts) -> HeaderValue {
    let plain = |value: &&HeaderValue| {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
        (1..=64).contains(&value.len()) && value.as_bytes().iter().all(plain)
    };
    parts.headers.get(REQUEST_ID).filter(plain).cloned().unwrap_or_else(|| {
        let id = Uuid::from_u128(rand::random()).simple().to_string();
        HeaderValue::try_from(id).expect("hexadecimal digits are a header value")
    })
}
