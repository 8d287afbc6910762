use std::time::Duration;

use rdkafka::ClientConfig;

use super::layout::Layout;
use crate::known_logs::Topics;
use crate::registry::RegistryError;

/// How to reach the broker, and how the instances of a service share their partitions.
#[derive(Clone, Debug)]
pub struct KafkaConfig {
    /// `host:port,…`.
    pub brokers: String,
    /// The topic of context `posts` is `<prefix>.posts.v1`, unless `layout` says otherwise.
    pub topic_prefix: String,
    /// Partitions per topic, unless `layout` says otherwise; what the broker says must agree.
    pub partitions: i32,
    /// Where the contexts are that were repartitioned; see [`KafkaConfig::current`].
    pub layout: Layout,
    /// Replicas per partition that the topics are created with and must have.
    pub replication: i32,
    /// After so long without a sign of life an instance's partitions go to others. The broker's
    /// `group.min.session.timeout.ms` is the least it takes.
    pub session_timeout: Duration,
    /// For how long an instance may answer from what it has read of a partition, counted from when it asked for the
    /// partition's end. It asks five times as often.
    pub read_lease: Duration,
}

impl KafkaConfig {
    /// Topics with one replica, none of which was repartitioned, and the times that the services' settings have by
    /// default.
    #[must_use]
    pub fn of(brokers: impl Into<String>, topic_prefix: impl Into<String>, partitions: i32) -> Self {
        Self {
            brokers: brokers.into(),
            topic_prefix: topic_prefix.into(),
            partitions,
            layout: Layout::default(),
            replication: 1,
            session_timeout: Duration::from_secs(6),
            read_lease: Duration::from_secs(5),
        }
    }

    /// The topic of a context.
    #[must_use]
    pub fn topic(&self, context: &str) -> String {
        self.layout.place(context).map_or_else(|| self.version(context, 1), |place| place.topic.clone())
    }

    /// The partitions of a context's topic.
    #[must_use]
    pub fn partitions_of(&self, context: &str) -> i32 {
        self.layout.place(context).map_or(self.partitions, |place| place.partitions)
    }

    pub(super) fn partitions_in(&self, topic: &str) -> i32 {
        self.layout.partitions_in(topic).unwrap_or(self.partitions)
    }

    /// The group of the instances of `service` that may lead partitions of a context. Those that are still with a
    /// former topic are no members of it.
    pub(super) fn group(&self, service: &str, context: &str) -> String {
        let group = format!("{}.{service}.{context}", self.topic_prefix);
        self.layout.place(context).map_or(group, |place| format!("{}.{service}", place.topic))
    }

    /// The topic that a context has as its first, second, … one.
    pub(super) fn version(&self, context: &str, number: u32) -> String {
        format!("{}.{context}.v{number}", self.topic_prefix)
    }

    /// All topics that a context may be in.
    #[must_use]
    pub fn topics_of(&self, context: &str) -> Topics {
        Topics { begin_with: format!("{}.{context}.v", self.topic_prefix) }
    }

    pub(super) fn client(&self, name: &str) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", format!("inklog-{name}"))
            .set("reconnect.backoff.ms", "20")
            .set("reconnect.backoff.max.ms", "500")
            .set("socket.nagle.disable", "true")
            // A connection over which no answer comes for so long is given up. By default it takes a minute.
            .set("socket.timeout.ms", "5000")
            .set("socket.keepalive.enable", "true")
            // No broker of ours asks clients for metrics, and being ready to be asked takes two thirds of a client's
            // memory: 0.4 MiB.
            .set("enable.metrics.push", "false")
            .set("broker.address.family", "v4");
        config
    }
}

/// Why the log cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KafkaError {
    /// The broker does not answer, or refuses.
    #[error("Kafka: {0}")]
    Kafka(#[from] rdkafka::error::KafkaError),
    /// A topic is not there.
    #[error("there is no topic {0}; `command-services topics create` makes it")]
    NoTopic(String),
    /// The topics are not as this program needs them.
    #[error("{0}")]
    Unfit(String),
    /// The schemas are not registered, or the registry does not answer.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl KafkaError {
    /// Whether waiting does not help.
    pub(crate) fn is_for_good(&self) -> bool {
        matches!(
            self,
            Self::NoTopic(_)
                | Self::Unfit(_)
                | Self::Registry(RegistryError::Refused(_) | RegistryError::Contradicts(_))
        )
    }
}
