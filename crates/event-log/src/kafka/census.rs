//! Which schemas the records of the log were written with, under which ids.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rdkafka::consumer::BaseConsumer;
use rdkafka::message::Message;

use super::scan::Scan;
use super::threads::drop_aside;
use super::{KafkaConfig, KafkaError, ask_ends, raw, reader_config};
use crate::codec::schema_of;
use crate::registry::{InUse, subject};

/// How long the broker may take for a question, and how long nothing may come of what is there.
const DEADLINE: Duration = Duration::from_secs(20);

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
    let (config, reader): (_, BaseConsumer) = (config.clone(), reader_config(config, "census").create()?);
    let read = tokio::task::spawn_blocking(move || {
        let read = read_all(&config, &reader, &partitions);
        drop_aside(reader);
        read
    });
    read.await.expect("reading does not panic")
}

fn read_all(config: &KafkaConfig, reader: &BaseConsumer, partitions: &[(String, i32)]) -> Result<InUse, KafkaError> {
    let ends = ask_ends(reader, partitions, DEADLINE)?;
    let mut scan = Scan::begin(config, reader, partitions.iter().cloned().zip(ends), &|| true)?;
    let mut in_use = InUse::new();
    while let Some(message) = scan.next(Instant::now() + DEADLINE)? {
        note(&mut in_use, &message)?;
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
