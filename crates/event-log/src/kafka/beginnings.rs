//! Does the registry fit the log? The first record of each partition tells: a registry that was lost and begun anew has
//! another schema under its id, or none. We can read our log all the same, but analysts cannot any more.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Message, OwnedMessage};
use rdkafka::{Offset, TopicPartitionList};

use super::asking::Asking;
use super::{KafkaError, raw};
use crate::codec::Codec;
use crate::patience::patiently;
use crate::registry::RegistryError;

/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(100);

/// Compares the first records of those partitions of a topic that have any with the registry.
///
/// # Errors
/// It contradicts them, or a record or an answer cannot be had by `until`.
pub(super) async fn check(
    reader: &Arc<Asking>,
    topic: &str,
    ends: &[i64],
    codec: &Codec,
    until: Instant,
) -> Result<(), KafkaError> {
    let begun = (0..).zip(ends).filter(|(_, end)| **end > 0).map(|(partition, _)| partition).collect();
    let (reader, topic) = (Arc::clone(reader), topic.to_owned());
    let read = tokio::task::spawn_blocking(move || {
        let _reads = reader.reads();
        first_records(&reader.client, &topic, begun, until)
    });
    for record in read.await.expect("reading does not panic")? {
        let waits = |error: &RegistryError| matches!(error, RegistryError::Unavailable(_));
        patiently("the registry", until, |error| !waits(error), || async { codec.check(&raw(&record)).await }).await?;
    }
    Ok(())
}

fn first_records(
    reader: &BaseConsumer,
    topic: &str,
    mut missing: HashSet<i32>,
    until: Instant,
) -> Result<Vec<OwnedMessage>, KafkaError> {
    let mut beginnings = TopicPartitionList::new();
    for partition in &missing {
        beginnings.add_partition_offset(topic, *partition, Offset::Offset(0))?;
    }
    reader.assign(&beginnings)?;
    let mut records = Vec::new();
    while !missing.is_empty() {
        match reader.poll(POLL) {
            Some(Ok(message)) if missing.remove(&message.partition()) => records.push(message.detach()),
            Some(Err(error)) if Instant::now() >= until => return Err(error.into()),
            None if Instant::now() >= until => {
                return Err(KafkaError::Unfit(format!("the beginning of {topic} cannot be read")));
            }
            Some(_) | None => {}
        }
    }
    reader.unassign()?;
    Ok(records)
}
