//! Reads exactly up to given positions: a rebuilt view must have seen what the live one has seen, and nothing more.

use std::collections::{HashMap, HashSet};

use event_log::subscription::{Batch, PartitionId, Position, SubscribeError};

use crate::log::{Log, Positions, Source};
use crate::work::Work;

/// How far to read one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To this position and no record further.
    Exactly(Position),
    /// To this offset or further.
    AtLeast(i64),
}

/// How far to read.
pub type Targets = HashMap<PartitionId, Target>;

/// Reads up to targets, again and again.
#[derive(Debug)]
pub struct Reader<S> {
    source: S,
    at: Positions,
    /// Partitions of which the source has gone further than we took: it must seek back before we go on.
    ahead: HashSet<PartitionId>,
    max_events: usize,
    max_bytes: usize,
}

impl Target {
    fn reached(self, at: Position) -> bool {
        at.next_offset
            >= match self {
                Self::Exactly(position) => position.next_offset,
                Self::AtLeast(offset) => offset,
            }
    }
}

impl<S: Source> Reader<S> {
    /// Opens the log at its beginning.
    ///
    /// # Errors
    /// The log cannot be used.
    pub async fn open<L: Log<Source = S>>(
        log: &L,
        contexts: &[&str],
        batch: usize,
        (max_events, max_bytes): (usize, usize),
    ) -> Result<Self, SubscribeError> {
        let source = log.open(contexts, Positions::new(), batch).await?;
        Ok(Self { source, at: Positions::new(), ahead: HashSet::new(), max_events, max_bytes })
    }

    /// The ends of the log.
    ///
    /// # Errors
    /// The log does not say.
    pub async fn ends(&mut self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        self.source.ends().await
    }

    /// Takes other limits for a piece of work: events and bytes.
    pub fn limit(&mut self, (max_events, max_bytes): (usize, usize)) {
        (self.max_events, self.max_bytes) = (max_events, max_bytes);
    }

    /// How far it has read.
    #[must_use]
    pub fn positions(&self) -> &Positions {
        &self.at
    }

    /// Goes back, to read again from there.
    pub fn go_back(&mut self, to: &Positions) {
        for (partition, at) in &mut self.at {
            let to = to.get(partition).copied().unwrap_or(Position::START);
            if to.next_offset < at.next_offset {
                *at = to;
                self.ahead.insert(partition.clone());
            }
        }
    }

    /// The next piece of work on the way to the targets; `None` when they are reached.
    ///
    /// # Errors
    /// The log cannot be read, or is another than the targets are of.
    pub async fn next(&mut self, targets: &Targets) -> Result<Option<Work>, SubscribeError> {
        self.turn_back(targets).await?;
        let mut work = Work::default();
        while work.events() < self.max_events
            && work.bytes() < self.max_bytes
            && targets.iter().any(|(partition, target)| !target.reached(self.at(partition)))
        {
            let batch = self.source.next().await?;
            if let Some(batch) = self.take(batch, targets)? {
                self.at.insert(batch.partition.clone(), batch.to);
                work.add(batch);
            }
        }
        Ok(if work.is_empty() { None } else { Some(work) })
    }

    fn at(&self, partition: &PartitionId) -> Position {
        self.at.get(partition).copied().unwrap_or(Position::START)
    }

    /// What of a batch is on the way to its target. The rest is read again when the target has moved: keeping it
    /// would keep whatever the live projector lags behind.
    fn take(&mut self, batch: Batch, targets: &Targets) -> Result<Option<Batch>, SubscribeError> {
        let at = self.at(&batch.partition);
        let Some(target) = targets.get(&batch.partition) else {
            self.ahead.insert(batch.partition);
            return Ok(None);
        };
        if let Target::Exactly(Position { log_id: Some(theirs), .. }) = target
            && batch.to.log_id.is_some_and(|ours| ours != *theirs)
        {
            let reason = "the live projector's position is of another log".to_owned();
            return Err(SubscribeError::ForeignPosition { partition: batch.partition, reason });
        }
        if batch.from.next_offset != at.next_offset || target.reached(at) {
            self.ahead.insert(batch.partition);
            return Ok(None);
        }
        match target {
            Target::Exactly(end) if batch.to.next_offset > end.next_offset => {
                self.ahead.insert(batch.partition.clone());
                let mut entries = batch.entries;
                entries.retain(|entry| entry.offset < end.next_offset);
                Ok(Some(Batch { partition: batch.partition, from: batch.from, to: *end, entries }))
            }
            Target::Exactly(_) | Target::AtLeast(_) => Ok(Some(batch)),
        }
    }

    async fn turn_back(&mut self, targets: &Targets) -> Result<(), SubscribeError> {
        let ahead: Vec<PartitionId> = self.ahead.iter().cloned().collect();
        for partition in ahead {
            let at = self.at(&partition);
            if targets.get(&partition).is_some_and(|target| !target.reached(at)) {
                self.source.seek(&partition, at).await?;
                self.ahead.remove(&partition);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
