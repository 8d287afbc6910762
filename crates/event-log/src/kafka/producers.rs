use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::ClientContext;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};

use super::KafkaConfig;
use crate::codec::Wire;
use crate::transport::Unsure;

/// One producer per partition: when it fails, it alone is replaced.
pub(super) struct Producers {
    config: rdkafka::ClientConfig,
    topic: String,
    slots: Vec<Mutex<Option<Arc<Gapless>>>>,
}

type Gapless = BaseProducer<Failure>;

/// Notes that an append failed for good. A gapless producer appends nothing after that.
#[derive(Default)]
pub(super) struct Failure(AtomicBool);

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

impl Producers {
    pub(super) fn new(config: &KafkaConfig, topic: &str, partitions: i32) -> Result<Self, KafkaError> {
        let mut client = config.client("writer");
        client
            .set("enable.idempotence", "true")
            // A record that cannot be appended stops those after it: what they were decided on would be missing.
            .set("enable.gapless.guarantee", "true")
            // It never gives up by itself; deadlines are the caller's.
            .set("message.timeout.ms", "0")
            // A lone caller does not wait; while a request is under way the next batch gathers by itself.
            .set("linger.ms", "0")
            .set("max.in.flight.requests.per.connection", "1")
            .set("batch.num.messages", "10000")
            .set("retry.backoff.ms", "20")
            .set("retry.backoff.max.ms", "200")
            .set("delivery.report.only.error", "true")
            .set("queue.buffering.max.messages", "100000")
            .set("queue.buffering.max.kbytes", "65536");
        let slots = (0..partitions).map(|_| Mutex::default()).collect();
        Ok(Self { config: client, topic: topic.to_owned(), slots })
    }

    fn slot(&self, partition: i32) -> &Mutex<Option<Arc<Gapless>>> {
        &self.slots[usize::try_from(partition).expect("partition numbers are not negative")]
    }

    /// The partition's producer, made when first needed.
    fn get(&self, partition: i32) -> Result<Arc<Gapless>, Unsure> {
        let mut slot = self.slot(partition).lock();
        if slot.is_none() {
            let made = self.config.create_with_context(Failure::default());
            *slot = Some(Arc::new(made.map_err(|error: KafkaError| Unsure(error.to_string()))?));
        }
        Ok(Arc::clone(slot.as_ref().expect("it was just made")))
    }

    pub(super) fn send(&self, partition: i32, wire: &Wire) -> Result<(), Unsure> {
        let producer = self.get(partition)?;
        let headers = wire.headers.iter().fold(
            OwnedHeaders::new_with_capacity(wire.headers.len()),
            |headers, (key, value)| headers.insert(Header { key, value: Some(value) }),
        );
        let record =
            BaseRecord::to(&self.topic).partition(partition).key(&wire.key).payload(&wire.value).headers(headers);
        producer.send(record).map_err(|(error, _)| Unsure(error.to_string()))
    }

    /// The partitions whose producer failed since the last look.
    pub(super) fn failed(&self) -> Vec<i32> {
        let failed = |partition: &i32| {
            let Some(producer) = self.slot(*partition).lock().clone() else { return false };
            producer.poll(Duration::ZERO);
            producer.context().0.load(Ordering::Acquire) || producer.client().fatal_error().is_some()
        };
        (0..i32::try_from(self.slots.len()).unwrap_or(0)).filter(failed).collect()
    }

    /// The next append makes a new producer. The old one's records may still land: their term tells what they are.
    pub(super) fn renew(&self, partition: i32) {
        drop_elsewhere(self.slot(partition).lock().take());
    }

    pub(super) fn close(&self) {
        for slot in &self.slots {
            if let Some(producer) = slot.lock().take() {
                // Nothing is pending after a hand-over; after none, whoever waits has gone.
                let _ = producer.flush(Duration::from_millis(200));
            }
        }
    }
}

/// Dropping a producer waits for its threads; the caller holds a partition's lock.
fn drop_elsewhere(producer: Option<Arc<Gapless>>) {
    if let Some(producer) = producer {
        std::thread::spawn(move || drop(producer));
    }
}
