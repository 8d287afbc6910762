use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use domain::Decider;
use futures::FutureExt as _;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Headers, Message};
use rdkafka::{Offset, Timestamp, TopicPartitionList};
use tokio::runtime::Handle;

use super::stuck::{self, Stuck};
use super::threads::Pulse;
use super::{BrokerWatchdog, KafkaConfig};
use crate::codec::{Codec, Raw};
use crate::record::Record;
use crate::{EventLog, Stamped};

/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(100);
/// So many records at most are fed at once: callers that want the partition's lock wait meanwhile.
const AT_ONCE: usize = 32;

/// A consumer of all partitions from the beginning, outside any group.
pub(super) fn consumer(config: &KafkaConfig, topic: &str) -> Result<BaseConsumer, KafkaError> {
    let consumer: BaseConsumer = reader(config, "follower").create()?;
    let mut all = TopicPartitionList::new();
    for partition in 0..config.partitions_in(topic) {
        all.add_partition_offset(topic, partition, Offset::Offset(0))?;
    }
    consumer.assign(&all)?;
    Ok(consumer)
}

/// What every reader of the log is configured with.
pub(crate) fn reader(config: &KafkaConfig, name: &str) -> rdkafka::ClientConfig {
    let mut client = config.client(name);
    client
        // Needed by the client library even where no group is joined.
        .set("group.id", format!("{}.{name}", config.topic_prefix))
        .set("enable.auto.commit", "false")
        // A position outside the log is an error with an explanation, never a silent restart.
        .set("auto.offset.reset", "error")
        .set("fetch.wait.max.ms", "100")
        .set("fetch.error.backoff.ms", "50")
        // Default isolation, said aloud: what counts is told by terms, and nothing of ours is transactional.
        .set("isolation.level", "read_uncommitted")
        .set("queued.min.messages", "10000")
        .set("queued.max.messages.kbytes", "8192")
        .set("fetch.message.max.bytes", "4194304")
        .set("fetch.queue.backoff.ms", "5");
    client
}

/// What a client is configured with that asks, and reads a record here and there: a fetch brings no more than it must.
pub(crate) fn glance(config: &KafkaConfig, name: &str) -> rdkafka::ClientConfig {
    let mut client = reader(config, name);
    client.set("queued.min.messages", "1").set("fetch.message.max.bytes", "16384");
    client
}

/// Reads and feeds the log until it is closed.
pub(super) fn run<C: Decider>(
    consumer: BaseConsumer,
    mut watchdog: BrokerWatchdog,
    log: &Arc<EventLog<C>>,
    codec: Codec,
    open: &Arc<AtomicBool>,
    handle: Handle,
) -> impl FnOnce(Pulse) + use<C> {
    let (log, open) = (Arc::downgrade(log), Arc::clone(open));
    move |pulse| {
        // The registry's client can only be polled inside a runtime.
        let _inside = handle.enter();
        let mut follower = Follower { consumer, codec, handle: handle.clone(), stuck: Stuck::default(), pulse };
        while open.load(Ordering::Acquire) {
            follower.pulse.beat();
            let Some(log) = log.upgrade() else { return };
            let (read, failures) = follower.poll(&log);
            watchdog.note(!read.is_empty(), &follower.consumer);
            feed(&log, read);
            failures.iter().for_each(|failure| failure.note(&log));
            follower.try_again(&log);
        }
    }
}

/// What was read, each with its partition and offset.
type Read<C> = Vec<(i32, i64, Record<<C as Decider>::Event>)>;

struct Follower {
    consumer: BaseConsumer,
    codec: Codec,
    handle: Handle,
    stuck: Stuck,
    pulse: Pulse,
}

/// A record of which nothing is known: the reader may not go past it.
struct Failure {
    partition: i32,
    offset: i64,
    reason: String,
}

impl Failure {
    fn note<C: Decider>(&self, log: &EventLog<C>) {
        measures::log::READ_ERRORS.with([C::NAME]).increment(1);
        log.stuck(self.partition, self.offset, &self.reason);
    }
}

impl Follower {
    /// What can be read now, and where a partition cannot be read on.
    fn poll<C: Decider>(&mut self, log: &EventLog<C>) -> (Read<C>, Vec<Failure>) {
        let Self { consumer, codec, handle, stuck, pulse } = self;
        let first = consumer.poll(POLL);
        // What else is there already: the partition's lock is taken once for all of them.
        let further = std::iter::from_fn(|| consumer.poll(Duration::ZERO));
        let (mut read, mut failures) = (Vec::new(), Vec::new());
        for polled in first.into_iter().chain(further).take(AT_ONCE) {
            // A registry that is away takes its time to say so, each time.
            pulse.beat();
            match polled {
                Ok(message) if stuck.has(message.partition()) => stuck.hold(message.detach()),
                Ok(message) => match decode(codec, &message, handle, log) {
                    Ok(record) => {
                        if let Some(stamped) = stamped(message.timestamp()) {
                            log.stamped(message.partition(), stamped, &record);
                        }
                        read.push((message.partition(), message.offset(), record));
                    }
                    Err(failure) => {
                        stuck::pause(consumer, message.topic(), message.partition());
                        stuck.hold(message.detach());
                        failures.push(failure);
                    }
                },
                Err(error) => report::<C>(&error),
            }
        }
        (read, failures)
    }

    /// Reads on in the partitions that are stuck, if it can by now.
    fn try_again<C: Decider>(&mut self, log: &EventLog<C>) {
        for (partition, mut retry) in self.stuck.due(Instant::now()) {
            while let Some(message) = retry.messages.pop_front() {
                self.pulse.beat();
                match decode(&self.codec, &message, &self.handle, log) {
                    Ok(record) => {
                        log.records_read(partition, [(message.offset(), record)]);
                        if retry.messages.is_empty() {
                            stuck::resume(&self.consumer, message.topic(), partition);
                            log.unstuck(partition);
                        }
                    }
                    Err(failure) => {
                        failure.note(log);
                        retry.messages.push_front(message);
                        self.stuck.put_back(partition, retry);
                        break;
                    }
                }
            }
        }
    }
}

fn feed<C: Decider>(log: &EventLog<C>, read: Read<C>) {
    let mut read = read.into_iter().peekable();
    while let Some(partition) = read.peek().map(|(partition, ..)| *partition) {
        let same = std::iter::from_fn(|| read.next_if(|(other, ..)| *other == partition));
        log.records_read(partition, same.map(|(_, offset, record)| (offset, record)));
    }
}

/// What a message says. The schema of one that was there when this instance connected must be the registry's, too: no
/// term is begun before that is known. Later the instance reads on, for it can read all that it writes.
fn decode<C: Decider>(
    codec: &Codec,
    message: &impl Message,
    handle: &Handle,
    log: &EventLog<C>,
) -> Result<Record<C::Event>, Failure> {
    let failed = |reason| Failure { partition: message.partition(), offset: message.offset(), reason };
    let record = raw(message);
    if log.was_there(message.partition(), message.offset()) {
        codec.agree(&record).map_err(|error| failed(error.to_string()))?;
    }
    // Nearly always the schema is known and there is nothing to wait for.
    let decoded = codec.decode::<C, _>(record).now_or_never();
    let decoded = decoded.unwrap_or_else(|| handle.block_on(codec.decode::<C, _>(raw(message))));
    decoded.map_err(|error| failed(error.to_string()))
}

/// When a record was written, and by whose clock.
fn stamped(timestamp: Timestamp) -> Option<Stamped> {
    match timestamp {
        Timestamp::NotAvailable => None,
        Timestamp::CreateTime(at) => Some(Stamped::ByWriter(domain::Timestamp(at))),
        Timestamp::LogAppendTime(at) => Some(Stamped::ByBroker(domain::Timestamp(at))),
    }
}

/// A message as the codec takes it. Its headers are read once: each look at one is a call into the client library.
pub(crate) fn raw<'a, M: Message>(message: &'a M) -> Raw<'a, impl Fn(&str) -> Option<&'a str>> {
    let headers: Vec<_> = message.headers().map_or_else(Vec::new, |headers| headers.iter().collect());
    let header = move |name: &str| {
        let found = headers.iter().rev().find(|header| header.key == name)?;
        std::str::from_utf8(found.value?).ok()
    };
    Raw { key: message.key().unwrap_or_default(), value: message.payload().unwrap_or_default(), header }
}

fn report<C: Decider>(error: &KafkaError) {
    match error.rdkafka_error_code() {
        // The client library reconnects by itself.
        Some(
            RDKafkaErrorCode::BrokerTransportFailure | RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::Resolve,
        ) => tracing::debug!(context = C::NAME, %error, "the broker is away"),
        _ => {
            measures::log::READ_ERRORS.with([C::NAME]).increment(1);
            tracing::error!(context = C::NAME, %error, "reading the log");
            std::thread::sleep(POLL);
        }
    }
}

#[cfg(test)]
mod tests;
