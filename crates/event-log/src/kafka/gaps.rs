//! Offsets at which there is no record to be read. A transaction of some other writer ends with a marker that has an
//! offset and comes to no reader; what was compacted away leaves the like. Where that is the last in a partition, its
//! end is never reached by reading. This is how all readers pass it: one that stands still before an end which the
//! broker has told looks whether the broker has anything before that end.
//!
//! That nothing is there is believed only where one broker said all of it, in one epoch of its leading the partition:
//! where the partition ends, then that nothing can be read up to there, then the epoch once more. Within an epoch a
//! partition only grows. An end that was asked for before a crash, or of another broker, may be one that the partition
//! has lost since, or has not shown yet.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{ClientContext, Offset, TopicPartitionList};
use serde::Deserialize;

use super::ends::{Answers, Told};
use super::follower::glance;
use super::threads::drop_aside;
use super::{KafkaConfig, ask_each_end, look_for_leaders};

/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(50);
/// How often the client says where it is at an end, in milliseconds.
const SAYS: &str = "50";
/// How long a reader stands still before it looks why.
pub(super) const STANDS_STILL: Duration = Duration::from_millis(300);
/// The pause after a look that found something to read: the broker is slow, or its replicas are behind.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the brokers may take for a look.
pub(crate) const LOOK: Duration = Duration::from_secs(4);
/// A look has so many steps: who leads, where the partitions end, what is before it, and the ends again. None of them
/// may take the others' time.
const STEPS: u32 = 4;

/// A reader that has not come to an end which the broker has told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Behind {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    /// The offset that is to be read next.
    pub(crate) next: i64,
    /// The end.
    pub(crate) end: i64,
}

impl Behind {
    fn place(&self) -> (String, i32) {
        (self.topic.clone(), self.partition)
    }
}

/// The reader's, and an end up to which it has nothing to read.
pub(crate) type Passed = (Behind, i64);

/// Which of these have no record from where they are up to their ends; each with how far there is none, which is the
/// end or after it. The others have one, or their brokers do not say by `until`: one that is away leaves that open for
/// what it leads. Blocks.
///
/// That the broker names an end is not believed: one that has just begun to lead may show less than it has. What counts
/// is that it was asked for all up to the end, and gave no record, in one epoch.
///
/// # Errors
/// There can be no client.
pub(crate) fn nothing_until(
    config: &KafkaConfig,
    behind: &[Behind],
    until: Instant,
) -> Result<Vec<Passed>, KafkaError> {
    let step = until.saturating_duration_since(Instant::now()) / STEPS;
    let reader = client(config)?;
    let passed = Look { reader: &reader, step }.nothing_until(behind);
    drop_aside(reader);
    passed
}

fn client(config: &KafkaConfig) -> Result<BaseConsumer<AtEnds>, KafkaError> {
    let mut client = glance(config, "gaps");
    client.set("statistics.interval.ms", SAYS).set("fetch.wait.max.ms", "10");
    client.create_with_context(AtEnds::default())
}

/// One look, with a client of its own.
struct Look<'a> {
    reader: &'a BaseConsumer<AtEnds>,
    step: Duration,
}

impl Look<'_> {
    fn nothing_until(&self, behind: &[Behind]) -> Result<Vec<Passed>, KafkaError> {
        let topics: BTreeSet<&str> = behind.iter().map(|it| it.topic.as_str()).collect();
        let leaders = look_for_leaders(self.reader, topics.into_iter(), self.step);
        let ends = |asked: &[&Behind]| {
            let asked: Vec<_> = asked.iter().map(|it| it.place()).collect();
            ask_each_end(self.reader, &asked, self.step, |place| leaders.get(place).copied().unwrap_or(-1))
        };
        let before = ends(&behind.iter().collect::<Vec<_>>());
        let is_there = |(it, told): &(&Behind, &Result<Told, KafkaError>)| {
            told.as_ref().is_ok_and(|told| told.epoch.is_some() && told.offset >= it.end)
        };
        let suspects: Vec<Behind> = behind.iter().zip(&before).filter(is_there).map(|(it, _)| it.clone()).collect();
        let empty = self.nothing_read(suspects)?;
        let after = ends(&empty.iter().map(|(it, _)| it).collect::<Vec<_>>());
        Ok(of_one_epoch(empty, &behind.iter().map(Behind::place).zip(before).collect(), &after))
    }

    /// Those of which the end is come to, and no record before it.
    fn nothing_read(&self, mut open: Vec<Behind>) -> Result<Vec<Passed>, KafkaError> {
        let mut from = TopicPartitionList::with_capacity(open.len());
        for it in &open {
            from.add_partition_offset(&it.topic, it.partition, Offset::Offset(it.next))?;
        }
        self.reader.assign(&from)?;
        let (mut passed, until) = (Vec::new(), Instant::now() + self.step);
        while !open.is_empty() && Instant::now() < until {
            match self.reader.poll(POLL) {
                Some(Ok(message)) => {
                    let is_there = |it: &Behind| (message.topic(), message.partition()) == (&it.topic, it.partition);
                    open.retain(|it| !is_there(it));
                    pause(self.reader, message.topic(), message.partition())?;
                }
                Some(Err(error)) => tracing::debug!(%error, "looking for what is before an end"),
                // All is taken that came before the client said where it is.
                None => open.retain(|it| {
                    let end = self.reader.context().of(it).filter(|end| *end >= it.end);
                    passed.extend(end.map(|end| (it.clone(), end)));
                    end.is_none()
                }),
            }
        }
        Ok(passed)
    }
}

/// Has a client give no more records of a partition: they would keep from being noticed that others stand still.
pub(super) fn pause<C: ConsumerContext>(
    reader: &BaseConsumer<C>,
    topic: &str,
    partition: i32,
) -> Result<(), KafkaError> {
    let mut there = TopicPartitionList::with_capacity(1);
    there.add_partition(topic, partition);
    reader.pause(&there)
}

/// Those whose partitions were led in one epoch all the while, and not further than their ends as told in it.
fn of_one_epoch(
    empty: Vec<Passed>,
    before: &HashMap<(String, i32), Result<Told, KafkaError>>,
    after: &Answers,
) -> Vec<Passed> {
    let is_sure = |((it, end), after): (Passed, &Result<Told, KafkaError>)| {
        let (before, after) = (before.get(&it.place())?.as_ref().ok()?, after.as_ref().ok()?);
        let same = before.epoch.is_some() && before.epoch == after.epoch;
        same.then_some((it, end.min(before.offset)))
    };
    empty.into_iter().zip(after).filter_map(is_sure).collect()
}

/// Where a client has asked for more and got nothing, by its own statistics: a marker is behind that, and so is all
/// that it fetched and gave to no reader.
#[derive(Default)]
struct AtEnds(Mutex<HashMap<(String, i32), i64>>);

impl AtEnds {
    fn of(&self, it: &Behind) -> Option<i64> {
        self.0.lock().get(&it.place()).copied()
    }
}

#[derive(Deserialize)]
struct Statistics {
    topics: HashMap<String, OfTopic>,
}

#[derive(Deserialize)]
struct OfTopic {
    partitions: HashMap<i32, OfPartition>,
}

#[derive(Deserialize)]
struct OfPartition {
    eof_offset: i64,
}

impl ClientContext for AtEnds {
    fn stats_raw(&self, told: &[u8]) {
        let Ok(Statistics { topics }) = serde_json::from_slice(told) else { return };
        let ends = topics.into_iter().flat_map(|(topic, told)| {
            told.partitions.into_iter().map(move |(partition, told)| ((topic.clone(), partition), told.eof_offset))
        });
        // What is negative stands for none yet.
        self.0.lock().extend(ends.filter(|(_, end)| *end >= 0));
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "looking for what is before an end");
    }
}

impl ConsumerContext for AtEnds {}

/// Which readers stand still.
#[derive(Debug, Default)]
pub(crate) struct Stillness(HashMap<(String, i32), (i64, Instant)>);

impl Stillness {
    /// What those pass of the ones that are behind that have stood still for a while; nothing is asked where none has.
    /// To be asked whenever nothing was read. Blocks, until that time at most.
    ///
    /// # Errors
    /// There can be no client.
    pub(super) fn passed(
        &mut self,
        config: &KafkaConfig,
        behind: Vec<Behind>,
        until: Instant,
    ) -> Result<Vec<Passed>, KafkaError> {
        let still = self.of(behind);
        if still.is_empty() { Ok(Vec::new()) } else { nothing_until(config, &still, until) }
    }

    /// Those of the ones that are behind that have stood still for a while: it is time to look. To be asked whenever
    /// nothing was read.
    pub(crate) fn of(&mut self, behind: Vec<Behind>) -> Vec<Behind> {
        self.at(behind, Instant::now())
    }

    fn at(&mut self, behind: Vec<Behind>, now: Instant) -> Vec<Behind> {
        let mut before = std::mem::take(&mut self.0);
        let mut due = Vec::new();
        for it in behind {
            let since = before.remove(&it.place()).filter(|(next, _)| *next == it.next);
            let (_, look_at) = since.unwrap_or((it.next, now + STANDS_STILL));
            let is_due = look_at <= now;
            self.0.insert(it.place(), (it.next, if is_due { now + PAUSE } else { look_at }));
            if is_due {
                due.push(it);
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::error::RDKafkaErrorCode;
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};

    use super::*;

    const TOPIC: &str = "mock.posts.v1";

    fn behind(partition: i32, next: i64) -> Behind {
        Behind { topic: "topic".to_owned(), partition, next, end: 9 }
    }

    #[test]
    fn who_reads_on_does_not_stand_still() {
        let (mut stillness, now) = (Stillness::default(), Instant::now());
        assert!(stillness.at(vec![behind(0, 5), behind(1, 5)], now).is_empty(), "not at once");
        let later = now + STANDS_STILL;
        assert_eq!(stillness.at(vec![behind(0, 6), behind(1, 5)], later), [behind(1, 5)]);
        assert!(stillness.at(vec![behind(0, 6), behind(1, 5)], later).is_empty(), "it was just looked");
        assert_eq!(stillness.at(vec![behind(0, 6), behind(1, 5)], later + PAUSE), [behind(0, 6), behind(1, 5)]);
        assert!(stillness.at(Vec::new(), later + PAUSE).is_empty());
        assert!(stillness.at(vec![behind(0, 6)], later + 2 * PAUSE).is_empty(), "it was at the end in between");
    }

    #[test]
    fn what_a_client_says_of_itself_is_understood() {
        let ends = AtEnds::default();
        let told = br#"{"name": "x", "topics": {"topic": {"topic": "topic", "partitions": {
            "0": {"partition": 0, "eof_offset": 9, "hi_offset": 9}, "-1": {"partition": -1, "eof_offset": -1001}}}}}"#;
        ends.stats_raw(told);
        ends.stats_raw(b"not understood");
        assert_eq!((ends.of(&behind(0, 5)), ends.of(&behind(1, 5))), (Some(9), None));
    }
    fn told(offset: i64, epoch: i32) -> Result<Told, KafkaError> {
        Ok(Told { offset, epoch: Some(epoch).filter(|epoch| *epoch >= 0) })
    }

    #[test]
    fn what_was_told_in_two_epochs_is_not_believed() {
        let passed = |partition, end| (behind(partition, 8), end);
        let lost = Err(KafkaError::OffsetFetch(RDKafkaErrorCode::NotLeaderForPartition));
        let before = [told(10, 3), told(10, 3), told(10, 3), told(10, -1)];
        let before = (0..4).map(|it| behind(it, 8).place()).zip(before).collect();
        let after = vec![told(12, 3), told(10, 4), lost, told(10, -1)];
        let empty = |end| (0..4).map(|partition| passed(partition, end)).collect();
        assert_eq!(of_one_epoch(empty(9), &before, &after), [passed(0, 9)]);
        assert_eq!(of_one_epoch(empty(12), &before, &after), [passed(0, 10)], "not further than was told before");
    }

    /// Two partitions with one record each, of which either has a broker's leader of its own.
    fn cluster() -> (MockCluster<'static, DefaultProducerContext>, KafkaConfig) {
        let cluster = MockCluster::new(2).unwrap();
        cluster.create_topic(TOPIC, 2, 1).unwrap();
        for partition in 0..2 {
            cluster.partition_leader(TOPIC, partition, Some(partition + 1)).unwrap();
        }
        let config = KafkaConfig::of(cluster.bootstrap_servers(), "mock", 2);
        let producer: BaseProducer = config.client("test").create().unwrap();
        for partition in 0..2 {
            producer.send(BaseRecord::to(TOPIC).partition(partition).key("key").payload("value")).unwrap();
        }
        producer.flush(Duration::from_secs(10)).unwrap();
        (cluster, config)
    }

    fn at(partition: i32, next: i64, end: i64) -> Behind {
        Behind { topic: TOPIC.to_owned(), partition, next, end }
    }

    #[test]
    fn a_broker_that_is_away_leaves_open_what_it_leads_and_nothing_else() {
        let (cluster, config) = cluster();
        cluster.broker_down(1).unwrap();
        let reader = client(&config).unwrap();
        let look = Look { reader: &reader, step: Duration::from_secs(2) };
        let read = |all: [Behind; 2]| look.nothing_read(all.to_vec()).unwrap();
        assert_eq!(read([at(0, 1, 1), at(1, 1, 1)]), [(at(1, 1, 1), 1)]);
        assert_eq!(read([at(0, 0, 1), at(1, 0, 1)]), [], "there is a record");
        assert_eq!(read([at(0, 1, 2), at(1, 1, 2)]), [], "the end is not there");
        // All together: an epoch is told by none of these brokers, or nothing is before the end.
        let all = look.nothing_until(&[at(0, 1, 1), at(1, 1, 1)]).unwrap();
        assert!(all.iter().all(|(it, end)| (it.partition, *end) == (1, 1)), "{all:?}");
    }
}
