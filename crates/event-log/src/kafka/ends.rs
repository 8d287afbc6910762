//! Where partitions begin and end, of many partitions in one question.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};

/// What a broker said of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) offset: i64,
    /// In which broker's time as the partition's leader: as long as it is the same, the partition has only grown. No
    /// broker of today leaves it out.
    pub(crate) epoch: Option<i32>,
}

/// What was said of each partition that was asked for.
pub(crate) type Answers = Vec<Result<Told, KafkaError>>;

/// The end of each partition: the offset after its last record.
///
/// # Errors
/// The broker's leader of any of them does not say in time.
pub(crate) fn ask_ends(
    asker: &BaseConsumer,
    partitions: &[(String, i32)],
    deadline: Duration,
) -> Result<Vec<i64>, KafkaError> {
    ask(asker, partitions, Offset::End, deadline)
}

/// The offset of the first record of each partition.
///
/// # Errors
/// The broker's leader of any of them does not say in time.
pub(crate) fn ask_beginnings(
    asker: &BaseConsumer,
    partitions: &[(String, i32)],
    deadline: Duration,
) -> Result<Vec<i64>, KafkaError> {
    ask(asker, partitions, Offset::Beginning, deadline)
}

/// A broker that is just starting may say that the topic has no partitions, which the client library would go on
/// believing for minutes: after a failure it is made to look anew.
fn ask(
    asker: &BaseConsumer,
    partitions: &[(String, i32)],
    which: Offset,
    deadline: Duration,
) -> Result<Vec<i64>, KafkaError> {
    let told = ask_once(asker, partitions, which, deadline).and_then(|told| {
        let offsets = told.into_iter().map(|told| told.map(|told| told.offset));
        offsets.collect::<Result<_, _>>()
    });
    if told.is_err() {
        let topics: BTreeSet<&str> = partitions.iter().map(|(topic, _)| topic.as_str()).collect();
        for topic in topics {
            // What comes of it, the next question tells.
            let _ = asker.fetch_metadata(Some(topic), deadline);
        }
    }
    told
}

/// The end of each partition, as far as it is said in time. Each broker is asked apart from the others: one that is
/// away leaves unsaid only what it leads. `leader` says which that is, as far as is known.
pub(crate) fn ask_each_end<C: ConsumerContext>(
    asker: &BaseConsumer<C>,
    partitions: &[(String, i32)],
    deadline: Duration,
    leader: impl Fn(&(String, i32)) -> i32,
) -> Answers {
    let mut brokers: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for (place, partition) in partitions.iter().enumerate() {
        brokers.entry(leader(partition)).or_default().push(place);
    }
    let ask = |places: &[usize]| {
        let asked: Vec<_> = places.iter().map(|place| partitions[*place].clone()).collect();
        ask_once(asker, &asked, Offset::End, deadline).unwrap_or_else(|error| vec![Err(error); asked.len()])
    };
    let (ask, groups) = (&ask, brokers.into_values().collect::<Vec<_>>());
    let answers: Vec<Answers> = match &groups[..] {
        [one] => vec![ask(one)],
        several => std::thread::scope(|scope| {
            let asking: Vec<_> = several.iter().map(|group| scope.spawn(move || ask(group))).collect();
            asking.into_iter().map(|asked| asked.join().expect("asking for ends does not panic")).collect()
        }),
    };
    let mut told: Vec<_> = groups.into_iter().flatten().zip(answers.into_iter().flatten()).collect();
    told.sort_unstable_by_key(|(place, _)| *place);
    told.into_iter().map(|(_, told)| told).collect()
}

/// The same in one question, for a caller who looks anew. Kafka's `ListOffsets` takes -1 and -2 where the timestamp
/// goes, for the end and the beginning, and so does the client library's question for times.
///
/// # Errors
/// A broker that leads any of them does not answer in time. Of one that answers no, the others are told all the same.
pub(super) fn ask_once<C: ConsumerContext>(
    asker: &BaseConsumer<C>,
    partitions: &[(String, i32)],
    which: Offset,
    deadline: Duration,
) -> Result<Answers, KafkaError> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let told = asker.offsets_for_times(list(partitions, which)?, deadline)?;
    Ok(partitions.iter().map(|partition| of(&told, partition)).collect())
}

fn list(partitions: &[(String, i32)], which: Offset) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        list.add_partition_offset(topic, *partition, which)?;
    }
    Ok(list)
}

fn of(told: &TopicPartitionList, (topic, partition): &(String, i32)) -> Result<Told, KafkaError> {
    let unknown = || KafkaError::OffsetFetch(RDKafkaErrorCode::UnknownPartition);
    let found = told.find_partition(topic, *partition).ok_or_else(unknown)?;
    found.error()?;
    match found.offset() {
        Offset::Offset(offset) => Ok(Told { offset, epoch: epoch(told, topic, *partition) }),
        _ => Err(unknown()),
    }
}

#[allow(unsafe_code, reason = "rust-rdkafka does not say in which epoch an offset was told")]
fn epoch(told: &TopicPartitionList, topic: &str, partition: i32) -> Option<i32> {
    let topic = CString::new(topic).ok()?;
    // SAFETY: the list and the text live for as long as both calls, which only read; what the first finds is an element
    // of the list, or null.
    let epoch = unsafe {
        let found = rdkafka::bindings::rd_kafka_topic_partition_list_find(told.ptr(), topic.as_ptr(), partition);
        if found.is_null() { -1 } else { rdkafka::bindings::rd_kafka_topic_partition_get_leader_epoch(found) }
    };
    Some(epoch).filter(|epoch| *epoch >= 0)
}
