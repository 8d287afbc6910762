//! `bench load`: clients that edit posts over HTTP, draft new ones or read, each again as soon as it is answered. A
//! process of its own with one thread, the same for every server that it is sent against.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::{Deserialize, Serialize};
use testkit::command;
use testkit::http::{Client, Request, Response};
use tokio::process::Command;
use uuid::Uuid;

use crate::callers::{Window, micros};
use crate::child::processor_seconds;
use crate::latency::Recorded;
use crate::posts;
use crate::site::DEADLINE;

/// What to send where.
#[derive(Args, Debug)]
pub(crate) struct LoadArgs {
    /// The API.
    #[arg(long)]
    address: SocketAddr,
    /// A file with the ids of posts to edit, as a JSON list; each client has its own. Without it new posts are drafted.
    #[arg(long)]
    posts: Option<PathBuf>,
    /// These are read instead in turn, without a token; `{slug}` stands for the slug of each of the client's posts.
    #[arg(long)]
    read: Vec<String>,
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
    /// Processor time that the load took itself, of each request.
    pub(crate) own_micros: f64,
}

/// What a client sends.
enum Work {
    /// Reads of these paths in turn.
    Reads(Vec<String>),
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
    let clients = futures::future::try_join_all(clients).await?;
    let sent: u64 = clients.iter().map(|(sent, _)| sent).sum();
    let own_micros = processor_seconds("self")? * 1e6 / sent.max(1) as f64;
    let measured = window.of(clients.into_iter().flat_map(|(_, samples)| samples));
    let loaded = Loaded { rate: measured.rate, latencies: measured.latencies.recorded(), own_micros };
    println!("{}", serde_json::to_string(&loaded)?);
    Ok(())
}

/// Has so many clients send what is told (see [`LoadArgs`]), in a process of its own.
///
/// # Errors
/// A request was refused.
pub(crate) async fn loaded(
    address: SocketAddr,
    clients: usize,
    seconds: f64,
    told: &[&str],
    token: &str,
) -> anyhow::Result<Loaded> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["load", "--address", &address.to_string(), "--clients", &clients.to_string()]);
    command.args(["--seconds", &seconds.to_string()]).args(told).env("INKLOG_TOKEN", token);
    Ok(serde_json::from_str(&command::output(&mut command).await?)?)
}

/// What each client does.
fn work(args: &LoadArgs) -> anyhow::Result<Vec<Work>> {
    let Some(posts) = &args.posts else {
        let one = || if args.read.is_empty() { Work::Drafts } else { Work::Reads(args.read.clone()) };
        return Ok((0..args.clients).map(|_| one()).collect());
    };
    let ids: Vec<Uuid> = serde_json::from_slice(&std::fs::read(posts)?)?;
    anyhow::ensure!(ids.len() >= args.clients, "there must be a post for each client");
    let edits = |ids: &[Uuid]| ids.iter().map(|id| (format!("/v1/posts/{id}"), "*".to_owned())).collect();
    let of_one = |id: &Uuid| {
        let slug = posts::slug(*id);
        args.read.iter().map(move |path| path.replace("{slug}", &slug))
    };
    let work = |ids: &[Uuid]| match args.read.is_empty() {
        true => Work::Edits(edits(ids)),
        false => Work::Reads(ids.iter().flat_map(of_one).collect()),
    };
    Ok(ids.chunks(ids.len() / args.clients).take(args.clients).map(work).collect())
}

/// One client: how many requests it sent, and how long those took that count.
async fn client(
    address: SocketAddr,
    token: &str,
    mut work: Work,
    from: Instant,
    window: Window,
) -> anyhow::Result<(u64, Vec<u32>)> {
    let until = from + window.measured;
    let mut client = Client::new(address, DEADLINE);
    let bearer = format!("Bearer {token}");
    let (mut sent, mut samples) = (0, Vec::new());
    for n in 0.. {
        let request = work.request(n, &bearer, address);
        let began = Instant::now();
        let response = client.send(&request).await?;
        let ended = Instant::now();
        sent += 1;
        posts::accepted(&response)?;
        work.learn(n, &response)?;
        if ended >= until {
            break;
        }
        if ended >= from {
            samples.push(micros(ended - began));
        }
    }
    Ok((sent, samples))
}

impl Work {
    /// The `n`th request.
    fn request(&self, n: usize, bearer: &str, host: SocketAddr) -> Vec<u8> {
        match self {
            Self::Reads(paths) => {
                Request { method: "GET", path: &paths[n % paths.len()], headers: &[], body: "" }.bytes(host)
            }
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
