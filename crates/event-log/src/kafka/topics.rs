//! Creating the topics, and refusing to work on ones that are not as they must be.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, NewTopic, OwnedResourceSpecifier, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::metadata::Metadata;

use super::leaders::{BrokerLeaders, leaders_of};
use super::threads::drop_aside;
use super::{KafkaConfig, KafkaError, ask_ends, reader_config};

/// How long the broker may take for one of these questions.
const DEADLINE: Duration = Duration::from_secs(10);
/// No event of ours is larger: the longest text has 500,000 bytes, and the largest body of a request 1 MiB.
const LARGEST_EVENT_BYTES: usize = 1_000_000;
/// However little patience is left, so long it is asked in earnest.
const AT_LEAST: Duration = Duration::from_secs(1);

/// Creates the topic of each context that has none; checks those that are there.
///
/// # Errors
/// The broker refuses or does not answer, or a topic is not as it must be.
pub async fn create(config: &KafkaConfig, contexts: &[&str]) -> Result<(), KafkaError> {
    let names: Vec<String> = contexts.iter().map(|context| config.topic(context)).collect();
    let topics = names.iter().map(|name| Wanted { name, partitions: config.partitions_in(name), largest_bytes: None });
    for (name, outcome) in make(config, &topics.collect::<Vec<_>>()).await? {
        match outcome {
            Ok(()) | Err(RDKafkaErrorCode::TopicAlreadyExists) => {}
            Err(code) => return Err(KafkaError::Unfit(format!("topic {name} cannot be created: {code}"))),
        }
    }
    settled(config, &names).await
}

/// A topic to be made.
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) partitions: i32,
    /// The largest batch that it is to take; the broker's own limit where it is missing.
    pub(super) largest_bytes: Option<usize>,
}

/// Makes topics that keep everything for ever. Says of each what came of it.
pub(super) async fn make(
    config: &KafkaConfig,
    wanted: &[Wanted<'_>],
) -> Result<Vec<(String, Result<(), RDKafkaErrorCode>)>, KafkaError> {
    let admin: AdminClient<DefaultClientContext> = config.client("admin").create()?;
    let min_insync = config.replication.min(2).to_string();
    let largest: Vec<Option<String>> = wanted.iter().map(|it| it.largest_bytes.map(|most| most.to_string())).collect();
    let topics = wanted.iter().zip(&largest).map(|(Wanted { name, partitions, .. }, largest)| {
        let topic = NewTopic::new(name, *partitions, TopicReplication::Fixed(config.replication))
            .set("cleanup.policy", "delete")
            .set("retention.ms", "-1")
            .set("retention.bytes", "-1")
            .set("unclean.leader.election.enable", "false")
            .set("min.insync.replicas", &min_insync)
            // By that leaders see whether their clocks are right.
            .set("message.timestamp.type", "LogAppendTime");
        largest.iter().fold(topic, |topic, most| topic.set("max.message.bytes", most))
    });
    let topics: Vec<NewTopic<'_>> = topics.collect();
    let options = AdminOptions::new().request_timeout(Some(DEADLINE)).operation_timeout(Some(DEADLINE));
    let made = admin.create_topics(&topics, &options).await?;
    let said = made.into_iter().map(|outcome| match outcome {
        Ok(name) => (name, Ok(())),
        Err((name, code)) => (name, Err(code)),
    });
    Ok(said.collect())
}

/// A topic that was just created takes a moment to be known.
pub(super) async fn settled(config: &KafkaConfig, topics: &[String]) -> Result<(), KafkaError> {
    let until = Instant::now() + DEADLINE;
    loop {
        match check(config, topics).await {
            Err(KafkaError::NoTopic(_)) if Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(100)).await
            }
            settled => return settled,
        }
    }
}

/// Checks that topics keep everything for ever, have as many partitions and replicas as configured, and take every
/// event.
///
/// # Errors
/// One does not, or the broker does not answer.
pub async fn check(config: &KafkaConfig, topics: &[String]) -> Result<(), KafkaError> {
    let fits = check_until(config, topics, Instant::now() + DEADLINE).await?;
    topics.iter().zip(&fits).try_for_each(|(topic, fit)| fit.takes_every_event(topic))
}

/// What a writer must know of a topic.
pub(crate) struct Fit {
    pub(crate) broker_leaders: BrokerLeaders,
    /// The largest batch that the topic takes.
    pub(crate) largest_bytes: usize,
    /// The most replicas that a partition has.
    pub(crate) replicas: usize,
}

impl Fit {
    /// How many threads it takes to ask all brokers at the same time: those that lead partitions, and those that will
    /// when these are away.
    pub(crate) fn askers(&self) -> usize {
        let leading = self.broker_leaders.iter().collect::<HashSet<_>>().len();
        leading.max(self.replicas.min(self.broker_leaders.len())).max(1)
    }

    /// Whether events can be appended to the topic, of whatever size they are. A reader does not mind.
    ///
    /// # Errors
    /// They cannot.
    pub(crate) fn takes_every_event(&self, topic: &str) -> Result<(), KafkaError> {
        let most = self.largest_bytes;
        if most >= LARGEST_EVENT_BYTES {
            return Ok(());
        }
        Err(KafkaError::Unfit(format!(
            "topic {topic}: max.message.bytes is {most}, and must be at least {LARGEST_EVENT_BYTES}"
        )))
    }
}

/// The same, for a caller with patience until then. Says of each topic what a writer must know.
pub(crate) async fn check_until(
    config: &KafkaConfig,
    topics: &[String],
    until: Instant,
) -> Result<Vec<Fit>, KafkaError> {
    let admin: Arc<AdminClient<DefaultClientContext>> = Arc::new(config.client("admin").create()?);
    let checked = check_with(&admin, config, topics, until).await;
    drop_aside(admin);
    checked
}

/// The same, by a client that is there.
pub(super) async fn check_with(
    admin: &Arc<AdminClient<DefaultClientContext>>,
    config: &KafkaConfig,
    topics: &[String],
    until: Instant,
) -> Result<Vec<Fit>, KafkaError> {
    let patience = || until.saturating_duration_since(Instant::now()).clamp(AT_LEAST, DEADLINE);
    let mut fits = Vec::new();
    for topic in topics {
        let (asker, name, deadline) = (Arc::clone(admin), topic.clone(), patience());
        let metadata = tokio::task::spawn_blocking(move || asker.inner().fetch_metadata(Some(&name), deadline))
            .await
            .map_err(|error| KafkaError::Unfit(error.to_string()))??;
        let broker_leaders = check_partitions(config, topic, &metadata)?;
        check_surplus(config, topic, &metadata, patience()).await?;
        fits.push(Fit { broker_leaders, largest_bytes: 0, replicas: most_replicas(&metadata, topic) });
    }
    let options = AdminOptions::new().request_timeout(Some(patience()));
    let resources: Vec<ResourceSpecifier<'_>> = topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
    let described = admin.describe_configs(&resources, &options).await?;
    for (resource, fit) in described.into_iter().zip(&mut fits) {
        let resource = resource.map_err(|code| KafkaError::Unfit(format!("a topic cannot be described: {code}")))?;
        let OwnedResourceSpecifier::Topic(topic) = &resource.specifier else { continue };
        fit.largest_bytes = check_settings(config, topic, |name| {
            resource.get(name).and_then(|entry| entry.value.clone()).unwrap_or_default()
        })?;
    }
    Ok(fits)
}

/// The largest batch that the topic takes, in bytes, if it is as readers need it.
fn check_settings(config: &KafkaConfig, topic: &str, is: impl Fn(&str) -> String) -> Result<usize, KafkaError> {
    let min_insync = is("min.insync.replicas").parse().unwrap_or(0);
    let demands = [
        ("cleanup.policy", "delete", is("cleanup.policy") == "delete"),
        ("retention.ms", "-1", is("retention.ms") == "-1"),
        ("retention.bytes", "-1", is("retention.bytes") == "-1"),
        ("unclean.leader.election.enable", "false", is("unclean.leader.election.enable") == "false"),
        ("min.insync.replicas", "at least 2", config.replication < 3 || min_insync >= 2),
    ];
    match demands.into_iter().find(|(_, _, met)| !met) {
        None => Ok(is("max.message.bytes").parse().unwrap_or(0)),
        Some((name, demanded, _)) => {
            let found = is(name);
            Err(KafkaError::Unfit(format!("topic {topic}: {name} is {found}, and must be {demanded}")))
        }
    }
}

fn check_partitions(config: &KafkaConfig, topic: &str, metadata: &Metadata) -> Result<BrokerLeaders, KafkaError> {
    let found = metadata.topics().iter().find(|found| found.name() == topic && !found.partitions().is_empty());
    let Some(found) = found else {
        return Err(KafkaError::NoTopic(topic.to_owned()));
    };
    let (partitions, configured) =
        (found.partitions().len(), usize::try_from(config.partitions_in(topic)).unwrap_or(0));
    if partitions < configured {
        // Another count would put every aggregate elsewhere.
        return Err(KafkaError::Unfit(format!(
            "topic {topic} has {partitions} partitions; configured are {configured}"
        )));
    }
    let replicas = found.partitions().iter().map(|partition| partition.replicas().len()).min().unwrap_or(0);
    if replicas < usize::try_from(config.replication).unwrap_or(0) {
        let configured = config.replication;
        return Err(KafkaError::Unfit(format!("topic {topic} has {replicas} replicas; configured are {configured}")));
    }
    Ok(leaders_of(metadata, topic).into_iter().take(configured).collect())
}

fn most_replicas(metadata: &Metadata, topic: &str) -> usize {
    let found = metadata.topics().iter().filter(|found| found.name() == topic);
    found.flat_map(|found| found.partitions()).map(|partition| partition.replicas().len()).max().unwrap_or(0)
}

/// Partitions that the topic has beyond those that are configured. Kafka cannot take them away again. While they are
/// empty an operator added them, and they are ignored: keys are placed among those that are configured. Records in
/// them mean that other instances place keys among all: what is in them would be unread, and the same aggregate would
/// be begun a second time in another partition.
///
/// # Errors
/// One of them has, or had, records; or the broker does not say in time.
async fn check_surplus(
    config: &KafkaConfig,
    topic: &str,
    metadata: &Metadata,
    deadline: Duration,
) -> Result<(), KafkaError> {
    let found = metadata.topics().iter().filter(|found| found.name() == topic);
    let ids = found.flat_map(|found| found.partitions()).map(|partition| partition.id());
    let surplus: Vec<_> =
        ids.filter(|id| *id >= config.partitions_in(topic)).map(|id| (topic.to_owned(), id)).collect();
    if surplus.is_empty() {
        return Ok(());
    }
    let asker: BaseConsumer = reader_config(config, "surplus").create()?;
    let asked = surplus.clone();
    let ends = tokio::task::spawn_blocking(move || ask_ends(&asker, &asked, deadline));
    // An end above 0 tells of records that were removed since, too.
    let ends = ends.await.map_err(|error| KafkaError::Unfit(error.to_string()))??;
    let configured = config.partitions_in(topic);
    let partitions = i64::from(configured) + i64::try_from(surplus.len()).unwrap_or(i64::MAX);
    if let Some(((_, in_use), _)) = surplus.iter().zip(ends).find(|(_, end)| *end > 0) {
        return Err(KafkaError::Unfit(format!(
            "topic {topic} has {partitions} partitions, with records in partition {in_use}; configured are \
             {configured}: set INKLOG_PARTITIONS to the number that the topic was made with"
        )));
    }
    measures::log::ALARMS.with(["topics"]).increment(1);
    tracing::error!(
        topic,
        partitions,
        configured,
        "the topic has empty partitions that are not ours; they are ignored"
    );
    Ok(())
}

#[cfg(test)]
mod tests;
