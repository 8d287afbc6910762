//! Which broker leads each partition. It changes while services run: a broker dies, is restarted, or gets back what it
//! led before. What is chosen by it follows: which partitions are asked for together, and which share a producer.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::metadata::Metadata;

/// The broker that leads each partition of a topic; -1 where none does.
pub(crate) type BrokerLeaders = Vec<i32>;

/// Those of one topic, as of the last look.
#[derive(Debug)]
pub(super) struct Leaders(Mutex<BrokerLeaders>);

impl Leaders {
    pub(super) fn of(found: BrokerLeaders) -> Self {
        Self(Mutex::new(found))
    }

    /// -1 where none leads it, or it is not known.
    pub(super) fn leader(&self, partition: i32) -> i32 {
        leader_in(&self.0.lock(), partition)
    }

    /// The same of all at one moment.
    pub(super) fn now(&self) -> impl Fn(i32) -> i32 + use<> {
        let now = self.0.lock().clone();
        move |partition| leader_in(&now, partition)
    }

    pub(super) fn partitions(&self) -> usize {
        self.0.lock().len()
    }

    /// How it is now. A topic to which partitions were added has more than are ours.
    pub(super) fn learn(&self, found: &[i32]) {
        self.0.lock().iter_mut().zip(found).for_each(|(before, now)| *before = *now);
    }

    /// Asks how it is now.
    ///
    /// # Errors
    /// No broker says so in time.
    pub(super) fn look(&self, asker: &BaseConsumer, topic: &str, deadline: Duration) -> Result<(), KafkaError> {
        let found = leaders_of(&asker.fetch_metadata(Some(topic), deadline)?, topic);
        tracing::trace!(topic, leaders = ?found, "who leads was looked up anew");
        self.learn(&found);
        Ok(())
    }
}

fn leader_in(leaders: &[i32], partition: i32) -> i32 {
    usize::try_from(partition).ok().and_then(|place| leaders.get(place).copied()).unwrap_or(-1)
}

/// The broker that leads each partition of a topic; -1 where none does.
pub(super) fn leaders_of(metadata: &Metadata, topic: &str) -> BrokerLeaders {
    let found = metadata.topics().iter().filter(|found| found.name() == topic);
    let partitions = found.flat_map(|found| found.partitions());
    let mut leaders: Vec<_> = partitions.map(|partition| (partition.id(), partition.leader())).collect();
    leaders.sort_unstable();
    leaders.into_iter().map(|(_, leader)| leader).collect()
}

/// Who leads the partitions of these topics now, as far as that is said in time.
pub(crate) fn look_for_leaders<'a, C: ConsumerContext>(
    asker: &BaseConsumer<C>,
    topics: impl Iterator<Item = &'a str>,
    deadline: Duration,
) -> HashMap<(String, i32), i32> {
    let mut found = HashMap::new();
    for topic in topics {
        // Where one is not told of, the others hardly are: no caller waits for each of them.
        let Ok(metadata) = asker.fetch_metadata(Some(topic), deadline) else { return found };
        let leaders = (0..).zip(leaders_of(&metadata, topic));
        found.extend(leaders.map(|(partition, leader)| ((topic.to_owned(), partition), leader)));
    }
    found
}
