//! How partitions' logs are named: by the first term of each.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use rdkafka::consumer::BaseConsumer;
use rdkafka::message::Message;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::ends::Told;
use super::scan::Scan;
use super::threads::drop_aside;
use super::{KafkaConfig, KafkaError, ask_each_end, glance_config, look_for_leaders, raw};
use crate::codec::Codec;
use crate::known_logs::Named;
use crate::patience::patiently;
use crate::record::Record;
use crate::registry::Registry;

/// How long an operator waits for all of it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take to say who leads what.
const QUESTION: Duration = Duration::from_secs(5);

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
        let read = move || all_first_terms(&config, &codec, &handle, &places, until);
        async move { tokio::task::spawn_blocking(read).await.map_err(|error| KafkaError::Unfit(error.to_string()))? }
    });
    let found = found.await?;
    let named = |(Place { topic, partition, .. }, log_id)| Named { topic, partition, log_id };
    let mut named: Vec<Named> = found.into_iter().map(named).collect();
    named.sort_by(|one, other| (&one.topic, one.partition).cmp(&(&other.topic, other.partition)));
    Ok(named)
}

fn all_first_terms(
    config: &KafkaConfig,
    codec: &Codec,
    handle: &Handle,
    places: &[Place],
    until: Instant,
) -> Result<HashMap<Place, Option<Uuid>>, KafkaError> {
    let reader: BaseConsumer = glance_config(config, "names").create()?;
    let leaders = look_for_leaders(&reader, topics(places), QUESTION);
    let leader = |place: &(String, i32)| leaders.get(place).copied().unwrap_or(-1);
    let search = Search { config, codec, handle, leader: &leader, goes_on: &|| true };
    let found = search.first_terms(&reader, places, until);
    drop_aside(reader);
    found.and_then(Firsts::all)
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
    pub(crate) config: &'a KafkaConfig,
    pub(crate) codec: &'a Codec,
    pub(crate) handle: &'a Handle,
    /// Which broker leads a partition, as far as is known: one that is away hides its own partitions only.
    pub(crate) leader: &'a dyn Fn(&(String, i32)) -> i32,
    /// Whether to look further.
    pub(crate) goes_on: &'a dyn Fn() -> bool,
}

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
        let mut unread: HashMap<(String, i32), (&Place, i64)> = HashMap::new();
        for (place, end) in places.iter().zip(ask_each_end(reader, &asked, patience, self.leader)) {
            match end {
                Ok(Told { offset: 0, .. }) => drop(firsts.found.insert(place.clone(), None)),
                Ok(Told { offset, .. }) => {
                    unread.insert((place.topic.clone(), place.partition), (place, offset));
                }
                Err(error) => firsts.missing = Some(error.into()),
            }
        }
        let scan = Scan::begin(self.config, reader, unread.iter().map(|(at, it)| (at.clone(), it.1)), self.goes_on)?;
        let unread = unread.into_iter().map(|(at, (place, _))| (at, place)).collect();
        self.read(scan, unread, until, &mut firsts);
        Ok(firsts)
    }

    fn read(
        &self,
        mut scan: Scan<'_>,
        mut unread: HashMap<(String, i32), &Place>,
        until: Instant,
        firsts: &mut Firsts,
    ) {
        loop {
            let message = match scan.next(until) {
                Ok(Some(message)) => message,
                Ok(None) => break,
                // What is so of one partition is not to hide the others.
                Err(error) => {
                    firsts.missing = Some(error);
                    if Instant::now() >= until || !(self.goes_on)() {
                        break;
                    }
                    continue;
                }
            };
            let at = (message.topic().to_owned(), message.partition());
            let Some(place) = unread.get(&at).copied() else { continue };
            let found = match self.handle.block_on(self.codec.decode_any(&place.context, raw(&message))) {
                Ok(Record::TermStarted(first)) if first.term == 1 => Ok(first.nonce),
                Ok(_) => continue,
                Err(error) => Err(KafkaError::Unfit(error.to_string())),
            };
            match found {
                Ok(first) => drop(firsts.found.insert(place.clone(), Some(first))),
                Err(error) => firsts.missing = Some(error),
            }
            unread.remove(&at);
            scan.leave(&message);
        }
        // Those that are read to their ends have none.
        let ended = unread.into_iter().filter(|(at, _)| !scan.has_yet_to_read(at));
        firsts.found.extend(ended.map(|(_, place)| (place.clone(), None)));
    }
}
