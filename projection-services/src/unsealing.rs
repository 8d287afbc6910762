//! Opening what is personal: between reading a batch and folding it, sealed text is replaced by what it says. So folds
//! see plain text and know of no keys.
//!
//! Where a person's key is gone the person was forgotten, and the text is empty. Where Postgres does not say whether
//! the key is there, or the key ring does not unwrap it, the batch waits: no person is taken for forgotten because
//! something is out of order. Text that was sealed under the key and does not verify cannot be handled, and is parked.

mod keys;

pub use keys::Keys;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::Decider as _;
use domain::accounts::Accounts;
use domain::personal::Sealed;
use domain::values::Invalid;
use domain::views::ViewEvent;
use event_log::subscription::{Batch, Entry, PartitionId, Position, SubscribeError, Undecodable};
use sealing::DataKey;
use uuid::Uuid;

use crate::log::{Log, Positions, Source};

/// A log whose batches come opened.
#[derive(Clone, Debug)]
pub struct Unsealing<L> {
    log: L,
    keys: Keys,
    /// Whether all keys are read when the log is opened: for a reader of all of it.
    ahead: bool,
}

impl<L: Log> Unsealing<L> {
    /// For a reader that goes on: keys are read when they are needed.
    #[must_use]
    pub fn new(log: L, keys: Keys) -> Self {
        Self { log, keys, ahead: false }
    }

    /// For a reader from the beginning: keys are read at once, beside the opening of the log.
    #[must_use]
    pub fn ahead(self) -> Self {
        Self { ahead: true, ..self }
    }
}

impl<L: Log> Log for Unsealing<L> {
    type Source = Opened<L::Source>;

    fn partitions(&self, contexts: &[&str]) -> Vec<PartitionId> {
        self.log.partitions(contexts)
    }

    async fn open(
        &self,
        contexts: &[&str],
        positions: Positions,
        max_batch: usize,
    ) -> Result<Self::Source, SubscribeError> {
        let ahead = self.ahead && contexts.contains(&Accounts::NAME);
        let ahead = async { if ahead { self.keys.read_all().await } else { Ok(()) } };
        let (source, read) = tokio::join!(self.log.open(contexts, positions, max_batch), ahead);
        if let Err(error) = read {
            // A key that is needed is asked for again, and then the reader is told.
            tracing::debug!(%error, "reading all keys ahead");
        }
        Ok(Opened { source: source?, keys: self.keys.clone(), sealed: None })
    }
}

/// A source whose batches come opened.
#[derive(Debug)]
pub struct Opened<S> {
    source: S,
    keys: Keys,
    /// What was read and is not opened yet: a caller that stopped waiting for it finds it here.
    sealed: Option<Batch>,
}

impl<S: Source> Source for Opened<S> {
    async fn next(&mut self) -> Result<Batch, SubscribeError> {
        if self.sealed.is_none() {
            self.sealed = Some(self.source.next().await?);
        }
        let people = self.sealed.as_ref().map(people).unwrap_or_default();
        let keys = if people.is_empty() { HashMap::new() } else { self.keys.of(people).await? };
        let mut batch = self.sealed.take().expect("it was read above, and nothing took it since");
        batch.entries.iter_mut().for_each(|entry| open(entry, &keys));
        self.keys.forget(batch.entries.iter().filter_map(erased));
        Ok(batch)
    }

    async fn ends(&mut self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        self.source.ends().await
    }

    async fn known_ends(&mut self) -> HashMap<PartitionId, i64> {
        self.source.known_ends().await
    }

    fn moved(&self) -> Option<String> {
        self.source.moved()
    }

    async fn seek(&mut self, partition: &PartitionId, position: Position) -> Result<(), SubscribeError> {
        self.sealed.take_if(|batch| batch.partition == *partition);
        self.source.seek(partition, position).await
    }
}

/// Whose texts are sealed in a batch.
fn people(batch: &Batch) -> HashSet<Uuid> {
    batch.entries.iter().filter_map(|entry| entry.event.as_ref().ok()).filter_map(|event| sealed_for(event)).collect()
}

fn sealed_for(event: &ViewEvent) -> Option<Uuid> {
    event.event.sealed_for(&event.aggregate_id)
}

/// Who is forgotten from here on.
fn erased(entry: &Entry) -> Option<Uuid> {
    let event = entry.event.as_ref().ok()?;
    event.event.erases(&event.aggregate_id)
}

fn open(entry: &mut Entry, keys: &HashMap<Uuid, DataKey>) {
    let Ok(event) = &mut entry.event else { return };
    let Some(person) = sealed_for(event) else { return };
    let opened = |field: &str, sealed: &Sealed| match keys.get(&person) {
        Some(key) => key.open(person, field, sealed).map_err(|error| Invalid(format!("{field}: {error}"))),
        None => Ok(None),
    };
    // No other reader has it yet.
    if let Err(Invalid(reason)) = Arc::make_mut(event).event.open(&mut { opened }) {
        // What it holds is not repeated anywhere: it stays in the log.
        entry.event = Err(Undecodable { reason, key: event.aggregate_id.clone().into_bytes(), value: Vec::new() });
    }
}
