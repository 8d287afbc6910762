//! Replaying: each event is read again from the log, where it is, and applied to the rows as they are now; per
//! aggregate in order, and not past one that still cannot be handled.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use anyhow::{Context, bail};
use event_log::subscription::{Entry, PartitionId};

use super::ParkedEntry;
use super::postgres::list;
use crate::content::{Content, unavailable};
use crate::lists::{InRedis, Set};
use crate::log::{Log, Positions, Source};
use crate::projector::{Failed, Projector};
use crate::work::Located;

/// A projector whose parked events can be tried again.
pub trait Replayer: Projector {
    /// What it has parked, in the order of the log.
    fn parked(&mut self) -> impl Future<Output = Result<Vec<ParkedEntry>, Failed>> + Send;

    /// Applies the event and takes it off the list, both or neither; `false` if it was not on the list any more.
    fn replay(&mut self, event: Located<'_>, parked: &ParkedEntry)
    -> impl Future<Output = Result<bool, Failed>> + Send;
}

impl Replayer for Content {
    async fn parked(&mut self) -> Result<Vec<ParkedEntry>, Failed> {
        let mut connection = self.take_connection().await?;
        let parked = list(&mut connection, self.name()).await.map_err(unavailable)?;
        self.put_back(connection);
        Ok(parked)
    }

    async fn replay(&mut self, event: Located<'_>, _: &ParkedEntry) -> Result<bool, Failed> {
        Content::replay(self, event).await
    }
}

impl<S: Set> Replayer for InRedis<S> {
    async fn parked(&mut self) -> Result<Vec<ParkedEntry>, Failed> {
        let keys = self.keys().clone();
        self.store().parked(&keys).await
    }

    async fn replay(&mut self, event: Located<'_>, parked: &ParkedEntry) -> Result<bool, Failed> {
        InRedis::replay(self, event, parked).await
    }
}

/// What became of parked events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replayed {
    /// How many are applied now.
    pub applied: usize,
    /// Which still cannot be handled, by place, and why.
    pub failed: Vec<(String, String)>,
    /// How many have to wait for those.
    pub waiting: usize,
}

/// Replays the given parked events of one projector, which must be in the order of the log.
///
/// # Errors
/// The store or the log fails; what was applied until then is applied.
pub async fn replay<L: Log, R: Replayer>(
    log: &L,
    contexts: &[&str],
    replayer: &mut R,
    parked: &[ParkedEntry],
) -> anyhow::Result<Replayed> {
    let mut replayed = Replayed::default();
    // What was parked in one commit has one position to read from.
    let mut stretches: BTreeMap<(PartitionId, i64), Vec<&ParkedEntry>> = BTreeMap::new();
    for entry in parked {
        let partition = PartitionId { context: entry.context.clone(), partition: entry.partition };
        stretches.entry((partition, entry.from.next_offset)).or_default().push(entry);
    }
    // The partitions that nothing is wanted of are read from where the projector is: there is little to come.
    let positions = replayer.positions().await.context("reading the positions")?;
    let mut blocked: BTreeSet<(&str, &str)> = BTreeSet::new();
    for ((partition, _), wanted) in &stretches {
        let records = read(log, contexts, &positions, partition, wanted).await?;
        for entry in wanted {
            let aggregate = (entry.context.as_str(), entry.key.as_str());
            if blocked.contains(&aggregate) {
                replayed.waiting += 1;
                continue;
            }
            match apply(replayer, partition, entry, records.get(&entry.offset)).await? {
                Ok(applied) => replayed.applied += usize::from(applied),
                Err(reason) => {
                    blocked.insert(aggregate);
                    replayed.failed.push((entry.place(), reason));
                }
            }
        }
    }
    Ok(replayed)
}

/// The records at the wanted offsets.
async fn read<L: Log>(
    log: &L,
    contexts: &[&str],
    positions: &Positions,
    partition: &PartitionId,
    wanted: &[&ParkedEntry],
) -> anyhow::Result<BTreeMap<i64, Entry>> {
    let offsets: BTreeSet<i64> = wanted.iter().map(|entry| entry.offset).collect();
    let (Some(first), Some(last)) = (wanted.first(), offsets.last()) else { return Ok(BTreeMap::new()) };
    let mut from = positions.clone();
    from.insert(partition.clone(), first.from);
    let mut source = log.open(contexts, from, 500).await.context("opening the log")?;
    let mut records = BTreeMap::new();
    loop {
        let batch = source.next().await.context("reading the log")?;
        if batch.partition != *partition {
            continue;
        }
        records.extend(batch.entries.into_iter().filter(|e| offsets.contains(&e.offset)).map(|e| (e.offset, e)));
        if batch.to.next_offset > *last {
            return Ok(records);
        }
    }
}

/// Applies one event; the inner error is why it still cannot be handled.
async fn apply<R: Replayer>(
    replayer: &mut R,
    partition: &PartitionId,
    parked: &ParkedEntry,
    record: Option<&Entry>,
) -> anyhow::Result<Result<bool, String>> {
    let Some(record) = record else { bail!("there is no valid event at {} any more", parked.place()) };
    let event = match &record.event {
        Ok(event) => event,
        Err(undecodable) => return Ok(Err(undecodable.reason.clone())),
    };
    match replayer.replay(Located { partition, offset: record.offset, event }, parked).await {
        Ok(applied) => Ok(Ok(applied)),
        Err(Failed::Poisoned(poison)) => {
            Ok(Err(poison.into_iter().map(|poison| poison.reason).collect::<Vec<_>>().join("; ")))
        }
        Err(failed @ (Failed::Moved | Failed::Unavailable(_))) => Err(failed.into()),
    }
}
