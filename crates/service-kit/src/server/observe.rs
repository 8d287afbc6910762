use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};
use measures::http::{InFlight, answered, method_label};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::{RoutePattern, Shutdown, TraceContext};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives each request its ids, counts it, times it, and logs it at debug level. The address itself is not logged: it
/// may hold a name; the route's pattern is. Each answer gets the headers that all have. Once the end is requested,
/// clients are told not to send further requests on their connections.
pub(super) async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let (began, trace) = (Instant::now(), TraceContext::continuing(request.headers()));
    let method = method_label(request.method().as_str());
    let request_id = request_id(&request);
    request.extensions_mut().insert(trace);
    let span = tracing::info_span!(
        "request", trace_id = %format_args!("{:032x}", trace.trace_id), request_id = %shown(&request_id)
    );
    let closing = request.app_data::<Shutdown>().is_some_and(Shutdown::is_requested);
    let in_flight = InFlight::begin();
    let mut response = next.call(request).instrument(span.clone()).await?;
    drop(in_flight);
    let route = response.request().extensions().get::<RoutePattern>().map_or("unmatched", |RoutePattern(path)| path);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    span.in_scope(|| {
        tracing::debug!(method, route, status, duration_ms = took.as_secs_f64() * 1e3, "answered");
    });
    answered(method, route, status, took);
    response.headers_mut().insert(REQUEST_ID, request_id);
    // What an answer is, its Content-Type says: a browser that guesses could take a text for a script.
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if closing {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// The caller's id for the request where it is short and plain, or a new one.
fn request_id(request: &ServiceRequest) -> HeaderValue {
    let plain = |value: &&HeaderValue| {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
        (1..=64).contains(&value.len()) && value.as_bytes().iter().all(plain)
    };
    request.headers().get(REQUEST_ID).filter(plain).cloned().unwrap_or_else(|| {
        let id = Uuid::from_u128(rand::random()).simple().to_string();
        HeaderValue::try_from(id).expect("hexadecimal digits are a header value")
    })
}

fn shown(request_id: &HeaderValue) -> &str {
    request_id.to_str().unwrap_or_default()
}
