//! The events of the log that may be an account's, in turns: where the index is, those that it names; from there on all
//! of them, up to where the log ended when they were asked for. The index may be behind, or empty, or of another log
//! than is read: the less it is of use, the more is read. Nothing is left out.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use event_log::subscription::{Batch, Entry, PartitionId, Picker, SubscribeError, Subscription, SubscriptionConfig};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::index::Index;

/// For opening the log.
pub(super) const OPENING: Duration = Duration::from_secs(10);
/// For a turn, or for a batch of the log and the turn before it.
const READING: Duration = Duration::from_secs(30);
/// For a few events here and there.
const PICKING: Duration = Duration::from_secs(15);

/// What is to be read.
pub(super) struct Events {
    turns: Arc<Semaphore>,
    /// Until all of it is read.
    indexed: Option<Indexed>,
    rest: Subscription,
    /// Partitions whose end is not reached.
    left: HashSet<PartitionId>,
    /// Where each partition ended.
    pub(super) ends: HashMap<PartitionId, i64>,
}

/// What is read by the index.
struct Indexed {
    index: Index,
    picker: Picker,
    /// The partitions that are left, the next one last.
    partitions: Vec<PartitionId>,
    /// The places that are known and not read, and from where on others are asked for.
    wanted: VecDeque<i64>,
    from: i64,
}

impl Events {
    /// All that there is now, and at least what is before `shown`: a broker that others succeeded says where a
    /// partition ended before.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(super) async fn open(
        log: &SubscriptionConfig,
        index: Option<Index>,
        shown: &HashMap<PartitionId, i64>,
        turns: &Arc<Semaphore>,
    ) -> Result<Self, SubscribeError> {
        let from = index.as_ref().map(|index| index.positions.clone()).unwrap_or_default();
        let (rest, index) = match Subscription::open(log.clone(), from, OPENING).await {
            Err(SubscribeError::ForeignPosition { reason, .. }) if index.is_some() => {
                tracing::warn!(reason, "the index of accounts' events is of another log: an export reads all of it");
                (Subscription::open(log.clone(), HashMap::new(), OPENING).await?, None)
            }
            opened => (opened?, index),
        };
        let mut ends = rest.ends().await?;
        for (id, end) in &mut ends {
            *end = shown.get(id).copied().unwrap_or(0).max(*end);
        }
        let indexed = match index {
            Some(index) => Some(Indexed::of(index, Picker::new(log).await?, &ends)),
            None => None,
        };
        let begins = |id: &PartitionId| indexed.as_ref().map_or(0, |indexed| indexed.ends_at(id));
        let left = ends.iter().filter(|(id, end)| **end > begins(id)).map(|(id, _)| id.clone()).collect();
        Ok(Self { turns: Arc::clone(turns), indexed, rest, left, ends })
    }

    /// The next of them, of one partition; `None` after the last.
    ///
    /// # Errors
    /// The log cannot be read, or the index is another one by now.
    pub(super) async fn next(&mut self) -> anyhow::Result<Option<(PartitionId, Vec<Entry>)>> {
        if let Some(indexed) = &mut self.indexed {
            if let Some(found) = indexed.next(&self.turns).await? {
                return Ok(Some(found));
            }
            indexed.index.check().await?;
            self.indexed = None;
        }
        if self.left.is_empty() {
            return Ok(None);
        }
        let Batch { partition, from, to, mut entries } = timeout(READING, self.batch()).await??;
        read("scan", to.next_offset - from.next_offset);
        let end = self.ends.get(&partition).copied().unwrap_or(0);
        entries.retain(|entry| entry.offset < end);
        if to.next_offset >= end {
            self.left.remove(&partition);
        }
        Ok(Some((partition, entries)))
    }

    async fn batch(&mut self) -> anyhow::Result<Batch> {
        let _turn = self.turns.acquire().await?;
        Ok(self.rest.next().await?)
    }
}

impl Indexed {
    fn of(index: Index, picker: Picker, ends: &HashMap<PartitionId, i64>) -> Self {
        let mut partitions: Vec<PartitionId> =
            index.positions.keys().filter(|id| ends.contains_key(*id)).cloned().collect();
        partitions.sort_unstable_by(|one, other| other.cmp(one));
        Self { index, picker, partitions, wanted: VecDeque::new(), from: 0 }
    }

    fn ends_at(&self, id: &PartitionId) -> i64 {
        self.index.positions.get(id).map_or(0, |at| at.next_offset)
    }

    async fn next(&mut self, turns: &Semaphore) -> anyhow::Result<Option<(PartitionId, Vec<Entry>)>> {
        while let Some(partition) = self.partitions.last().cloned() {
            if self.wanted.is_empty() {
                self.wanted = self.index.page(&partition, self.from).await?;
                anyhow::ensure!(self.wanted.iter().all(|place| *place >= self.from), "the index goes back");
                let Some(last) = self.wanted.back() else {
                    self.partitions.pop();
                    self.from = 0;
                    continue;
                };
                self.from = last + 1;
            }
            let _turn: SemaphorePermit<'_> = timeout(READING, turns.acquire()).await??;
            let picked = self.picker.pick(&partition, &mut self.wanted, PICKING).await?;
            read("index", i64::try_from(picked.read).unwrap_or(i64::MAX));
            return Ok(Some((partition, picked.entries)));
        }
        Ok(None)
    }
}

/// So many records were read for exports.
fn read(by: &'static str, records: i64) {
    measures::identity::EXPORT_RECORDS.with([by]).increment(records.unsigned_abs());
}
