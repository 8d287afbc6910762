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
    let context = |topic: &str| topic.strip_prefix(prefix)?.strip_prefix('.')?.strip_suffix(".v1").map(str::to_owned);
    Ok(all(brokers, prefix)?.iter().filter_map(|topic| context(topic)).collect())
}

/// All topics with this prefix, in order: contexts may be in a second one. Blocks until the broker answers.
///
/// # Errors
/// The broker does not answer.
pub fn all(brokers: &str, prefix: &str) -> anyhow::Result<Vec<String>> {
    let consumer: BaseConsumer = ClientConfig::new().set("bootstrap.servers", brokers).create()?;
    let metadata = consumer.fetch_metadata(None, ANSWER).context("asking for the topics")?;
    let names = metadata.topics().iter().map(|topic| topic.name().to_owned());
    let is_ours = |name: &String| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'));
    let mut ours: Vec<String> = names.filter(is_ours).collect();
    ours.sort_unstable();
    Ok(ours)
}

/// Deletes the topics with this prefix.
///
/// # Errors
/// The broker does not answer.
pub async fn remove(brokers: &str, prefix: &str) -> anyhow::Result<()> {
    let asked = (brokers.to_owned(), prefix.to_owned());
    let topics = tokio::task::spawn_blocking(move || all(&asked.0, &asked.1)).await??;
    let names: Vec<&str> = topics.iter().map(String::as_str).collect();
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new().set("bootstrap.servers", brokers).create()?;
    let options = AdminOptions::new().request_timeout(Some(ANSWER));
    admin.delete_topics(&names, &options).await.context("deleting the topics")?;
    Ok(())
}
