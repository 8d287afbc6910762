//! How partitions' logs are named: by the first term of each.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::BaseConsumer;
use rdkafka::message::Message;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::scan::Scan;
use super::threads::drop_aside;
use super::{KafkaConfig, KafkaError, ask_ends, glance_config, raw};
use crate::codec::Codec;
use crate::known_logs::Named;
use crate::patience::patiently;
use crate::record::Record;
use crate::registry::Registry;

/// How long an operator waits for all of it.
const PATIENCE: Duration = Duration::from_secs(30);

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
    let (codec, until) = (Codec::new(registry.clone()), Instant::now() + PATIENCE);
    let found = patiently("the first terms", until, KafkaError::is_for_good, || {
        let (config, codec, places, handle) = (config.clone(), codec.clone(), places.clone(), Handle::current());
        let read = move || {
            let reader: BaseConsumer = glance_config(&config, "names").create()?;
            let found = first_terms(&config, (&reader, &codec, &handle), &places, until, || true);
            drop_aside(reader);
            found
        };
        async move { tokio::task::spawn_blocking(read).await.map_err(|error| KafkaError::Unfit(error.to_string()))? }
    });
    let found = found.await?;
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
    config: &KafkaConfig,
    (reader, codec, handle): (&BaseConsumer, &Codec, &Handle),
    places: &[Place],
    until: Instant,
    goes_on: impl Fn() -> bool,
) -> Result<HashMap<Place, Option<Uuid>>, KafkaError> {
    let asked: Vec<_> = places.iter().map(|place| (place.topic.clone(), place.partition)).collect();
    let ends = ask_ends(reader, &asked, until.saturating_duration_since(Instant::now()))?;
    let mut found: HashMap<Place, Option<Uuid>> = places.iter().map(|place| (place.clone(), None)).collect();
    let mut scan = Scan::begin(config, reader, asked.into_iter().zip(ends), &goes_on)?;
    while let Some(message) = scan.next(until)? {
        let is_there = |place: &&Place| (&*place.topic, place.partition) == (message.topic(), message.partition());
        let Some(place) = places.iter().find(is_there) else { continue };
        match handle.block_on(codec.decode_any(&place.context, raw(&message))) {
            Ok(Record::TermStarted(first)) if first.term == 1 => {
                found.insert(place.clone(), Some(first.nonce));
                scan.leave(&message);
            }
            Ok(_) => {}
            Err(error) => return Err(KafkaError::Unfit(error.to_string())),
        }
    }
    Ok(found)
}
