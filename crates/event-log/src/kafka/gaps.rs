//! Offsets at which there is no record to be read. A transaction of some other writer ends with a marker that has an
//! offset and comes to no reader: where one is the last in a partition, its end is never reached by reading.
//!
//! That nothing is there is believed only where one broker said all of it, in one epoch of its leading the partition:
//! where the partition ends, then that nothing can be read up to there, then the epoch once more. Within an epoch a
//! partition only grows. An end that was asked for before a crash, or of another broker, may be one that the partition
//! has lost since, or has not shown yet.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::{ClientConfig, ClientContext, Offset, TopicPartitionList};

use super::ends::{Answers, Told, ask_each_end};
use super::leaders::Leaders;

/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(100);
/// How long each question may take, and reading.
const DEADLINE: Duration = Duration::from_secs(2);

/// Where nothing is to be read: from an offset up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) partition: i32,
    pub(super) next: i64,
    pub(super) end: i64,
}

/// Takes an end that is told for no error, as the client library does.
pub(super) struct TakesEnds;

impl ClientContext for TakesEnds {
    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::PartitionEOF) {
            tracing::debug!(%error, reason, "looking for what is no record");
        }
    }
}

impl ConsumerContext for TakesEnds {}

type Reader = BaseConsumer<TakesEnds>;

/// Looks for gaps in the partitions of a topic.
pub(super) struct Gaps<'a> {
    /// For a client that is told where a partition ends.
    pub(super) reader: &'a ClientConfig,
    pub(super) topic: &'a str,
    pub(super) leaders: &'a Leaders,
    /// Shows that the thread lives.
    pub(super) beat: &'a dyn Fn(),
}

impl Gaps<'_> {
    /// Of these partitions, each with what is to be read next, those where that is no record, nor anything after it. A
    /// broker that is away leaves that open for its own. Blocks.
    ///
    /// # Errors
    /// No client can be made.
    pub(super) fn find(&self, partitions: &[(i32, i64)]) -> Result<Vec<Gap>, KafkaError> {
        let reader: Reader = self.reader.create_with_context(TakesEnds)?;
        let numbers: Vec<i32> = partitions.iter().map(|(partition, _)| *partition).collect();
        let before = self.ask(&reader, &numbers);
        let ahead = |((partition, next), told): (&(i32, i64), &Result<Told, KafkaError>)| {
            let end = told.as_ref().ok()?.offset;
            (*next < end).then_some(Gap { partition: *partition, next: *next, end })
        };
        let suspects: Vec<Gap> = partitions.iter().zip(&before).filter_map(ahead).collect();
        let empty = self.nothing_follows(&reader, &suspects)?;
        let epochs = numbers.into_iter().zip(before).collect();
        reader.unassign()?;
        let after = self.ask(&reader, &empty.iter().map(|gap| gap.partition).collect::<Vec<_>>());
        Ok(of_one_epoch(empty, &epochs, &after))
    }

    fn ask(&self, reader: &Reader, partitions: &[i32]) -> Answers {
        (self.beat)();
        let asked: Vec<_> = partitions.iter().map(|partition| (self.topic.to_owned(), *partition)).collect();
        ask_each_end(reader, &asked, DEADLINE, |(_, partition)| self.leaders.leader(*partition))
    }

    /// Those of which the end is come to, and no record before it.
    fn nothing_follows(&self, reader: &Reader, suspects: &[Gap]) -> Result<Vec<Gap>, KafkaError> {
        let mut from = TopicPartitionList::new();
        for gap in suspects {
            from.add_partition_offset(self.topic, gap.partition, Offset::Offset(gap.next))?;
        }
        let mut open: BTreeMap<i32, Gap> = suspects.iter().map(|gap| (gap.partition, *gap)).collect();
        let (mut empty, until) = (Vec::new(), Instant::now() + DEADLINE);
        if !open.is_empty() {
            reader.assign(&from)?;
        }
        while !open.is_empty() && Instant::now() < until {
            (self.beat)();
            match reader.poll(POLL) {
                Some(Ok(message)) => drop(open.remove(&message.partition())),
                Some(Err(KafkaError::PartitionEOF(ended))) => empty.extend(open.remove(&ended)),
                Some(Err(_)) | None => {}
            }
        }
        Ok(empty)
    }
}

/// Those whose partitions were led in one epoch all the while.
fn of_one_epoch(empty: Vec<Gap>, before: &BTreeMap<i32, Result<Told, KafkaError>>, after: &Answers) -> Vec<Gap> {
    let epoch = |told: &Result<Told, KafkaError>| told.as_ref().ok().and_then(|told| told.epoch);
    let is_sure = |gap: &Gap, after: &Result<Told, KafkaError>| {
        let (before, after) = (before.get(&gap.partition).and_then(epoch), epoch(after));
        before.is_some() && before == after
    };
    empty.into_iter().zip(after).filter(|(gap, after)| is_sure(gap, after)).map(|(gap, _)| gap).collect()
}

#[cfg(test)]
mod tests {
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};

    use super::super::KafkaConfig;
    use super::super::follower::told_of_ends;
    use super::*;

    const TOPIC: &str = "mock.posts.v1";

    fn told(offset: i64, epoch: i32) -> Result<Told, KafkaError> {
        Ok(Told { offset, epoch: Some(epoch).filter(|epoch| *epoch >= 0) })
    }

    #[test]
    fn what_was_told_in_two_epochs_is_not_believed() {
        let gap = |partition| Gap { partition, next: 9, end: 10 };
        let lost = Err(KafkaError::OffsetFetch(RDKafkaErrorCode::NotLeaderForPartition));
        let before = BTreeMap::from([(0, told(10, 3)), (1, told(10, 3)), (2, told(10, 3)), (3, told(10, -1))]);
        let after = vec![told(12, 3), told(10, 4), lost, told(10, -1)];
        assert_eq!(of_one_epoch((0..4).map(gap).collect(), &before, &after), [gap(0)]);
    }

    /// Two partitions with one record each, of which either has a broker's leader of its own.
    fn cluster() -> MockCluster<'static, DefaultProducerContext> {
        let cluster = MockCluster::new(2).unwrap();
        cluster.create_topic(TOPIC, 2, 1).unwrap();
        for partition in 0..2 {
            cluster.partition_leader(TOPIC, partition, Some(partition + 1)).unwrap();
        }
        let producer: BaseProducer =
            KafkaConfig::of(cluster.bootstrap_servers(), "mock", 2).client("test").create().unwrap();
        for partition in 0..2 {
            producer.send(BaseRecord::to(TOPIC).partition(partition).key("key").payload("value")).unwrap();
        }
        producer.flush(Duration::from_secs(10)).unwrap();
        cluster
    }

    #[test]
    fn a_broker_that_is_away_leaves_open_what_it_leads_and_nothing_else() {
        let cluster = cluster();
        let config = KafkaConfig::of(cluster.bootstrap_servers(), "mock", 2);
        let (reader, leaders) = (told_of_ends(&config, "gaps"), Leaders::of(vec![1, 2]));
        let gaps = Gaps { reader: &reader, topic: TOPIC, leaders: &leaders, beat: &|| {} };
        cluster.broker_down(1).unwrap();
        let asker: Reader = reader.create_with_context(TakesEnds).unwrap();
        let told = gaps.ask(&asker, &[0, 1]);
        assert!(told[0].is_err(), "{told:?}");
        assert_eq!(told[1].as_ref().map(|told| told.offset), Ok(1));
        let suspects = [0, 1].map(|partition| Gap { partition, next: 1, end: 2 });
        assert_eq!(gaps.nothing_follows(&asker, &suspects).unwrap(), suspects[1..]);
        let records = [0, 1].map(|partition| Gap { partition, next: 0, end: 1 });
        assert_eq!(gaps.nothing_follows(&asker, &records).unwrap(), []);
    }
}
