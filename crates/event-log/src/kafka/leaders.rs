//! Which broker leads each partition of a topic, as far as is known. What waits for a broker holds up only what is that
//! broker's: so questions are asked by broker, and batches sent.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::topics::{BrokerLeaders, leaders_of};

/// It is looked up when a broker does not answer, for that one may lead no more. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Leaders(Arc<Mutex<BrokerLeaders>>);

impl Leaders {
    /// Those that lead now.
    pub(super) fn of(leaders: BrokerLeaders) -> Self {
        Self(Arc::new(Mutex::new(leaders)))
    }

    /// The broker that leads a partition; -1 where none does.
    pub(super) fn leader(&self, partition: i32) -> i32 {
        usize::try_from(partition).ok().and_then(|place| self.0.lock().get(place).copied()).unwrap_or(-1)
    }

    /// How many partitions there are.
    pub(super) fn partitions(&self) -> usize {
        self.0.lock().len()
    }

    /// Looks up who leads now. What cannot be had within the deadline stays as it was. Blocks.
    pub(super) fn look(&self, client: &BaseConsumer, topic: &str, deadline: Duration) {
        if let Ok(metadata) = client.fetch_metadata(Some(topic), deadline) {
            let now = leaders_of(&metadata, topic);
            tracing::debug!(topic, ?now, "who leads was looked up anew");
            self.learn(now);
        }
    }

    /// A topic to which partitions were added has more than are ours.
    pub(super) fn learn(&self, now: BrokerLeaders) {
        self.0.lock().iter_mut().zip(now).for_each(|(before, now)| *before = now);
    }
}
