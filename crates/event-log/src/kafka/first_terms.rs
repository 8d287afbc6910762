//! How partitions' logs are named: by the first term of each.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::ends::Told;
use super::threads::drop_aside;
use super::{KafkaConfig, KafkaError, ask_each_end, glance_config, look_for_leaders, raw};
use crate::codec::Codec;
use crate::record::Record;
use crate::registry::Registry;

/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(100);
/// How long an operator waits for all of it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take to say who leads what.
const QUESTION: Duration = Duration::from_secs(5);

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
        let leaders = look_for_leaders(&reader, topics(&places), QUESTION);
        let leader = |place: &(String, i32)| leaders.get(place).copied().unwrap_or(-1);
        let search = Search { codec: &codec, handle: &handle, leader: &leader, goes_on: &|| true };
        let found = search.first_terms(&reader, &places, Instant::now() + PATIENCE);
        drop_aside(reader);
        found.and_then(Firsts::all)
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

/// The topics of these places, each once.
pub(crate) fn topics(places: &[Place]) -> impl Iterator<Item = &str> {
    BTreeSet::from_iter(places.iter().map(|place| place.topic.as_str())).into_iter()
}

/// The first terms that were found.
pub(crate) struct Firsts {
    /// The nonce of each partition's first term; none where there is no term.
    pub(crate) found: HashMap<Place, Option<Uuid>>,
    /// Why there is nothing of the other partitions, if there are any.
    pub(crate) missing: Option<KafkaError>,
}

impl Firsts {
    /// Those of all partitions.
    ///
    /// # Errors
    /// Some were not found.
    pub(crate) fn all(self) -> Result<HashMap<Place, Option<Uuid>>, KafkaError> {
        self.missing.map_or(Ok(self.found), Err)
    }
}

/// How first terms are looked for.
pub(crate) struct Search<'a> {
    pub(crate) codec: &'a Codec,
    pub(crate) handle: &'a Handle,
    /// Which broker leads a partition, as far as is known: one that is away hides its own partitions only.
    pub(crate) leader: &'a dyn Fn(&(String, i32)) -> i32,
    /// Whether to look further.
    pub(crate) goes_on: &'a dyn Fn() -> bool,
}

/// Partitions that are not read to their first terms yet, each with its end.
type Unread<'a> = HashMap<(String, i32), (&'a Place, i64)>;

impl Search<'_> {
    /// The first terms of these partitions, as far as they can be had by `until`. What `reader` reads otherwise is
    /// over. Blocks.
    ///
    /// # Errors
    /// The reader cannot be used.
    pub(crate) fn first_terms(
        &self,
        reader: &BaseConsumer,
        places: &[Place],
        until: Instant,
    ) -> Result<Firsts, KafkaError> {
        let asked: Vec<_> = places.iter().map(|place| (place.topic.clone(), place.partition)).collect();
        // Half of the time, for what one broker does not say is not to keep the others' from being read.
        let patience = until.saturating_duration_since(Instant::now()) / 2;
        let mut firsts = Firsts { found: HashMap::new(), missing: None };
        let (mut beginnings, mut unread) = (TopicPartitionList::new(), Unread::new());
        for (place, end) in places.iter().zip(ask_each_end(reader, &asked, patience, self.leader)) {
            match end {
                Ok(Told { offset: 0, .. }) => drop(firsts.found.insert(place.clone(), None)),
                Ok(Told { offset, .. }) => {
                    beginnings.add_partition_offset(&place.topic, place.partition, Offset::Offset(0))?;
                    unread.insert((place.topic.clone(), place.partition), (place, offset));
                }
                Err(error) => firsts.missing = Some(error.into()),
            }
        }
        reader.assign(&beginnings)?;
        self.read(reader, unread, until, &mut firsts);
        reader.unassign()?;
        Ok(firsts)
    }

    fn read(&self, reader: &BaseConsumer, mut unread: Unread<'_>, until: Instant, firsts: &mut Firsts) {
        while !unread.is_empty() {
            if Instant::now() >= until || !(self.goes_on)() {
                let why = "the beginning of the log could not be read in time".into();
                firsts.missing = Some(KafkaError::Unfit(why));
                return;
            }
            let Some(Ok(message)) = reader.poll(POLL) else { continue };
            let at = (message.topic().to_owned(), message.partition());
            let Some((place, end)) = unread.get(&at).copied() else { continue };
            let first = match self.handle.block_on(self.codec.decode_any(&place.context, raw(&message))) {
                Ok(Record::TermStarted(first)) if first.term == 1 => Some(first.nonce),
                Ok(_) => None,
                Err(error) => {
                    firsts.missing = Some(KafkaError::Unfit(error.to_string()));
                    unread.remove(&at);
                    continue;
                }
            };
            if first.is_some() || message.offset() + 1 >= end {
                firsts.found.insert(place.clone(), first);
                unread.remove(&at);
            }
        }
    }
}
