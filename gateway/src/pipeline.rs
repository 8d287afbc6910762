//! The way of a request.

use std::net::SocketAddr;
use std::time::Duration;

use http::header::{ACCEPT, CACHE_CONTROL, CONNECTION};
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;
use measures::http::{InFlight, answered, method_label};
use service_kit::Shutdown;
use service_kit::health::Health;
use service_kit::network::TrustedProxies;
use tracing::Instrument as _;

use crate::answer::{Response, text};
use crate::args::EdgeArgs;
use crate::auth::Tokens;
use crate::class::Class;
use crate::cors::{self, Origins};
use crate::forward::{Given, Passed, forward};
use crate::head;
use crate::headers::{REQUEST_ID, Told, secure};
use crate::limits::{Counted, Limits};
use crate::own;
use crate::realworld::{self, RealWorld};
use crate::refusal::Refusal;
use crate::routes::{Found, Route, Routes};
use crate::seen::Seen;
use crate::upstream::Upstreams;
use crate::validation::Validation;

/// Who names no time waits no longer than this.
const LONGEST: Duration = Duration::from_secs(3_600);

/// What every request passes.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) edge: EdgeArgs,
    pub(crate) trusted: TrustedProxies,
    pub(crate) origins: Origins,
    pub(crate) routes: Routes,
    pub(crate) upstreams: Upstreams,
    pub(crate) tokens: Tokens,
    pub(crate) limits: Limits,
    pub(crate) validation: Validation,
    pub(crate) realworld: RealWorld,
    pub(crate) shutdown: Shutdown,
}

/// An answer, and what is to be told of it.
struct Answered {
    response: Response,
    route: &'static str,
    counted: Counted,
}

impl Pipeline {
    /// Answers a request of this peer.
    pub(crate) async fn answer(&self, peer: SocketAddr, request: Request<Incoming>) -> Response {
        let (parts, body) = request.into_parts();
        let seen = Seen::of(&parts, peer, &self.trusted);
        let (method, is_last, reader) =
            (method_label(parts.method.as_str()), head::is_last(&parts), self.origins.reader(&parts.headers));
        let span = tracing::info_span!(
            "request",
            trace_id = %format_args!("{:032x}", seen.trace.trace_id),
            request_id = seen.request_id.to_str().unwrap_or_default()
        );
        let in_flight = InFlight::begin();
        let Answered { mut response, route, counted } =
            self.judged(&seen, parts, body, reader.is_some()).instrument(span.clone()).await;
        drop(in_flight);
        // That of an answer to a call is 200, however it ended.
        let status = response.extensions().get::<StatusCode>().copied().unwrap_or(response.status()).as_u16();
        let took = seen.began.elapsed();
        span.in_scope(|| {
            tracing::debug!(method, route, status, duration_ms = took.as_secs_f64() * 1e3, "answered");
        });
        answered(method, route, status, took);
        let headers = response.headers_mut();
        counted.show(headers);
        self.origins.show(reader, headers);
        secure(headers, seen.origin.is_https);
        headers.insert(REQUEST_ID, seen.request_id);
        if is_last || self.shutdown.is_requested() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    async fn judged(&self, seen: &Seen, parts: Parts, body: Incoming, has_reader: bool) -> Answered {
        let (accept, is_call) = (parts.headers.get(ACCEPT).cloned(), self.is_call(&parts));
        let is_realworld = realworld::is_under(parts.uri.path());
        let (mut route, mut counted) = ("unmatched", Counted::default());
        let outcome = match head::check(&parts) {
            Ok(()) => self.routed(seen, parts, body, has_reader, &mut route, &mut counted).await,
            Err(refusal) => Err(refusal),
        };
        // What is refused before it was counted costs something, too.
        let outcome = match outcome {
            Err(refusal) if counted.is_empty() && refusal.is_of_the_head() => self.read(seen).await.and_then(|all| {
                counted = all;
                Err(refusal)
            }),
            other => other,
        };
        let response = outcome.unwrap_or_else(|refusal| {
            if is_realworld {
                return realworld::refused(refusal);
            }
            measures::gateway::REFUSED.with([refusal.name]).increment(1);
            if is_call { self.refused_call(seen, &refusal) } else { refusal.into_response(accept.as_ref()) }
        });
        Answered { response, route, counted }
    }

    async fn routed(
        &self,
        seen: &Seen,
        parts: Parts,
        body: Incoming,
        has_reader: bool,
        label: &mut &'static str,
        counted: &mut Counted,
    ) -> Result<Response, Refusal> {
        if self.is_call(&parts) {
            return self.call(seen, parts, body, label, counted).await;
        }
        let is_read = matches!(parts.method, Method::GET | Method::HEAD);
        if is_read && let Some(response) = self.health(parts.uri.path()).await {
            return Ok(response);
        }
        if let Some(asked) = realworld::find(&parts.method, parts.uri.path()) {
            *label = asked.pattern;
            let account = self.realworld.account(&parts.headers);
            *counted = self.limits.count(asked.class, account, &seen.origin.network).await?;
            let taken = (body, asked.class.body(&self.edge), self.edge.body_timeout);
            return Ok(self.realworld.answer(self, seen, asked, parts, taken).await);
        }
        let found = match realworld::methods(parts.uri.path()) {
            Some(methods) => Found::Methods(methods),
            None => self.routes.find(&parts.method, parts.uri.path()),
        };
        let route = match found {
            Found::Route(route) => route,
            Found::Methods(methods) if parts.method == Method::OPTIONS => {
                *counted = self.read(seen).await?;
                return Ok(cors::options(&parts, &methods, has_reader));
            }
            Found::Methods(methods) => return Err(Refusal::method(&methods)),
            Found::Nothing if parts.uri.path() == "*" && parts.method == Method::OPTIONS => {
                *counted = self.read(seen).await?;
                return Ok(cors::options(&parts, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT", false));
            }
            Found::Nothing => {
                *counted = self.read(seen).await?;
                return own::answer(&parts, &self.upstreams).await.ok_or_else(Refusal::no_such_address);
            }
        };
        *label = route.pattern;
        let network = &seen.origin.network;
        let caller = if route.reads_tokens { self.tokens.caller(&parts.headers, &self.limits, network)? } else { None };
        let account = caller.as_ref().map(|caller| caller.actor.id);
        *counted = self.limits.count(route.class, account, network).await?;
        let judge = self.validation.judge(route, caller.as_ref());
        judge.map_or(Ok(()), |judge| judge.head(&parts))?;
        self.passed_on(seen, route, parts, Given::Coming(body, judge)).await
    }

    /// Counts what no account is known of.
    pub(crate) async fn read(&self, seen: &Seen) -> Result<Counted, Refusal> {
        self.limits.count(Class::Reads, None, &seen.origin.network).await
    }

    /// Passes on what was counted.
    pub(crate) async fn passed_on(
        &self,
        seen: &Seen,
        route: &Route,
        mut parts: Parts,
        body: Given<'_>,
    ) -> Result<Response, Refusal> {
        let timeout = route.class.timeout(&self.edge);
        let Seen { origin, trace, request_id, began, asked } = seen;
        // The client has waited since it began; the service has all of its time.
        let left = asked.map_or(timeout, |asked| asked.saturating_sub(began.elapsed()).min(timeout));
        Told { origin, trace: *trace, request_id, left }.apply(&mut parts.headers);
        let deadline = *began + asked.unwrap_or(LONGEST).min(LONGEST);
        let (network, edge) = (&origin.network, &self.edge);
        forward(&self.upstreams, Passed { route, parts, body, network, deadline, edge }).await
    }

    /// Whether the process lives, and whether it takes requests: whatever the services do, the gateway answers.
    async fn health(&self, path: &str) -> Option<Response> {
        let (status, media_type, body) = match path {
            "/healthz" => (StatusCode::OK, "text/plain", "alive\n".to_owned()),
            "/readyz" => {
                let readiness = Health::new(self.shutdown.clone()).readiness().await;
                let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
                (status, "application/json", serde_json::to_string(&readiness).unwrap_or_default())
            }
            _ => return None,
        };
        let mut response = text(status, media_type, body);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Some(response)
    }
}
