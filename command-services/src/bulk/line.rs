//! A line of a bulk request, and how it is sent to its route.

use std::net::SocketAddr;

use actix_web::http::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH,
};
use actix_web::http::{Method, Uri};
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _};
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use serde::Deserialize;
use serde_json::value::RawValue;
use service_kit::in_process::Asked;
use service_kit::json::{MEDIA_TYPE, broken_rule, parse};
use service_kit::trace::TRACEPARENT;
use service_kit::{InProcess, Problem, TraceContext};
use utoipa::ToSchema;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a command of a bulk request does at its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum BulkMethod {
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

/// A line of a bulk request: a command as it would be sent by itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkCommand {
    /// Its `Idempotency-Key`, which no other line of the request has: its outcome has it too, and the same line may be
    /// sent again with it.
    #[schema(min_length = 1, max_length = 200, pattern = "^[!-~]+$")]
    pub id: String,
    /// Its method.
    pub method: BulkMethod,
    /// Its path, such as `/v1/posts/0194d0f2-0f5c-7cc0-a8b1-000000000001/publish`.
    #[schema(pattern = "^/v1/", max_length = 2000)]
    pub path: String,
    /// Its `If-Match`.
    pub if_match: Option<String>,
    /// Its `If-None-Match`.
    pub if_none_match: Option<String>,
    /// Its body.
    #[schema(value_type = Option<Object>)]
    pub body: Option<Box<RawValue>>,
}

/// A line that can be read.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) id: String,
    method: Method,
    uri: Uri,
    /// Those that it has of its own.
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

/// The id of a line that cannot be read any further.
#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Line {
    /// # Errors
    /// What is wrong with the line, and its id, as far as that can be read.
    pub(super) fn read(text: &[u8]) -> Result<Self, (Option<String>, Problem)> {
        let command: BulkCommand = parse(text).map_err(|problem| {
            let named = serde_json::from_slice(text).ok().map(|Named { id }| id);
            (named, problem)
        })?;
        let id = command.id.clone();
        Self::of(command).map_err(|problem| (Some(id), problem))
    }

    fn of(command: BulkCommand) -> Result<Self, Problem> {
        let BulkCommand { id, method, path, if_match, if_none_match, body } = command;
        if id.is_empty() || id.len() > 200 || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(broken_rule("/id", "must have 1 to 200 visible ASCII characters"));
        }
        let is_path = path.starts_with("/v1/") && path.len() <= 2_000;
        let uri = path.parse().ok().filter(|_| is_path);
        let uri = uri.ok_or_else(|| broken_rule("/path", "must be the path of a command, which begins with /v1/"))?;
        let mut headers = vec![(KEY, header("/id", &id)?)];
        let conditions = [(IF_MATCH, if_match, "/if_match"), (IF_NONE_MATCH, if_none_match, "/if_none_match")];
        for (name, value, pointer) in conditions {
            headers.extend(value.map(|value| header(pointer, &value)).transpose()?.map(|value| (name, value)));
        }
        let body = body.map(|body| Bytes::from(String::from(Box::<str>::from(body))));
        if body.is_some() {
            headers.push((CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE)));
        }
        let method = match method {
            BulkMethod::Post => Method::POST,
            BulkMethod::Put => Method::PUT,
            BulkMethod::Patch => Method::PATCH,
            BulkMethod::Delete => Method::DELETE,
        };
        Ok(Self { id, method, uri, headers, body: body.unwrap_or_default() })
    }
}

fn header(pointer: &str, value: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(value).map_err(|_| broken_rule(pointer, "has characters that no header has"))
}

/// Sends lines to their routes, for who sent the request.
pub(super) struct Sender {
    application: InProcess,
    /// Who asks, from where, and to what that belongs.
    headers: Vec<(HeaderName, HeaderValue)>,
    peer_addr: Option<SocketAddr>,
    trace: TraceContext,
    /// The bytes of its body count as held until all is done that has begun.
    request: HttpRequest,
}

impl Sender {
    pub(super) fn of(application: InProcess, request: &HttpRequest) -> Self {
        let mut headers = Vec::new();
        for name in [AUTHORIZATION, X_FORWARDED_FOR, X_REQUEST_ID] {
            headers.extend(request.headers().get_all(&name).map(|value| (name.clone(), value.clone())));
        }
        let (peer_addr, trace) = (request.peer_addr(), request.extensions().get().copied());
        let trace = trace.unwrap_or_else(TraceContext::begin);
        Self { application, headers, peer_addr, trace, request: request.clone() }
    }

    /// What the route answers.
    pub(super) fn send(&self, line: Line) -> LocalBoxFuture<'static, HttpResponse> {
        let Line { id: _, method, uri, headers: own, body } = line;
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers.iter().cloned().chain(own) {
            headers.append(name, value);
        }
        let trace = HeaderValue::from_str(&self.trace.traceparent());
        if let Ok(trace) = trace {
            headers.insert(HeaderName::from_static(TRACEPARENT), trace);
        }
        let asked = Asked { method, uri, headers, body, peer_addr: self.peer_addr };
        let (application, request) = (self.application.clone(), self.request.clone());
        async move {
            let answer = application.answer(asked).await.unwrap_or_else(|problem| problem.error_response());
            drop(request);
            answer
        }
        .boxed_local()
    }
}
