//! What is committed at once: consecutive batches of several partitions, and which of their events are to be parked.

mod sort;

pub use sort::{Held, Located, Parking, Sorted};

use std::collections::{BTreeMap, HashMap};

use event_log::subscription::{Batch, Entry, PartitionId, Position};

use crate::poison::Poison;

/// What is committed at once.
#[derive(Clone, Debug, Default)]
pub struct Work {
    runs: BTreeMap<PartitionId, Batch>,
    verdicts: HashMap<(PartitionId, i64), Verdict>,
    events: usize,
    bytes: usize,
}

/// An event that was tried often enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong with it.
    pub poison: Poison,
    /// How often it was tried.
    pub attempts: u32,
}

impl Work {
    /// One batch.
    #[must_use]
    pub fn of(batch: Batch) -> Self {
        let mut work = Self::default();
        work.add(batch);
        work
    }

    /// Takes a further batch; of a partition that is already there it must be the next one.
    pub fn add(&mut self, batch: Batch) {
        self.events += batch.entries.len();
        self.bytes += batch.entries.iter().map(weight).sum::<usize>();
        match self.runs.get_mut(&batch.partition) {
            Some(run) => {
                run.to = batch.to;
                run.entries.extend(batch.entries);
            }
            None => {
                self.runs.insert(batch.partition.clone(), batch);
            }
        }
    }

    /// Has an event parked instead of folded.
    pub fn park(&mut self, verdict: Verdict) {
        self.verdicts.insert((verdict.poison.partition.clone(), verdict.poison.offset), verdict);
    }

    /// One run of consecutive records per partition.
    pub fn runs(&self) -> impl ExactSizeIterator<Item = &Batch> {
        self.runs.values()
    }

    /// Whether no record was taken, not even one that is no event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The number of events.
    #[must_use]
    pub fn events(&self) -> usize {
        self.events
    }

    /// About how much memory the events take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Where each partition stands once this is committed.
    pub fn ends(&self) -> impl Iterator<Item = (&PartitionId, Position)> {
        self.runs.values().map(|run| (&run.partition, run.to))
    }

    /// Whether an event is in this work.
    #[must_use]
    pub fn contains(&self, partition: &PartitionId, offset: i64) -> bool {
        self.runs.get(partition).is_some_and(|run| (run.from.next_offset..run.to.next_offset).contains(&offset))
    }
}

/// The context and the id of the aggregate that an entry is of.
#[must_use]
pub fn aggregate(entry: &Entry) -> &[u8] {
    match &entry.event {
        Ok(event) => event.aggregate_id.as_bytes(),
        Err(undecodable) => &undecodable.key,
    }
}

/// About how much memory an entry takes: only texts that can be long are counted.
fn weight(entry: &Entry) -> usize {
    const FIXED: usize = 512;
    FIXED
        + match &entry.event {
            Ok(event) => event.event.text_bytes(),
            Err(undecodable) => undecodable.value.len(),
        }
}

#[cfg(test)]
mod tests;
