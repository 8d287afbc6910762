//! The largest record that can be appended. It is the topic's to say, and may become less or more while services run.
//! That it is less a batch that is refused tells. That it is more is asked for when a record was refused here: where
//! all fits, nothing is asked.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;

use crate::kafka::KafkaConfig;
use crate::kafka::threads::drop_aside;

/// What `message.max.bytes` may be for the client library, in bytes. A topic's `max.message.bytes` may be anything.
const CLIENT_TAKES: RangeInclusive<usize> = 1_000..=1_000_000_000;
/// How long the broker may take to say.
const DEADLINE: Duration = Duration::from_secs(3);
/// The pause between two questions.
const PAUSE: Duration = Duration::from_secs(2);
/// The broker is not asked for so long after it has refused a batch: what it says may be of before.
const AFTER_REFUSAL: Duration = Duration::from_secs(10);

/// What a topic takes.
pub(in crate::kafka) struct Limit {
    config: KafkaConfig,
    topic: String,
    most: AtomicUsize,
    /// Whether a record was refused here since the broker was asked.
    is_doubted: AtomicBool,
    ask_at: Mutex<Instant>,
}

impl Limit {
    /// As it was when the topic was looked at, in bytes.
    pub(super) fn new(config: &KafkaConfig, topic: &str, most: usize) -> Self {
        let most = AtomicUsize::new(clamped(most));
        let (config, topic, ask_at) = (config.clone(), topic.to_owned(), Mutex::new(Instant::now()));
        Self { config, topic, most, is_doubted: AtomicBool::new(false), ask_at }
    }

    /// The largest record that can be appended, as far as is known.
    pub(in crate::kafka) fn most(&self) -> usize {
        self.most.load(Ordering::Acquire)
    }

    /// A record was refused here because it is larger: the topic may take more by now.
    pub(in crate::kafka) fn doubt(&self) {
        self.is_doubted.store(true, Ordering::Release);
    }

    /// Asks the broker, if there is reason to. Blocks meanwhile.
    pub(in crate::kafka) fn look(&self) {
        let is_due = self.is_doubted.load(Ordering::Acquire) && *self.ask_at.lock() <= Instant::now();
        if is_due {
            // First: what is refused from here on asks again.
            self.is_doubted.store(false, Ordering::Release);
            *self.ask_at.lock() = Instant::now() + PAUSE;
            self.raise(self.ask());
        }
    }

    fn raise(&self, said: Option<usize>) {
        let Some(said) = said.map(clamped) else { return self.doubt() };
        if self.most.fetch_max(said, Ordering::AcqRel) < said {
            tracing::info!(topic = self.topic, most = said, "max.message.bytes was raised");
        }
    }

    /// The broker refused a batch of at most `tried` bytes, as it takes them in the log, because it is too large: the
    /// topic takes less than it did. Blocks while the broker is asked how much.
    pub(super) fn refused(&self, tried: usize) {
        self.lower(self.ask(), tried);
        *self.ask_at.lock() = Instant::now() + AFTER_REFUSAL;
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
                "max.message.bytes was lowered: what is larger is refused until it is raised again"
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

/// As the client library takes it.
fn clamped(most: usize) -> usize {
    most.clamp(*CLIENT_TAKES.start(), *CLIENT_TAKES.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_raised_again_is_taken_again_and_only_what_was_refused_asks() {
        let limit = limit();
        limit.look();
        limit.lower(Some(20_000), 100_000);
        limit.raise(Some(10_000));
        assert_eq!(limit.most(), 20_000, "a batch that is refused tells that it is less");
        limit.raise(Some(2_000_000));
        assert_eq!(limit.most(), 2_000_000);
        limit.raise(None);
        assert!(limit.is_doubted.load(Ordering::Acquire), "it is asked again");
        limit.raise(Some(usize::MAX));
        assert_eq!(limit.most(), 1_000_000_000);
    }

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
