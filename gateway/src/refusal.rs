//! What the gateway itself says no to, and how.

use std::borrow::Cow;
use std::time::Duration;

use http::header::{ALLOW, CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};

use service_kit::problem::Kind;
use service_kit::{Problem, ProblemDetails};

use crate::answer::Response;
use crate::own;

/// A no.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// The end of the problem's type.
    pub(crate) name: &'static str,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// What a service would say, where the gateway says it in its place.
    pub(crate) details: Option<Box<ProblemDetails>>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, name: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, name, detail: detail.into(), headers: Vec::new(), details: None }
    }

    /// The request cannot be understood, or could be understood in two ways. Nothing more is read of its connection.
    pub(crate) fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail).closing()
    }

    pub(crate) fn no_such_address() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no-such-address", "there is nothing at this address")
    }

    pub(crate) fn method(allowed: &str) -> Self {
        let refusal =
            Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", format!("this resource answers {allowed}"));
        refusal.header(ALLOW, allowed)
    }

    pub(crate) fn token(reason: impl std::fmt::Display) -> Self {
        let refusal = Self::new(StatusCode::UNAUTHORIZED, "unauthorized", reason.to_string());
        refusal.header(WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#)
    }

    pub(crate) fn too_large(most: u64) -> Self {
        let detail = format!("at most {most} bytes are taken");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail).closing()
    }

    pub(crate) fn too_slow() -> Self {
        let detail = "the body made no progress for too long";
        Self::new(StatusCode::REQUEST_TIMEOUT, "body-too-slow", detail).closing()
    }

    /// There is too much to do; nothing was done.
    pub(crate) fn overloaded(after: Duration) -> Self {
        let detail = "more requests are waiting than can be answered in time; nothing was done";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).retry_after(after)
    }

    /// Answers are not taken as fast as they are asked for; this one only read something.
    pub(crate) fn too_many_answers(after: Duration) -> Self {
        let detail = "as many long answers are under way to this address as it may have: take those first";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).retry_after(after)
    }

    /// A service is not there.
    pub(crate) fn unavailable(detail: &'static str, after: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(after)
    }

    pub(crate) fn garbage() -> Self {
        Self::new(StatusCode::BAD_GATEWAY, "bad-gateway", "a service gave no readable answer")
    }

    pub(crate) fn late() -> Self {
        let detail = "a service did not answer in time; whether something was done is not known: where the request \
                      changes something, ask again with the same Idempotency-Key";
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timed-out", detail)
    }

    /// Whether the head of the request was enough to say it.
    pub(crate) fn is_of_the_head(&self) -> bool {
        let of_the_head = [
            StatusCode::BAD_REQUEST,
            StatusCode::UNAUTHORIZED,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::URI_TOO_LONG,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        ];
        of_the_head.contains(&self.status)
    }

    pub(crate) fn retry_after(self, after: Duration) -> Self {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        self.header(RETRY_AFTER, &seconds.max(1).to_string())
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
        self
    }

    fn closing(self) -> Self {
        self.header(CONNECTION, "close")
    }

    /// Its status, name, words and headers, for an interface that says no in another way.
    pub(crate) fn into_parts(self) -> (StatusCode, &'static str, Cow<'static, str>, Vec<(HeaderName, HeaderValue)>) {
        (self.status, self.name, self.detail, self.headers)
    }

    /// As the client likes to read it.
    pub(crate) fn into_response(self, accept: Option<&HeaderValue>) -> Response {
        let mut response = match &self.details {
            Some(details) => own::problem_with(accept, self.status, details),
            None => own::problem(accept, self.status, self.name, &self.detail),
        };
        response.headers_mut().extend(self.headers);
        response
    }
}

/// What a service says when it refuses a request for what it is.
impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let details = problem.details().clone();
        let name = Kind::ALL.iter().find(|kind| problem.is(kind)).map_or("malformed", |kind| kind.name);
        let status = StatusCode::from_u16(details.status).unwrap_or(StatusCode::BAD_REQUEST);
        Self { details: Some(Box::new(details)), ..Self::new(status, name, "") }
    }
}
