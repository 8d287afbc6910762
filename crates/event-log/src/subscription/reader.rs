use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::AnyEvent;
use futures::FutureExt as _;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError as RdKafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::passing::{Ends, Gap, Passing};
use super::{Batch, Entry, Names, PartitionId, Position, SubscribeError, Undecodable};
use crate::Validity;
use crate::codec::{Codec, DecodeError};
use crate::kafka::{BrokerWatchdog, KafkaConfig, raw, reader_config};
use crate::record::Record;

/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(100);
/// How long to wait before the registry is asked again for a schema.
const REGISTRY_RETRY: Duration = Duration::from_millis(500);

/// Back to a position; batches of an earlier generation are the handler's to drop.
pub(super) struct Seek {
    pub(super) partition: PartitionId,
    pub(super) position: Position,
    pub(super) generation: u64,
}

/// The thread that reads, decodes and applies the terms.
pub(super) struct Reader {
    consumer: Arc<BaseConsumer>,
    watchdog: BrokerWatchdog,
    kafka: KafkaConfig,
    codec: Codec,
    cursors: HashMap<PartitionId, Cursor>,
    topics: HashMap<String, String>,
    max_batch: usize,
    names: Names,
    passing: Passing,
}

struct Cursor {
    position: Position,
    generation: u64,
}

/// A consumer of exactly these positions, outside any group.
pub(super) fn consumer(
    kafka: &KafkaConfig,
    start: &HashMap<PartitionId, Position>,
) -> Result<BaseConsumer, RdKafkaError> {
    let consumer: BaseConsumer = reader_config(kafka, "subscription").create()?;
    let mut all = TopicPartitionList::new();
    for (id, position) in start {
        all.add_partition_offset(&kafka.topic(&id.context), id.partition, Offset::Offset(position.next_offset))?;
    }
    consumer.assign(&all)?;
    Ok(consumer)
}

/// The messages that are there, in order; waits for the first.
fn poll(consumer: &BaseConsumer, mut wait: Duration, most: usize) -> Result<Vec<BorrowedMessage<'_>>, SubscribeError> {
    let mut messages = Vec::new();
    for _ in 0..most {
        match consumer.poll(wait) {
            None => break,
            Some(Err(error)) => refuse(&error)?,
            Some(Ok(message)) => messages.push(message),
        }
        wait = Duration::ZERO;
    }
    Ok(messages)
}

impl Reader {
    pub(super) fn new(
        consumer: Arc<BaseConsumer>,
        watchdog: BrokerWatchdog,
        kafka: KafkaConfig,
        codec: Codec,
        start: HashMap<PartitionId, Position>,
        max_batch: usize,
    ) -> Self {
        let topics = start.keys().map(|id| (kafka.topic(&id.context), id.context.clone())).collect();
        let cursors = start.into_iter().map(|(id, position)| (id, Cursor { position, generation: 0 })).collect();
        let passing = Passing::of(kafka.clone(), Ends::default());
        Self { consumer, watchdog, kafka, codec, cursors, topics, max_batch, names: Names::default(), passing }
    }

    /// The same, passing what is no record before the ends that are told there.
    pub(super) fn told_of(self, ends: &Ends) -> Self {
        Self { passing: Passing::of(self.kafka.clone(), Arc::clone(ends)), ..self }
    }

    /// The same, noting there which log each partition is.
    pub(super) fn naming(self, names: &Names) -> Self {
        let known = self.cursors.iter().filter_map(|(id, cursor)| Some((id.clone(), cursor.position.log_id?)));
        names.lock().extend(known);
        Self { names: Arc::clone(names), ..self }
    }

    pub(super) fn spawn(
        mut self,
        batches: mpsc::Sender<Result<(u64, Batch), SubscribeError>>,
        seeks: std::sync::mpsc::Receiver<Seek>,
        open: Arc<AtomicBool>,
    ) {
        let handle = Handle::current();
        let run = move || {
            // The registry's client can only be polled inside a runtime.
            let _inside = handle.enter();
            while open.load(Ordering::Acquire) {
                let read =
                    seeks.try_iter().try_for_each(|seek| self.seek(seek)).and_then(|()| self.read(&handle, &open));
                // What could not be read must not be passed over: after an error there is nothing more.
                let ends = match read {
                    Ok(read) => read.into_iter().any(|batch| batches.blocking_send(Ok(batch)).is_err()),
                    Err(error) => {
                        let _ = batches.blocking_send(Err(error));
                        true
                    }
                };
                if ends {
                    return;
                }
            }
        };
        let builder = std::thread::Builder::new().name("subscription".into());
        builder.spawn(run).expect("a process can start a handful of threads");
    }

    fn seek(&mut self, seek: Seek) -> Result<(), SubscribeError> {
        let topic = self.kafka.topic(&seek.partition.context);
        let offset = Offset::Offset(seek.position.next_offset);
        self.consumer
            .seek(&topic, seek.partition.partition, offset, super::QUESTION_DEADLINE)
            .map_err(super::unusable)?;
        self.cursors.insert(seek.partition, Cursor { position: seek.position, generation: seek.generation });
        Ok(())
    }

    /// What is there now, at most a batch's worth, by partition; waits a moment if there is nothing.
    fn read(&mut self, handle: &Handle, open: &AtomicBool) -> Result<Vec<(u64, Batch)>, SubscribeError> {
        let mut read: BTreeMap<PartitionId, Batch> = BTreeMap::new();
        let consumer = Arc::clone(&self.consumer);
        let messages = poll(&consumer, POLL, self.max_batch)?;
        self.watchdog.note(!messages.is_empty(), &consumer);
        for message in &messages {
            self.take(message, &mut read, handle, open)?;
        }
        if self.passing.is_due(messages.is_empty()) {
            let next = |id: &PartitionId| self.cursors.get(id).map(|cursor| cursor.position.next_offset);
            for gap in self.passing.gaps(next) {
                self.pass(gap, &mut read);
            }
        }
        let generation = |batch: &Batch| self.cursors.get(&batch.partition).map_or(0, |cursor| cursor.generation);
        Ok(read.into_values().map(|batch| (generation(&batch), batch)).collect())
    }

    /// A batch of no records, unless it was read on meanwhile.
    fn pass(&mut self, Gap { partition, next, end }: Gap, read: &mut BTreeMap<PartitionId, Batch>) {
        let Some(cursor) = self.cursors.get_mut(&partition).filter(|it| it.position.next_offset == next) else {
            return;
        };
        let from = cursor.position;
        cursor.position.next_offset = end;
        let to = cursor.position;
        read.insert(partition.clone(), Batch { partition, from, to, entries: Vec::new() });
    }

    fn take(
        &mut self,
        message: &BorrowedMessage<'_>,
        read: &mut BTreeMap<PartitionId, Batch>,
        handle: &Handle,
        open: &AtomicBool,
    ) -> Result<(), SubscribeError> {
        let Some(context) = self.topics.get(message.topic()) else { return Ok(()) };
        let id = PartitionId { context: context.clone(), partition: message.partition() };
        let record = self.decoded(context, message, handle, open)?;
        let Some(cursor) = self.cursors.get_mut(&id) else { return Ok(()) };
        let from = cursor.position;
        let validity = cursor.position.judge(message.offset(), &record);
        let to = cursor.position;
        if let Some(log_id) = to.log_id.filter(|_| from.log_id.is_none()) {
            self.names.lock().insert(id.clone(), log_id);
        }
        let batch = read.entry(id.clone()).or_insert(Batch { partition: id, from, to, entries: Vec::new() });
        batch.to = to;
        if validity == Validity::Valid {
            batch.entries.extend(entry(message, record));
        } else if !record.is_barrier() {
            measures::log::SUBSCRIPTION_VOID.increment();
        }
        Ok(())
    }

    fn decoded(
        &self,
        context: &str,
        message: &BorrowedMessage<'_>,
        handle: &Handle,
        open: &AtomicBool,
    ) -> Result<Record<AnyEvent>, SubscribeError> {
        loop {
            // Nearly always the schema is known and there is nothing to wait for.
            let decode = || self.codec.decode_any(context, raw(message));
            match decode().now_or_never().unwrap_or_else(|| handle.block_on(decode())) {
                Ok(record) => return Ok(record),
                Err(error @ DecodeError::Registry(_)) => tracing::warn!(context, %error, "waiting for the registry"),
                Err(error @ DecodeError::Term(_)) => return Err(super::unusable(error)),
            }
            if !open.load(Ordering::Acquire) {
                return Err(SubscribeError::Unusable("closed".into()));
            }
            std::thread::sleep(REGISTRY_RETRY);
        }
    }
}

pub(super) fn entry(message: &BorrowedMessage<'_>, record: Record<AnyEvent>) -> Option<Entry> {
    let offset = message.offset();
    let bytes = |part: Option<&[u8]>| part.unwrap_or_default().to_vec();
    match record {
        Record::Event(event) => Some(Entry { offset, event: Ok(Arc::new(event.recorded)) }),
        Record::Unreadable { reason, .. } => {
            let unread = Undecodable { reason, key: bytes(message.key()), value: bytes(message.payload()) };
            Some(Entry { offset, event: Err(unread) })
        }
        Record::TermStarted(_) | Record::Foreign => None,
    }
}

/// Errors that pass are waited out; a position that the log no longer has does not pass.
pub(super) fn refuse(error: &RdKafkaError) -> Result<(), SubscribeError> {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => {
            Err(SubscribeError::Unusable(format!("the log no longer has the position that is to be read: {error}")))
        }
        Some(
            RDKafkaErrorCode::BrokerTransportFailure | RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::Resolve,
        ) => {
            tracing::debug!(%error, "the broker is away");
            Ok(())
        }
        _ => {
            tracing::warn!(%error, "reading the log");
            std::thread::sleep(POLL);
            Ok(())
        }
    }
}
