//! A request as the gateway sees it, whatever it asks for.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http::request::Parts;
use http::{HeaderName, HeaderValue};
use service_kit::TraceContext;
use service_kit::network::TrustedProxies;
use service_kit::trace::TRACEPARENT;
use uuid::Uuid;

use crate::headers::{REQUEST_ID, TIMEOUT};
use crate::origin::Origin;

/// The same for who calls by gRPC.
const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

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
    if let Some(timeout) = parts.headers.get(GRPC_TIMEOUT) {
        return of_call(timeout.to_str().ok()?);
    }
    let millis = parts.headers.get(TIMEOUT)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_millis(millis))
}

/// As gRPC has it: at most eight digits, and a unit.
fn of_call(timeout: &str) -> Option<Duration> {
    let (digits, unit) = timeout.split_at_checked(timeout.len().checked_sub(1)?)?;
    let is_number = (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| is_number)?;
    Some(match unit {
        "H" => Duration::from_secs(3_600 * number),
        "M" => Duration::from_secs(60 * number),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_of_a_call_has_a_unit() {
        let (millis, secs) = (Duration::from_millis, Duration::from_secs);
        for (text, expected) in [("250m", millis(250)), ("3S", secs(3)), ("2M", secs(120)), ("1H", secs(3_600))] {
            assert_eq!(of_call(text), Some(expected), "{text}");
        }
        assert_eq!((of_call("5u"), of_call("7n")), (Some(Duration::from_micros(5)), Some(Duration::from_nanos(7))));
        for text in ["", "S", "5", "-1S", "123456789S", "1.5S", "5s", "5é"] {
            assert_eq!(of_call(text), None, "{text}");
        }
    }
}
