//! Pages of other origins that ask (CORS). No cookies are used, so a page has no more rights than any program; without
//! this, browsers would keep answers from it.

use std::str::FromStr;
use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::answer::{Response, bare};

/// What a page may send.
const HEADERS: &str = "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, \
                       Inklog-Position, Inklog-Timeout-Ms, Prefer, Range, X-Request-Id, X-Requested-With, traceparent";
/// What a page may read of an answer, besides what all may.
const EXPOSED: &str = "Accept-Ranges, Allow, Content-Range, ETag, Inklog-Position, Inklog-Stale, Link, Location, \
                       RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id";
/// For how many seconds a browser remembers what it may.
const MAX_AGE: &str = "600";

/// Whose pages may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Those of all.
    All,
    /// Those of these, and of none where there is none.
    These(Arc<[String]>),
}

impl FromStr for Origins {
    type Err = String;

    fn from_str(list: &str) -> Result<Self, String> {
        if list.trim() == "*" {
            return Ok(Self::All);
        }
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(origin).collect::<Result<_, _>>().map(Self::These)
    }
}

/// In the form in which browsers send it.
fn origin(text: &str) -> Result<String, String> {
    let wrong = || format!("`{text}` is no origin such as https://blog.example");
    let url: url::Url = text.parse().map_err(|_| wrong())?;
    let is_bare = matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none();
    let origin = url.origin().ascii_serialization();
    if is_bare && url.username().is_empty() { Ok(origin) } else { Err(wrong()) }
}

impl Origins {
    /// What the answer says of who may read it, if the request is from a page that may.
    pub(crate) fn reader(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(ORIGIN)?;
        match self {
            Self::All => Some(HeaderValue::from_static("*")),
            Self::These(list) => list.iter().any(|one| one.as_bytes() == origin.as_bytes()).then(|| origin.clone()),
        }
    }

    /// Says in an answer which pages may read it.
    pub(crate) fn show(&self, reader: Option<HeaderValue>, headers: &mut HeaderMap) {
        if matches!(self, Self::These(list) if !list.is_empty()) {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(reader) = reader {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, reader);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
    }
}

/// The answer to `OPTIONS`: what this address answers, and to a browser that asks for a page, what the page may send.
pub(crate) fn options(request: &Parts, methods: &str, allowed: bool) -> Response {
    let mut response = bare(StatusCode::NO_CONTENT);
    let mut say = |name: HeaderName, value: &str| {
        response.headers_mut().extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
    };
    say(ALLOW, methods);
    if allowed && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        say(ACCESS_CONTROL_ALLOW_METHODS, methods);
        say(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        say(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    response
}

#[cfg(test)]
mod tests;
