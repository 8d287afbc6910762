//! Where partitions begin and end, of many partitions in one question.

use std::collections::BTreeSet;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};

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
    let told = ask_once(asker, partitions, which, deadline);
    if told.is_err() {
        let topics: BTreeSet<&str> = partitions.iter().map(|(topic, _)| topic.as_str()).collect();
        for topic in topics {
            // What comes of it, the next question tells.
            let _ = asker.fetch_metadata(Some(topic), deadline);
        }
    }
    told
}

/// The same, for a caller who looks anew. Kafka's `ListOffsets` takes -1 and -2 where the timestamp goes, for the end
/// and the beginning, and so does the client library's question for times.
///
/// # Errors
/// The broker's leader of any of them does not say in time.
pub(super) fn ask_once(
    asker: &BaseConsumer,
    partitions: &[(String, i32)],
    which: Offset,
    deadline: Duration,
) -> Result<Vec<i64>, KafkaError> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let told = asker.offsets_for_times(list(partitions, which)?, deadline)?;
    partitions.iter().map(|partition| offset(&told, partition)).collect()
}

fn list(partitions: &[(String, i32)], which: Offset) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        list.add_partition_offset(topic, *partition, which)?;
    }
    Ok(list)
}

fn offset(told: &TopicPartitionList, (topic, partition): &(String, i32)) -> Result<i64, KafkaError> {
    let unknown = || KafkaError::OffsetFetch(RDKafkaErrorCode::UnknownPartition);
    let found = told.find_partition(topic, *partition).ok_or_else(unknown)?;
    found.error()?;
    match found.offset() {
        Offset::Offset(offset) => Ok(offset),
        _ => Err(unknown()),
    }
}
