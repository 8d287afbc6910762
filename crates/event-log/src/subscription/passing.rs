//! Ends that the broker has told and that reading never comes to, for there is no record before them: see
//! [`crate::kafka::gaps`]. They are passed all the same, so that a handler's position reaches each end.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::PartitionId;
use crate::kafka::KafkaConfig;
use crate::kafka::gaps::{Behind, LOOK, Stillness, nothing_until};

/// How often it is asked whether a partition stands still while others do not.
const BESIDE: Duration = Duration::from_secs(2);

/// The end of each partition as it was told last.
pub(super) type Ends = Arc<Mutex<HashMap<PartitionId, i64>>>;

/// Looks whether anything is before the ends that reading does not come to, beside the reader.
pub(super) struct Passing {
    kafka: KafkaConfig,
    ends: Ends,
    stillness: Stillness,
    /// When it was asked last.
    asked: Instant,
    looking: Option<Receiver<Vec<(Behind, i64)>>>,
}

/// There is no record from `next` up to `end`.
pub(super) struct Gap {
    pub(super) partition: PartitionId,
    pub(super) next: i64,
    pub(super) end: i64,
}

impl Passing {
    pub(super) fn of(kafka: KafkaConfig, ends: Ends) -> Self {
        Self { kafka, ends, stillness: Stillness::default(), asked: Instant::now(), looking: None }
    }

    /// Whether to ask for gaps: where nothing was read, and now and then where other partitions give records without a
    /// pause. Then a partition stands still for the while that its turn takes, too, so it is asked seldom.
    pub(super) fn is_due(&mut self, nothing_read: bool) -> bool {
        let is_due = nothing_read || self.asked.elapsed() >= BESIDE;
        if is_due {
            self.asked = Instant::now();
        }
        is_due
    }

    /// What a look has found; begins a look where reading stands still. `next` tells what is to be read next.
    pub(super) fn gaps(&mut self, next: impl Fn(&PartitionId) -> Option<i64>) -> Vec<Gap> {
        let Some(looking) = &self.looking else {
            self.look_if_still(next);
            return Vec::new();
        };
        match looking.try_recv() {
            Ok(found) => {
                self.looking = None;
                found.into_iter().filter_map(|(it, end)| self.gap(&it, end)).collect()
            }
            Err(TryRecvError::Empty) => Vec::new(),
            Err(TryRecvError::Disconnected) => {
                self.looking = None;
                Vec::new()
            }
        }
    }

    fn look_if_still(&mut self, next: impl Fn(&PartitionId) -> Option<i64>) {
        let behind = |(id, end): (&PartitionId, &i64)| {
            let next = next(id).filter(|next| next < end)?;
            Some(Behind { topic: self.kafka.topic(&id.context), partition: id.partition, next, end: *end })
        };
        let behind = self.ends.lock().iter().filter_map(behind).collect();
        let still = self.stillness.of(behind);
        if still.is_empty() {
            return;
        }
        let (kafka, (tell, told)) = (self.kafka.clone(), sync_channel(1));
        let look = move || match nothing_until(&kafka, &still, Instant::now() + LOOK) {
            // The reader may have ended meanwhile.
            Ok(passed) => drop(tell.send(passed)),
            Err(error) => tracing::debug!(%error, "the ends cannot be read"),
        };
        let builder = std::thread::Builder::new().name("gaps".into()).stack_size(256 * 1024);
        // Where no thread can be started, it is looked later.
        self.looking = builder.spawn(look).ok().map(|_| told);
    }

    fn gap(&self, it: &Behind, end: i64) -> Option<Gap> {
        let ends = self.ends.lock();
        let is_it = |id: &&PartitionId| id.partition == it.partition && self.kafka.topic(&id.context) == it.topic;
        ends.keys().find(is_it).map(|id| Gap { partition: id.clone(), next: it.next, end })
    }
}
