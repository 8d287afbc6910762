//! From accepted to visible: an author's edit is acknowledged; how long until a query that carries the reply's position
//! is answered with it?

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context;
use domain::Role;
use testkit::http::{Client, Request, Response};
use tokio::time::{MissedTickBehavior, interval_at};
use uuid::Uuid;

use crate::effort::Effort;
use crate::latency::Latencies;
use crate::posts;
use crate::report::Figure;
use crate::site::{DEADLINE, Service, Site};

/// Authors, and how often each edits: 50 commands a second together.
const AUTHORS: u32 = 10;
const EVERY: Duration = Duration::from_millis(200);
/// Posts of each author.
const POSTS: usize = 4;
const REFERENCE: &str = "same query, nothing to wait for";

/// An author who edits and looks.
struct Author {
    commands: (Client, SocketAddr),
    queries: (Client, SocketAddr),
    bearer: String,
    posts: Vec<Uuid>,
}

/// What the authors saw.
struct Seen {
    accepted: Latencies,
    visible: Latencies,
    again: Latencies,
}

/// Measures at 50 commands a second.
///
/// # Errors
/// A process does not start, a command is refused, or a query does not show what it waited for.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let commands = site.start(Service::Commands).await?;
    let projections = site.start(Service::Projections).await?;
    let queries = site.start(Service::Queries).await?;
    let token = site.token(&[Role::Author])?;
    let ids: Vec<Uuid> = (0..POSTS * AUTHORS as usize).map(|_| Uuid::new_v4()).collect();
    posts::publish(commands.address, &token, &ids).await?;
    let author = |posts: &[Uuid]| Author {
        commands: (Client::new(commands.address, DEADLINE), commands.address),
        queries: (Client::new(queries.address, DEADLINE), queries.address),
        bearer: format!("Bearer {token}"),
        posts: posts.to_vec(),
    };
    // The first seconds are not measured.
    let begin = Instant::now() + Duration::from_secs(2);
    let until = begin + Duration::from_secs_f64(effort.paced_seconds);
    let tasks: Vec<_> = ids
        .chunks(POSTS)
        .zip(0..)
        .map(|(posts, place)| tokio::spawn(author(posts).write(EVERY / AUTHORS * place, begin, until)))
        .collect();
    let mut seen = Seen::nothing();
    for task in tasks {
        seen.add(&task.await??);
    }
    for running in [queries, projections, commands] {
        running.child.terminate().await?;
    }
    Ok(seen.figures())
}

impl Author {
    async fn write(mut self, offset: Duration, begin: Instant, until: Instant) -> anyhow::Result<Seen> {
        let mut seen = Seen::nothing();
        let mut pace = interval_at(tokio::time::Instant::now() + offset, EVERY);
        pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for n in 0.. {
            pace.tick().await;
            if Instant::now() >= until {
                break;
            }
            let once = self.once(n).await?;
            if Instant::now() >= begin {
                seen.accepted.record(once[0]);
                seen.visible.record(once[1]);
                seen.again.record(once[2]);
            }
        }
        Ok(seen)
    }

    /// Edits a post and looks twice: how long each took.
    async fn once(&mut self, n: u64) -> anyhow::Result<[Duration; 3]> {
        let id = self.posts[n as usize % self.posts.len()];
        let began = Instant::now();
        let reply = self.edit(id, n).await?;
        let accepted = Instant::now();
        let version = posts::version(&reply)?;
        let position = reply.header("inklog-position").context("a reply without a position")?;
        self.look(id, position, version).await?;
        let visible = Instant::now();
        self.look(id, position, version).await?;
        Ok([accepted - began, visible - accepted, visible.elapsed()])
    }

    async fn edit(&mut self, id: Uuid, n: u64) -> anyhow::Result<Response> {
        let (client, address) = &mut self.commands;
        let headers = [("authorization", self.bearer.as_str()), ("if-match", "*")];
        let (path, body) = (format!("/v1/posts/{id}"), posts::edit(n));
        let request = Request { method: "PATCH", path: &path, headers: &headers, body: &body };
        let reply = client.send(&request.bytes(*address)).await?;
        posts::accepted(&reply)?;
        Ok(reply)
    }

    async fn look(&mut self, id: Uuid, position: &str, version: u64) -> anyhow::Result<()> {
        let (client, address) = &mut self.queries;
        let path = format!("/v1/posts/{}?position={position}", posts::slug(id));
        let request = Request { method: "GET", path: &path, headers: &[], body: "" };
        let response = client.send(&request.bytes(*address)).await?;
        anyhow::ensure!(response.is_success(), "a query was refused: {}", response.shown());
        let post: serde_json::Value = serde_json::from_slice(&response.body)?;
        anyhow::ensure!(post["version"] == version, "version {version} was accepted, {} is shown", post["version"]);
        Ok(())
    }
}

impl Seen {
    fn nothing() -> Self {
        Self { accepted: Latencies::new(), visible: Latencies::new(), again: Latencies::new() }
    }

    fn add(&mut self, other: &Self) {
        self.accepted.add(&other.accepted);
        self.visible.add(&other.visible);
        self.again.add(&other.again);
    }

    fn figures(&self) -> Vec<Figure> {
        for (what, latencies) in [("accepted", &self.accepted), ("visible", &self.visible), (REFERENCE, &self.again)] {
            println!("{what:<32} {:>6}  {}", latencies.count(), latencies.line());
        }
        println!("{}", self.visible.picture().join("\n"));
        let figure = |of: f64, what: &str, most: f64| {
            let name = format!("accepted ⇒ visible, 50/s: {what}");
            Figure::new(name, self.visible.percentile(of), "ms")
                .beside(REFERENCE, self.again.percentile(of))
                .at_most(most)
        };
        vec![figure(50.0, "p50", 6.0), figure(99.0, "p99", 20.0)]
    }
}
