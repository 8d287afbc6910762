//! A log in memory: partitions of records, some of which are no events, read in batches of any size.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use domain::views::ViewEvent;
use event_log::subscription::{Batch, Entry, PartitionId, Position, SubscribeError, Undecodable};
use projection_services::log::{Log, Positions, Source};
use tokio::sync::Notify;
use uuid::Uuid;

use super::history::Dice;

pub(crate) const PARTITIONS: i32 = 3;

type Records = HashMap<PartitionId, Vec<Option<Entry>>>;

#[derive(Clone)]
pub(crate) struct MemoryLog {
    records: Arc<Mutex<Records>>,
    appended: Arc<Notify>,
    id: Uuid,
    seed: u64,
}

impl MemoryLog {
    pub(crate) fn new() -> Self {
        Self { records: Arc::default(), appended: Arc::default(), id: Uuid::new_v4(), seed: 1 }
    }

    /// With the events of a history.
    pub(crate) fn of(events: &[ViewEvent]) -> Self {
        let log = Self::new();
        events.iter().for_each(|event| log.append(event.clone()));
        log
    }

    /// Read in other batches.
    pub(crate) fn cut_by(&self, seed: u64) -> Self {
        Self { seed, ..self.clone() }
    }

    pub(crate) fn append(&self, event: ViewEvent) {
        self.push(&partition_of(&event), |offset| Some(Entry { offset, event: Ok(Arc::new(event)) }));
    }

    /// A record of an aggregate that no one can decode.
    pub(crate) fn append_garbage(&self, like: &ViewEvent) {
        let key = like.aggregate_id.clone().into_bytes();
        let undecodable = Undecodable { reason: "the schema is not known".into(), key, value: b"\x00garbage".to_vec() };
        self.push(&partition_of(like), |offset| Some(Entry { offset, event: Err(undecodable) }));
    }

    /// Readers learnt to decode it.
    pub(crate) fn mend(&self, event: ViewEvent) {
        let mut records = self.records.lock().unwrap();
        let garbage = records.values_mut().flatten().flatten().find(|entry| match &entry.event {
            Err(undecodable) => undecodable.key == event.aggregate_id.as_bytes(),
            Ok(_) => false,
        });
        garbage.unwrap().event = Ok(Arc::new(event));
    }

    /// The same log as other readers see it, who can decode that event; from here on each is appended to by itself.
    pub(crate) fn as_known_to_others(&self, event: ViewEvent) -> Self {
        let others = self.as_it_is();
        others.mend(event);
        others
    }

    /// The same log, of which a reader sees nothing that is appended from now on.
    pub(crate) fn as_it_is(&self) -> Self {
        let records = self.records.lock().unwrap().clone();
        Self { records: Arc::new(Mutex::new(records)), appended: Arc::default(), ..self.clone() }
    }

    /// A record that is no event: a new term.
    pub(crate) fn append_void(&self, partition: &PartitionId) {
        self.push(partition, |_| None);
    }

    fn push(&self, partition: &PartitionId, record: impl FnOnce(i64) -> Option<Entry>) {
        let mut records = self.records.lock().unwrap();
        let partition = records.entry(partition.clone()).or_default();
        let offset = i64::try_from(partition.len()).unwrap();
        partition.push(record(offset));
        self.appended.notify_waiters();
    }

    fn position(&self, records: &[Option<Entry>], offset: usize) -> Position {
        if offset == 0 {
            return Position::START;
        }
        let next_seq = records[..offset].iter().flatten().count() as u64;
        Position { log_id: Some(self.id), next_offset: i64::try_from(offset).unwrap(), term: 1, next_seq }
    }

    fn batch(&self, partition: &PartitionId, at: Position, size: usize) -> Option<Batch> {
        let records = self.records.lock().unwrap();
        let records = records.get(partition)?;
        let from = usize::try_from(at.next_offset).unwrap();
        let to = (from + size).min(records.len());
        (from < to).then(|| Batch {
            partition: partition.clone(),
            from: at,
            to: self.position(records, to),
            entries: records[from..to].iter().flatten().cloned().collect(),
        })
    }
}

pub(crate) fn partition_of(event: &ViewEvent) -> PartitionId {
    let context = event.event.context();
    let hash = event.aggregate_id.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    PartitionId { context: context.into(), partition: i32::try_from(hash % PARTITIONS as u32).unwrap() }
}

impl Log for MemoryLog {
    type Source = MemorySource;

    fn partitions(&self, contexts: &[&str]) -> Vec<PartitionId> {
        let of = |context: &&str| {
            let context = context.to_string();
            (0..PARTITIONS).map(move |partition| PartitionId { context: context.clone(), partition })
        };
        contexts.iter().flat_map(of).collect()
    }

    async fn open(
        &self,
        contexts: &[&str],
        positions: Positions,
        max_batch: usize,
    ) -> Result<MemorySource, SubscribeError> {
        let at: Vec<(PartitionId, Position)> = self
            .partitions(contexts)
            .into_iter()
            .map(|partition| {
                let at = positions.get(&partition).copied().unwrap_or(Position::START);
                (partition, at)
            })
            .collect();
        if let Some((partition, _)) = at.iter().find(|(_, at)| at.log_id.is_some_and(|id| id != self.id)) {
            let reason = "the position is of another log".into();
            return Err(SubscribeError::ForeignPosition { partition: partition.clone(), reason });
        }
        Ok(MemorySource { log: self.clone(), at, dice: Dice::new(self.seed), max_batch })
    }
}

pub(crate) struct MemorySource {
    log: MemoryLog,
    at: Vec<(PartitionId, Position)>,
    dice: Dice,
    max_batch: usize,
}

impl Source for MemorySource {
    async fn next(&mut self) -> Result<Batch, SubscribeError> {
        loop {
            let log = self.log.clone();
            let appended = log.appended.notified();
            let first = self.dice.below(self.at.len());
            for i in 0..self.at.len() {
                let size = 1 + self.dice.below(self.max_batch.min(40));
                let count = self.at.len();
                let (partition, at) = &mut self.at[(first + i) % count];
                if let Some(batch) = self.log.batch(partition, *at, size) {
                    *at = batch.to;
                    return Ok(batch);
                }
            }
            appended.await;
        }
    }

    async fn ends(&mut self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        let records = self.log.records.lock().unwrap();
        let end = |partition: &PartitionId| i64::try_from(records.get(partition).map_or(0, Vec::len)).unwrap();
        Ok(self.at.iter().map(|(partition, _)| (partition.clone(), end(partition))).collect())
    }

    fn moved(&self) -> Option<String> {
        None
    }

    async fn seek(&mut self, partition: &PartitionId, position: Position) -> Result<(), SubscribeError> {
        let (_, at) = self.at.iter_mut().find(|(known, _)| known == partition).unwrap();
        *at = position;
        Ok(())
    }
}
