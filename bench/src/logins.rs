//! What a flood of log-ins does to all other callers: hashing passwords is slow on purpose, and must not starve
//! commands.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use domain::Role;
use serde_json::json;
use service_kit::TokenVerifier;
use service_kit::auth::{KeyFolder, KeySet, SessionClaims, SigningKeys, TokenNames};
use testkit::http::{Client, Request};
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
/// Clients that log in, again and again, each to an account of its own.
const FLOOD: usize = 64;
const PASSWORD: &str = "correct horse battery staple";
/// Tokens verified for the first time.
const TOKENS: usize = 2_000;

/// Measures verification, log-ins, and commands beside them.
///
/// # Errors
/// A process does not start, or a command is refused.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let verification = verification(Path::new("target/bench").join(format!("{}-verify", site.prefix)).as_path())?;
    let commands = site.start(Service::Commands).await?;
    let token = site.token(&[Role::Author])?;
    let ids: Vec<Uuid> = (0..AUTHORS).map(|_| Uuid::new_v4()).collect();
    posts::publish(commands.address, &token, &ids).await?;
    let names = register(commands.address).await?;
    let seconds = effort.paced_seconds / 2.0;
    edits(commands.address, &token, &ids, seconds / 4.0).await?;
    let idle = edits(commands.address, &token, &ids, seconds).await?;
    let over = Arc::new(AtomicBool::new(false));
    let began = Instant::now();
    let flood: Vec<_> =
        names.into_iter().map(|name| tokio::spawn(log_in_until(commands.address, name, Arc::clone(&over)))).collect();
    let flooded = edits(commands.address, &token, &ids, seconds).await;
    over.store(true, Ordering::Relaxed);
    let mut counted = LogIns::default();
    for client in flood {
        counted.add(&client.await??);
    }
    let rate = counted.good as f64 / began.elapsed().as_secs_f64();
    let flooded = flooded?;
    commands.child.terminate().await?;
    println!("commands, idle          {:>6}  {}", idle.count(), idle.line());
    println!("commands, in the flood  {:>6}  {}", flooded.count(), flooded.line());
    println!("log-ins                 {:>6} good, {} turned away", counted.good, counted.turned_away);
    let beside = |what: &str, of: f64| {
        Figure::new(format!("commands in a flood of log-ins: {what}"), flooded.percentile(of), "ms")
            .beside("idle", idle.percentile(of))
    };
    let logins = Figure::new(format!("log-ins, {FLOOD} clients: rate"), rate, "/s");
    Ok(vec![verification, logins, beside("p50", 50.0), beside("p99", 99.0).at_most_times(3.0)])
}

/// Verifies tokens that were never seen before.
fn verification(folder: &Path) -> anyhow::Result<Figure> {
    let names = TokenNames { token_issuer: "inklog".into(), token_audience: "inklog".into() };
    let keys = KeyFolder(folder.to_owned());
    keys.rotate(Duration::ZERO, false)?;
    let signing = SigningKeys::of_folder(keys, names.clone())?;
    let verifier = TokenVerifier::new(KeySet::new(None), &names);
    verifier.publish(&signing.published()?);
    let roles = BTreeSet::from([Role::Author]);
    let sign = || {
        signing.sign(SessionClaims { subject: Uuid::new_v4(), session: Uuid::new_v4(), roles: &roles, confirmed: true })
    };
    let tokens = (0..TOKENS).map(|_| sign()).collect::<anyhow::Result<Vec<_>>>()?;
    let verify = || -> anyhow::Result<f64> {
        let mut took: Vec<f64> = Vec::with_capacity(TOKENS);
        for token in &tokens {
            let began = Instant::now();
            verifier.verify(token)?;
            took.push(began.elapsed().as_secs_f64() * 1e6);
        }
        Ok(crate::latency::median(took))
    };
    let (first, again) = (verify()?, verify()?);
    Ok(Figure::new("verification of a token", first, "µs").beside("a remembered one", again).at_most(100.0))
}

async fn register(address: SocketAddr) -> anyhow::Result<Vec<String>> {
    let mut client = Client::new(address, DEADLINE);
    let mut names = Vec::new();
    for number in 0..FLOOD {
        let name = format!("flood-{number}");
        let body = json!({"user_name": name, "email": format!("{name}@example.invalid"), "password": PASSWORD});
        let body = body.to_string();
        let request = Request { method: "POST", path: "/v1/register", headers: &[], body: &body };
        let response = client.send(&request.bytes(address)).await?;
        anyhow::ensure!(response.is_success(), "the registration was refused: {}", response.shown());
        names.push(name);
    }
    Ok(names)
}

/// What came of a client's log-ins.
#[derive(Debug, Default)]
struct LogIns {
    good: u64,
    turned_away: u64,
}

impl LogIns {
    fn add(&mut self, other: &Self) {
        self.good += other.good;
        self.turned_away += other.turned_away;
    }
}

async fn log_in_until(address: SocketAddr, name: String, over: Arc<AtomicBool>) -> anyhow::Result<LogIns> {
    let (mut client, mut counted) = (Client::new(address, DEADLINE), LogIns::default());
    let body = json!({"login": name, "password": PASSWORD}).to_string();
    let request = Request { method: "POST", path: "/v1/sessions", headers: &[], body: &body }.bytes(address);
    while !over.load(Ordering::Relaxed) {
        let response = client.send(&request).await?;
        match response.status {
            201 => counted.good += 1,
            503 => {
                counted.turned_away += 1;
                // A client that does not heed Retry-After, but is no faster than that.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            _ => anyhow::bail!("a log-in was refused: {}", response.shown()),
        }
    }
    Ok(counted)
}

/// Edits at a pace, whatever the answers take: how long each took.
async fn edits(address: SocketAddr, token: &str, ids: &[Uuid], seconds: f64) -> anyhow::Result<Latencies> {
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    let tasks: Vec<_> = ids
        .iter()
        .zip(0..)
        .map(|(id, place)| tokio::spawn(edit_until(address, token.to_owned(), *id, EVERY / AUTHORS * place, until)))
        .collect();
    let mut latencies = Latencies::new();
    for task in tasks {
        latencies.add(&task.await.context("an author's task")??);
    }
    Ok(latencies)
}

async fn edit_until(
    address: SocketAddr,
    token: String,
    id: Uuid,
    offset: Duration,
    until: Instant,
) -> anyhow::Result<Latencies> {
    let (mut client, mut latencies, bearer) =
        (Client::new(address, DEADLINE), Latencies::new(), format!("Bearer {token}"));
    let (path, headers) = (format!("/v1/posts/{id}"), [("authorization", bearer.as_str()), ("if-match", "*")]);
    let mut pace = interval_at(tokio::time::Instant::now() + offset, EVERY);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for n in 0.. {
        // From when it should have been sent: a slow answer makes the next one late, too.
        let due = pace.tick().await.into_std();
        if due >= until {
            break;
        }
        let body = posts::edit(n);
        let request = Request { method: "PATCH", path: &path, headers: &headers, body: &body };
        posts::accepted(&client.send(&request.bytes(address)).await?)?;
        latencies.record(due.elapsed());
    }
    Ok(latencies)
}
