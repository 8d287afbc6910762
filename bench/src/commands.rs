//! The command API over HTTP at 64 clients, beside its twin that answers with one insert into Postgres.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use domain::Role;
use tokio::process::Command;
use uuid::Uuid;

use crate::child::Child;
use crate::effort::Effort;
use crate::latency::{Latencies, median};
use crate::load::{Loaded, loaded};
use crate::posts;
use crate::report::Figure;
use crate::site::{Running, Service, Site, free_address};

/// Clients that send commands.
pub(crate) const CLIENTS: usize = 64;
/// Posts that each client edits in turn.
const POSTS: usize = 4;
/// The goal: so many times the twin's rate.
const GOAL: f64 = 2.0;
const TWIN: &str = "same request, one Postgres insert";

/// Rounds against one server.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    rates: Vec<f64>,
    latencies: Vec<Latencies>,
}

/// Measures the rate and the latency.
///
/// # Errors
/// A process does not start, or a command is refused.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let token = site.token(&[Role::Author])?;
    let (commands, twin) = (site.start(Service::Commands).await?, start_twin(site).await?);
    let file = posts_to_edit(site, commands.address, &token).await?;
    let (mut ours, mut theirs) = (Rounds::default(), Rounds::default());
    for _ in 0..effort.rounds {
        ours.add(load(commands.address, &token, Some(&file), effort.seconds * 1.5).await?);
        theirs.add(load(twin.address, &token, Some(&file), effort.seconds * 1.5).await?);
    }
    commands.child.terminate().await?;
    twin.child.terminate().await?;
    ours.print("inklog");
    theirs.print(TWIN);
    let latency = |of: f64, what: &str| {
        let name = format!("HTTP, {CLIENTS} clients: {what}");
        Figure::new(name, ours.percentile(of), "ms").beside(TWIN, theirs.percentile(of))
    };
    let rate = Figure::new(format!("HTTP, {CLIENTS} clients: rate"), ours.rate(), "/s").beside(TWIN, theirs.rate());
    Ok(vec![rate.at_least_times(GOAL), latency(50.0, "p50"), latency(99.0, "p99")])
}

async fn start_twin(site: &Site) -> anyhow::Result<Running> {
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("twin").envs(site.environment()?).env("INKLOG_LISTEN", address.to_string());
    let log = Path::new("target/bench").join(format!("{}-twin.log", site.prefix));
    let twin = Running { child: Child::spawn("twin", &mut command, &log)?, address };
    twin.ready().await?;
    Ok(twin)
}

/// Publishes a few posts for each client; the file that names them.
///
/// # Errors
/// The API says no, or the file cannot be written.
pub(crate) async fn posts_to_edit(site: &Site, address: SocketAddr, token: &str) -> anyhow::Result<PathBuf> {
    let ids: Vec<Uuid> = (0..CLIENTS * POSTS).map(|_| Uuid::new_v4()).collect();
    posts::publish(address, token, &ids).await?;
    posts::file(site.logs(), &ids)
}

/// Has 64 clients edit posts, or draft new ones where none are named.
///
/// # Errors
/// A command was refused.
pub(crate) async fn load(
    address: SocketAddr,
    token: &str,
    posts: Option<&Path>,
    seconds: f64,
) -> anyhow::Result<Loaded> {
    let posts = posts.map(|posts| posts.to_string_lossy().into_owned());
    let told: Vec<&str> = posts.iter().flat_map(|posts| ["--posts", posts]).collect();
    loaded(address, CLIENTS, seconds, &told, token).await
}

impl Rounds {
    pub(crate) fn add(&mut self, loaded: Loaded) {
        self.rates.push(loaded.rate);
        self.latencies.push(loaded.latencies.into());
    }

    pub(crate) fn rate(&self) -> f64 {
        median(self.rates.clone())
    }

    pub(crate) fn percentile(&self, percentile: f64) -> f64 {
        median(self.latencies.iter().map(|latencies| latencies.percentile(percentile)).collect())
    }

    pub(crate) fn print(&self, name: &str) {
        let mut together = Latencies::new();
        self.latencies.iter().for_each(|latencies| together.add(latencies));
        println!("{CLIENTS} clients  {name:<35} {:>8.0} /s  {}", self.rate(), together.line());
        println!("{}", together.picture().join("\n"));
    }
}
