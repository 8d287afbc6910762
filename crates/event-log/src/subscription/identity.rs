//! Is this the log that the positions are of? A partition's log is named by the nonce of its first term.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use uuid::Uuid;

use super::{PartitionId, Position, QUESTION_DEADLINE, SubscribeError, unusable};
use crate::codec::Codec;
use crate::kafka::{KafkaConfig, ask_beginnings, ask_ends, raw};
use crate::record::Record;

/// How long reading the beginnings of all partitions may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// What may have become of the log that a position is of.
const SINCE: &str = "begun anew since, or copied to have more partitions (`projection-services rebuild all --new-log` \
                     makes everything from it)";

/// Refuses positions that are outside their partition, or of another log.
pub(super) async fn check(
    consumer: Arc<BaseConsumer>,
    kafka: &KafkaConfig,
    codec: &Codec,
    positions: &HashMap<PartitionId, Position>,
) -> Result<(), SubscribeError> {
    within(Arc::clone(&consumer), kafka, positions).await?;
    let (kafka, codec, positions) = (kafka.clone(), codec.clone(), positions.clone());
    let handle = tokio::runtime::Handle::current();
    let check = move || {
        let wanted: HashMap<&PartitionId, Uuid> =
            positions.iter().filter_map(|(id, position)| Some((id, position.log_id?))).collect();
        let named = names(&consumer, &kafka, &codec, wanted, &handle);
        consumer.unassign().map_err(unusable)?;
        named
    };
    tokio::task::spawn_blocking(check).await.map_err(unusable)?
}

/// Refuses positions that are outside their partition.
pub(super) async fn within(
    consumer: Arc<BaseConsumer>,
    kafka: &KafkaConfig,
    positions: &HashMap<PartitionId, Position>,
) -> Result<(), SubscribeError> {
    let asked: Vec<_> = positions.keys().map(|id| id.of(kafka)).collect();
    let ask = move || {
        let firsts = ask_beginnings(&consumer, &asked, QUESTION_DEADLINE)?;
        Ok::<_, KafkaError>((firsts, ask_ends(&consumer, &asked, QUESTION_DEADLINE)?))
    };
    let (firsts, ends) = tokio::task::spawn_blocking(ask).await.map_err(unusable)?.map_err(unusable)?;
    for ((id, position), (first, end)) in positions.iter().zip(firsts.into_iter().zip(ends)) {
        let next = position.next_offset;
        if !(first..=end).contains(&next) {
            let reason = format!(
                "offset {next} was to be read next, but the log has {first} to {end}: it is another log, {SINCE}; or \
                 it lost its beginning or end"
            );
            return Err(SubscribeError::ForeignPosition { partition: id.clone(), reason });
        }
    }
    Ok(())
}

fn names(
    consumer: &BaseConsumer,
    kafka: &KafkaConfig,
    codec: &Codec,
    mut wanted: HashMap<&PartitionId, Uuid>,
    handle: &tokio::runtime::Handle,
) -> Result<(), SubscribeError> {
    let mut beginnings = TopicPartitionList::new();
    for id in wanted.keys() {
        let topic = kafka.topic(&id.context);
        beginnings.add_partition_offset(&topic, id.partition, Offset::Offset(0)).map_err(unusable)?;
    }
    consumer.assign(&beginnings).map_err(unusable)?;
    let until = Instant::now() + DEADLINE;
    while !wanted.is_empty() {
        if Instant::now() >= until {
            return Err(SubscribeError::Unusable("the beginning of the log could not be read in time".into()));
        }
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else { continue };
        let of = |id: &&PartitionId| kafka.topic(&id.context) == message.topic() && id.partition == message.partition();
        let Some(id) = wanted.keys().copied().find(|id| of(id)) else { continue };
        match handle.block_on(codec.decode_any(&id.context, raw(&message))).map_err(unusable)? {
            Record::TermStarted(first) if first.term == 1 => {
                let kept = wanted.remove(id);
                if kept != Some(first.nonce) {
                    let reason = format!("the position is of another log: this one was {SINCE}");
                    return Err(SubscribeError::ForeignPosition { partition: id.clone(), reason });
                }
            }
            Record::TermStarted(_) | Record::Event(_) | Record::Unreadable { .. } | Record::Foreign => {}
        }
    }
    Ok(())
}
