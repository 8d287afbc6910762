//! Which schemas the records of the log were written with, under which ids.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

use super::{KafkaConfig, KafkaError, ask_ends, raw, reader_config};
use crate::codec::schema_of;
use crate::registry::{InUse, subject};

/// How long the broker may take for a question, and how long nothing may come of what is there.
const DEADLINE: Duration = Duration::from_secs(20);
/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(100);

/// Reads the topics of these contexts from beginning to end, without a registry.
///
/// # Errors
/// The broker does not answer, or one id stands for two schemas of ours: what was written between the loss of one
/// registry and the return of another.
pub async fn schemas_in_use(config: &KafkaConfig, contexts: &[&str]) -> Result<InUse, KafkaError> {
    let of = |context: &&str| {
        let topic = config.topic(context);
        (0..config.partitions_of(context)).map(move |partition| (topic.clone(), partition))
    };
    let partitions: Vec<_> = contexts.iter().flat_map(of).collect();
    let reader: Arc<BaseConsumer> = Arc::new(reader_config(config, "census").create()?);
    let read = tokio::task::spawn_blocking(move || read_all(&reader, &partitions));
    read.await.expect("reading does not panic")
}

fn read_all(reader: &BaseConsumer, partitions: &[(String, i32)]) -> Result<InUse, KafkaError> {
    let ends = ask_ends(reader, partitions, DEADLINE)?;
    let mut unread: BTreeSet<(String, i32)> = BTreeSet::new();
    let mut from = TopicPartitionList::new();
    for ((topic, partition), _) in partitions.iter().zip(&ends).filter(|(_, end)| **end > 0) {
        from.add_partition_offset(topic, *partition, Offset::Offset(0))?;
        unread.insert((topic.clone(), *partition));
    }
    reader.assign(&from)?;
    let end_of = |at: &(String, i32)| partitions.iter().zip(&ends).find(|(place, _)| *place == at).map(|(_, end)| *end);
    let (mut in_use, mut until) = (InUse::new(), Instant::now() + DEADLINE);
    while !unread.is_empty() {
        let Some(polled) = reader.poll(POLL) else {
            if Instant::now() >= until {
                return Err(KafkaError::Unfit(format!("{unread:?} cannot be read to the end")));
            }
            continue;
        };
        let message = polled?;
        until = Instant::now() + DEADLINE;
        note(&mut in_use, &message)?;
        let place = (message.topic().to_owned(), message.partition());
        if end_of(&place).is_some_and(|end| message.offset() + 1 >= end) {
            unread.remove(&place);
        }
    }
    Ok(in_use)
}

fn note<M: Message>(in_use: &mut InUse, message: &M) -> Result<(), KafkaError> {
    let Some((id, layout)) = schema_of(&raw(message)) else { return Ok(()) };
    let (fingerprint, subjects) = in_use.entry(id).or_insert_with(|| (layout.fingerprint, BTreeSet::new()));
    if *fingerprint != layout.fingerprint {
        let (topic, partition, offset) = (message.topic(), message.partition(), message.offset());
        return Err(KafkaError::Unfit(format!(
            "schema {id} is {} at offset {offset} of partition {partition} of {topic}, and another before",
            layout.name
        )));
    }
    subjects.insert(subject(message.topic(), &layout.name));
    Ok(())
}
