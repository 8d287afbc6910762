//! What a partition's state machine needs of the world: the seam between the rules and Kafka. Kafka and the in-memory
//! log both implement it, and one suite of tests runs against either.

use std::time::Instant;

use domain::Decider;

use crate::codec::Wire;
use crate::partition::Encoder;
use crate::record::Record;

/// It is not known what became of an append: the partition begins a new term with a new producer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an append failed: {0}")]
pub struct Unsure(pub String);

/// Where a partition ended when it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The offset after its last record.
    pub offset: i64,
    /// How long an instance that has read up to there may answer from what it read. Counted from before the question
    /// was asked: what happens while the answer is under way is not in it.
    pub fresh_until: Instant,
}

/// What shows that a leader still leads, for decisions that append nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barriers {
    /// The end of the partition is asked for: whichever answers knows of all that counts.
    Asked,
    /// A record is appended: whichever answers may be cut off from what counts, and cannot take a record then.
    Appended,
}

/// Appends to the partitions of one topic. What is read comes back through [`crate::EventLog`]'s inputs.
pub trait Transport<C: Decider>: Send + Sync + 'static {
    /// Appends after everything appended before to this partition; `wire` is the record as bytes, where the encoder
    /// made them. Does not wait.
    ///
    /// # Errors
    /// It cannot be appended.
    fn append(&self, partition: i32, record: Record<C::Event>, wire: Option<Wire>) -> Result<(), Unsure>;

    /// What tells whether a record can be appended at all, and makes its bytes: `wire` of [`Transport::append`].
    fn encoder(&self) -> Encoder<C> {
        Encoder::default()
    }

    /// Whether it is remembered which logs there are: terms wait for [`crate::EventLog`] to be told what is known of
    /// the partition.
    fn knows_logs(&self) -> bool {
        false
    }

    /// Replaces the partition's producer. What the old one has under way may still land.
    fn renew(&self, partition: i32);

    /// How barriers are passed.
    fn barriers(&self) -> Barriers {
        Barriers::Asked
    }

    /// Asks for the partition's end, to be fed to [`crate::EventLog::barrier_answered`]. The transport asks by itself,
    /// too, for each partition and often enough: an instance may answer from what it has read only for so long.
    fn ask_barrier(&self, partition: i32, number: u64);

    /// Leaves the group and stops reading. Returns when nothing of it runs any more.
    fn close(&self);
}
