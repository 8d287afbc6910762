//! Metadata as headers of native requests and answers. Each side is told what the document has a word for, and no more:
//! ranges, encodings and the like concern REST alone.

use http::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE, ETAG, HOST, IF_MATCH,
    IF_NONE_MATCH, LINK, LOCATION, RETRY_AFTER, USER_AGENT, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// The type of calls, and the beginning of those that name how messages are written.
pub(super) const GRPC: &str = "application/grpc";
/// The status that the same has over HTTP: one success differs from another.
const HTTP_STATUS: HeaderName = HeaderName::from_static("inklog-http-status");

/// What a service is told of a call.
const ASKED: [HeaderName; 10] = [
    ACCEPT_LANGUAGE,
    AUTHORIZATION,
    HOST,
    IF_MATCH,
    IF_NONE_MATCH,
    USER_AGENT,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("inklog-position"),
    HeaderName::from_static("prefer"),
    HeaderName::from_static("tracestate"),
];

/// What a caller is told of an answer.
const ANSWERED: [HeaderName; 12] = [
    CONTENT_LANGUAGE,
    CONTENT_LOCATION,
    ETAG,
    LINK,
    LOCATION,
    RETRY_AFTER,
    WWW_AUTHENTICATE,
    HeaderName::from_static("deprecation"),
    HeaderName::from_static("inklog-position"),
    HeaderName::from_static("inklog-stale"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
];

/// Whether these are the headers of a call.
pub(super) fn is_call(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.as_bytes().strip_prefix(GRPC.as_bytes()));
    media.is_some_and(|rest| rest.first().is_none_or(|next| matches!(next, b'+' | b';')))
}

/// Whether messages come as protobuf, which is what is spoken where nothing is said.
pub(super) fn is_protobuf(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    media == GRPC || media == "application/grpc+proto"
}

/// The headers of the native request. An answer that is in the caller's cache is none here.
pub(super) fn asked(metadata: &HeaderMap, is_read: bool) -> HeaderMap {
    let mut headers = chosen(metadata, &ASKED);
    if is_read {
        headers.remove(IF_NONE_MATCH);
    }
    headers
}

/// The metadata of the native answer.
pub(super) fn answered(status: StatusCode, headers: &HeaderMap) -> HeaderMap {
    let mut metadata = chosen(headers, &ANSWERED);
    metadata.insert(HTTP_STATUS, HeaderValue::from(status.as_u16()));
    metadata
}

fn chosen(headers: &HeaderMap, names: &[HeaderName]) -> HeaderMap {
    let mut chosen = HeaderMap::new();
    for name in names {
        chosen.extend(headers.get_all(name).iter().map(|value| (name.clone(), value.clone())));
    }
    chosen
}
