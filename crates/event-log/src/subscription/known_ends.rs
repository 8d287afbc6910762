//! Where partitions end, for a caller to whom a part of it is worth something.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::BaseConsumer;

use super::{PartitionId, Subscription};
use crate::kafka::{ask_each_end, look_for_leaders};

/// How long it may take to say who leads what.
const LEADERS: Duration = Duration::from_millis(500);
/// And how long a broker may take for the ends of what it leads.
const ENDS: Duration = Duration::from_secs(1);

impl Subscription {
    /// The ends of the partitions, asked of the brokers now, as far as they say so: of several, one that is away hides
    /// its own only. As with [`Self::ends`], positions reach them.
    pub async fn known_ends(&self) -> HashMap<PartitionId, i64> {
        let (asker, watchdog) = (self.asker.client(), Arc::clone(&self.watchdog));
        let asked: Vec<_> = self.partitions.iter().map(|id| id.of(&self.kafka)).collect();
        let ask = tokio::task::spawn_blocking(move || {
            let known = known(&asker, &asked);
            watchdog.lock().note(known.iter().any(Option::is_some), &asker);
            known
        });
        let known = ask.await.unwrap_or_default();
        let known = self.partitions.iter().cloned().zip(known);
        let known: HashMap<PartitionId, i64> = known.filter_map(|(id, end)| Some((id, end?))).collect();
        self.ends.lock().extend(known.clone());
        known
    }
}

/// The end of each that is asked for, as far as it is said. Blocks.
pub(super) fn known(asker: &BaseConsumer, asked: &[(String, i32)]) -> Vec<Option<i64>> {
    let topics: BTreeSet<&str> = asked.iter().map(|(topic, _)| topic.as_str()).collect();
    let leaders = look_for_leaders(asker, topics.into_iter(), LEADERS);
    let told = ask_each_end(asker, asked, ENDS, |place| leaders.get(place).copied().unwrap_or(-1));
    told.into_iter().map(|told| told.ok().map(|told| told.offset)).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use rdkafka::mocking::MockCluster;

    use super::*;
    use crate::kafka::{KafkaConfig, glance_config};

    #[test]
    fn a_broker_that_is_away_hides_the_ends_of_its_own_partitions_only() {
        let cluster = MockCluster::new(2).unwrap();
        cluster.create_topic("mock", 2, 1).unwrap();
        (0..2).for_each(|partition| cluster.partition_leader("mock", partition, Some(partition + 1)).unwrap());
        let config = KafkaConfig::of(cluster.bootstrap_servers(), "mock", 2);
        let asker = glance_config(&config, "test").create().unwrap();
        let asked = [0, 1].map(|partition| ("mock".to_owned(), partition));
        let until = Instant::now() + Duration::from_secs(20);
        while known(&asker, &asked) != [Some(0), Some(0)] {
            assert!(Instant::now() < until);
        }
        cluster.broker_down(1).unwrap();
        while known(&asker, &asked) != [None, Some(0)] {
            assert!(Instant::now() < until);
        }
    }
}
