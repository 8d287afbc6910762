//! `bench load`: clients that edit posts over HTTP, each again as soon as it is answered. A process of its own with
//! one thread, the same for every server that it is sent against.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::{Deserialize, Serialize};
use testkit::http::{Client, Request};
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
    /// A file with the ids of posts to edit, as a JSON list; each client has its own.
    #[arg(long)]
    posts: PathBuf,
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

/// Sends the load and prints what became of it.
///
/// # Errors
/// A command was refused.
pub(crate) async fn run(args: LoadArgs) -> anyhow::Result<()> {
    let ids: Vec<Uuid> = serde_json::from_slice(&std::fs::read(&args.posts)?)?;
    anyhow::ensure!(args.clients > 0 && ids.len() >= args.clients, "there must be a post for each client");
    let window = Window::seconds(args.seconds);
    let from = Instant::now() + window.warm_up;
    let clients = ids.chunks(ids.len() / args.clients).take(args.clients);
    let clients = clients.map(|ids| client(args.address, &args.token, ids, from, window));
    let samples = futures::future::try_join_all(clients).await?.into_iter().flatten();
    let measured = window.of(samples);
    let loaded = Loaded { rate: measured.rate, latencies: measured.latencies.recorded() };
    println!("{}", serde_json::to_string(&loaded)?);
    Ok(())
}

/// One client: edits its posts in turn, at the version that it was told last.
async fn client(
    address: SocketAddr,
    token: &str,
    ids: &[Uuid],
    from: Instant,
    window: Window,
) -> anyhow::Result<Vec<u32>> {
    let until = from + window.measured;
    let mut client = Client::new(address, DEADLINE);
    let mut posts: Vec<(String, String)> = ids.iter().map(|id| (format!("/v1/posts/{id}"), "*".to_owned())).collect();
    let bearer = format!("Bearer {token}");
    let mut samples = Vec::new();
    for n in 0.. {
        let place = n % posts.len();
        let (path, tag) = &mut posts[place];
        let headers = [("authorization", bearer.as_str()), ("if-match", tag.as_str())];
        let body = posts::edit(n as u64);
        let request = Request { method: "PATCH", path, headers: &headers, body: &body }.bytes(address);
        let began = Instant::now();
        let response = client.send(&request).await?;
        let ended = Instant::now();
        posts::accepted(&response)?;
        *tag = format!("\"{}\"", posts::version(&response)?);
        if ended >= until {
            break;
        }
        if ended >= from {
            samples.push(micros(ended - began));
        }
    }
    Ok(samples)
}
