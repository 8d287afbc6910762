//! Passes a request on to a replica, and the answer back. Another replica is asked where nothing was sent to the first
//! one, or where asking twice does no harm; not more often than twice.

mod failure;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderName};
use http::request::Parts;
use http::{Method, Request, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use parking_lot::Mutex;
use service_kit::network::Network;
use url::form_urlencoded;

use crate::answer::{Body, Response};
use crate::args::EdgeArgs;
use crate::body::{Arrived, Download, Fault, Outgoing, SMALL_BYTES, Upload, Whole, arrival};
use crate::class::Class;
use crate::headers::strip;
use crate::refusal::Refusal;
use crate::routes::Route;
use crate::upstream::{Client, NotNow, Pass, Replica, Turn, UnderWay, Upstream, Upstreams, uri};
use crate::validation::Judge;
use failure::Failure;

/// A longer answer, or one whose length is not known, is held by whoever takes it; hyper takes shorter ones at once.
const LONG_BYTES: u64 = 64 * 1024;
/// One replica, and two others.
const ATTEMPTS: usize = 3;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const POSITION: HeaderName = HeaderName::from_static("inklog-position");

/// A request to be passed on. Its headers are as the service gets them.
pub(crate) struct Passed<'a> {
    pub(crate) route: &'a Route,
    pub(crate) parts: Parts,
    pub(crate) body: Given<'a>,
    /// Where it comes from.
    pub(crate) network: &'a Network,
    /// When the client does not wait any more.
    pub(crate) deadline: Instant,
    pub(crate) edge: &'a EdgeArgs,
}

/// The body of a request that is to be passed on.
#[derive(Debug)]
pub(crate) enum Given<'a> {
    /// It comes from the client; and who judges it, where it is small.
    Coming(Incoming, Option<Judge<'a>>),
    /// The gateway made it of what the client said.
    There(Bytes),
}

/// The body of a request, when its service is asked.
enum Brought {
    Whole(Whole),
    Streamed(Bytes, Incoming),
}

/// One that is under way.
struct Journey<'a> {
    upstream: &'a Arc<Upstream>,
    client: &'a Client,
    route: &'a Route,
    network: &'a Network,
    parts: Parts,
    /// The body, where it is there.
    whole: Whole,
    /// The body, where it is yet to come.
    upload: Option<Upload>,
    pass: Pass,
    /// The request's turn, until the service has answered or waits for the client.
    turn: Arc<Mutex<Option<Turn>>>,
    /// How long an answer of this class may take.
    timeout: Duration,
    deadline: Instant,
}

/// The answer of a service.
///
/// # Errors
/// Why there is none.
pub(crate) async fn forward(upstreams: &Upstreams, passed: Passed<'_>) -> Result<Response, Refusal> {
    let Passed { route, parts, body, network, deadline, edge } = passed;
    let unknown = || Refusal::unavailable("no service is configured for this address", Duration::from_secs(5));
    let upstream = upstreams.of(route.upstream).ok_or_else(unknown)?;
    let most = route.class.body(edge);
    if declared(&parts).is_some_and(|length| length > most) {
        return Err(Refusal::too_large(most));
    }
    let judge = if let Given::Coming(_, judge) = &body { *judge } else { None };
    let brought = brought(route, &parts, body, most, edge.body_timeout).await;
    let brought = brought.map_err(|fault| Failure::Client(fault).refusal(most))?;
    if let (Some(judge), Brought::Whole(whole)) = (judge, &brought) {
        judge.body(&parts.headers, whole.data())?;
    }
    let waits = (route.class == Class::Reads && names_a_position(&parts)).then_some(network);
    let (pass, mut turn) = upstream.admit(deadline, waits).await.map_err(|not_now| match not_now {
        NotNow::Busy => Refusal::overloaded(Duration::from_secs(1)),
        NotNow::Open(pause) => Refusal::unavailable("the service fails, and is left alone for a moment", pause),
    })?;
    if matches!(brought, Brought::Streamed(..)) || !route.class.says_how_busy() {
        turn.depends_on_client();
    }
    let turn = Arc::new(Mutex::new(Some(turn)));
    let (whole, upload) = match brought {
        Brought::Whole(whole) => (whole, None),
        Brought::Streamed(beginning, body) => {
            let turn = Arc::clone(&turn);
            let on_stall = move || drop(turn.lock().take());
            (Whole::default(), Some(Upload::new(beginning, body, most, edge.body_timeout, on_stall)))
        }
    };
    let (client, timeout) = (upstreams.client(), route.class.timeout(edge));
    let journey = Journey { upstream, client, route, network, parts, whole, upload, pass, turn, timeout, deadline };
    let (response, under_way) = journey.make().await.map_err(|failure| failure.refusal(most))?;
    journey.answer(response, under_way)
}

/// Waits for a small body. One that may be answered while it comes is small only if it says so.
async fn brought(
    route: &Route,
    parts: &Parts,
    body: Given<'_>,
    most: u64,
    patience: Duration,
) -> Result<Brought, Fault> {
    let mut body = match body {
        Given::Coming(body, _) => body,
        Given::There(bytes) => return Ok(Brought::Whole(Whole::from(bytes))),
    };
    if body.is_end_stream() {
        return Ok(Brought::Whole(Whole::default()));
    }
    if route.class.is_streamed() && declared(parts).is_none_or(|length| length > SMALL_BYTES) {
        return Ok(Brought::Streamed(Bytes::new(), body));
    }
    Ok(match arrival(&mut body, most, patience).await? {
        Arrived::Whole(whole) => Brought::Whole(whole),
        Arrived::Beginning(beginning) => Brought::Streamed(beginning, body),
    })
}

/// The length that the head declares.
fn declared(parts: &Parts) -> Option<u64> {
    parts.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether the answer waits until a read model has come so far, read as query-api reads it.
fn names_a_position(parts: &Parts) -> bool {
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    parts.headers.contains_key(POSITION) || form_urlencoded::parse(query).any(|(name, _)| name == "position")
}

impl Journey<'_> {
    async fn make(&self) -> Result<(http::Response<Incoming>, UnderWay), Failure> {
        let (mut tried, mut open) = (Vec::new(), None);
        loop {
            // Where an earlier attempt broke off, something may have been done, whatever became of the others.
            let Some(replica) = self.upstream.pick(&tried) else { return Err(open.unwrap_or(Failure::Unreachable)) };
            tried.push(replica.authority.clone());
            let under_way = replica.take();
            let began = Instant::now();
            let outcome = self.ask(&replica).await;
            self.note(&replica, began, outcome.as_ref().err());
            match outcome {
                Ok(response) => return Ok((response, under_way)),
                Err(failure) if tried.len() < ATTEMPTS && self.may_repeat(failure) => {
                    let may_be_done = failure != Failure::Unreachable && !self.is_safe();
                    open = open.or(may_be_done.then_some(failure));
                }
                Err(Failure::Unreachable) => return Err(open.unwrap_or(Failure::Unreachable)),
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn ask(&self, replica: &Replica) -> Result<http::Response<Incoming>, Failure> {
        let mut request = Request::new(match &self.upload {
            Some(upload) => upload.outgoing(),
            None => Outgoing::Whole(self.whole.clone()),
        });
        let path = self.parts.uri.path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = uri(&replica.authority, path).ok_or(Failure::Garbage)?;
        *request.method_mut() = self.parts.method.clone();
        *request.headers_mut() = self.parts.headers.clone();
        tokio::select! {
            biased;
            answer = self.client.request(request) => {
                let fault = || self.upload.as_ref().and_then(Upload::fault);
                let answer = answer.map_err(|error| fault().map_or_else(|| Failure::of(&error), Failure::Client))?;
                // Nobody has asked for another protocol.
                if answer.status() == StatusCode::SWITCHING_PROTOCOLS { Err(Failure::Garbage) } else { Ok(answer) }
            }
            failure = self.too_late() => Err(failure),
        }
    }

    /// Waits until the answer is late. As long as the client sends, the service cannot answer.
    async fn too_late(&self) -> Failure {
        let began = Instant::now();
        loop {
            let since = self.upload.as_ref().map_or(began, |upload| upload.progress().max(began));
            let is_sending = self.upload.as_ref().is_some_and(|upload| !upload.has_ended());
            // A body that stands still is the body's own to give up; this is for a service that does not take it.
            let late = since + if is_sending { 4 * self.timeout } else { self.timeout };
            let now = Instant::now();
            if now >= self.deadline.min(late) {
                return if now >= since + self.timeout { Failure::Late } else { Failure::Hurried };
            }
            // The end of a body is not told: it is looked for.
            let look = if is_sending { now + self.timeout / 4 } else { late };
            tokio::time::sleep_until(look.min(late).min(self.deadline).into()).await;
        }
    }

    /// Whether another replica may be asked.
    fn may_repeat(&self, failure: Failure) -> bool {
        let untouched = self.upload.as_ref().is_none_or(|upload| !upload.is_touched());
        match failure {
            // Nothing was sent: that costs little, and is soon known.
            Failure::Unreachable => untouched && Instant::now() < self.deadline,
            Failure::Broken | Failure::Garbage => {
                let is_named = self.route.is_idempotent() && self.parts.headers.contains_key(IDEMPOTENCY_KEY);
                self.has_no_body() && (self.is_safe() || is_named) && self.upstream.may_retry()
            }
            Failure::Exhausted | Failure::Late | Failure::Hurried | Failure::Client(_) => false,
        }
    }

    /// Whether it changes nothing.
    fn is_safe(&self) -> bool {
        matches!(self.parts.method, Method::GET | Method::HEAD)
    }

    fn has_no_body(&self) -> bool {
        self.upload.is_none() && Outgoing::Whole(self.whole.clone()).is_end_stream()
    }

    /// Remembers how it went.
    fn note(&self, replica: &Replica, began: Instant, failure: Option<&Failure>) {
        let (upstream, outcome) = (self.upstream.name.as_str(), failure.map_or("answered", Failure::name));
        measures::gateway::ASKED.with([upstream, outcome]).increment(1);
        match failure {
            None => measures::gateway::ANSWERED.with([upstream]).record(began.elapsed()),
            Some(failure) => tracing::debug!(upstream, address = %replica.authority, outcome, "{failure}"),
        }
        match failure {
            None => self.upstream.record(self.pass, replica, true),
            // What a client does says nothing of a replica, nor does what the gateway lacks.
            Some(Failure::Client(_) | Failure::Hurried | Failure::Exhausted) => {}
            Some(Failure::Late) => {
                self.upstream.record(self.pass, replica, false);
                self.turn.lock().take().into_iter().for_each(Turn::overloaded);
            }
            Some(Failure::Unreachable | Failure::Broken | Failure::Garbage) => {
                self.upstream.record(self.pass, replica, false);
            }
        }
    }

    fn answer(self, response: http::Response<Incoming>, under_way: UnderWay) -> Result<Response, Refusal> {
        self.learn(response.status());
        let (mut parts, body) = response.into_parts();
        let is_long = body.size_hint().upper().is_none_or(|bytes| bytes > LONG_BYTES);
        // What was done is told, however many answers are being taken.
        let place = match self.route.class {
            Class::Reads | Class::Exports if is_long => {
                let too_many = || Refusal::too_many_answers(Duration::from_secs(1));
                Some(self.upstream.long_answer(self.network).ok_or_else(too_many)?)
            }
            _ => None,
        };
        strip(&mut parts.headers);
        let body: Body = Download::new(body, self.timeout, (under_way, place)).boxed_unsync();
        let mut answer = http::Response::new(body);
        (*answer.status_mut(), *answer.headers_mut()) = (parts.status, parts.headers);
        Ok(answer)
    }

    /// What the time that the answer took says of how busy the service is.
    fn learn(&self, status: StatusCode) {
        let Some(turn) = self.turn.lock().take() else { return };
        if !self.route.class.says_how_busy() {
            return;
        }
        if status == StatusCode::SERVICE_UNAVAILABLE { turn.overloaded() } else { turn.answered() }
    }
}
