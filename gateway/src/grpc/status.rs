//! How a call ends: gRPC's code, and what programs read of a problem.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use prost_reflect::prost::{Message, Name};
use prost_types::Any;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::messages::rpc::bad_request::FieldViolation;
use super::messages::rpc::{self, BadRequest, ErrorInfo, RequestInfo, RetryInfo};
use crate::refusal::Refusal;

/// A code of gRPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Code {
    Ok = 0,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub(super) struct Status {
    pub(super) code: Code,
    /// The status that the same has over HTTP.
    pub(super) http: StatusCode,
    message: String,
    details: Vec<Any>,
    /// What is wrong with the request, with the last to be left out first where there is no room for all.
    violations: Vec<FieldViolation>,
}

/// A problem of which no more is known.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    detail: String,
    errors: Vec<FieldError>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FieldError {
    pointer: Option<String>,
    parameter: Option<String>,
    detail: String,
    code: Option<String>,
}

/// Whose reasons they are.
const DOMAIN: &str = "inklog";
const KIND: &str = "urn:inklog:problem:";
/// Clients take eight KiB of metadata, and there is other.
const MOST_BYTES: usize = 4 * 1024;
/// Of that, what the members of a problem have at most, all together: the message and what else is told have the rest.
const MOST_METADATA: usize = 2 * 1024;
/// The longest text of one thing.
const LONGEST_TEXT: usize = 1024;

const STATUS: &str = "grpc-status";
const MESSAGE: &str = "grpc-message";
const DETAILS: &str = "grpc-status-details-bin";

/// What a message is not written with as it is.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

impl Status {
    /// All is well.
    pub(super) fn ok() -> Self {
        Self {
            code: Code::Ok,
            http: StatusCode::OK,
            message: String::new(),
            details: Vec::new(),
            violations: Vec::new(),
        }
    }

    /// The gateway itself says no; `reason` is for programs.
    pub(super) fn new(code: Code, http: StatusCode, reason: &str, message: &str) -> Self {
        let info = ErrorInfo { reason: reason.to_owned(), domain: DOMAIN.to_owned(), ..ErrorInfo::default() };
        Self { message: message.to_owned(), details: vec![any(&info)], code, http, ..Self::ok() }
    }

    /// The request cannot be understood.
    pub(super) fn malformed(message: &str) -> Self {
        Self::new(Code::InvalidArgument, StatusCode::BAD_REQUEST, "MALFORMED", message)
    }

    /// This field of the request is wrong.
    pub(super) fn field(field: &str, description: &str) -> Self {
        let violation =
            FieldViolation { field: field.to_owned(), description: description.to_owned(), reason: String::new() };
        Self { violations: vec![violation], ..Self::malformed(&format!("{field}: {description}")) }
    }

    /// What was answered is none of what the contract has.
    pub(super) fn garbage() -> Self {
        Self::new(
            Code::Internal,
            StatusCode::BAD_GATEWAY,
            "BAD_GATEWAY",
            "a service's answer does not fit the contract",
        )
    }

    /// The time that the client gave is over.
    pub(super) fn late() -> Self {
        let message = "the deadline has passed; whether something was done is not known: where the call changes \
                       something, ask again with the same idempotency-key";
        Self::new(Code::DeadlineExceeded, StatusCode::GATEWAY_TIMEOUT, "TIMED_OUT", message)
    }

    /// And it may be tried again after this.
    pub(super) fn again(mut self, after: Duration) -> Self {
        let retry_delay = prost_types::Duration::try_from(after).ok();
        self.details.push(any(&RetryInfo { retry_delay }));
        self
    }

    /// What the gateway says to anybody.
    pub(super) fn refused(refusal: &Refusal) -> Self {
        let problem = Problem {
            kind: format!("{KIND}{}", refusal.name),
            detail: refusal.detail.to_string(),
            ..Problem::default()
        };
        let mut headers = HeaderMap::new();
        headers.extend(refusal.headers.iter().cloned());
        Self::of_problem(refusal.status, &headers, problem)
    }

    /// What an answer that is no success says.
    pub(super) fn of(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        Self::of_problem(status, headers, serde_json::from_slice(body).unwrap_or_default())
    }

    fn of_problem(status: StatusCode, headers: &HeaderMap, problem: Problem) -> Self {
        let name = problem.kind.strip_prefix(KIND).unwrap_or_default();
        let known = [("status", status.as_str()), ("type", problem.kind.as_str()), ("title", problem.title.as_str())];
        let known = known.into_iter().filter(|(_, text)| !text.is_empty());
        let known = known.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let metadata = bounded(known.chain(problem.more.iter().filter_map(told)));
        let reason = capitals(if name.is_empty() { status.canonical_reason().unwrap_or("unknown") } else { name });
        let info = ErrorInfo { reason, domain: DOMAIN.to_owned(), metadata };
        let details = vec![any(&info)];
        let message = [problem.detail, problem.title].into_iter().find(|text| !text.is_empty());
        let message = message.unwrap_or_else(|| status.to_string());
        let violations = problem.errors.into_iter().map(FieldError::violation).collect();
        let ended = Self { code: code(status, name), http: status, message, details, violations };
        match retry(headers) {
            Some(after) => ended.again(after),
            None => ended,
        }
    }

    /// With the id by which the request is found again.
    pub(super) fn of_request(mut self, id: &HeaderValue) -> Self {
        if self.code != Code::Ok {
            let request_id = id.to_str().unwrap_or_default().to_owned();
            self.details.push(any(&RequestInfo { request_id, serving_data: String::new() }));
        }
        self
    }

    /// Says it in the last headers of an answer.
    pub(super) fn show(&self, headers: &mut HeaderMap) {
        headers.insert(STATUS, HeaderValue::from(self.code as u16));
        if self.code == Code::Ok {
            return;
        }
        let message = shortened(&self.message);
        let escaped = utf8_percent_encode(message, ESCAPED).to_string();
        headers
            .extend(HeaderValue::try_from(escaped).ok().map(|value| (http::HeaderName::from_static(MESSAGE), value)));
        let details = STANDARD_NO_PAD.encode(self.details(message).encode_to_vec());
        headers
            .extend(HeaderValue::try_from(details).ok().map(|value| (http::HeaderName::from_static(DETAILS), value)));
    }

    fn details(&self, message: &str) -> rpc::Status {
        let mut status =
            rpc::Status { code: self.code as i32, message: message.to_owned(), details: self.details.clone() };
        let mut violations = self.violations.as_slice();
        while !violations.is_empty() {
            let request = BadRequest { field_violations: violations.to_vec() };
            if status.encoded_len() + request.encoded_len() <= MOST_BYTES {
                status.details.push(any(&request));
                break;
            }
            violations = &violations[..violations.len() / 2];
        }
        status
    }
}

impl FieldError {
    fn violation(self) -> FieldViolation {
        let path = |pointer: String| format!("{}{}", super::rpcs::BODY, pointer.replace('/', "."));
        let field = self.pointer.map(path).or(self.parameter).unwrap_or_default();
        let reason = self.code.map(|code| capitals(&code)).unwrap_or_default();
        FieldViolation { field, description: shortened(&self.detail).to_owned(), reason }
    }
}

/// The code of an answer; `name` is the end of its problem's type.
fn code(status: StatusCode, name: &str) -> Code {
    match status.as_u16() {
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 | 410 => Code::NotFound,
        408 | 504 => Code::DeadlineExceeded,
        409 if name.ends_with("-taken") || name.ends_with("exists") => Code::AlreadyExists,
        409 if ["claimed", "outdated"].contains(&name) => Code::Aborted,
        409 | 412 | 428 => Code::FailedPrecondition,
        413 | 429 | 507 => Code::ResourceExhausted,
        416 => Code::OutOfRange,
        405 | 501 => Code::Unimplemented,
        400..500 => Code::InvalidArgument,
        503 => Code::Unavailable,
        500 => Code::Internal,
        _ => Code::Unknown,
    }
}

/// `slug-taken` is `SLUG_TAKEN`.
fn capitals(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// A further member of a problem, as text.
fn told((name, value): (&String, &Value)) -> Option<(String, String)> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some((name.clone(), text))
}

/// The first of them that there is room for: what is too long is left out, and what comes after it may fit.
fn bounded(metadata: impl Iterator<Item = (String, String)>) -> HashMap<String, String> {
    let mut room = MOST_METADATA;
    let mut fits = |name: &str, text: &str| {
        let left = room.checked_sub(name.len() + text.len()).filter(|_| text.len() <= LONGEST_TEXT);
        room = left.unwrap_or(room);
        left.is_some()
    };
    metadata.filter(|(name, text)| fits(name, text)).collect()
}

fn retry(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

fn shortened(text: &str) -> &str {
    let end = (0..=LONGEST_TEXT.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

fn any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: format!("type.googleapis.com/{}", M::full_name()), value: message.encode_to_vec() }
}

#[cfg(test)]
mod tests;
