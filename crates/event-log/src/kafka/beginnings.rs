//! Does the registry fit the log? The first record of each partition tells: a registry that was lost and begun anew has
//! another schema under its id, or none. We can read our log all the same, but analysts cannot any more.

use std::sync::Arc;
use std::time::Instant;

use rdkafka::consumer::BaseConsumer;
use rdkafka::message::OwnedMessage;

use super::asking::Asking;
use super::scan::Scan;
use super::{KafkaConfig, KafkaError, raw};
use crate::codec::Codec;
use crate::patience::patiently;
use crate::registry::RegistryError;

/// Compares the first records of those partitions of a topic that have any with the registry.
///
/// # Errors
/// It contradicts them, or a record or an answer cannot be had by `until`.
pub(super) async fn check(
    config: &KafkaConfig,
    reader: &Arc<Asking>,
    topic: &str,
    ends: &[i64],
    codec: &Codec,
    until: Instant,
) -> Result<(), KafkaError> {
    let of = |(partition, end): (i32, &i64)| ((topic.to_owned(), partition), *end);
    let (config, reader, ends) = (config.clone(), Arc::clone(reader), (0..).zip(ends).map(of).collect());
    let read = tokio::task::spawn_blocking(move || {
        let _reads = reader.reads();
        first_records(&config, &reader.client, ends, until)
    });
    for record in read.await.expect("reading does not panic")? {
        let waits = |error: &RegistryError| matches!(error, RegistryError::Unavailable(_));
        patiently("the registry", until, |error| !waits(error), || async { codec.check(&raw(&record)).await }).await?;
    }
    Ok(())
}

fn first_records(
    config: &KafkaConfig,
    reader: &BaseConsumer,
    ends: Vec<((String, i32), i64)>,
    until: Instant,
) -> Result<Vec<OwnedMessage>, KafkaError> {
    let mut scan = Scan::begin(config, reader, ends, &|| true)?;
    let mut records = Vec::new();
    while let Some(message) = scan.next(until)? {
        scan.leave(&message);
        records.push(message.detach());
    }
    Ok(records)
}
