mod batch;
mod failure;
mod gapless;
mod limit;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::error::KafkaError;

use super::KafkaConfig;
use super::leaders::Leaders;
use super::threads::drop_aside;
use crate::codec::Wire;
use crate::transport::Unsure;
use batch::Patience;
use gapless::Gapless;
pub(super) use limit::Limit;

/// A new producer needs half a second before its first record.
const WARM: Duration = Duration::from_secs(1);

/// The producers of a topic: one for all partitions that have the same broker's leader, for these fare alike: what
/// holds up one holds up all. A batch, its wake-ups and its wait cost nearly the same for one partition as for four.
pub(super) struct Producers {
    config: rdkafka::ClientConfig,
    topic: String,
    /// While a partition that another broker leads by now still has its producer, one that waits for its broker holds
    /// up the others' batches: slow, not wrong. See [`Producers::misplaced`].
    leaders: Arc<Leaders>,
    limit: Arc<Limit>,
    newest: Mutex<HashMap<i32, Arc<Gapless>>>,
    /// What each partition appends with; nothing before its first append, and after a failure.
    slots: Vec<Mutex<Option<Arc<Gapless>>>>,
    patience: Arc<Patience>,
}

impl Producers {
    /// Blocks while clients are made.
    pub(super) fn new(
        config: &KafkaConfig,
        topic: &str,
        leaders: &Arc<Leaders>,
        largest_bytes: usize,
    ) -> Result<Self, KafkaError> {
        let limit = Arc::new(Limit::new(config, topic, largest_bytes));
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
        let slots: Vec<_> = (0..leaders.partitions()).map(|_| Mutex::default()).collect();
        let partitions = i32::try_from(slots.len()).unwrap_or(i32::MAX);
        let patience = Arc::new(Patience::default());
        let newest = Mutex::default();
        let (topic, leaders) = (topic.to_owned(), Arc::clone(leaders));
        let producers = Self { config: client, topic, leaders, limit, newest, slots, patience };
        for partition in 0..partitions {
            // Not when a partition is taken over.
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
        let bound = self.newest_of(self.leaders.leader(partition))?;
        *slot = Some(Arc::clone(&bound));
        Ok(bound)
    }

    /// The newest producer of a broker that works; made where there is none.
    fn newest_of(&self, broker: i32) -> Result<Arc<Gapless>, Unsure> {
        let mut newest = self.newest.lock();
        if let Some(usable) = newest.get(&broker).filter(|producer| !producer.is_broken()) {
            return Ok(Arc::clone(usable));
        }
        let made = Gapless::make(&self.config, &self.topic, broker, &self.patience, &self.limit);
        let made = made.map_err(|error| Unsure(error.to_string()))?;
        newest.insert(broker, Arc::clone(&made));
        Ok(made)
    }

    /// Sees to it that the partition has a producer, before it is needed.
    pub(super) fn bind(&self, partition: i32) {
        if let Err(error) = self.get(partition) {
            // Who appends makes another attempt.
            tracing::debug!(topic = self.topic, partition, %error, "no producer can be made");
        }
    }

    /// The partitions that another broker leads by now than when they got their producer, once that broker's is there
    /// for long enough to append at once. They are to be renewed.
    pub(super) fn misplaced(&self) -> Vec<i32> {
        let is_misplaced = |partition: &i32| {
            let leader = self.leaders.leader(*partition);
            let of = self.slot(*partition).lock().as_ref().map(|producer| producer.broker);
            // Where no broker leads there is none to follow.
            leader >= 0 && of.is_some_and(|of| of != leader) && self.is_warm(leader)
        };
        (0..i32::try_from(self.slots.len()).unwrap_or(0)).filter(is_misplaced).collect()
    }

    fn is_warm(&self, broker: i32) -> bool {
        self.newest_of(broker).is_ok_and(|producer| producer.made_at.elapsed() >= WARM)
    }

    /// The largest record that can be appended.
    pub(super) fn limit(&self) -> &Arc<Limit> {
        &self.limit
    }

    pub(super) fn send(&self, partition: i32, wire: Wire) -> Result<(), Unsure> {
        self.get(partition)?.append(partition, wire)
    }

    /// The partitions whose producer failed since the last look.
    pub(super) fn failed(&self) -> Vec<i32> {
        for producer in self.newest.lock().values() {
            producer.listen();
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
        // The caller has the partition to itself.
        drop_aside(old);
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
