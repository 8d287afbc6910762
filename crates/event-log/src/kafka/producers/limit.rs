//! The largest record that can be appended. It is the topic's to say, and may become less while services run.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;

use crate::kafka::KafkaConfig;
use crate::kafka::threads::drop_aside;

/// What `message.max.bytes` may be for the client library, in bytes. A topic's `max.message.bytes` may be anything.
const CLIENT_TAKES: RangeInclusive<usize> = 1_000..=1_000_000_000;
/// How long the broker may take to say.
const DEADLINE: Duration = Duration::from_secs(3);

/// What a topic takes.
pub(in crate::kafka) struct Limit {
    config: KafkaConfig,
    topic: String,
    most: AtomicUsize,
}

impl Limit {
    /// As it was when the topic was looked at, in bytes.
    pub(super) fn new(config: &KafkaConfig, topic: &str, most: usize) -> Self {
        let most = AtomicUsize::new(most.clamp(*CLIENT_TAKES.start(), *CLIENT_TAKES.end()));
        Self { config: config.clone(), topic: topic.to_owned(), most }
    }

    /// The largest record that can be appended, as far as is known.
    pub(in crate::kafka) fn most(&self) -> usize {
        self.most.load(Ordering::Acquire)
    }

    /// The broker refused a batch that takes `bytes` in the log, because it is too large: the topic takes less than it
    /// did. Blocks while the broker is asked how much. Where it does not say, or says what cannot be, half of what was
    /// tried may fit, and if it does not, half of that.
    pub(super) fn refused(&self, bytes: usize) {
        let (topic, before) = (&self.topic, self.most());
        let said = self.ask().filter(|said| *said < before);
        let most = said.unwrap_or(bytes.min(before) / 2).max(*CLIENT_TAKES.start());
        if self.most.fetch_min(most, Ordering::AcqRel) > most {
            metrics::counter!("inklog_log_alarms_total", "context" => topic.clone()).increment(1);
            tracing::error!(
                topic,
                most,
                "max.message.bytes was lowered: what is larger is refused until it is back and this is started again"
            );
        }
    }

    fn ask(&self) -> Option<usize> {
        let admin: AdminClient<DefaultClientContext> = self.config.client("limit").create().ok()?;
        let options = AdminOptions::new().request_timeout(Some(DEADLINE));
        let topic = [ResourceSpecifier::Topic(&self.topic)];
        let described = futures::executor::block_on(admin.describe_configs(&topic, &options));
        drop_aside(admin);
        let resource = described.ok()?.pop()?.ok()?;
        resource.get("max.message.bytes")?.value.as_ref()?.parse().ok()
    }
}
