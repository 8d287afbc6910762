//! The services behind the gateway, each with its replicas.

mod breaker;
mod budget;
mod choice;
mod client;
mod limiter;
mod name;
mod recent;
mod replica;
mod watch;

pub(crate) use breaker::Pass;
pub(crate) use client::Client;
pub(crate) use name::Name;
pub(crate) use replica::{Replica, UnderWay};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use http::uri::Authority;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Limited};
use parking_lot::Mutex;
use service_kit::network::Network;
use tokio::task::JoinSet;

use crate::body::Outgoing;
use crate::discovery::{Lookup, Replicas};
use crate::places::{Place, Places};
use breaker::Breaker;
use budget::Budget;
use choice::Choice;
use limiter::{Busy, Limiter};
use recent::Recent;
use replica::Readiness;

/// The longest answer that a page of the gateway's own is made from.
const LONGEST_BYTES: usize = 256 * 1024;

/// All of them. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Upstreams {
    entries: Arc<BTreeMap<Name, Arc<Upstream>>>,
    client: Client,
    /// What the page at `/` shows.
    pub(crate) newest: Arc<Recent>,
    /// Ends with the last clone.
    _watches: Arc<JoinSet<()>>,
}

/// How upstreams are watched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watching {
    /// How often names are looked up.
    pub(crate) resolve: Duration,
    /// How often replicas are asked whether they are ready.
    pub(crate) check: Duration,
    /// How many requests an upstream may have at a time, at most.
    pub(crate) concurrency: u32,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) name: Name,
    choice: Choice,
    limiter: Limiter,
    /// Of requests that wait for a read model: they do no work meanwhile, and the limiter is to learn nothing of them.
    waits: Places,
    /// Of long answers that are being sent: each holds a connection to a replica for as long as its client takes.
    answers: Places,
    /// How many connections all of these may need.
    connections: usize,
    breaker: Mutex<Breaker>,
    budget: Budget,
}

/// What lets a request through, until it is answered.
#[derive(Debug)]
pub(crate) enum Turn {
    /// The upstream works for it.
    Works(limiter::Turn),
    /// It waits for a read model first.
    Waits { _place: Place },
}

/// Why an upstream is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotNow {
    /// It has as much to do as it bears.
    Busy,
    /// It fails, and is left alone for so long.
    Open(Duration),
}

impl Upstreams {
    /// Finds the replicas, and watches them from now on. Needs a running Tokio.
    ///
    /// # Errors
    /// The system's configuration of DNS cannot be read.
    pub(crate) async fn new(entries: Vec<(Name, Replicas)>, watching: Watching) -> anyhow::Result<Self> {
        let client = client::new();
        let (mut upstreams, mut watches) = (BTreeMap::new(), JoinSet::new());
        for (name, replicas) in entries {
            let mut lookup = Lookup::new(replicas).with_context(|| format!("the upstream {}", name.as_str()))?;
            let upstream = Arc::new(Upstream::new(name, watching.concurrency));
            upstream.choice.replace(lookup.look().await);
            let watched = Arc::clone(&upstream);
            watches.spawn(watch::watch(watched, client.clone(), lookup, watching.resolve, watching.check));
            upstreams.insert(name, upstream);
        }
        let newest = Arc::default();
        Ok(Self { entries: Arc::new(upstreams), client, newest, _watches: Arc::new(watches) })
    }

    /// The upstream of a service: its own, or that of all commands.
    pub(crate) fn of(&self, name: Name) -> Option<&Arc<Upstream>> {
        self.entries.get(&name).or_else(|| self.entries.get(&Name::Commands))
    }

    /// What asks replicas.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// What query-api answers a `GET` of this path with, if it is a 200 of at most 256 KiB and comes in time: for pages
    /// of the gateway's own. It takes its turn like all others.
    pub(crate) async fn read(&self, path_and_query: &str, within: Duration) -> Option<Bytes> {
        let (upstream, deadline) = (self.of(Name::Queries)?, Instant::now() + within);
        let (pass, turn) = upstream.admit(deadline, None).await.ok()?;
        let replica = upstream.pick(&[])?;
        let mut request = Request::new(Outgoing::none());
        *request.uri_mut() = uri(&replica.authority, path_and_query)?;
        let _under_way = replica.take();
        let asking = async {
            let answer = self.client.request(request).await?;
            let status = answer.status();
            anyhow::Ok((status, Limited::new(answer.into_body(), LONGEST_BYTES).collect().await.ok()))
        };
        let answered = tokio::time::timeout_at(deadline.into(), asking).await.ok().and_then(Result::ok);
        upstream.record(pass, &replica, answered.is_some());
        match answered? {
            (StatusCode::SERVICE_UNAVAILABLE, _) => {
                turn.overloaded();
                None
            }
            (status, body) => {
                turn.answered();
                body.filter(|_| status == StatusCode::OK).map(|body| body.to_bytes())
            }
        }
    }

    /// How many connections to services there may be at a time. Bodies that stall keep theirs beyond that; where no
    /// file is left for one, its request is answered 503.
    pub(crate) fn connections(&self) -> usize {
        self.entries.values().map(|upstream| upstream.connections).sum()
    }

    /// Whether a replica of this service says that it is ready.
    pub(crate) fn is_ready(&self, name: Name) -> bool {
        let is_ready = |replica: &Arc<Replica>| replica.readiness() == Readiness::Ready;
        self.of(name).is_some_and(|upstream| upstream.choice.all().iter().any(is_ready))
    }

    /// Each upstream's name, how many of its replicas are ready, and how many there are.
    pub(crate) fn states(&self) -> Vec<(&'static str, usize, usize)> {
        let state = |upstream: &Arc<Upstream>| {
            let all = upstream.choice.all();
            let ready = all.iter().filter(|replica| replica.readiness() == Readiness::Ready).count();
            (upstream.name.as_str(), ready, all.len())
        };
        self.entries.values().map(state).collect()
    }
}

/// Where a replica is asked for something.
pub(crate) fn uri(authority: &Authority, path_and_query: &str) -> Option<Uri> {
    Uri::builder().scheme("http").authority(authority.clone()).path_and_query(path_and_query).build().ok()
}

impl Upstream {
    fn new(name: Name, concurrency: u32) -> Self {
        let (limiter, breaker) = (Limiter::new(concurrency), Mutex::new(Breaker::new(Instant::now())));
        let part = |of: u32| (concurrency / of).max(1) as usize;
        let (works, waiting, taken) = (concurrency as usize, part(2), concurrency as usize * 2);
        let (waits, answers) = (Places::new(waiting, part(8)), Places::new(taken, part(8)));
        let connections = works + waiting + taken;
        Self {
            name,
            choice: Choice::default(),
            limiter,
            waits,
            answers,
            connections,
            breaker,
            budget: Budget::default(),
        }
    }

    /// Lets a request through, when its turn has come. Of those that wait for a read model it says whose they are: they
    /// take no turn of others.
    ///
    /// # Errors
    /// It had better come later.
    pub(crate) async fn admit(&self, deadline: Instant, waits: Option<&Network>) -> Result<(Pass, Turn), NotNow> {
        let pass = self.breaker.lock().admit(Instant::now()).map_err(NotNow::Open)?;
        let turn = match waits {
            Some(network) => Turn::Waits { _place: self.waits.take(network).ok_or(NotNow::Busy)? },
            None => Turn::Works(self.limiter.turn(deadline).await.map_err(|Busy| NotNow::Busy)?),
        };
        self.budget.deposit();
        Ok((pass, turn))
    }

    /// A place for a long answer to this network; `None` where it has as many as it may.
    pub(crate) fn long_answer(&self, network: &Network) -> Option<Place> {
        self.answers.take(network)
    }

    /// The replica to ask, if possible none of those that were `tried`.
    pub(crate) fn pick(&self, tried: &[Authority]) -> Option<Arc<Replica>> {
        self.choice.pick(Instant::now(), tried)
    }

    /// Whether a request may be tried again.
    pub(crate) fn may_retry(&self) -> bool {
        let may = self.budget.withdraw();
        let outcome = if may { "tried" } else { "over_budget" };
        measures::gateway::RETRIES.with([self.name.as_str(), outcome]).increment(1);
        may
    }

    /// How a request to a replica went.
    pub(crate) fn record(&self, pass: Pass, replica: &Replica, is_good: bool) {
        let (now, upstream) = (Instant::now(), self.name.as_str());
        if self.breaker.lock().record(now, pass, is_good) {
            measures::gateway::OPENED.with([upstream]).increment(1);
            tracing::warn!(upstream, "most requests fail: the upstream is left alone for a moment");
        }
        if replica.record(now, is_good) {
            tracing::warn!(upstream, address = %replica.authority, "a replica fails, and is passed over for a while");
        }
    }
}

impl Turn {
    /// How long it takes depends on its client: where it is given up, that says nothing.
    pub(crate) fn depends_on_client(&mut self) {
        if let Self::Works(turn) = self {
            turn.depends_on_client();
        }
    }

    /// It was answered, in a time that says how busy the upstream is, if it did not wait.
    pub(crate) fn answered(self) {
        if let Self::Works(turn) = self {
            turn.answered();
        }
    }

    /// It was not, because the upstream has too much to do.
    pub(crate) fn overloaded(self) {
        if let Self::Works(turn) = self {
            turn.overloaded();
        }
    }
}
