//! gRPC beside REST, at the same port (ADR 31). The contract, `proto/inklog/v1`, is made of the OpenAPI document, so an
//! rpc ([`rpcs`]) stands for one native request: a call becomes that ([`request`]), is counted and passed on as a
//! client's own would be, and the answer becomes the message of the contract ([`json`]) or, where it is a problem, a
//! [`status`]. What gRPC itself asks of every server, [`health`] and [`reflection`], the gateway answers.

mod answer;
mod frames;
mod health;
mod json;
mod messages;
mod metadata;
mod reflection;
mod request;
mod rpcs;
mod status;
mod wire;

#[cfg(test)]
mod contract;

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LOCATION, LOCATION};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version};
use hyper::body::Incoming;
use prost_reflect::DynamicMessage;
use prost_reflect::prost::Message as _;
use service_kit::auth::Refused;
use tokio::time::timeout_at;

use crate::answer::Response;
use crate::limits::Counted;
use crate::pipeline::Pipeline;
use crate::places::Places;
use crate::refusal::Refusal;
use crate::routes::{Found, Route};
use crate::seen::Seen;
use frames::Messages;
use rpcs::{RPCS, Rpc};
use status::{Code, Status};

/// Of messages that are not small, which are held whole.
static LONG_MESSAGES: LazyLock<Places> = LazyLock::new(|| Places::new(32, 4));
/// Who names no time waits no longer than this.
const LONGEST: Duration = Duration::from_secs(3_600);
/// The longest message. Commands take more by REST, where texts have escapes; the longest text has half of this.
const MOST_BYTES: u64 = 1024 * 1024;
/// The longest message to what the gateway answers itself.
const OWN_BYTES: u64 = 64 * 1024;
/// A post that has moved twice in a row is found; more are a circle.
const MOVES: usize = 3;

/// Why a call is answered no message.
enum No {
    /// The gateway says so, as it would say it to anybody.
    Refused(Refusal),
    /// And what it says to a call.
    Ended(Box<(Status, HeaderMap)>),
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Status> for No {
    fn from(status: Status) -> Self {
        Self::Ended(Box::new((status, HeaderMap::new())))
    }
}

impl Pipeline {
    /// Whether it is a call that is to be answered as one.
    pub(crate) fn is_call(&self, parts: &Parts) -> bool {
        parts.version == Version::HTTP_2 && parts.method == Method::POST && metadata::is_call(&parts.headers)
    }

    /// A no, as an answer to a call.
    pub(crate) fn refused_call(&self, seen: &Seen, refusal: &Refusal) -> Response {
        ended(seen, Status::refused(refusal), HeaderMap::new())
    }

    /// Answers a call. `label` is for metrics, and `counted` what it was counted as.
    ///
    /// # Errors
    /// Why it is not.
    pub(crate) async fn call(
        &self,
        seen: &Seen,
        parts: Parts,
        body: Incoming,
        label: &mut &'static str,
        counted: &mut Counted,
    ) -> Result<Response, Refusal> {
        let Some(rpc) = RPCS.get(parts.uri.path()) else {
            *counted = self.read(seen).await?;
            return Ok(self.own_call(seen, &parts, body, label).await);
        };
        *label = rpc.path;
        let Found::Route(route) = self.routes.find(&rpc.method, &rpc.pattern) else {
            return Err(Refusal::no_such_address());
        };
        let network = &seen.origin.network;
        let caller = if route.reads_tokens { self.tokens.caller(&parts.headers, &self.limits, network)? } else { None };
        *counted = self.limits.count(route.class, caller.map(|caller| caller.actor.id), network).await?;
        if self.needs_token(route) && !parts.headers.contains_key(AUTHORIZATION) {
            return Err(Refusal::token(Refused::Missing));
        }
        let end = seen.began + seen.asked.unwrap_or(LONGEST).min(LONGEST);
        let outcome = timeout_at(end.into(), self.answered_call(seen, route, rpc, &parts, body)).await;
        match outcome.unwrap_or_else(|_| Err(Status::late().into())) {
            Ok(response) => Ok(response),
            Err(No::Refused(refusal)) => Err(refusal),
            Err(No::Ended(no)) => Ok(ended(seen, no.0, no.1)),
        }
    }

    /// Whether the service answers nobody without a token: then no message is read that came without one.
    fn needs_token(&self, route: &Route) -> bool {
        route.reads_tokens && self.validation.judge(route, None).is_none()
    }

    async fn answered_call(
        &self,
        seen: &Seen,
        route: &Route,
        rpc: &Rpc,
        parts: &Parts,
        body: Incoming,
    ) -> Result<Response, No> {
        if !metadata::is_protobuf(&parts.headers) {
            let message = "messages are protobuf here";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Status::new(Code::Unimplemented, status, "UNSUPPORTED_MEDIA_TYPE", message).into());
        }
        let most = route.class.body(&self.edge).min(MOST_BYTES);
        let mut messages = Messages::new(body, most, self.edge.body_timeout, &seen.origin.network);
        let bytes = messages.only().await?;
        wire::check(&rpc.input, &bytes)?;
        let message = DynamicMessage::decode(rpc.input.clone(), bytes)
            .map_err(|_| Status::malformed("the message is not of this rpc's type"))?;
        let request = request::request(rpc, &message, &parts.headers)?;
        let (head, body) = self.read_on(seen, request).await?.into_parts();
        let metadata = metadata::answered(head.status, &head.headers);
        if !head.status.is_success() {
            let status = Status::of(head.status, &head.headers, &body);
            return Err(No::Ended(Box::new((status, metadata))));
        }
        let message = answered(rpc, &body)?;
        let mut response = answer::message(&message.encode_to_vec(), metadata, &Status::ok());
        response.extensions_mut().insert(head.status);
        Ok(response)
    }

    /// What is answered to this request; what it reads is read where it has moved to.
    async fn read_on(&self, seen: &Seen, mut request: Request<Bytes>) -> Result<http::Response<Bytes>, No> {
        let mut place: Option<HeaderValue> = None;
        for _ in 0..MOVES {
            let mut response = self.ask(seen, request.clone()).await?;
            let moved = response.headers().get(LOCATION).filter(|_| response.status().is_redirection());
            let Some(moved) = moved.filter(|_| request.method() == Method::GET).cloned() else {
                response.headers_mut().extend(place.map(|place| (CONTENT_LOCATION, place)));
                return Ok(response);
            };
            let uri: Option<Uri> =
                moved.to_str().ok().filter(|uri| uri.starts_with('/')).and_then(|uri| uri.parse().ok());
            *request.uri_mut() = uri.ok_or_else(Status::garbage)?;
            place = Some(moved);
        }
        Err(Status::garbage().into())
    }

    /// What the gateway answers itself.
    async fn own_call(&self, seen: &Seen, parts: &Parts, body: Incoming, label: &mut &'static str) -> Response {
        let messages = Messages::new(body, OWN_BYTES, self.edge.body_timeout, &seen.origin.network);
        let path = parts.uri.path();
        let outcome = if path == reflection::PATH {
            *label = reflection::PATH;
            Ok(reflection::answer(messages, self.shutdown.clone()))
        } else if let Some(call) = health::Call::of(path) {
            *label = call.path();
            let end = seen.began + seen.asked.unwrap_or(LONGEST).min(LONGEST);
            let state = health::State::of(&self.routes, self.upstreams.clone(), self.shutdown.clone());
            let answering = timeout_at(end.into(), health::answer(call, messages, state, end)).await;
            answering.unwrap_or_else(|_| Err(Status::late()))
        } else {
            let message = format!("there is no {path} here");
            Err(Status::new(Code::Unimplemented, StatusCode::NOT_FOUND, "NO_SUCH_ADDRESS", &message))
        };
        outcome.unwrap_or_else(|status| ended(seen, status, HeaderMap::new()))
    }
}

/// The message that a service's answer is.
fn answered(rpc: &Rpc, body: &[u8]) -> Result<DynamicMessage, Status> {
    // An answer without content is that of a message without fields.
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    let json = serde_json::from_slice(body).map_err(|error| error.to_string());
    let message = json.and_then(|json| json::read(&rpc.output, json).map_err(|misfit| misfit.to_string()));
    message.map_err(|reason| {
        tracing::error!(rpc = rpc.path, reason, "a service's answer does not fit the contract");
        Status::garbage()
    })
}

fn ended(seen: &Seen, status: Status, metadata: HeaderMap) -> Response {
    let http = status.http;
    let mut response = answer::none(&status.of_request(&seen.request_id), metadata);
    response.extensions_mut().insert(http);
    response
}
