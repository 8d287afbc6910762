use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use rdkafka::ClientContext;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};

use super::KafkaConfig;
use crate::codec::Wire;
use crate::transport::Unsure;

/// After a batch of so many records the partition is busy: the next one gathers for a while. A batch costs the broker
/// and us about the same whether it holds one record or a hundred.
const BUSY: usize = 4;
/// That while: so long for each record of the batch, which is about what the record costs everybody,
const GATHER_PER_RECORD: Duration = Duration::from_micros(20);
/// and no longer than this.
const GATHER_AT_MOST: Duration = Duration::from_millis(2);
/// How long one wait for a batch to land takes before failures are looked for.
const LANDING: Duration = Duration::from_millis(50);

/// One producer per partition: when it fails, it alone is replaced.
pub(super) struct Producers {
    config: rdkafka::ClientConfig,
    topic: String,
    slots: Vec<Mutex<Option<Arc<Gapless>>>>,
}

/// A producer of one partition that has one batch under way at a time; what is appended meanwhile gathers here and
/// makes the next. The client library could gather by itself, but an idempotent producer of it that has five records
/// under way and more to send turns in circles until they have landed, which costs a core per partition; and its
/// `linger.ms` costs a lone caller a millisecond.
struct Gapless {
    topic: String,
    partition: i32,
    producer: BaseProducer<Failure>,
    gathered: Mutex<Vec<Wire>>,
    appended: Condvar,
    retired: AtomicBool,
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
    fn make(config: &rdkafka::ClientConfig, topic: &str, partition: i32) -> Result<Arc<Self>, KafkaError> {
        let made = Arc::new(Self {
            topic: topic.to_owned(),
            partition,
            producer: config.create_with_context(Failure::default())?,
            gathered: Mutex::default(),
            appended: Condvar::new(),
            retired: AtomicBool::new(false),
        });
        let sends = Arc::clone(&made);
        super::spawn("append", &partition.to_string(), move || sends.send_batches());
        Ok(made)
    }

    /// Appends after everything appended before.
    fn append(&self, wire: Wire) -> Result<(), Unsure> {
        if self.has_failed() {
            return Err(Unsure("the producer has failed".into()));
        }
        self.gathered.lock().push(wire);
        self.appended.notify_one();
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

    fn send_batches(&self) {
        while let Some(batch) = self.next_batch() {
            for wire in &batch {
                if let Err(error) = self.send(wire) {
                    tracing::debug!(%error, "append failed");
                    self.producer.context().0.store(true, Ordering::Release);
                    return;
                }
            }
            self.wait_until_landed();
            if batch.len() >= BUSY {
                let records = u32::try_from(batch.len()).unwrap_or(u32::MAX);
                std::thread::sleep(GATHER_PER_RECORD.saturating_mul(records).min(GATHER_AT_MOST));
            }
        }
    }

    /// Everything that has gathered, as soon as there is something; nothing once retired.
    fn next_batch(&self) -> Option<Vec<Wire>> {
        let mut gathered = self.gathered.lock();
        let retired = || self.retired.load(Ordering::Acquire);
        self.appended.wait_while(&mut gathered, |gathered| gathered.is_empty() && !retired());
        (!retired()).then(|| std::mem::take(&mut *gathered))
    }

    /// Sends what was handed to the client library as one batch, and waits for the broker's word on it.
    fn wait_until_landed(&self) {
        let gone = || self.has_failed() || self.retired.load(Ordering::Acquire);
        while self.producer.in_flight_count() > 0 && !gone() {
            flush(&self.producer, LANDING);
            self.producer.poll(Duration::ZERO);
        }
    }

    fn send(&self, wire: &Wire) -> Result<(), Unsure> {
        let headers =
            wire.headers.iter().fold(OwnedHeaders::new_with_capacity(wire.headers.len()), |headers, (key, value)| {
                headers.insert(Header { key, value: Some(value) })
            });
        let record =
            BaseRecord::to(&self.topic).partition(self.partition).key(&wire.key).payload(&wire.value).headers(headers);
        self.producer.send(record).map_err(|(error, _)| Unsure(error.to_string()))
    }

    fn has_failed(&self) -> bool {
        self.producer.context().0.load(Ordering::Acquire)
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
    pub(super) fn new(config: &KafkaConfig, topic: &str, partitions: i32) -> Result<Self, KafkaError> {
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
            .set("batch.num.messages", "10000")
            .set("retry.backoff.ms", "20")
            .set("retry.backoff.max.ms", "200")
            .set("delivery.report.only.error", "true")
            .set("queue.buffering.max.messages", "100000")
            .set("queue.buffering.max.kbytes", "65536");
        let slots = (0..partitions).map(|_| Mutex::default()).collect();
        let producers = Self { config: client, topic: topic.to_owned(), slots };
        for partition in 0..partitions {
            // A new producer needs half a second before its first record: not when a partition is taken over.
            producers.get(partition).map_err(|Unsure(reason)| KafkaError::ClientCreation(reason))?;
        }
        Ok(producers)
    }

    fn slot(&self, partition: i32) -> &Mutex<Option<Arc<Gapless>>> {
        &self.slots[usize::try_from(partition).expect("partition numbers are not negative")]
    }

    /// The partition's producer, made when first needed.
    fn get(&self, partition: i32) -> Result<Arc<Gapless>, Unsure> {
        let mut slot = self.slot(partition).lock();
        if slot.is_none() {
            let made = Gapless::make(&self.config, &self.topic, partition);
            *slot = Some(made.map_err(|error| Unsure(error.to_string()))?);
        }
        Ok(Arc::clone(slot.as_ref().expect("it was just made")))
    }

    pub(super) fn send(&self, partition: i32, wire: Wire) -> Result<(), Unsure> {
        self.get(partition)?.append(wire)
    }

    /// The partitions whose producer failed since the last look.
    pub(super) fn failed(&self) -> Vec<i32> {
        let failed = |partition: &i32| {
            let Some(producer) = self.slot(*partition).lock().clone() else { return false };
            // While nothing is sent nobody else takes the client's word that the broker is away.
            producer.producer.poll(Duration::ZERO);
            producer.has_failed() || producer.producer.client().fatal_error().is_some()
        };
        (0..i32::try_from(self.slots.len()).unwrap_or(0)).filter(failed).collect()
    }

    /// The next append makes a new producer. The old one's records may still land: their term tells what they are. It
    /// goes when the thread that sends its batches does.
    pub(super) fn renew(&self, partition: i32) {
        if let Some(producer) = self.slot(partition).lock().take() {
            producer.retire();
        }
    }

    pub(super) fn close(&self) {
        for slot in &self.slots {
            if let Some(producer) = slot.lock().take() {
                // Nothing is pending after a hand-over; after none, whoever waits has gone.
                producer.retire();
            }
        }
    }
}
