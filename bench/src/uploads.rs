//! What a process holds of files that are brought: they are to pass through it, not to be held in it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use domain::Role;
use futures::future::try_join_all;
use testkit::http::Client;
use uuid::Uuid;

use crate::effort::Effort;
use crate::posts;
use crate::report::Figure;
use crate::site::{DEADLINE, Running, Service, Site};

/// How many bytes each has: the most that is taken by default.
const BYTES: usize = 20 * 1024 * 1024;
/// The goal, in megabytes, for each.
const MOST: f64 = 8.0;
/// As many as a process receives at once.
const AT_ONCE: usize = 8;

/// What is brought.
#[derive(Clone, Copy, Debug)]
enum Kind {
    File,
    Picture,
}

/// Measures one file, one picture, and eight files at once, each in a process that has received nothing before: what
/// an allocator keeps of an earlier one would hide the next.
///
/// # Errors
/// A process does not start, or what is brought is refused.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let file = held(site, effort, Kind::File, 1).await?;
    let picture = held(site, effort, Kind::Picture, 1).await?;
    let eight = held(site, effort, Kind::File, AT_ONCE).await?;
    Ok(vec![
        Figure::new("upload of a 20 MB file: memory held", file, "MB").at_most(MOST),
        Figure::new("upload of a 20 MB picture: memory held", picture, "MB").at_most(MOST),
        Figure::new(format!("{AT_ONCE} such files at once: memory held"), eight, "MB").at_most(MOST * AT_ONCE as f64),
    ])
}

/// By how many megabytes the most memory of a process is above what it had before.
async fn held(site: &Site, effort: Effort, kind: Kind, count: usize) -> anyhow::Result<f64> {
    let told = [("INKLOG_TRUSTED_PROXIES", Ipv4Addr::LOCALHOST.to_string())];
    let (commands, token) = (site.start_told(Service::Commands, &told).await?, site.token(&[Role::Author])?);
    // What any command needs the first time is no upload's.
    let ids: Vec<Uuid> = (0..64).map(|_| Uuid::new_v4()).collect();
    posts::publish(commands.address, &token, &ids).await?;
    // Each of another account and network: one has not all places.
    let upload = |number| anyhow::Ok(request(kind, &site.token(&[Role::Author])?, (commands.address, number)));
    let uploads: Vec<_> = (0..count).map(upload).collect::<Result<_, _>>()?;
    tokio::time::sleep(Duration::from_secs_f64(effort.settle_seconds)).await;
    let before = commands.child.memory()?;
    commands.child.forget_peak()?;
    try_join_all(uploads.iter().map(|request| send(&commands, request))).await?;
    let (peak, after) = (commands.child.peak()?, commands.child.memory()?);
    println!("{count} of {kind:?}: {before:.1} MB before, {peak:.1} at most, {after:.1} after");
    commands.child.terminate().await?;
    Ok(peak - before)
}

async fn send(commands: &Running, request: &[u8]) -> anyhow::Result<()> {
    let response = Client::new(commands.address, DEADLINE).send(request).await.context("bringing a file")?;
    posts::accepted(&response)
}

/// The request, whole: no two bring the same.
fn request(kind: Kind, token: &str, (host, number): (SocketAddr, usize)) -> Vec<u8> {
    let (begin, end): (Vec<u8>, &[u8]) = match kind {
        Kind::File => (Uuid::new_v4().to_string().into_bytes(), b""),
        Kind::Picture => (jpeg(), b"\xFF\xD9"),
    };
    let head = format!("POST /v1/media HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n");
    let from = format!("x-forwarded-for: 192.0.2.{number}\r\n");
    let mut request = format!("{head}{from}content-length: {BYTES}\r\n\r\n").into_bytes();
    let body = request.len() + BYTES;
    request.extend(begin);
    request.resize(body - end.len(), b'x');
    request.extend_from_slice(end);
    request
}

/// A picture as far as its scan, which is never looked into while it is received.
fn jpeg() -> Vec<u8> {
    let size = [0x03, 0xE8, 0x03, 0xE8];
    let frame = [&[0xFF, 0xC0, 0x00, 0x0B, 0x08][..], &size, &[0x01, 0x01, 0x11, 0x00]].concat();
    let scan = [0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00];
    [&[0xFF, 0xD8][..], &frame, &scan].concat()
}
