//! Is this the log that the positions are of? A partition's log is named by the nonce of its first term.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError;
use uuid::Uuid;

use super::{PartitionId, Position, QUESTION_DEADLINE, SubscribeError, unusable};
use crate::codec::Codec;
use crate::kafka::first_terms::{Place, Search, topics};
use crate::kafka::{KafkaConfig, ask_beginnings, ask_ends, look_for_leaders};

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
    let (kafka, codec) = (kafka.clone(), codec.clone());
    let handle = tokio::runtime::Handle::current();
    let kept: HashMap<_, _> = positions.iter().filter_map(|(id, at)| Some((id.clone(), at.log_id?))).collect();
    let check = move || names(&consumer, &kafka, &codec, &kept, &handle);
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

/// Refuses partitions whose first term is another than the one that is kept of them. One that cannot be read keeps no
/// other from being compared. Blocks.
pub(super) fn names(
    consumer: &BaseConsumer,
    kafka: &KafkaConfig,
    codec: &Codec,
    kept: &HashMap<PartitionId, Uuid>,
    handle: &tokio::runtime::Handle,
) -> Result<(), SubscribeError> {
    let place = |id: &PartitionId| {
        let (topic, partition) = id.of(kafka);
        Place { context: id.context.clone(), topic, partition }
    };
    let places: Vec<Place> = kept.keys().map(place).collect();
    let leaders = look_for_leaders(consumer, topics(&places), QUESTION_DEADLINE);
    let leader = |place: &(String, i32)| leaders.get(place).copied().unwrap_or(-1);
    let search = Search { config: kafka, codec, handle, leader: &leader, goes_on: &|| true };
    let firsts = search.first_terms(consumer, &places, Instant::now() + DEADLINE).map_err(unusable)?;
    for (id, kept) in kept {
        let Some(first) = firsts.found.get(&place(id)) else { continue };
        if *first != Some(*kept) {
            let reason = format!("the position is of another log: this one was {SINCE}");
            return Err(SubscribeError::ForeignPosition { partition: id.clone(), reason });
        }
    }
    firsts.missing.map_or(Ok(()), |error| Err(unusable(error)))
}
