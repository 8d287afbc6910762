//! A context gets more partitions while it is written to, as docs/reliability.md tells an operator to do it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use testkit::command::output;
use tokio::process::Command;
use tokio::time::sleep;

use crate::load::World;
use crate::process::Tier;
use crate::system::{INSTANCES, System};

/// How long a command service may take until it has ended by itself.
const ENDS: Duration = Duration::from_secs(30);
/// What it says then.
const SAID: &str = "goes on in";

pub(super) async fn run(
    system: &System,
    world: &World,
    context: &'static str,
    partitions: u16,
    killed: &[Duration],
) -> anyhow::Result<()> {
    let wanted = partitions.to_string();
    let arguments = ["topics", "repartition", context, "--partitions", wanted.as_str()];
    for after in killed {
        let attempt = ours(system, "command-services", &arguments)?.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut attempt = attempt.context("starting an attempt")?;
        sleep(*after).await;
        attempt.kill().await?;
    }
    output(&mut ours(system, "command-services", &arguments)?).await?;
    world.moved(context, usize::from(partitions));
    for number in 0..INSTANCES {
        ends_by_itself(system, number).await?;
    }
    follow(system).await
}

fn ours(system: &System, program: &str, arguments: &[&str]) -> anyhow::Result<Command> {
    let mut command = Command::new(program);
    command.args(arguments).envs(system.site.environment()?).stdin(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

/// What reads the former log ends, and is started again.
async fn ends_by_itself(system: &System, number: usize) -> anyhow::Result<()> {
    let mut instance = system.instance(Tier::Commands, number).lock().await;
    let until = Instant::now() + ENDS;
    while instance.has_died().is_none() {
        anyhow::ensure!(Instant::now() < until, "an instance goes on with the former log");
        sleep(Duration::from_millis(20)).await;
    }
    anyhow::ensure!(instance.said()?.contains(SAID), "an instance ended by itself for another reason");
    instance.start()
}

/// The projectors are stopped, the rebuild puts their stores to the new log, and they are started again.
async fn follow(system: &System) -> anyhow::Result<()> {
    let mut projectors = Vec::new();
    for number in 0..INSTANCES {
        let mut instance = system.instance(Tier::Projections, number).lock().await;
        // One that was started in between has ended by itself.
        if instance.has_died().is_none() {
            instance.end().await?;
        }
        projectors.push(instance);
    }
    output(&mut ours(system, "projection-services", &["rebuild", "all", "--new-log"])?).await?;
    projectors.iter_mut().try_for_each(|instance| instance.start())
}
