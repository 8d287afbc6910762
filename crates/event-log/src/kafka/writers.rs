//! Which services write to the log just now: their instances are members of groups.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};

use super::threads::drop_aside;
use super::{KafkaConfig, KafkaError, glance_config};

/// How long the brokers may take to say who is in a group.
const DEADLINE: Duration = Duration::from_secs(10);

/// Of these services, each with the context that it owns, those with instances that run, as `publishing of posts`. One
/// that died is among them until its session is over.
///
/// # Errors
/// The brokers do not say.
pub async fn running(config: &KafkaConfig, services: &[(&str, &str)]) -> Result<Vec<String>, KafkaError> {
    let asker: Arc<BaseConsumer> = Arc::new(glance_config(config, "writers").create()?);
    let groups =
        services.iter().map(|(service, context)| (format!("{service} of {context}"), config.group(service, context)));
    let groups: Vec<(String, String)> = groups.collect();
    let ask = move || {
        let mut running = Vec::new();
        for (name, group) in groups {
            let found = asker.fetch_group_list(Some(&group), DEADLINE)?;
            if found.groups().iter().any(|group| !group.members().is_empty()) {
                running.push(name);
            }
        }
        drop_aside(asker);
        Ok(running)
    };
    tokio::task::spawn_blocking(ask).await.map_err(|error| KafkaError::Unfit(error.to_string()))?
}
