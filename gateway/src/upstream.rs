//! The services behind the gateway, each with its replicas.

mod breaker;
mod budget;
mod choice;
mod client;
mod limiter;
mod name;
mod replica;
mod watch;

pub(crate) use client::Client;
pub(crate) use limiter::{Busy, Turn};
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
use tokio::task::JoinSet;

use crate::body::Outgoing;
use crate::discovery::{Lookup, Replicas};
use breaker::Breaker;
use budget::Budget;
use choice::Choice;
use limiter::Limiter;
use replica::Readiness;

/// The longest answer that a page of the gateway's own is made from.
const LONGEST_BYTES: usize = 256 * 1024;

/// All of them. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Upstreams {
    entries: Arc<BTreeMap<Name, Arc<Upstream>>>,
    client: Client,
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
    breaker: Mutex<Breaker>,
    budget: Budget,
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
        Ok(Self { entries: Arc::new(upstreams), client, _watches: Arc::new(watches) })
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
    /// of the gateway's own.
    #[allow(dead_code, reason = "the page at / asks")]
    pub(crate) async fn read(&self, path_and_query: &str, within: Duration) -> Option<Bytes> {
        let upstream = self.of(Name::Queries)?;
        let replica = upstream.pick(&[])?;
        let asking = async {
            let mut request = Request::new(Outgoing::none());
            *request.uri_mut() = uri(&replica.authority, path_and_query)?;
            let _under_way = replica.take();
            let answer = self.client.request(request).await.ok().filter(|answer| answer.status() == StatusCode::OK)?;
            let body = Limited::new(answer.into_body(), LONGEST_BYTES).collect().await.ok()?;
            Some(body.to_bytes())
        };
        tokio::time::timeout(within, asking).await.ok().flatten()
    }

    /// Each upstream's name, how many of its replicas are ready, and how many there are.
    #[allow(dead_code, reason = "the page at / asks")]
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
        Self { name, choice: Choice::default(), limiter, breaker, budget: Budget::default() }
    }

    /// Lets a request through, when its turn has come.
    ///
    /// # Errors
    /// It had better come later.
    pub(crate) async fn admit(&self, deadline: Instant) -> Result<Turn, NotNow> {
        self.breaker.lock().admit(Instant::now()).map_err(NotNow::Open)?;
        let turn = self.limiter.turn(deadline).await.map_err(|Busy| NotNow::Busy)?;
        self.budget.deposit();
        Ok(turn)
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
    pub(crate) fn record(&self, replica: &Replica, is_good: bool) {
        let (now, upstream) = (Instant::now(), self.name.as_str());
        if self.breaker.lock().record(now, is_good) {
            measures::gateway::OPENED.with([upstream]).increment(1);
            tracing::warn!(upstream, "most requests fail: the upstream is left alone for a moment");
        }
        if replica.record(now, is_good) {
            tracing::warn!(upstream, address = %replica.authority, "a replica fails, and is passed over for a while");
        }
    }
}
