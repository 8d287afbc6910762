//! The one way to read the log: batches of one partition each, with the terms applied (a void record never reaches
//! the handler). Positions are the handler's to keep, beside what it makes of the events.

use std::collections::HashMap;
use std::time::Duration;

use domain::views::ViewEvent;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One partition of one context's topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PartitionId {
    /// The context: `posts`.
    pub context: String,
    /// The partition's number.
    pub partition: i32,
}

/// How far a reader has read a partition, and what it must know to judge the next record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Which log this is a position in: the nonce of the partition's first term. A log that was wiped and begun
    /// anew has another, so a position from before is recognised. `None` only in a log with no valid record yet.
    pub log_id: Option<Uuid>,
    /// The offset to read next.
    pub next_offset: i64,
    /// The current term; 0 before the first.
    pub term: u64,
    /// The sequence number that the next valid event of this term has.
    pub next_seq: u64,
}

impl Position {
    /// Before the first record.
    pub const START: Self = Self { log_id: None, next_offset: 0, term: 0, next_seq: 0 };
}

/// What a subscription yields: consecutive records of one partition.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Where they are from.
    pub partition: PartitionId,
    /// The position before the first record; equals the `to` of the partition's previous batch.
    pub from: Position,
    /// The position after the last record.
    pub to: Position,
    /// The valid events among them, in order; may be empty (only control or void records were read).
    pub entries: Vec<Entry>,
}

/// One valid record.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its offset.
    pub offset: i64,
    /// The event, or why it cannot be decoded.
    pub event: Result<ViewEvent, Undecodable>,
}

/// A record that no one can read: to be parked, never skipped silently.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct Undecodable {
    /// Why.
    pub reason: String,
    /// The record's key.
    pub key: Vec<u8>,
    /// The record's value.
    pub value: Vec<u8>,
}

/// Why a subscription cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The position is of another log, or outside this one: whoever kept it must start anew, knowingly.
    #[error("{partition:?}: {reason}")]
    ForeignPosition {
        /// The partition.
        partition: PartitionId,
        /// What does not fit.
        reason: String,
    },
    /// The broker or the registry cannot be used at all (wrong topic, wrong partition count, refused).
    #[error("{0}")]
    Unusable(String),
}

/// How to read.
#[derive(Clone, Debug)]
pub struct SubscriptionConfig {
    /// `host:port,…`.
    pub brokers: String,
    /// Confluent-compatible registry.
    pub registry_url: String,
    /// The topic of context `posts` is `<prefix>.posts.v1`.
    pub topic_prefix: String,
    /// The contexts to read.
    pub contexts: Vec<String>,
    /// The partitions per topic; what the broker says must agree.
    pub partitions: i32,
    /// At most so many records in a batch.
    pub max_batch: usize,
}

/// A subscription to all partitions of some contexts.
pub struct Subscription {
    _todo: (),
}

impl Subscription {
    /// Begins reading each partition at its given position ([`Position::START`] for those not in the map).
    ///
    /// # Errors
    /// A position that does not fit the log; a topic that is not there or has another partition count. A broker that
    /// cannot be reached is waited for up to `patience`, then it is `Unusable`.
    pub async fn open(
        config: SubscriptionConfig,
        positions: HashMap<PartitionId, Position>,
        patience: Duration,
    ) -> Result<Self, SubscribeError> {
        let _ = (config, positions, patience);
        unimplemented!()
    }

    /// The next batch, as soon as there is one. Waits through broker outages. Cancel-safe.
    ///
    /// # Errors
    /// The log changed under the reader (see [`SubscribeError::ForeignPosition`]).
    pub async fn next(&mut self) -> Result<Batch, SubscribeError> {
        unimplemented!()
    }

    /// The end of each partition (the offset after its last record), asked of the broker now.
    ///
    /// # Errors
    /// The broker does not answer in time.
    pub async fn ends(&self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        unimplemented!()
    }

    /// Puts the reader back to `position` in one partition, dropping what was prefetched: after a failed commit.
    ///
    /// # Errors
    /// See [`Subscription::open`].
    pub async fn seek(&mut self, partition: &PartitionId, position: Position) -> Result<(), SubscribeError> {
        let _ = (partition, position);
        unimplemented!()
    }
}
