//! Offsets at which there is no record to be read. A transaction of some other writer ends with a marker that has an
//! offset and comes to no reader: where one is the last in a partition, its end is never reached by reading.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(100);

/// Whether nothing is to be read at this offset and after it; `None` if that cannot be told by `until`. `reader` makes
/// a client that is told of the ends of partitions. Blocks.
pub(super) fn nothing_follows(
    reader: &ClientConfig,
    topic: &str,
    partition: i32,
    offset: i64,
    until: Instant,
) -> Result<Option<bool>, KafkaError> {
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(topic, partition, Offset::Offset(offset))?;
    let reader: BaseConsumer = reader.create()?;
    reader.assign(&from)?;
    let mut found = None;
    while found.is_none() && Instant::now() < until {
        found = match reader.poll(POLL) {
            Some(Ok(message)) => (message_is_of(&message, topic, partition)).then_some(false),
            Some(Err(KafkaError::PartitionEOF(ended))) => (ended == partition).then_some(true),
            Some(Err(_)) | None => None,
        };
    }
    Ok(found)
}

fn message_is_of(message: &impl rdkafka::Message, topic: &str, partition: i32) -> bool {
    message.topic() == topic && message.partition() == partition
}
