//! RFC 9457 problem details: the one shape in which an interface of ours says no.

mod kind;

pub use kind::Kind;

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// The media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What a client reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProblemDetails {
    /// Which problem it is: stable, for programs.
    #[serde(rename = "type")]
    #[schema(example = "urn:inklog:problem:not-found")]
    pub kind: String,
    /// The same for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, for people.
    pub detail: String,
    /// Which parts of the request are wrong, and how.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The present version of what was to be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The id to ask again with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_id: Option<String>,
    /// The id under which the log has the details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Uuid>,
    /// What else this kind of problem says.
    #[serde(flatten)]
    #[schema(ignore)]
    pub extensions: Map<String, Value>,
}

/// One part of a request that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer to the field of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "/title")]
    pub pointer: Option<String>,
    /// Name of the query parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong with it.
    pub detail: String,
    /// The same for programs: `unknown` for what this version does not know, and another may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "unknown")]
    pub code: Option<String>,
}

impl FieldError {
    /// A field, or a value of one, that is not known here.
    pub fn unknown(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code: Some("unknown".to_owned()), ..Self::at(pointer, detail) }
    }

    /// A wrong field of the body.
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), detail: detail.into(), ..Self::default() }
    }

    /// A wrong query parameter.
    pub fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { parameter: Some(name.into()), detail: detail.into(), ..Self::default() }
    }
}

fn summed_up(errors: &[FieldError]) -> String {
    match errors {
        [one] => {
            let name = one.pointer.as_deref().or(one.parameter.as_deref()).unwrap_or_default();
            format!("{name}: {}", one.detail)
        }
        several => format!("{} parts of the request are wrong", several.len()),
    }
}

/// A problem on its way to a client: return it from a handler or an extractor.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    status: StatusCode,
    // Boxed, for every handler's `Result` is as large as its error.
    details: Box<ProblemDetails>,
    headers: Vec<(&'static str, String)>,
}

impl Problem {
    /// A problem of some kind; `detail` says what happened, in words fit for the client.
    #[must_use]
    pub fn new(kind: &Kind, detail: impl Into<String>) -> Self {
        let details = ProblemDetails {
            kind: format!("urn:inklog:problem:{}", kind.name),
            title: kind.title.to_owned(),
            status: kind.status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            version: None,
            command_id: None,
            incident: None,
            extensions: Map::new(),
        };
        Self { status: kind.status, details: Box::new(details), headers: Vec::new() }
    }

    /// It is not known who asks, or not reliably.
    #[must_use]
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(&Kind::UNAUTHORIZED, detail).header(WWW_AUTHENTICATE.as_str(), "Bearer")
    }

    /// The caller may not.
    #[must_use]
    pub fn not_the_author(detail: impl Into<String>) -> Self {
        Self::new(&Kind::NOT_THE_AUTHOR, detail)
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(&Kind::NOT_FOUND, detail)
    }

    /// There was such a thing.
    #[must_use]
    pub fn gone(detail: impl Into<String>) -> Self {
        Self::new(&Kind::GONE, detail)
    }

    /// The slug is another post's.
    #[must_use]
    pub fn slug_taken(detail: impl Into<String>) -> Self {
        Self::new(&Kind::SLUG_TAKEN, detail)
    }

    /// The user name is another account's.
    #[must_use]
    pub fn user_name_taken(detail: impl Into<String>) -> Self {
        Self::new(&Kind::USER_NAME_TAKEN, detail)
    }

    /// The thing is deleted, and must be restored first.
    #[must_use]
    pub fn deleted(detail: impl Into<String>) -> Self {
        Self::new(&Kind::DELETED, detail)
    }

    /// Another request changed it meanwhile.
    #[must_use]
    pub fn version_conflict(current: u64) -> Self {
        let detail = format!("it is at version {current} by now: what If-Match names as \"{current}\"");
        Self::new(&Kind::VERSION_CONFLICT, detail).version(current)
    }

    /// The change must say which version it is made to.
    #[must_use]
    pub fn precondition_required(current: u64) -> Self {
        let detail = format!("say in If-Match which version the change is made to; it is at version {current}");
        Self::new(&Kind::PRECONDITION_REQUIRED, detail).version(current)
    }

    /// The body is larger than `limit_bytes`.
    #[must_use]
    pub fn body_too_large(limit_bytes: usize) -> Self {
        Self::new(&Kind::BODY_TOO_LARGE, format!("at most {limit_bytes} bytes are taken"))
    }

    /// The body is in a format that is not spoken here.
    #[must_use]
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(&Kind::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// Parts of the request break a rule.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::invalid_as(&Kind::INVALID, errors)
    }

    /// The same, where it is a rule of its own that they break.
    #[must_use]
    pub fn invalid_as(kind: &Kind, errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(kind, summed_up(&errors));
        problem.details.errors = errors;
        problem
    }

    /// The same where the body that was judged is a part of what the client sent, or looks at: `pointer` leads to it.
    #[must_use]
    pub fn within(mut self, pointer: &str) -> Self {
        for at in self.details.errors.iter_mut().filter_map(|error| error.pointer.as_mut()) {
            at.insert_str(0, pointer);
        }
        if !self.details.errors.is_empty() {
            self.details.detail = summed_up(&self.details.errors);
        }
        self
    }

    /// The request cannot be read at all.
    #[must_use]
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(&Kind::MALFORMED, detail)
    }

    /// The id of a command came before, with something else.
    #[must_use]
    pub fn idempotency_key_reused() -> Self {
        let detail = "this Idempotency-Key came before, with another request";
        Self::new(&Kind::IDEMPOTENCY_KEY_REUSED, detail)
    }

    /// Too much to do; try again.
    #[must_use]
    pub fn overloaded(retry_after_seconds: u32) -> Self {
        let detail = "more requests are waiting than can be answered in time";
        Self::new(&Kind::OVERLOADED, detail).retry_after(retry_after_seconds)
    }

    /// What was asked for is changing hands; try again.
    #[must_use]
    pub fn moving(retry_after_seconds: u32) -> Self {
        let detail = "another instance is taking over; nothing was done";
        Self::new(&Kind::MOVING, detail).retry_after(retry_after_seconds)
    }

    /// Something this process depends on does not answer; try again.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>, retry_after_seconds: u32) -> Self {
        Self::new(&Kind::UNAVAILABLE, detail).retry_after(retry_after_seconds)
    }

    /// It may have been done, or may be done yet: ask again with the same id.
    #[must_use]
    pub fn outcome_unknown(command_id: impl Into<String>) -> Self {
        let detail = "the answer did not come in time; ask again with the same Idempotency-Key";
        let mut problem = Self::new(&Kind::OUTCOME_UNKNOWN, detail);
        problem.details.command_id = Some(command_id.into());
        problem
    }

    /// What this resource can do instead; `allowed` is a list such as `GET, HEAD`.
    #[must_use]
    pub fn method_not_allowed(allowed: &str) -> Self {
        Self::new(&Kind::METHOD_NOT_ALLOWED, format!("this resource answers {allowed}")).header(ALLOW.as_str(), allowed)
    }

    /// A fault of ours. The log gets the error, the client an id to quote.
    #[must_use]
    pub fn internal(error: impl fmt::Display) -> Self {
        let incident = Uuid::new_v4();
        tracing::error!(%incident, error = %format_args!("{error:#}"), "request failed");
        let mut problem = Self::new(&Kind::INTERNAL, "the fault is ours and has been recorded under this incident");
        problem.details.incident = Some(incident);
        problem
    }

    /// Says the present version.
    #[must_use]
    pub fn version(mut self, version: u64) -> Self {
        self.details.version = Some(version);
        self
    }

    /// Adds a member of its own.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.details.extensions.insert(member.to_owned(), value.into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.header(RETRY_AFTER.as_str(), &seconds.to_string())
    }

    /// Adds a header to the response.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Whether it is of this kind.
    #[must_use]
    pub fn is(&self, kind: &Kind) -> bool {
        self.details.kind.strip_prefix("urn:inklog:problem:") == Some(kind.name)
    }

    /// What the client will read.
    #[must_use]
    pub fn details(&self) -> &ProblemDetails {
        &self.details
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.details.title, self.details.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE)));
        for (name, value) in &self.headers {
            response.insert_header((*name, value.as_str()));
        }
        response.body(serde_json::to_string(&self.details).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
