use std::time::Duration;

use rdkafka::ClientConfig;

use crate::registry::RegistryError;

/// How to reach the broker, and how the instances of a service share their partitions.
#[derive(Clone, Debug)]
pub struct KafkaConfig {
    /// `host:port,…`.
    pub brokers: String,
    /// The topic of context `posts` is `<prefix>.posts.v1`.
    pub topic_prefix: String,
    /// Partitions per topic; what the broker says must agree.
    pub partitions: i32,
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
    /// The topic of a context.
    #[must_use]
    pub fn topic(&self, context: &str) -> String {
        format!("{}.{context}.v1", self.topic_prefix)
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
