//! Native requests of a client's: with its token, each command under a key of its own, so that it may be asked again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, IF_MATCH, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use serde_json::Value;
use uuid::Uuid;

use super::failed::Failed;
use super::native::{Native, POSITION, Position};
use super::tokens::Access;
use crate::interface::Services;
use crate::seen::Seen;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// A longer key of a client's leaves no room for the steps.
const LONGEST_KEY: usize = 150;
/// Where sessions begin.
pub(super) const LOG_IN: &str = "/v1/sessions";
/// For how long after a request came its parts are asked again, where a service says that it cannot yet.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long before a part is asked again; the next time twice as long.
const PAUSE: Duration = Duration::from_millis(50);

/// A client's request, as far as services are asked for it.
pub(super) struct Asking<'a> {
    services: &'a dyn Services,
    seen: &'a Seen,
    access: Option<Access>,
    /// The client's program, which its sessions are told apart by.
    client: Option<HeaderValue>,
    key: String,
    steps: AtomicU32,
    /// Since when services are asked: the body has come.
    began: Instant,
}

impl<'a> Asking<'a> {
    pub(super) fn new(services: &'a dyn Services, seen: &'a Seen, access: Option<Access>, headers: &HeaderMap) -> Self {
        let own = headers.get(IDEMPOTENCY_KEY).and_then(|key| key.to_str().ok());
        let fits =
            |key: &&str| (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        let key = own.filter(fits).map_or_else(|| Uuid::from_u128(rand::random()).to_string(), str::to_owned);
        let client = headers.get(USER_AGENT).cloned();
        Self { services, seen, access, client, key, steps: AtomicU32::new(0), began: Instant::now() }
    }

    /// Who asks.
    ///
    /// # Errors
    /// 401: nobody says so.
    pub(super) fn access(&self) -> Result<&Access, Failed> {
        self.access.as_ref().ok_or_else(Failed::no_token)
    }

    /// The same on behalf of who has just logged in.
    pub(super) fn with(&self, access: Access) -> Self {
        let (services, seen, key) = (self.services, self.seen, format!("{}/in", self.key));
        let client = self.client.clone();
        Self { services, seen, access: Some(access), client, key, steps: AtomicU32::new(0), began: self.began }
    }

    /// What a query answers, once the read models have come so far.
    pub(super) async fn query(&self, path: &str, position: &Position) -> Result<Native, Failed> {
        let mut pause = PAUSE;
        loop {
            let mut request = self.request(Method::GET, path, None)?;
            if let Some(position) = &position.0 {
                request.headers_mut().insert(POSITION, position.clone());
            }
            let native = Native::of(self.services.ask(self.seen, request).await?);
            // What was written is written: that its readers are behind is no reason to say that it was not.
            if native.problem() != "behind" || !self.may_ask_again(&mut pause).await {
                return Ok(native);
            }
        }
    }

    /// Waits until all read models have come so far. They are written together, and all that is read is read there.
    pub(super) async fn settle(&self, position: &Position) -> Result<(), Failed> {
        self.query("/v1/people", position).await?.ok("server").map(drop)
    }

    /// What a command answers. Where a service cannot do it yet, or its outcome is not known, it is asked again under
    /// the same key: it is done once.
    pub(super) async fn command(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Native, Failed> {
        let any = (method == Method::PATCH).then(|| HeaderValue::from_static("*"));
        self.command_on(method, path, body, any).await
    }

    /// Deletes what is in this version, and nothing else.
    pub(super) async fn delete_as(&self, path: &str, version: i64) -> Result<Native, Failed> {
        let version = HeaderValue::try_from(format!("\"{version}\"")).map_err(|_| Failed::not_found("version"))?;
        self.command_on(Method::DELETE, path, None, Some(version)).await
    }

    async fn command_on(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        if_match: Option<HeaderValue>,
    ) -> Result<Native, Failed> {
        let step = self.steps.fetch_add(1, Ordering::Relaxed);
        let key = HeaderValue::try_from(format!("{}/{step}", self.key)).map_err(|_| Failed::not_found("key"))?;
        let mut pause = PAUSE;
        loop {
            let mut request = self.request(method.clone(), path, body)?;
            request.headers_mut().insert(IDEMPOTENCY_KEY, key.clone());
            request.headers_mut().extend(if_match.clone().map(|version| (IF_MATCH, version)));
            let outcome = self.services.ask(self.seen, request).await.map(Native::of).map_err(Failed::from);
            let status = outcome.as_ref().map_or_else(|failed| failed.status, |native| native.status);
            // A log-in has no key: each that is asked for again may begin a session of which nobody has the token.
            let is_open = match status {
                StatusCode::SERVICE_UNAVAILABLE => true,
                StatusCode::GATEWAY_TIMEOUT => path != LOG_IN,
                _ => false,
            };
            if !is_open || !self.may_ask_again(&mut pause).await {
                return outcome;
            }
        }
    }

    async fn may_ask_again(&self, pause: &mut Duration) -> bool {
        if self.began.elapsed() + *pause > PATIENCE {
            return false;
        }
        tokio::time::sleep(*pause).await;
        *pause *= 2;
        true
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Request<Bytes>, Failed> {
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let mut request = Request::new(bytes);
        *request.method_mut() = method;
        *request.uri_mut() = Uri::try_from(path).map_err(|_| Failed::not_found("path"))?;
        if body.is_some() {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        request.headers_mut().extend(self.client.clone().map(|client| (USER_AGENT, client)));
        if let Some(access) = &self.access {
            let bearer = HeaderValue::try_from(format!("Bearer {}", access.token)).map_err(|_| Failed::bad_token())?;
            request.headers_mut().insert(AUTHORIZATION, bearer);
        }
        Ok(request)
    }
}
