//! Offsets at which there is no record to be read. A transaction of some other writer ends with a marker that has an
//! offset and comes to no reader; what was compacted away leaves the like. Where that is the last in a partition, its
//! end is never reached by reading. This is how all readers pass it: one that stands still before an end which the
//! broker has told looks whether the broker has anything before that end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{ClientContext, Offset, TopicPartitionList};
use serde::Deserialize;

use super::KafkaConfig;
use super::follower::glance;
use super::threads::drop_aside;

/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(50);
/// How often the client says where it is at an end, in milliseconds.
const SAYS: &str = "50";
/// How long a reader stands still before it looks why.
const STANDS_STILL: Duration = Duration::from_millis(300);
/// The pause after a look that found something to read: the broker is slow, or its replicas are behind.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the broker may take for a look.
pub(crate) const LOOK: Duration = Duration::from_secs(2);

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

/// Which of these have no record from where they are up to their ends; each with how far there is none, which is the
/// end or after it. The others have one, or the broker does not say by `until`. Blocks.
///
/// That the broker names an end is not believed: one that has just begun to lead may show less than it has. What counts
/// is that it was asked for all up to the end, and gave no record.
///
/// # Errors
/// There can be no client.
pub(crate) fn nothing_until(
    config: &KafkaConfig,
    behind: &[Behind],
    until: Instant,
) -> Result<Vec<(Behind, i64)>, KafkaError> {
    let mut client = glance(config, "gaps");
    client.set("statistics.interval.ms", SAYS).set("fetch.wait.max.ms", "10");
    let mut from = TopicPartitionList::with_capacity(behind.len());
    for it in behind {
        from.add_partition_offset(&it.topic, it.partition, Offset::Offset(it.next))?;
    }
    let reader: BaseConsumer<AtEnds> = client.create_with_context(AtEnds::default())?;
    reader.assign(&from)?;
    let (mut open, mut passed) = (behind.to_vec(), Vec::new());
    while !open.is_empty() && Instant::now() < until {
        match reader.poll(POLL) {
            Some(Ok(message)) => {
                let is_there = |it: &Behind| (message.topic(), message.partition()) == (&it.topic, it.partition);
                open.retain(|it| !is_there(it));
                // Its further records would keep the others from being told.
                let mut there = TopicPartitionList::with_capacity(1);
                there.add_partition(message.topic(), message.partition());
                reader.pause(&there)?;
            }
            Some(Err(error)) => tracing::debug!(%error, "looking for what is before an end"),
            // All is taken that came before the client said where it is.
            None => open.retain(|it| {
                let end = reader.context().of(it).filter(|end| *end >= it.end);
                passed.extend(end.map(|end| (it.clone(), end)));
                end.is_none()
            }),
        }
    }
    drop_aside(reader);
    Ok(passed)
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
struct Told {
    topics: HashMap<String, ToldOfTopic>,
}

#[derive(Deserialize)]
struct ToldOfTopic {
    partitions: HashMap<i32, ToldOfPartition>,
}

#[derive(Deserialize)]
struct ToldOfPartition {
    eof_offset: i64,
}

impl ClientContext for AtEnds {
    fn stats_raw(&self, told: &[u8]) {
        let Ok(Told { topics }) = serde_json::from_slice(told) else { return };
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
    use super::*;

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
}
