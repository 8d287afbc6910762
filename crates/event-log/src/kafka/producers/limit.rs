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

    /// The broker refused a batch of at most `tried` bytes, as it takes them in the log, because it is too large: the
    /// topic takes less than it did. Blocks while the broker is asked how much.
    pub(super) fn refused(&self, tried: usize) {
        self.lower(self.ask(), tried);
    }

    /// Where the broker does not say, or says that the topic takes what it refused, half of what was tried may fit, and
    /// if it does not, half of that. Several producers may be refused what the topic took before: all learn the same.
    fn lower(&self, said: Option<usize>, tried: usize) {
        let topic = &self.topic;
        let most = said.filter(|said| *said < tried).unwrap_or(tried / 2).max(*CLIENT_TAKES.start());
        if self.most.fetch_min(most, Ordering::AcqRel) > most {
            measures::log::ALARMS.with(["topics"]).increment(1);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn limit() -> Limit {
        Limit::new(&KafkaConfig::of("127.0.0.1:9".to_owned(), "limit", 1), "limit.posts.v1", 1_000_000)
    }

    /// The second used to halve what the broker had named.
    #[test]
    fn producers_that_are_refused_together_are_told_the_same() {
        let limit = limit();
        for tried in [1_000_000, 900_000] {
            limit.lower(Some(500_000), tried);
            assert_eq!(limit.most(), 500_000);
        }
        limit.lower(Some(500_000), 500_000);
        assert_eq!(limit.most(), 250_000, "it took that no more, whatever it says");
    }

    #[test]
    fn half_of_what_was_tried_may_fit_where_the_broker_does_not_say() {
        let limit = limit();
        // The second is another producer's.
        for (tried, most) in [(800_000, 400_000), (800_000, 400_000), (400_000, 200_000), (1_500, 1_000)] {
            limit.lower(None, tried);
            assert_eq!(limit.most(), most);
        }
    }
}
