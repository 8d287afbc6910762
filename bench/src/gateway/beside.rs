//! The same requests through the gateway and past it, in turn.

use std::path::Path;
use std::time::{Duration, Instant};

use testkit::http::{Client, Request};
use uuid::Uuid;

use super::overload::Upstream;
use crate::effort::Effort;
use crate::latency::{Latencies, median};
use crate::load::{self, Loaded};
use crate::posts;
use crate::report::Figure;
use crate::site::{DEADLINE, Running, Site};

/// How much later the median answer may come by way of the gateway, in milliseconds, where nothing else is to do.
const LATER: f64 = 0.4;
/// What is left of the rate where both processors are taken.
const RATE: f64 = 0.8;
/// How long the projectors may take to show what was published.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is measured of each kind: with one client how long it takes, with many how many there are.
const CLIENTS: [usize; 3] = [1, 32, 64];
const DIRECTLY: &str = "the service itself";

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Post,
    List,
    Edit,
}

/// The processes of a site, and what they are asked with.
pub(super) struct Ways<'a> {
    pub(super) gateway: &'a Running,
    pub(super) commands: &'a Running,
    pub(super) queries: &'a Running,
    pub(super) token: &'a str,
    pub(super) posts: &'a Path,
}

/// Rounds of one way.
#[derive(Default)]
struct Rounds {
    rates: Vec<f64>,
    medians: Vec<f64>,
    all: Option<Latencies>,
    /// Processor time of each request: of the load, the gateway and the service.
    micros: [f64; 3],
}

/// What the load takes itself, of each request: measured against an answer that is made of nothing.
pub(super) async fn own_cost(site: &Site, effort: Effort) -> anyhow::Result<Figure> {
    let upstream = Upstream::start(site, &[]).await?;
    let loaded = load::loaded(upstream.0.address, 64, effort.seconds, &["--read", "/v1/posts"], "").await?;
    let latencies = Latencies::from(loaded.latencies);
    let (rate, own) = (loaded.rate, loaded.own_micros);
    println!("the load by itself, 64 clients: {rate:.0} /s, {own:.1} µs of its own for each  {}", latencies.line());
    upstream.0.child.terminate().await?;
    Ok(Figure::new("gateway: the load's own processor time for a request", own, "µs"))
}

impl Ways<'_> {
    /// Waits until readers see all posts.
    pub(super) async fn until_all_can_be_read(&self, ids: &[Uuid]) -> anyhow::Result<()> {
        let (until, address) = (Instant::now() + PATIENCE, self.queries.address);
        let mut client = Client::new(address, DEADLINE);
        for id in ids {
            let path = format!("/v1/posts/{}", posts::slug(*id));
            let request = Request { method: "GET", path: &path, headers: &[], body: "" }.bytes(address);
            while client.send(&request).await?.status != 200 {
                anyhow::ensure!(Instant::now() < until, "a post cannot be read");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }

    /// Measures each kind both ways.
    pub(super) async fn measure(&self, effort: Effort) -> anyhow::Result<Vec<Figure>> {
        let mut figures = Vec::new();
        for kind in [Kind::Post, Kind::List, Kind::Edit] {
            for clients in CLIENTS {
                figures.extend(self.one(kind, clients, effort).await?);
            }
        }
        Ok(figures)
    }

    async fn one(&self, kind: Kind, clients: usize, effort: Effort) -> anyhow::Result<Vec<Figure>> {
        let service = if kind == Kind::Edit { self.commands } else { self.queries };
        let (mut through, mut past) = (Rounds::default(), Rounds::default());
        for _ in 0..effort.rounds {
            past.add(self.round(kind, clients, service, service, effort.seconds).await?);
            through.add(self.round(kind, clients, self.gateway, service, effort.seconds).await?);
        }
        let called = format!("gateway, {}, {clients} clients", kind.name());
        past.print(&format!("{called}: {DIRECTLY}"));
        through.print(&called);
        let p50 = Figure::new(format!("{called}: p50"), through.p50(), "ms").beside(DIRECTLY, past.p50());
        if clients == 1 {
            return Ok(vec![p50.at_most_above(LATER)]);
        }
        let rate = Figure::new(format!("{called}: rate"), through.rate(), "/s").beside(DIRECTLY, past.rate());
        Ok(vec![rate.at_least_times(RATE), p50])
    }

    /// One round against an address, and what it took of the processors.
    async fn round(
        &self,
        kind: Kind,
        clients: usize,
        asked: &Running,
        service: &Running,
        seconds: f64,
    ) -> anyhow::Result<(Loaded, [f64; 2])> {
        let posts = self.posts.to_str().unwrap_or_default();
        let told: &[&str] = match kind {
            Kind::Post => &["--posts", posts, "--read", "/v1/posts/{slug}"],
            Kind::List => &["--read", "/v1/posts?limit=20"],
            Kind::Edit => &["--posts", posts],
        };
        let taken = || anyhow::Ok([self.gateway.child.processor_seconds()?, service.child.processor_seconds()?]);
        let before = taken()?;
        let loaded = load::loaded(asked.address, clients, seconds, told, self.token).await?;
        let after = taken()?;
        // The warm-up is a quarter, and takes as much for each.
        let requests = loaded.rate * seconds * 1.25;
        Ok((loaded, [0, 1].map(|which| (after[which] - before[which]) * 1e6 / requests.max(1.0))))
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Post => "a post",
            Self::List => "a list of 20",
            Self::Edit => "an edit",
        }
    }
}

impl Rounds {
    fn add(&mut self, (loaded, [gateway, service]): (Loaded, [f64; 2])) {
        let latencies = Latencies::from(loaded.latencies);
        self.rates.push(loaded.rate);
        self.medians.push(latencies.percentile(50.0));
        self.all.get_or_insert_with(Latencies::new).add(&latencies);
        let rounds = self.rates.len() as f64;
        for (mean, last) in self.micros.iter_mut().zip([loaded.own_micros, gateway, service]) {
            *mean += (last - *mean) / rounds;
        }
    }

    fn rate(&self) -> f64 {
        median(self.rates.clone())
    }

    fn p50(&self) -> f64 {
        median(self.medians.clone())
    }

    fn print(&self, name: &str) {
        let ([load, gateway, service], line) = (self.micros, self.all.as_ref().map(Latencies::line));
        println!("{name:<60} {:>8.0} /s  {}", self.rate(), line.unwrap_or_default());
        println!("{:<60} load {load:.0} µs, gateway {gateway:.0} µs, service {service:.0} µs of processor each", "");
    }
}
