//! The topics that one prefix has: asked of the broker, so that no list of contexts is needed to read or remove them.

use std::time::Duration;

use anyhow::Context as _;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

/// How long the broker may take for one answer.
const ANSWER: Duration = Duration::from_secs(20);

/// The topic of a context.
#[must_use]
pub fn name(prefix: &str, context: &str) -> String {
    format!("{prefix}.{context}.v1")
}

/// The contexts that have a topic with this prefix, in order. Blocks until the broker answers.
///
/// # Errors
/// The broker does not answer.
pub fn contexts(brokers: &str, prefix: &str) -> anyhow::Result<Vec<String>> {
    let consumer: BaseConsumer = ClientConfig::new().set("bootstrap.servers", brokers).create()?;
    let metadata = consumer.fetch_metadata(None, ANSWER).context("asking for the topics")?;
    let context = |topic: &str| topic.strip_prefix(prefix)?.strip_prefix('.')?.strip_suffix(".v1").map(str::to_owned);
    let mut contexts: Vec<String> = metadata.topics().iter().filter_map(|topic| context(topic.name())).collect();
    contexts.sort_unstable();
    Ok(contexts)
}

/// Deletes the topics with this prefix.
///
/// # Errors
/// The broker does not answer.
pub async fn remove(brokers: &str, prefix: &str) -> anyhow::Result<()> {
    let asked = (brokers.to_owned(), prefix.to_owned());
    let contexts = tokio::task::spawn_blocking(move || contexts(&asked.0, &asked.1)).await??;
    let topics: Vec<String> = contexts.iter().map(|context| name(prefix, context)).collect();
    let names: Vec<&str> = topics.iter().map(String::as_str).collect();
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new().set("bootstrap.servers", brokers).create()?;
    let options = AdminOptions::new().request_timeout(Some(ANSWER));
    admin.delete_topics(&names, &options).await.context("deleting the topics")?;
    Ok(())
}
