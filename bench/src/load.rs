//! `bench load`: clients that edit posts over HTTP, or draft new ones, each again as soon as it is answered. A process
//! of its own with one thread, the same for every server that it is sent against.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::{Deserialize, Serialize};
use testkit::http::{Client, Request, Response};
use uuid::Uuid;

use crate::callers::{Window, micros};
use crate::latency::Recorded;
use crate::posts;
use crate::site::DEADLINE;

/// What to send where.
#[derive(Args, Debug)]
pub(crate) struct LoadArgs {
    /// The command API.
    #[arg(long)]
    address: SocketAddr,
    /// A file with the ids of posts to edit, as a JSON list; each client has its own. Without it new posts are drafted.
    #[arg(long)]
    posts: Option<PathBuf>,
    /// How many clients.
    #[arg(long)]
    clients: usize,
    /// For how long to measure.
    #[arg(long)]
    seconds: f64,
    /// The bearer token.
    #[arg(long, env = "INKLOG_TOKEN", hide_env_values = true)]
    token: String,
}

/// What `bench load` prints.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Loaded {
    pub(crate) rate: f64,
    pub(crate) latencies: Recorded,
}

/// What a client sends.
enum Work {
    /// Edits of its posts in turn, each at the version that it was told last: path and `If-Match`.
    Edits(Vec<(String, String)>),
    /// Posts that are new, each with a slug of its own.
    Drafts,
}

/// Sends the load and prints what became of it.
///
/// # Errors
/// A command was refused.
pub(crate) async fn run(args: LoadArgs) -> anyhow::Result<()> {
    anyhow::ensure!(args.clients > 0, "there must be a client");
    let window = Window::seconds(args.seconds);
    let from = Instant::now() + window.warm_up;
    let clients = work(&args)?.into_iter().map(|work| client(args.address, &args.token, work, from, window));
    let samples = futures::future::try_join_all(clients).await?.into_iter().flatten();
    let measured = window.of(samples);
    let loaded = Loaded { rate: measured.rate, latencies: measured.latencies.recorded() };
    println!("{}", serde_json::to_string(&loaded)?);
    Ok(())
}

/// What each client does.
fn work(args: &LoadArgs) -> anyhow::Result<Vec<Work>> {
    let Some(posts) = &args.posts else { return Ok((0..args.clients).map(|_| Work::Drafts).collect()) };
    let ids: Vec<Uuid> = serde_json::from_slice(&std::fs::read(posts)?)?;
    anyhow::ensure!(ids.len() >= args.clients, "there must be a post for each client");
    let edits = |ids: &[Uuid]| ids.iter().map(|id| (format!("/v1/posts/{id}"), "*".to_owned())).collect();
    Ok(ids.chunks(ids.len() / args.clients).take(args.clients).map(|ids| Work::Edits(edits(ids))).collect())
}

/// One client.
async fn client(
    address: SocketAddr,
    token: &str,
    mut work: Work,
    from: Instant,
    window: Window,
) -> anyhow::Result<Vec<u32>> {
    let until = from + window.measured;
    let mut client = Client::new(address, DEADLINE);
    let bearer = format!("Bearer {token}");
    let mut samples = Vec::new();
    for n in 0.. {
        let request = work.request(n, &bearer, address);
        let began = Instant::now();
        let response = client.send(&request).await?;
        let ended = Instant::now();
        posts::accepted(&response)?;
        work.learn(n, &response)?;
        if ended >= until {
            break;
        }
        if ended >= from {
            samples.push(micros(ended - began));
        }
    }
    Ok(samples)
}

impl Work {
    /// The `n`th request.
    fn request(&self, n: usize, bearer: &str, host: SocketAddr) -> Vec<u8> {
        match self {
            Self::Edits(posts) => {
                let (path, tag) = &posts[n % posts.len()];
                let headers = [("authorization", bearer), ("if-match", tag.as_str())];
                Request { method: "PATCH", path, headers: &headers, body: &posts::edit(n as u64) }.bytes(host)
            }
            Self::Drafts => {
                let headers = [("authorization", bearer)];
                Request { method: "POST", path: "/v1/posts", headers: &headers, body: &posts::draft(n as u64) }
                    .bytes(host)
            }
        }
    }

    /// What its answer tells.
    fn learn(&mut self, n: usize, response: &Response) -> anyhow::Result<()> {
        if let Self::Edits(posts) = self {
            let place = n % posts.len();
            posts[place].1 = format!("\"{}\"", posts::version(response)?);
        }
        Ok(())
    }
}
