//! Answers of services.

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

pub(super) const POSITION: HeaderName = HeaderName::from_static("inklog-position");

/// What a service answered.
#[derive(Clone, Debug)]
pub(super) struct Native {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Null where it is no JSON.
    pub(super) body: Value,
}

/// How far the log was when a command was done.
#[derive(Clone, Debug, Default)]
pub(super) struct Position(pub(super) Option<HeaderValue>);

impl Native {
    pub(super) fn of(response: http::Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// Which problem it is: the end of its type.
    pub(super) fn problem(&self) -> &str {
        if self.status.is_success() {
            return "";
        }
        self.body["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default()
    }

    /// How far the log was when it was done.
    pub(super) fn position(&self) -> Position {
        Position(self.headers.get(POSITION).cloned())
    }

    /// The last part of the address that it leads to.
    pub(super) fn elsewhere(&self) -> Option<&str> {
        let leads_on = self.status == StatusCode::MOVED_PERMANENTLY;
        let location = self.headers.get(LOCATION).filter(|_| leads_on)?.to_str().ok()?;
        location.split('?').next()?.rsplit('/').next()
    }
}

impl Position {
    /// None: what is there is read.
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// The later one, where both are of one aggregate.
    pub(super) fn or(self, earlier: Self) -> Self {
        if self.0.is_some() { self } else { earlier }
    }
}
