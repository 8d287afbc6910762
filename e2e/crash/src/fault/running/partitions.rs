//! Topics that an operator gives more partitions, as `kafka-topics --alter` does.

use std::time::Duration;

use anyhow::Context as _;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions};
use rdkafka::client::DefaultClientContext;

use super::come_back;
use crate::process::Tier;
use crate::system::System;

/// How long the broker may take.
const ANSWER: Duration = Duration::from_secs(20);
/// What an instance says that starts and finds partitions which are not ours.
const SAID: &str = "empty partitions that are not ours";

/// Adds one, and starts anew the instances of this number: they go on without it, and say so.
pub(super) async fn add(system: &System, context: &str, number: usize) -> anyhow::Result<()> {
    let (brokers, topic) = (system.site.stack.kafka.kafka_brokers.clone(), system.site.topic(context));
    let client: AdminClient<DefaultClientContext> = ClientConfig::new().set("bootstrap.servers", brokers).create()?;
    let asked = (client, topic.clone());
    let asking = tokio::task::spawn_blocking(move || {
        let (client, topic) = asked;
        let metadata = client.inner().fetch_metadata(Some(&topic), ANSWER);
        (client, metadata.map(|found| found.topics().iter().map(|topic| topic.partitions().len()).max()))
    });
    let (client, present) = asking.await?;
    let present = present.context("asking for the topic")?.unwrap_or(0);
    let wanted = NewPartitions::new(&topic, present + 1);
    let options = AdminOptions::new().request_timeout(Some(ANSWER));
    for result in client.create_partitions([&wanted], &options).await.context("adding a partition")? {
        result.map_err(|(topic, code)| anyhow::anyhow!("{topic} gets no partition: {code}"))?;
    }
    for tier in [Tier::Commands, Tier::Projections] {
        let mut instance = system.instance(tier, number).lock().await;
        instance.end().await?;
        let before = instance.said()?.len();
        instance.start()?;
        come_back(&mut instance).await?;
        let says_so = instance.said()?.get(before..).is_some_and(|said| said.contains(SAID));
        anyhow::ensure!(says_so || tier != Tier::Commands, "an instance does not say that {topic} was altered");
    }
    Ok(())
}
