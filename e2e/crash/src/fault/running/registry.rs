//! A registry that loses its data: those who run read and write on, a writer that starts refuses, a reader that starts
//! needs no registry, and `schemas restore` brings it back under the ids that the log uses.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;
use tokio::time::sleep;

use super::come_back;
use crate::fault::Begun;
use crate::process::Tier;
use crate::system::{INSTANCES, System};

/// As `dev/stack` calls it.
const NAME: &str = "registry";
/// How long the registry may take.
const ANSWER: Duration = Duration::from_secs(10);
/// How long an instance may take until it has refused.
const REFUSES: Duration = Duration::from_secs(30);

pub(super) async fn lose(system: &System, tier: Tier, number: usize, begun: Begun) -> anyhow::Result<()> {
    empty(system).await?;
    if begun == Begun::Anew {
        another_takes_the_first_id(system).await?;
        system.site.register_schemas().await?;
    }
    match tier {
        Tier::Commands => refuses(system, number).await?,
        Tier::Projections | Tier::Queries => reads_on(system, tier, number).await?,
    }
    // What was begun anew has given the ids away.
    if begun == Begun::Anew {
        empty(system).await?;
    }
    restore(system).await
}

/// Ends what runs, deletes its data, starts it again.
async fn empty(system: &System) -> anyhow::Result<()> {
    let stack = &system.site.stack;
    stack.control("lose", NAME).await?;
    stack.start(NAME).await
}

async fn another_takes_the_first_id(system: &System) -> anyhow::Result<()> {
    let url = format!("{}/subjects/another-value/versions", system.site.stack.kafka.registry_url);
    let schema = json!({"type": "record", "name": "Another", "fields": []}).to_string();
    let client = reqwest::Client::builder().no_proxy().timeout(ANSWER).build()?;
    let answer = client.post(url).json(&json!({"schema": schema})).send().await?;
    answer.error_for_status().map(drop).context("registering another schema")
}

/// An instance that is started compares the registry with the log, and ends by itself.
async fn refuses(system: &System, number: usize) -> anyhow::Result<()> {
    let mut instance = system.instance(Tier::Commands, number).lock().await;
    instance.end().await?;
    instance.start()?;
    let until = Instant::now() + REFUSES;
    loop {
        if let Some(status) = instance.has_died() {
            anyhow::ensure!(!status.success(), "an instance that refuses ends with {status}");
            return instance.kill().await;
        }
        anyhow::ensure!(!instance.is_ready().await, "an instance is ready although the registry contradicts the log");
        anyhow::ensure!(Instant::now() < until, "an instance neither starts nor refuses without the registry's data");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Our schemas are in the program.
async fn reads_on(system: &System, tier: Tier, number: usize) -> anyhow::Result<()> {
    let mut instance = system.instance(tier, number).lock().await;
    instance.end().await?;
    instance.start()?;
    come_back(&mut instance).await
}

/// As the documents say: without those who write, for they use ids that no record may have yet.
async fn restore(system: &System) -> anyhow::Result<()> {
    let mut writers = Vec::new();
    for number in 0..INSTANCES {
        let mut instance = system.instance(Tier::Commands, number).lock().await;
        if instance.is_started() {
            instance.end().await?;
        }
        writers.push(instance);
    }
    system.site.run(None, "command-services", &["schemas", "restore"]).await?;
    // What no record has yet, an instance of another version knows as that version has it.
    system.site.register_schemas().await?;
    writers.iter_mut().try_for_each(|instance| instance.start())
}
