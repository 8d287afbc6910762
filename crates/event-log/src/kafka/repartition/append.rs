//! Appending to a topic without waiting for each record; one that fails ends the attempt.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rdkafka::ClientContext;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::{DeliveryResult, Header, Headers as _, Message, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{BaseRecord, Producer as _, ProducerContext, ThreadedProducer};

use super::super::{KafkaConfig, KafkaError};
use crate::codec::{Codec, Wire, header};
use crate::record::TermStarted;

/// How long a record may take to land.
const LANDING: Duration = Duration::from_secs(60);
/// How long to wait for room in the client's queue.
const ROOM: Duration = Duration::from_millis(1);

/// Why a record did not land, if one did not.
#[derive(Default)]
struct Failure(Mutex<Option<String>>);

impl ClientContext for Failure {}

impl ProducerContext for Failure {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            self.0.lock().get_or_insert_with(|| error.to_string());
        }
    }
}

/// Appends to one topic.
pub(super) struct Appender {
    producer: ThreadedProducer<Failure>,
    topic: String,
}

impl Appender {
    pub(super) fn new(config: &KafkaConfig, topic: &str, largest_bytes: usize) -> Result<Self, KafkaError> {
        let mut client = config.client("repartition");
        client
            .set("enable.idempotence", "true")
            // One record that cannot be appended stops those after it: the stamps have no gap.
            .set("enable.gapless.guarantee", "true")
            .set("message.timeout.ms", LANDING.as_millis().to_string())
            .set("message.max.bytes", largest_bytes.clamp(1_000_000, 1_000_000_000).to_string())
            .set("linger.ms", "5")
            .set("batch.num.messages", "10000")
            .set("delivery.report.only.error", "true")
            .set("queue.buffering.max.messages", "100000")
            .set("queue.buffering.max.kbytes", "65536");
        Ok(Self { producer: client.create_with_context(Failure::default())?, topic: topic.to_owned() })
    }

    /// Appends a record like this one, under these headers. Waits while too many are under way.
    pub(super) fn send(&self, partition: i32, like: &OwnedMessage, headers: OwnedHeaders) -> Result<(), KafkaError> {
        let (key, value) = (like.key().unwrap_or_default(), like.payload().unwrap_or_default());
        let at = like.timestamp().to_millis();
        let record = BaseRecord::to(&self.topic).partition(partition).key(key).payload(value).headers(headers);
        self.give(at.into_iter().fold(record, BaseRecord::timestamp))
    }

    /// Appends the record that begins a term.
    pub(super) fn start_term(&self, partition: i32, codec: &Codec, started: &TermStarted) -> Result<(), KafkaError> {
        let Wire { key, value, headers } = codec.encode_term(&self.topic, started).map_err(KafkaError::Unfit)?;
        let all = OwnedHeaders::new_with_capacity(headers.iter().len());
        let headers = headers.iter().fold(all, |all, (key, value)| all.insert(Header { key, value: Some(value) }));
        self.give(BaseRecord::to(&self.topic).partition(partition).key(&key[..]).payload(&value[..]).headers(headers))
    }

    fn give<K: rdkafka::message::ToBytes + ?Sized>(&self, record: BaseRecord<'_, K, [u8]>) -> Result<(), KafkaError> {
        let (mut record, until) = (record, Instant::now() + LANDING);
        loop {
            self.check()?;
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((error, back)) => {
                    let is_full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
                    if !is_full || Instant::now() >= until {
                        return Err(error.into());
                    }
                    record = back;
                    std::thread::sleep(ROOM);
                }
            }
        }
    }

    /// Waits until everything has landed.
    pub(super) fn flush(&self) -> Result<(), KafkaError> {
        self.producer.flush(LANDING)?;
        self.check()
    }

    /// Whether everything has landed so far that should have.
    pub(super) fn check(&self) -> Result<(), KafkaError> {
        let failed = self.producer.context().0.lock().clone();
        failed.map_or(Ok(()), |why| Err(KafkaError::Unfit(format!("{}: a record did not land: {why}", self.topic))))
    }
}

/// A record's headers with another stamp.
pub(super) fn restamped(message: &OwnedMessage, term: u64, seq: u64) -> OwnedHeaders {
    let former = message.headers();
    let all = OwnedHeaders::new_with_capacity(former.map_or(2, |headers| headers.count() + 2));
    let kept = former.into_iter().flat_map(|headers| headers.iter());
    let kept = kept.filter(|header| ![header::TERM, header::SEQ].contains(&header.key));
    kept.fold(all, rdkafka::message::OwnedHeaders::insert)
        .insert(Header { key: header::TERM, value: Some(&term.to_string()) })
        .insert(Header { key: header::SEQ, value: Some(&seq.to_string()) })
}
