//! What a client reads of a line's outcome.

use actix_web::HttpResponse;
use actix_web::body::to_bytes_limited;
use actix_web::http::header::{ETAG, HeaderMap, LOCATION, RETRY_AFTER};
use actix_web::web::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use service_kit::position::POSITION;
use utoipa::ToSchema;

/// The largest body of an answer that is passed on; those of commands have less than a kilobyte.
const LARGEST: usize = 64 * 1024;

/// The outcome of a line of a bulk request.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkOutcome {
    /// Which line it was, from 1.
    pub line: usize,
    /// The line's id; null where it could not be read.
    #[schema(required = true)]
    pub id: Option<String>,
    /// The status with which the route answered.
    pub status: u16,
    /// The `Inklog-Position` of its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub position: Option<String>,
    /// Its `ETag`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub etag: Option<String>,
    /// Its `Location`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub location: Option<String>,
    /// Its `Retry-After`: after so many seconds the line may be sent again, with the same id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub retry_after: Option<u64>,
    /// Its body: the reply of the route, or the problem.
    #[schema(value_type = Option<Object>, required = true)]
    pub body: Option<Box<RawValue>>,
}

impl BulkOutcome {
    /// That of a line of this number and id, by what its route answered.
    pub(super) async fn of(line: usize, id: Option<String>, answer: HttpResponse) -> Self {
        let (status, headers) = (answer.status().as_u16(), answer.headers());
        let (position, etag) = (text(headers, POSITION), text(headers, ETAG.as_str()));
        let location = text(headers, LOCATION.as_str());
        let retry_after = text(headers, RETRY_AFTER.as_str()).and_then(|seconds| seconds.parse().ok());
        let body = to_bytes_limited(answer.into_body(), LARGEST).await.ok().and_then(Result::ok);
        let body = body.and_then(|body| RawValue::from_string(String::from_utf8(body.to_vec()).ok()?).ok());
        Self { line, id, status, position, etag, location, retry_after, body }
    }

    /// The line that a client reads.
    pub(super) fn line(&self) -> Bytes {
        let mut line = serde_json::to_vec(self).expect("texts, numbers and what is JSON already have a JSON form");
        line.push(b'\n');
        line.into()
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
