//! How partitions' logs are named: by the first term of each.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::threads::drop_aside;
use super::{KafkaConfig, KafkaError, ask_ends, glance_config, raw};
use crate::codec::Codec;
use crate::record::Record;
use crate::registry::Registry;

/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(100);
/// How long an operator waits for all of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A partition, and its log as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The topic.
    pub topic: String,
    /// The partition's number.
    pub partition: i32,
    /// The nonce of its first term; none where it has no term.
    pub log_id: Option<Uuid>,
}

/// How the logs of these contexts are named, in the topics that they are in now.
///
/// # Errors
/// The broker or the registry does not answer, or a record cannot be read.
pub async fn named(config: &KafkaConfig, registry: &Registry, contexts: &[&str]) -> Result<Vec<Named>, KafkaError> {
    let of = |context: &&str| {
        let (context, topic) = ((*context).to_owned(), config.topic(context));
        (0..config.partitions_of(&context)).map(move |partition| Place {
            context: context.clone(),
            topic: topic.clone(),
            partition,
        })
    };
    let places: Vec<Place> = contexts.iter().flat_map(of).collect();
    let reader: BaseConsumer = glance_config(config, "names").create()?;
    let (codec, handle) = (Codec::new(registry.clone()), Handle::current());
    let read = move || {
        let found = first_terms(&reader, &codec, &handle, &places, Instant::now() + PATIENCE, || true);
        drop_aside(reader);
        found
    };
    let found = tokio::task::spawn_blocking(read).await.map_err(|error| KafkaError::Unfit(error.to_string()))??;
    let named = |(Place { topic, partition, .. }, log_id)| Named { topic, partition, log_id };
    let mut named: Vec<Named> = found.into_iter().map(named).collect();
    named.sort_by(|one, other| (&one.topic, one.partition).cmp(&(&other.topic, other.partition)));
    Ok(named)
}

/// A partition of a context's topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) context: String,
    pub(crate) topic: String,
    pub(crate) partition: i32,
}

/// The nonce of each partition's first term; none where there is no term. What `reader` reads otherwise is over.
/// Blocks, for as long as it `goes_on`.
///
/// # Errors
/// The broker or the registry does not answer by `until`, or a record cannot be read.
pub(crate) fn first_terms(
    reader: &BaseConsumer,
    codec: &Codec,
    handle: &Handle,
    places: &[Place],
    until: Instant,
    goes_on: impl Fn() -> bool,
) -> Result<HashMap<Place, Option<Uuid>>, KafkaError> {
    let asked: Vec<_> = places.iter().map(|place| (place.topic.clone(), place.partition)).collect();
    let ends = ask_ends(reader, &asked, until.saturating_duration_since(Instant::now()))?;
    let (mut found, mut unread) = (HashMap::new(), HashMap::new());
    let mut beginnings = TopicPartitionList::new();
    for (place, end) in places.iter().zip(ends) {
        if end == 0 {
            found.insert(place.clone(), None);
        } else {
            beginnings.add_partition_offset(&place.topic, place.partition, Offset::Offset(0))?;
            unread.insert((place.topic.clone(), place.partition), (place, end));
        }
    }
    reader.assign(&beginnings)?;
    let read = (|| {
        while !unread.is_empty() {
            if Instant::now() >= until || !goes_on() {
                return Err(KafkaError::Unfit("the beginning of the log could not be read in time".into()));
            }
            let Some(Ok(message)) = reader.poll(POLL) else { continue };
            let at = (message.topic().to_owned(), message.partition());
            let Some((place, end)) = unread.get(&at).copied() else { continue };
            let first = match handle.block_on(codec.decode_any(&place.context, raw(&message))) {
                Ok(Record::TermStarted(first)) if first.term == 1 => Some(first.nonce),
                Ok(_) => None,
                Err(error) => return Err(KafkaError::Unfit(error.to_string())),
            };
            if first.is_some() || message.offset() + 1 >= end {
                found.insert(place.clone(), first);
                unread.remove(&at);
            }
        }
        Ok(())
    })();
    reader.unassign()?;
    read.map(|()| found)
}
