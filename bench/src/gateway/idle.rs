//! Many connections that are kept and not used: what the gateway holds of them.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use testkit::http::{Client, Request};

use super::Sides;
use super::overload::Upstream;
use crate::effort::Effort;
use crate::report::Figure;
use crate::site::{DEADLINE, Site};

/// How many.
const CONNECTIONS: usize = 10_000;
/// Opened at the same time.
const AT_ONCE: usize = 64;
/// The goal, in megabytes.
const MOST: f64 = 150.0;
/// What this process has open besides.
const OTHERS: u64 = 256;

/// Opens them, each with a request, lets them rest, reads the gateway's memory, and sees that each is answered again.
///
/// # Errors
/// Not so many files may be open, or a connection is not answered.
pub(super) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Figure> {
    let upstream = Upstream::start(site, &[]).await?;
    let gateway = super::start(site, Sides::both(upstream.0.address)).await?;
    let (limit, most) = gateway.child.open_files()?;
    anyhow::ensure!(limit == most, "the gateway has not raised its limit of open files: {limit} of {most}");
    let before = gateway.child.memory()?;
    raise(CONNECTIONS as u64 + OTHERS)?;
    let clients: Vec<Client> = stream::iter(0..CONNECTIONS)
        .map(|_| asked(Client::new(gateway.address, DEADLINE), gateway.address))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    tokio::time::sleep(Duration::from_secs_f64(effort.settle_seconds)).await;
    let held = gateway.child.memory()?;
    let open = sockets_of(gateway.child.id()?)?;
    anyhow::ensure!(open >= CONNECTIONS, "the gateway has {open} sockets only");
    // Those that were closed meanwhile would be opened anew; none may be.
    let again = stream::iter(clients).map(|client| asked(client, gateway.address)).buffer_unordered(AT_ONCE);
    let clients: Vec<Client> = again.try_collect().await?;
    println!("{} idle connections: {before:.1} MB before, {held:.1} MB with them", clients.len());
    drop(clients);
    for running in [gateway, upstream.0] {
        running.child.terminate().await?;
    }
    Ok(Figure::new(format!("gateway, {CONNECTIONS} idle connections: memory"), held, "MB").at_most(MOST))
}

/// Sends a request over the client's connection.
async fn asked(mut client: Client, address: SocketAddr) -> anyhow::Result<Client> {
    let request = Request { method: "GET", path: "/v1/posts", headers: &[], body: "" }.bytes(address);
    let answer = client.send(&request).await.context("a connection is not answered")?;
    anyhow::ensure!(answer.status == 200, "a request was refused: {}", answer.shown());
    Ok(client)
}

/// Raises this process's limit of open files.
fn raise(wanted: u64) -> anyhow::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let enough = maximum.is_none_or(|maximum| maximum >= wanted);
    anyhow::ensure!(enough, "{wanted} files must be open, and the system allows {maximum:?}: see `ulimit -Hn`");
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

fn sockets_of(pid: u32) -> anyhow::Result<usize> {
    let files = std::fs::read_dir(format!("/proc/{pid}/fd"))?;
    let is_socket = |entry: &std::fs::DirEntry| {
        std::fs::read_link(entry.path()).is_ok_and(|target| target.to_string_lossy().starts_with("socket:"))
    };
    Ok(files.filter_map(Result::ok).filter(is_socket).count())
}
