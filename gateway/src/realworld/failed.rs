//! No, in the words of the interface: `{"errors": {"<what>": ["<why>"]}}`.

use std::collections::BTreeMap;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::native::Native;
use crate::answer::{Response, full};
use crate::refusal::Refusal;

/// What is wrong, by what it is wrong with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Errors {
    errors: BTreeMap<String, Vec<String>>,
}

/// Why a request was not done.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) status: StatusCode,
    errors: Errors,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Errors {
    pub(super) fn add(&mut self, what: &str, why: impl Into<String>) {
        self.errors.entry(what.to_owned()).or_default().push(why.into());
    }

    /// Nothing, where nothing is wrong.
    pub(super) fn none(self) -> Result<(), Failed> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.failed(StatusCode::UNPROCESSABLE_ENTITY)) }
    }

    fn failed(self, status: StatusCode) -> Failed {
        Failed { status, errors: self, headers: Vec::new() }
    }
}

impl Failed {
    pub(super) fn of(status: StatusCode, what: &str, why: impl Into<String>) -> Self {
        let mut errors = Errors::default();
        errors.add(what, why);
        errors.failed(status)
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::of(StatusCode::NOT_FOUND, what, "not found")
    }

    /// No token was sent where one is needed.
    pub(super) fn no_token() -> Self {
        Self::of(StatusCode::UNAUTHORIZED, "token", "is missing")
    }

    /// One was, and is not good.
    pub(super) fn bad_token() -> Self {
        Self::of(StatusCode::UNAUTHORIZED, "token", "is invalid")
    }

    /// What a service answered to a request that was about this.
    pub(super) fn answered(native: &Native, what: &str) -> Self {
        let (status, detail) = (native.status, native.body["detail"].as_str().unwrap_or("failed"));
        let mut failed = match (status, native.problem()) {
            (StatusCode::UNAUTHORIZED, _) => Self::bad_token(),
            (_, "user-name-taken") => Self::of(StatusCode::CONFLICT, "username", "has already been taken"),
            (_, "email-taken") => Self::of(StatusCode::CONFLICT, "email", "has already been taken"),
            (StatusCode::NOT_FOUND | StatusCode::GONE, _) => Self::not_found(what),
            (StatusCode::FORBIDDEN, "forbidden" | "not-the-author") => Self::of(status, what, "forbidden"),
            (StatusCode::UNPROCESSABLE_ENTITY, _) => fields(&native.body, what, detail),
            (StatusCode::PRECONDITION_FAILED, _) => Self::of(StatusCode::CONFLICT, what, detail),
            _ if status.is_client_error() || status.is_server_error() => Self::of(status, what, detail),
            // It is no answer to what was asked.
            _ => Self::of(StatusCode::BAD_GATEWAY, "server", "a service gave no readable answer"),
        };
        failed.headers = kept(&native.headers);
        failed
    }

    pub(super) fn into_response(self) -> Response {
        let Self { mut status, errors, mut headers } = self;
        // Clients of this interface know of no command whose outcome is open: they ask again.
        if status == StatusCode::GATEWAY_TIMEOUT {
            (status, headers) = (StatusCode::SERVICE_UNAVAILABLE, vec![(RETRY_AFTER, HeaderValue::from_static("1"))]);
        }
        let mut response = Response::new(full(serde_json::to_vec(&errors).unwrap_or_default()));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(super::shown::JSON));
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().extend(headers);
        response
    }
}

impl Native {
    /// Its body, or why there is none; `what` it was about.
    pub(super) fn ok(self, what: &str) -> Result<Value, Failed> {
        if self.status.is_success() { Ok(self.body) } else { Err(Failed::answered(&self, what)) }
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        measures::gateway::REFUSED.with([refusal.name]).increment(1);
        let (status, name, detail, headers) = refusal.into_parts();
        Self { headers, ..Self::of(status, name, detail) }
    }
}

/// What a client is to know of an answer besides.
fn kept(headers: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
    headers.get(RETRY_AFTER).map(|value| (RETRY_AFTER, value.clone())).into_iter().collect()
}

/// What is wrong with the fields of a native body, by the names that they have here.
fn fields(problem: &Value, what: &str, detail: &str) -> Failed {
    let mut errors = Errors::default();
    for error in problem["errors"].as_array().into_iter().flatten() {
        let field = error["pointer"].as_str().or(error["parameter"].as_str()).unwrap_or_default();
        let name = field.split('/').find(|part| !part.is_empty()).unwrap_or(what);
        errors.add(named(name), error["detail"].as_str().unwrap_or("is invalid"));
    }
    if errors == Errors::default() {
        errors.add(what, detail);
    }
    errors.failed(StatusCode::UNPROCESSABLE_ENTITY)
}

fn named(native: &str) -> &str {
    match native {
        "user_name" => "username",
        "image_url" => "image",
        "new_password" => "password",
        "summary" => "description",
        "tags" => "tagList",
        "text" => "body",
        other => other,
    }
}
