//! The one way to read the log: batches of one partition each, with the terms applied (a void record never reaches
//! the handler). Positions are the handler's to keep, beside what it makes of the events.

mod background;
mod identity;
mod known_ends;
mod passing;
mod picker;
mod reader;
mod watch;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use domain::views::ViewEvent;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::codec::Codec;
use crate::kafka::topics::check_until;
use crate::kafka::{BrokerWatchdog, KafkaConfig, KafkaError, Layout, ask_ends, glance_config};
use crate::patience::patiently;
pub use crate::position::Position;
use crate::registry::Registry;
use background::Background;
use passing::Ends;
pub use picker::{Picked, Picker};
use reader::{Reader, Seek};
use watch::{Looks, Names, Watch};

/// Batches that are decoded and wait for the handler; with their size it bounds what is held in memory.
const QUEUED_BATCHES: usize = 4;
/// How long the broker may take to answer a question.
const QUESTION_DEADLINE: Duration = Duration::from_secs(5);

/// A broker that is there answers within this; one that is not is asked again when it is.
const AT_ONCE: Duration = Duration::from_millis(500);

/// One partition of one context's topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PartitionId {
    /// The context: `posts`.
    pub context: String,
    /// The partition's number.
    pub partition: i32,
}

impl PartitionId {
    fn of(&self, kafka: &KafkaConfig) -> (String, i32) {
        (kafka.topic(&self.context), self.partition)
    }
}

/// What a subscription yields: consecutive records of one partition.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Where they are from.
    pub partition: PartitionId,
    /// The position before the first record; equals the `to` of the partition's previous batch.
    pub from: Position,
    /// The position after the last record; or at the partition's end, if no record is before that.
    pub to: Position,
    /// The valid events among them, in order; may be empty (only control or void records were read, or none).
    pub entries: Vec<Entry>,
}

/// One valid record.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its offset.
    pub offset: i64,
    /// The event, which several may read, or why it cannot be decoded.
    pub event: Result<Arc<ViewEvent>, Undecodable>,
}

/// A record that cannot be read: to be parked, never skipped silently.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct Undecodable {
    /// Why.
    pub reason: String,
    /// The record's key.
    pub key: Vec<u8>,
    /// The record's value.
    pub value: Vec<u8>,
}

/// Why a subscription cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The position is of another log, or outside this one: the handler must start anew, knowingly.
    #[error("{partition:?}: {reason}")]
    ForeignPosition {
        /// The partition.
        partition: PartitionId,
        /// What does not fit.
        reason: String,
    },
    /// The broker or the registry cannot be used at all (wrong topic, wrong partition count, refused).
    #[error("{0}")]
    Unusable(String),
}

/// How to read.
#[derive(Clone, Debug)]
pub struct SubscriptionConfig {
    /// `host:port,…`.
    pub brokers: String,
    /// Confluent-compatible registry.
    pub registry_url: String,
    /// The topic of context `posts` is `<prefix>.posts.v1`, unless `layout` says otherwise.
    pub topic_prefix: String,
    /// The contexts to read.
    pub contexts: Vec<String>,
    /// The partitions per topic, unless `layout` says otherwise; what the broker says must agree.
    pub partitions: i32,
    /// Where the contexts are that were repartitioned; see [`KafkaConfig::current`].
    pub layout: Layout,
    /// At most so many records in a batch.
    pub max_batch: usize,
}

impl SubscriptionConfig {
    fn kafka(&self) -> KafkaConfig {
        // No member of a group, and nothing is answered from what it reads.
        KafkaConfig {
            layout: self.layout.clone(),
            ..KafkaConfig::of(self.brokers.clone(), self.topic_prefix.clone(), self.partitions)
        }
    }

    /// The same, with the topics that the contexts are in now. The broker is waited for up to `patience`.
    ///
    /// # Errors
    /// It does not say.
    pub async fn current(self, patience: Duration) -> Result<Self, SubscribeError> {
        let layout = self.kafka().current(patience).await.map_err(unusable)?.layout;
        Ok(Self { layout, ..self })
    }

    /// All partitions of the contexts.
    #[must_use]
    pub fn partitions(&self) -> Vec<PartitionId> {
        let kafka = self.kafka();
        let of = |context: &String| {
            let (partitions, context) = (kafka.partitions_of(context), context.clone());
            (0..partitions).map(move |partition| PartitionId { context: context.clone(), partition })
        };
        self.contexts.iter().flat_map(of).collect()
    }
}

/// A subscription to all partitions of some contexts.
pub struct Subscription {
    partitions: Vec<PartitionId>,
    /// A client of its own: on the reader's connection a question would wait behind the fetch that waits for records.
    asker: Background,
    watchdog: Arc<Mutex<BrokerWatchdog>>,
    kafka: KafkaConfig,
    batches: mpsc::Receiver<Result<(u64, Batch), SubscribeError>>,
    /// Batches of an earlier generation were read before the last seek.
    generations: HashMap<PartitionId, u64>,
    seeks: std::sync::mpsc::Sender<Seek>,
    /// The ends that were told last.
    ends: Ends,
    watch: Watch,
    _reading: Reading,
}

impl Subscription {
    /// Begins reading each partition at its given position ([`Position::START`] for those not in the map).
    ///
    /// # Errors
    /// A position that does not fit the log; a topic that is not there or has another partition count. A broker that
    /// cannot be reached is waited for up to `patience`, then it is `Unusable`.
    pub async fn open(
        config: SubscriptionConfig,
        positions: HashMap<PartitionId, Position>,
        patience: Duration,
    ) -> Result<Self, SubscribeError> {
        let kafka = config.kafka();
        let until = Instant::now() + patience;
        let partitions = config.partitions();
        let at = |id: &PartitionId| positions.get(id).copied().unwrap_or(Position::START);
        let start: HashMap<PartitionId, Position> = partitions.iter().map(|id| (id.clone(), at(id))).collect();
        let codec = codec(&config).await?;
        let topics: Vec<String> = config.contexts.iter().map(|context| kafka.topic(context)).collect();
        let watchdog = || BrokerWatchdog::new(&kafka.brokers, topics.first().map_or("", String::as_str));
        let asker = Background::of(glance_config(&kafka, "asker").create().map_err(unusable)?);
        let consumer = Arc::new(reader::consumer(&kafka, &start).map_err(unusable)?);
        let (sender, batches) = mpsc::channel(QUEUED_BATCHES);
        // As many as commits fail between two polls of the reader, each some words long.
        #[expect(clippy::disallowed_methods, reason = "a seek may not wait, and a lost one would lose events")]
        let (seeks, asked) = std::sync::mpsc::channel();
        let reading = Reading(Arc::new(AtomicBool::new(true)));
        let generations = partitions.iter().map(|id| (id.clone(), 0)).collect();
        let (names, ends) = (Names::default(), Ends::default());
        let reader = Reader::new(consumer, watchdog(), kafka.clone(), codec.clone(), start.clone(), config.max_batch);
        // It reads while the rest is looked into, and ends if anything is wrong with it.
        reader.naming(&names).told_of(&ends).spawn(sender, asked, Arc::clone(&reading.0));
        check(&asker, &kafka, &codec, &topics, &start, until).await?;
        // Not before: both read the beginnings of partitions, with one client, which is at one place at a time.
        let watch = Watch::begin(Looks {
            asker: asker.client(),
            kafka: kafka.clone(),
            codec,
            contexts: config.contexts.clone(),
            names,
            partitions: partitions.clone(),
            ends: Arc::clone(&ends),
        });
        let watchdog = Arc::new(Mutex::new(watchdog()));
        Ok(Self { partitions, asker, watchdog, kafka, batches, generations, seeks, ends, watch, _reading: reading })
    }

    /// The next batch, as soon as there is one. Waits through broker outages. Cancel-safe.
    ///
    /// # Errors
    /// The log changed under the reader (see [`SubscribeError::ForeignPosition`]).
    pub async fn next(&mut self) -> Result<Batch, SubscribeError> {
        loop {
            let received = tokio::select! {
                biased;
                foreign = self.watch.foreign() => return Err(foreign),
                received = self.batches.recv() => received,
            };
            match received {
                Some(Ok((generation, batch))) if self.generations.get(&batch.partition) == Some(&generation) => {
                    return Ok(batch);
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Err(SubscribeError::Unusable("the reader has ended".into())),
            }
        }
    }

    /// Which context goes on in another topic than the one that is read, if one does: it was copied to have more
    /// partitions, and nothing more comes of this one. As of a few seconds ago.
    #[must_use]
    pub fn moved(&self) -> Option<String> {
        self.watch.moved()
    }

    /// The end of each partition, asked of the broker now. Positions reach it, also where there is no record before it:
    /// another program's transaction ends with an offset that is no record's. Then a batch without entries tells so.
    ///
    /// # Errors
    /// The broker does not answer in time.
    pub async fn ends(&self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        let (asker, asked) =
            (self.asker.client(), self.partitions.iter().map(|id| id.of(&self.kafka)).collect::<Vec<_>>());
        let watchdog = Arc::clone(&self.watchdog);
        let ask = tokio::task::spawn_blocking(move || {
            let ends = ask_ends(&asker, &asked, QUESTION_DEADLINE);
            watchdog.lock().note(ends.is_ok(), &asker);
            ends
        });
        let ends = ask.await.map_err(unusable)?.map_err(unusable)?;
        let ends: HashMap<PartitionId, i64> = self.partitions.iter().cloned().zip(ends).collect();
        self.ends.lock().clone_from(&ends);
        Ok(ends)
    }

    /// Puts the reader back to `position` in one partition, dropping what was prefetched: after a failed commit.
    ///
    /// # Errors
    /// The reader has ended.
    pub async fn seek(&mut self, partition: &PartitionId, position: Position) -> Result<(), SubscribeError> {
        let generation = self.generations.entry(partition.clone()).or_default();
        *generation += 1;
        let seek = Seek { partition: partition.clone(), position, generation: *generation };
        self.seeks.send(seek).map_err(|_| SubscribeError::Unusable("the reader has ended".into()))
    }
}

/// Whether the reader goes on: until this is dropped.
struct Reading(Arc<AtomicBool>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Whether there is such a log, and the positions are of it.
async fn check(
    asker: &Background,
    kafka: &KafkaConfig,
    codec: &Codec,
    topics: &[String],
    start: &HashMap<PartitionId, Position>,
    until: Instant,
) -> Result<(), SubscribeError> {
    let (fit, within) = tokio::join!(
        wait_for_topics(kafka, topics, until),
        tokio::time::timeout(AT_ONCE, identity::within(asker.client(), kafka, start))
    );
    fit?;
    // A handler that begins at the start has nothing more to compare.
    if !matches!(within, Ok(Ok(()))) || start.values().any(|position| position.log_id.is_some()) {
        check_identity(asker, kafka, codec, start, until).await?;
    }
    Ok(())
}

/// A broker that went away since the topics were looked at is waited for as well; only what is foreign stays so.
async fn check_identity(
    asker: &Background,
    kafka: &KafkaConfig,
    codec: &Codec,
    start: &HashMap<PartitionId, Position>,
    until: Instant,
) -> Result<(), SubscribeError> {
    let is_foreign = |error: &SubscribeError| matches!(error, SubscribeError::ForeignPosition { .. });
    patiently("whether this is the log", until, is_foreign, || async {
        identity::check(asker.client(), kafka, codec, start).await
    })
    .await
}

async fn codec(config: &SubscriptionConfig) -> Result<Codec, SubscribeError> {
    let url = config.registry_url.clone();
    // An HTTP client reads the machine's certificates when it is made, for tens of milliseconds.
    let registry = tokio::task::spawn_blocking(move || Registry::new(&url)).await.map_err(unusable)?;
    Ok(Codec::new(registry.map_err(unusable)?))
}

fn unusable(error: impl std::fmt::Display) -> SubscribeError {
    SubscribeError::Unusable(error.to_string())
}

async fn wait_for_topics(kafka: &KafkaConfig, topics: &[String], until: Instant) -> Result<(), SubscribeError> {
    let checked = patiently("topics", until, KafkaError::is_for_good, || check_until(kafka, topics, until)).await;
    checked.map(drop).map_err(unusable)
}
