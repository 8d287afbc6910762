//! What the gateway answers itself, and how it says no: problems for programs.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use service_kit::ProblemDetails;
use service_kit::problem::{Kind, MEDIA_TYPE};

use crate::answer::{Response, full};
use crate::upstream::Upstreams;

/// The answer to what is the gateway's own; `None` for what is a service's, or nobody's.
pub(crate) async fn answer(_request: &Parts, _upstreams: &Upstreams) -> Option<Response> {
    None
}

/// A problem: `name` is the end of its type, and `accept` says what the client likes to read.
pub(crate) fn problem(_accept: Option<&HeaderValue>, status: StatusCode, name: &str, detail: &str) -> Response {
    let title = Kind::ALL.iter().find(|kind| kind.name == name).map_or("The request failed", |kind| kind.title);
    let details = ProblemDetails {
        kind: format!("urn:inklog:problem:{name}"),
        title: title.to_owned(),
        status: status.as_u16(),
        detail: detail.to_owned(),
        errors: Vec::new(),
        version: None,
        command_id: None,
        incident: None,
        extensions: serde_json::Map::new(),
    };
    let mut response = Response::new(full(serde_json::to_string(&details).unwrap_or_default()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
