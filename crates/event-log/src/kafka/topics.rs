//! Creating the topics, and refusing to work on ones that are not as they must be.

use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::RDKafkaErrorCode;

use super::{KafkaConfig, KafkaError};

/// How long the broker may take for one of these questions.
const DEADLINE: Duration = Duration::from_secs(10);
/// However little patience is left, so long it is asked in earnest.
const AT_LEAST: Duration = Duration::from_secs(1);

/// Creates the topic of each context that has none; checks those that are there.
///
/// # Errors
/// The broker refuses or does not answer, or a topic is not as it must be.
pub async fn create(config: &KafkaConfig, contexts: &[&str]) -> Result<(), KafkaError> {
    let admin: AdminClient<DefaultClientContext> = config.client("admin").create()?;
    let min_insync = config.replication.min(2).to_string();
    for context in contexts {
        let name = config.topic(context);
        let topic = NewTopic::new(&name, config.partitions, TopicReplication::Fixed(config.replication))
            .set("cleanup.policy", "delete")
            .set("retention.ms", "-1")
            .set("retention.bytes", "-1")
            .set("unclean.leader.election.enable", "false")
            .set("min.insync.replicas", &min_insync);
        let options = AdminOptions::new().request_timeout(Some(DEADLINE)).operation_timeout(Some(DEADLINE));
        for result in admin.create_topics([&topic], &options).await? {
            match result {
                Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((name, code)) => return Err(KafkaError::Unfit(format!("topic {name} cannot be created: {code}"))),
            }
        }
        settled(config, &name).await?;
    }
    Ok(())
}

/// A topic that was just created takes a moment to be known.
async fn settled(config: &KafkaConfig, topic: &str) -> Result<(), KafkaError> {
    let until = Instant::now() + DEADLINE;
    loop {
        match check(config, topic).await {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() >= until => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Checks that a topic keeps everything for ever and has as many partitions and replicas as configured.
///
/// # Errors
/// It does not, or the broker does not answer.
pub async fn check(config: &KafkaConfig, topic: &str) -> Result<(), KafkaError> {
    check_until(config, topic, Instant::now() + DEADLINE).await
}

/// The same, for a caller with patience until then.
pub(crate) async fn check_until(config: &KafkaConfig, topic: &str, until: Instant) -> Result<(), KafkaError> {
    let patience = || until.saturating_duration_since(Instant::now()).clamp(AT_LEAST, DEADLINE);
    check_partitions(config, topic, patience()).await?;
    let admin: AdminClient<DefaultClientContext> = config.client("admin").create()?;
    let options = AdminOptions::new().request_timeout(Some(patience()));
    let described = admin.describe_configs([&ResourceSpecifier::Topic(topic)], &options).await?;
    for resource in described {
        let resource = resource.map_err(|code| KafkaError::Unfit(format!("topic {topic}: {code}")))?;
        let is = |name: &str| resource.get(name).and_then(|entry| entry.value.clone()).unwrap_or_default();
        let min_insync = is("min.insync.replicas").parse().unwrap_or(0);
        let demands = [
            ("cleanup.policy", "delete", is("cleanup.policy") == "delete"),
            ("retention.ms", "-1", is("retention.ms") == "-1"),
            ("retention.bytes", "-1", is("retention.bytes") == "-1"),
            ("unclean.leader.election.enable", "false", is("unclean.leader.election.enable") == "false"),
            ("min.insync.replicas", "at least 2", config.replication < 3 || min_insync >= 2),
        ];
        for (name, demanded, met) in demands {
            if !met {
                let found = is(name);
                return Err(KafkaError::Unfit(format!("topic {topic}: {name} is {found}, and must be {demanded}")));
            }
        }
    }
    Ok(())
}

async fn check_partitions(config: &KafkaConfig, topic: &str, patience: Duration) -> Result<(), KafkaError> {
    let client: BaseConsumer = super::follower::reader(config, "check").create()?;
    let name = topic.to_owned();
    let metadata = tokio::task::spawn_blocking(move || client.fetch_metadata(Some(&name), patience))
        .await
        .map_err(|error| KafkaError::Unfit(error.to_string()))??;
    let found = metadata.topics().iter().find(|found| found.name() == topic && !found.partitions().is_empty());
    let Some(found) = found else {
        return Err(KafkaError::Unfit(format!("there is no topic {topic}; `command-services topics create` makes it")));
    };
    let partitions = found.partitions().len();
    if partitions != usize::try_from(config.partitions).unwrap_or(0) {
        let configured = config.partitions;
        // Another count would put every aggregate elsewhere.
        return Err(KafkaError::Unfit(format!("topic {topic} has {partitions} partitions; configured are {configured}")));
    }
    let replicas = found.partitions().iter().map(|partition| partition.replicas().len()).min().unwrap_or(0);
    if replicas < usize::try_from(config.replication).unwrap_or(0) {
        let configured = config.replication;
        return Err(KafkaError::Unfit(format!("topic {topic} has {replicas} replicas; configured are {configured}")));
    }
    Ok(())
}
