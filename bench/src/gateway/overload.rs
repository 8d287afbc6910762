//! Three times the load that a service can bear: how much of what it bears at best is answered well and in time.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use testkit::command;
use tokio::process::Command;

use super::Sides;
use crate::arrivals::Arrived;
use crate::child::Child;
use crate::effort::Effort;
use crate::latency::Latencies;
use crate::report::Figure;
use crate::site::{Running, Site, free_address};

/// What the service bears: so many at once, each of which takes 10 ms. Few enough that neither load nor gateway take
/// what the machine has.
const AT_ONCE: usize = 8;
const TAKES: &str = "10ms";
const CAPACITY: f64 = 800.0;
/// How long who asks waits.
const PATIENCE: &str = "1s";
/// Loads among which the best is looked for, in parts of the capacity.
const NEAR: [f64; 3] = [0.8, 0.9, 1.0];
/// And the one that is too much.
const TOO_MUCH: f64 = 3.0;
/// The goal: so much of the best.
const KEPT: f64 = 0.8;

/// A service of which is known what it bears.
pub(super) struct Upstream(pub(super) Running);

/// What is answered well and in time, per second.
struct Goodput {
    best: f64,
    at_too_much: f64,
}

/// Measures by way of the gateway, and without it.
///
/// # Errors
/// A process does not start.
pub(super) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let seconds = effort.seconds * 2.0;
    let through = goodput(site, seconds, true).await?;
    let past = goodput(site, seconds, false).await?;
    let figure = |name: &str, of: &Goodput| {
        let name = format!("{name}, 3 × what the service bears: good answers in time");
        Figure::new(name, of.at_too_much, "/s").beside("the most at any load", of.best)
    };
    Ok(vec![figure("gateway", &through).at_least_times(KEPT), figure("no gateway", &past)])
}

async fn goodput(site: &Site, seconds: f64, is_through: bool) -> anyhow::Result<Goodput> {
    let mut good = Vec::new();
    for part in NEAR.into_iter().chain([TOO_MUCH]) {
        // Each load meets processes that nothing waits in.
        let upstream = Upstream::start(site, &["--takes", TAKES, "--at-once", &AT_ONCE.to_string()]).await?;
        let sides = Sides::both(upstream.0.address);
        let gateway = if is_through { Some(super::start(site, sides).await?) } else { None };
        let asked = gateway.as_ref().map_or(upstream.0.address, |gateway| gateway.address);
        let arrived = arrivals(asked, CAPACITY * part, seconds).await?;
        print(part, is_through, &arrived);
        good.push(arrived.good);
        if let Some(running) = gateway {
            running.child.terminate().await?;
        }
        // It may have more to do than it can end in time.
        upstream.0.child.kill().await?;
    }
    let at_too_much = good.pop().context("there is a load that is too much")?;
    Ok(Goodput { best: good.into_iter().fold(at_too_much, f64::max), at_too_much })
}

async fn arrivals(address: SocketAddr, rate: f64, seconds: f64) -> anyhow::Result<Arrived> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["arrivals", "--address", &address.to_string(), "--rate", &rate.to_string()]);
    command.args(["--seconds", &seconds.to_string(), "--patience", PATIENCE]);
    Ok(serde_json::from_str(&command::output(&mut command).await?)?)
}

fn print(part: f64, is_through: bool, arrived: &Arrived) {
    let Arrived { good, refused, late, broken, own_micros, .. } = arrived;
    let [answers, delays] = [&arrived.answers, &arrived.delays].map(|recorded| Latencies::from(recorded.clone()));
    let way = if is_through { "gateway" } else { "no gateway" };
    println!(
        "{way}, {part} × capacity: {good:.0} good, {refused:.0} told to wait, {late:.0} late, {broken:.0} broken /s"
    );
    println!("    good answers  {}", answers.line());
    println!("    sent late by  {}; {own_micros:.0} µs of the load's own for each", delays.line());
}

impl Upstream {
    /// Starts one that is told so; by default it answers at once.
    pub(super) async fn start(site: &Site, told: &[&str]) -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("upstream").args(["--listen", &address.to_string()]).args(told);
        let log: PathBuf = site.logs().join(format!("{}-upstream-{}.log", site.prefix, address.port()));
        let upstream = Running { child: Child::spawn("upstream", &mut command, &log)?, address };
        upstream.ready().await?;
        Ok(Self(upstream))
    }
}
