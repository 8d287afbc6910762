//! One producer, and the thread that sends its batches.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use super::batch::{Patience, fitting};
use super::failure::Failure;
use super::limit::Limit;
use crate::codec::Wire;
use crate::kafka::threads::{IDLE, Pulse, spawn};
use crate::transport::Unsure;

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
/// How long one wait for a batch to land takes before failures are looked for.
const LANDING: Duration = Duration::from_millis(50);
/// How long to listen for what becomes of the rest of a batch of which a record was refused.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// As the client library has it by default.
const LARGEST_BATCH: usize = 1_000_000;
/// No event of ours is larger than half of this, whatever the topic takes by the time.
const LARGEST_RECORD: usize = 2_000_000;

/// A producer that has one batch under way at a time; what is appended meanwhile gathers here and makes the next. The
/// client library could gather by itself, but an idempotent producer of it that has five records under way and more
/// to send turns in circles until they have landed, which costs a core; and its `linger.ms` costs a lone caller a
/// millisecond.
pub(super) struct Gapless {
    topic: String,
    /// That of the partitions which share it, when they got it.
    pub(super) broker: i32,
    pub(super) made_at: Instant,
    producer: BaseProducer<Failure>,
    gathered: Mutex<Vec<(i32, Wire)>>,
    appended: Condvar,
    retired: AtomicBool,
    /// Whether a batch is being sent: what becomes of it is not said yet.
    is_sending: AtomicBool,
    patience: Arc<Patience>,
    limit: Arc<Limit>,
    /// The largest batch that the client makes of more than one record, in bytes.
    largest: usize,
    landing: measures::Histogram,
}

impl Gapless {
    pub(super) fn make(
        config: &rdkafka::ClientConfig,
        topic: &str,
        broker: i32,
        patience: &Arc<Patience>,
        limit: &Arc<Limit>,
    ) -> Result<Arc<Self>, KafkaError> {
        let mut config = config.clone();
        // As the topic has it: a batch that is larger is refused, and all that are in it. A record alone may be larger
        // than the topic takes now: that is looked at before it comes here, and the topic may take more by then.
        let largest = limit.most().min(LARGEST_BATCH);
        config.set("batch.size", largest.to_string());
        config.set("message.max.bytes", limit.most().max(LARGEST_RECORD).to_string());
        let made = Arc::new(Self {
            topic: topic.to_owned(),
            broker,
            made_at: Instant::now(),
            producer: config.create_with_context(Failure::default())?,
            gathered: Mutex::default(),
            appended: Condvar::new(),
            retired: AtomicBool::new(false),
            is_sending: AtomicBool::new(false),
            patience: Arc::clone(patience),
            limit: Arc::clone(limit),
            largest,
            landing: measures::log::APPEND.with([topic.to_owned()]),
        });
        let sends = Arc::clone(&made);
        spawn("append", &broker.to_string(), move |pulse| {
            sends.send_batches(&pulse);
            // What is left of the client goes when no partition is bound to it, and takes its time.
            drop(pulse);
            drop(sends);
        });
        Ok(made)
    }

    /// Appends after everything appended before.
    pub(super) fn append(&self, partition: i32, wire: Wire) -> Result<(), Unsure> {
        if self.has_failed() {
            return Err(Unsure("the producer has failed".into()));
        }
        let mut gathered = self.gathered.lock();
        if self.retired.load(Ordering::Acquire) {
            return Err(Unsure("the producer was replaced".into()));
        }
        gathered.push((partition, wire));
        // The first wakes the thread that sends; the others find it awake.
        if gathered.len() == 1 {
            self.appended.notify_one();
        }
        Ok(())
    }

    /// What it has not sent it never will: a new term is to come.
    pub(super) fn retire(&self) {
        // Under the lock, so that the thread that sends is either waiting or yet to look.
        let mut gathered = self.gathered.lock();
        gathered.clear();
        self.retired.store(true, Ordering::Release);
        self.appended.notify_one();
    }

    fn send_batches(&self, pulse: &Pulse) {
        while let Some(batch) = self.next_batch(pulse) {
            let began = Instant::now();
            let sent = batch.iter().try_for_each(|(partition, wire)| self.send(*partition, wire));
            if let Err(error) = sent.and_then(|()| self.wait_until_landed(pulse)) {
                tracing::debug!(%error, "append failed");
                return self.fail(&batch, pulse);
            }
            self.landing.record(began.elapsed());
            self.is_sending.store(false, Ordering::Release);
            if batch.len() >= BUSY {
                self.gather();
            }
        }
    }

    /// Finds out why, as far as it is said, before a new term is begun: what was too large is refused in that one.
    fn fail(&self, batch: &[(i32, Wire)], pulse: &Pulse) {
        let (failure, until) = (self.producer.context(), Instant::now() + LAST_WORDS);
        while self.producer.in_flight_count() > 0 && Instant::now() < until {
            pulse.beat();
            self.producer.poll(LAST_WORDS / 10);
        }
        if failure.too_large.load(Ordering::Acquire) {
            let mut bytes = HashMap::new();
            batch.iter().for_each(|(partition, wire)| *bytes.entry(partition).or_insert(0) += wire.bytes());
            let together = bytes.into_values().max().unwrap_or(0).min(self.largest);
            let alone = batch.iter().map(|(_, wire)| wire.bytes()).max().unwrap_or(0);
            self.limit.refused(together.max(alone));
        }
        failure.failed.store(true, Ordering::Release);
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
            self.is_sending.store(true, Ordering::Release);
            let many = fitting(&gathered);
            if many == gathered.len() { std::mem::take(&mut *gathered) } else { gathered.drain(..many).collect() }
        })
    }

    /// Sends what was handed to the client library as one batch, and waits for the broker's word on it.
    fn wait_until_landed(&self, pulse: &Pulse) -> Result<(), Unsure> {
        let (patience, began) = (self.patience.now(), Instant::now());
        let refused = || self.producer.context().refused.load(Ordering::Acquire) || self.is_fatal();
        let retired = || self.retired.load(Ordering::Acquire);
        while self.producer.in_flight_count() > 0 && !refused() && !retired() {
            if began.elapsed() >= patience {
                self.patience.waited_in_vain();
                return Err(Unsure(format!("it has not landed within {} s", patience.as_secs())));
            }
            pulse.beat();
            flush(&self.producer, LANDING);
            self.producer.poll(Duration::ZERO);
        }
        if refused() {
            return Err(Unsure("it was refused".into()));
        }
        if !retired() {
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

    pub(super) fn has_failed(&self) -> bool {
        self.producer.context().failed.load(Ordering::Acquire)
    }

    /// Whether it appends nothing any more. A client that breaks while it sends a batch has yet to say what becomes of
    /// that.
    pub(super) fn is_broken(&self) -> bool {
        self.has_failed() || !self.is_sending.load(Ordering::Acquire) && self.is_fatal()
    }

    fn is_fatal(&self) -> bool {
        self.producer.client().fatal_error().is_some()
    }

    /// Hears what the client says of the broker: while nothing is sent there is no other look at it.
    pub(super) fn listen(&self) {
        self.producer.poll(Duration::ZERO);
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
