mod batch;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rdkafka::ClientContext;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};

use super::KafkaConfig;
use super::threads::{IDLE, Pulse};
use super::topics::{BrokerLeaders, Fit};
use crate::codec::Wire;
use crate::transport::Unsure;
use batch::{Patience, fitting};

/// After a batch of so many records the partition is busy: the next one gathers for a while. A batch costs the broker
/// and us about a millisecond of one core, whether it holds one record or a hundred.
const BUSY: usize = 4;
/// It gathers for as long as at least `STEADY` records come in each of these slices: where callers are many or the
/// machine is busy with them, batches get large; where all of few callers wait for the broker, none waits for us
/// beside.
const SLICE: Duration = Duration::from_micros(100);
const STEADY: usize = 2;
/// and no longer than this.
const GATHER_AT_MOST: Duration = Duration::from_millis(1);
/// What `message.max.bytes` may be for the client library, in bytes. A topic's `max.message.bytes` may be anything.
const CLIENT_TAKES: RangeInclusive<usize> = 1_000..=1_000_000_000;
/// How long one wait for a batch to land takes before failures are looked for.
const LANDING: Duration = Duration::from_millis(50);
/// The producers of a topic: one for all partitions that have the same broker's leader, for these fare alike: what
/// holds up one holds up all. A batch, its wake-ups and its wait cost nearly the same for one partition as for four.
pub(super) struct Producers {
    config: rdkafka::ClientConfig,
    topic: String,
    /// The broker's leader of each partition when the topic was opened. Should that have changed since, partitions of
    /// different ones share a producer, and one that waits for its broker holds up the others' batches: slow, not
    /// wrong.
    broker_leaders: BrokerLeaders,
    largest_bytes: usize,
    newest: Mutex<HashMap<i32, Arc<Gapless>>>,
    /// What each partition appends with; nothing before its first append, and after a failure.
    slots: Vec<Mutex<Option<Arc<Gapless>>>>,
    patience: Arc<Patience>,
}

/// A producer that has one batch under way at a time; what is appended meanwhile gathers here and makes the next. The
/// client library could gather by itself, but an idempotent producer of it that has five records under way and more
/// to send turns in circles until they have landed, which costs a core; and its `linger.ms` costs a lone caller a
/// millisecond.
struct Gapless {
    topic: String,
    producer: BaseProducer<Failure>,
    gathered: Mutex<Vec<(i32, Wire)>>,
    appended: Condvar,
    retired: AtomicBool,
    patience: Arc<Patience>,
}

/// Notes that an append failed for good. A gapless producer appends nothing after that.
#[derive(Default)]
struct Failure(AtomicBool);

impl ClientContext for Failure {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "producer");
    }
}

impl ProducerContext for Failure {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            tracing::debug!(%error, "append failed");
            self.0.store(true, Ordering::Release);
        }
    }
}

impl Gapless {
    fn make(
        config: &rdkafka::ClientConfig,
        topic: &str,
        broker: i32,
        patience: &Arc<Patience>,
    ) -> Result<Arc<Self>, KafkaError> {
        let made = Arc::new(Self {
            topic: topic.to_owned(),
            producer: config.create_with_context(Failure::default())?,
            gathered: Mutex::default(),
            appended: Condvar::new(),
            retired: AtomicBool::new(false),
            patience: Arc::clone(patience),
        });
        let sends = Arc::clone(&made);
        super::threads::spawn("append", &broker.to_string(), move |pulse| sends.send_batches(&pulse));
        Ok(made)
    }

    /// Appends after everything appended before.
    fn append(&self, partition: i32, wire: Wire) -> Result<(), Unsure> {
        if self.has_failed() {
            return Err(Unsure("the producer has failed".into()));
        }
        let mut gathered = self.gathered.lock();
        gathered.push((partition, wire));
        // The first wakes the thread that sends; the others find it awake.
        if gathered.len() == 1 {
            self.appended.notify_one();
        }
        Ok(())
    }

    /// What it has not sent it never will: a new term is to come.
    fn retire(&self) {
        // Under the lock, so that the thread that sends is either waiting or yet to look.
        let mut gathered = self.gathered.lock();
        gathered.clear();
        self.retired.store(true, Ordering::Release);
        self.appended.notify_one();
    }

    fn send_batches(&self, pulse: &Pulse) {
        while let Some(batch) = self.next_batch(pulse) {
            let sent = batch.iter().try_for_each(|(partition, wire)| self.send(*partition, wire));
            if let Err(error) = sent.and_then(|()| self.wait_until_landed(pulse)) {
                tracing::debug!(%error, "append failed");
                self.producer.context().0.store(true, Ordering::Release);
                return;
            }
            if batch.len() >= BUSY {
                self.gather();
            }
        }
    }

    /// Waits while records keep coming.
    fn gather(&self) {
        let until = Instant::now() + GATHER_AT_MOST;
        let mut seen = self.gathered.lock().len();
        while Instant::now() < until {
            std::thread::sleep(SLICE);
            let gathered = self.gathered.lock().len();
            if gathered < seen + STEADY {
                return;
            }
            seen = gathered;
        }
    }

    /// What has gathered, as soon as there is something, as far as the client library takes it at once; nothing once
    /// retired.
    fn next_batch(&self, pulse: &Pulse) -> Option<Vec<(i32, Wire)>> {
        let mut gathered = self.gathered.lock();
        let retired = || self.retired.load(Ordering::Acquire);
        pulse.beat();
        while gathered.is_empty() && !retired() {
            self.appended.wait_for(&mut gathered, IDLE);
            pulse.beat();
        }
        (!retired()).then(|| {
            let many = fitting(&gathered);
            if many == gathered.len() { std::mem::take(&mut *gathered) } else { gathered.drain(..many).collect() }
        })
    }

    /// Sends what was handed to the client library as one batch, and waits for the broker's word on it.
    fn wait_until_landed(&self, pulse: &Pulse) -> Result<(), Unsure> {
        let (patience, began) = (self.patience.now(), Instant::now());
        let gone = || self.has_failed() || self.retired.load(Ordering::Acquire);
        while self.producer.in_flight_count() > 0 && !gone() {
            if began.elapsed() >= patience {
                self.patience.waited_in_vain();
                return Err(Unsure(format!("it has not landed within {} s", patience.as_secs())));
            }
            pulse.beat();
            flush(&self.producer, LANDING);
            self.producer.poll(Duration::ZERO);
        }
        if !gone() {
            self.patience.landed();
        }
        Ok(())
    }

    fn send(&self, partition: i32, wire: &Wire) -> Result<(), Unsure> {
        let headers = wire
            .headers
            .iter()
            .fold(OwnedHeaders::new_with_capacity(wire.headers.iter().len()), |headers, (key, value)| {
                headers.insert(Header { key, value: Some(value) })
            });
        let record =
            BaseRecord::to(&self.topic).partition(partition).key(&wire.key).payload(&wire.value).headers(headers);
        self.producer.send(record).map_err(|(error, _)| Unsure(error.to_string()))
    }

    fn has_failed(&self) -> bool {
        self.producer.context().0.load(Ordering::Acquire)
    }

    /// Whether it appends nothing any more.
    fn is_broken(&self) -> bool {
        self.has_failed() || self.producer.client().fatal_error().is_some()
    }
}

/// The client library's own flush: while it waits, nothing lingers. rust-rdkafka's wraps it in polls of 100 ms and
/// calls it with no time to wait, so that the broker's thread hardly ever notices.
#[allow(unsafe_code, reason = "rust-rdkafka has no way to flush that waits in the client library")]
fn flush(producer: &BaseProducer<Failure>, patience: Duration) {
    let milliseconds = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the pointer is that of a live client, which `producer` keeps alive for the duration of the call; the
    // function may be called from any thread.
    let _ = unsafe { rdkafka::bindings::rd_kafka_flush(producer.client().native_ptr(), milliseconds) };
}

impl Producers {
    /// Blocks while clients are made.
    pub(super) fn new(config: &KafkaConfig, topic: &str, fit: Fit) -> Result<Self, KafkaError> {
        let Fit { broker_leaders, largest_bytes, .. } = fit;
        let largest_bytes = largest_bytes.clamp(*CLIENT_TAKES.start(), *CLIENT_TAKES.end());
        let mut client = config.client("writer");
        client
            .set("enable.idempotence", "true")
            // A record that cannot be appended stops those after it: what they were decided on would be missing.
            .set("enable.gapless.guarantee", "true")
            // It never gives up by itself; deadlines are the caller's.
            .set("message.timeout.ms", "0")
            // No record goes by itself: `Gapless` sends each batch with a flush, for which nothing lingers.
            .set("linger.ms", "20")
            .set("max.in.flight.requests.per.connection", "5")
            // As the topic has it: a batch that is larger is refused, and all that are in it.
            .set("message.max.bytes", largest_bytes.to_string())
            .set("batch.num.messages", "10000")
            .set("retry.backoff.ms", "20")
            .set("retry.backoff.max.ms", "200")
            .set("delivery.report.only.error", "true")
            .set("queue.buffering.max.messages", "100000")
            .set("queue.buffering.max.kbytes", "65536");
        let slots: Vec<_> = broker_leaders.iter().map(|_| Mutex::default()).collect();
        let partitions = i32::try_from(slots.len()).unwrap_or(i32::MAX);
        let patience = Arc::new(Patience::default());
        let newest = Mutex::default();
        let producers =
            Self { config: client, topic: topic.to_owned(), broker_leaders, largest_bytes, newest, slots, patience };
        for partition in 0..partitions {
            // A new producer needs half a second before its first record: not when a partition is taken over.
            producers.get(partition).map_err(|Unsure(reason)| KafkaError::ClientCreation(reason))?;
        }
        Ok(producers)
    }

    fn slot(&self, partition: i32) -> &Mutex<Option<Arc<Gapless>>> {
        &self.slots[index(partition)]
    }

    /// The partition's producer: the newest of its broker's leader, made when first needed.
    fn get(&self, partition: i32) -> Result<Arc<Gapless>, Unsure> {
        let mut slot = self.slot(partition).lock();
        if let Some(bound) = slot.as_ref() {
            return Ok(Arc::clone(bound));
        }
        let broker = self.broker_leaders[index(partition)];
        let mut newest = self.newest.lock();
        let usable = newest.get(&broker).filter(|producer| !producer.is_broken());
        let bound = match usable {
            Some(usable) => Arc::clone(usable),
            None => {
                let made = Gapless::make(&self.config, &self.topic, broker, &self.patience);
                made.map_err(|error| Unsure(error.to_string()))?
            }
        };
        newest.insert(broker, Arc::clone(&bound));
        *slot = Some(Arc::clone(&bound));
        Ok(bound)
    }

    /// The largest record that can be appended.
    pub(super) fn largest_bytes(&self) -> usize {
        self.largest_bytes
    }

    pub(super) fn send(&self, partition: i32, wire: Wire) -> Result<(), Unsure> {
        self.get(partition)?.append(partition, wire)
    }

    /// The partitions whose producer failed since the last look.
    pub(super) fn failed(&self) -> Vec<i32> {
        for producer in self.newest.lock().values() {
            // While nothing is sent this is the only look at what the client says of the broker.
            producer.producer.poll(Duration::ZERO);
        }
        let failed =
            |partition: &i32| self.slot(*partition).lock().as_ref().is_some_and(|producer| producer.is_broken());
        (0..i32::try_from(self.slots.len()).unwrap_or(0)).filter(failed).collect()
    }

    /// The partition's next append is made with another producer. The old one's records may still land: their term
    /// tells what they are. It goes, and the thread that sends its batches, when no partition is left to it.
    pub(super) fn renew(&self, partition: i32) {
        let Some(old) = self.slot(partition).lock().take() else { return };
        // No partition is bound to it from here on; one lock at a time, for `get` takes them the other way round.
        self.newest.lock().retain(|_, producer| !Arc::ptr_eq(producer, &old));
        let is_used = |slot: &Mutex<Option<Arc<Gapless>>>| slot.lock().as_ref().is_some_and(|it| Arc::ptr_eq(it, &old));
        if !self.slots.iter().any(is_used) {
            old.retire();
        }
    }

    pub(super) fn close(&self) {
        self.newest.lock().clear();
        for slot in &self.slots {
            if let Some(producer) = slot.lock().take() {
                // Nothing is pending after a hand-over; after none, the callers have gone.
                producer.retire();
            }
        }
    }
}

fn index(partition: i32) -> usize {
    usize::try_from(partition).expect("partition numbers are not negative")
}

#[cfg(test)]
mod tests;
