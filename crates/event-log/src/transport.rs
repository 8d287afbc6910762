//! What a partition's state machine needs of the world: the seam between the rules and Kafka. Kafka and the in-memory
//! log both implement it, and one suite of tests runs against either.

use domain::Decider;

use crate::codec::Wire;
use crate::partition::Encoder;
use crate::record::Record;

/// It is not known what became of an append: the partition begins a new term with a new producer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an append failed: {0}")]
pub struct Unsure(pub String);

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

    /// Replaces the partition's producer. What the old one has under way may still land.
    fn renew(&self, partition: i32);

    /// Asks for the partition's end, to be fed to [`crate::EventLog::barrier_answered`].
    fn ask_barrier(&self, partition: i32, number: u64);

    /// Leaves the group and stops reading. Returns when nothing of it runs any more.
    fn close(&self);
}
