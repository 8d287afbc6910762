//! What the runner asks of a projector: a set of views that commit together, with their positions beside them.

use std::future::Future;

use crate::log::Positions;
use crate::poison::Poison;
use crate::work::Work;

/// A set of views that commit together.
pub trait Projector: Send {
    /// Its name: `content`.
    fn name(&self) -> &str;

    /// Where to go on from. Makes the store ready for that: what was emptied is begun anew, whole.
    fn resume(&mut self) -> impl Future<Output = Result<Positions, Failed>> + Send;

    /// What the store says now, changing nothing; a partition that is not in it is at the start.
    fn positions(&mut self) -> impl Future<Output = Result<Positions, Failed>> + Send;

    /// Folds the work into the views and moves the positions on, both or neither. Dropping the future midway is
    /// allowed; the outcome is then unknown, and [`Projector::resume`] tells it.
    fn commit(&mut self, work: &Work) -> impl Future<Output = Result<Committed, Failed>> + Send;
}

/// What a commit did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Events folded.
    pub applied: usize,
    /// Events parked.
    pub parked: usize,
}

/// Why a commit did not happen (or may not have).
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// Another instance, or a rebuild, moved the positions: what was read is stale.
    #[error("the positions were moved by another projector")]
    Moved,
    /// These events cannot be handled; without them the rest can.
    #[error("{} events cannot be handled", .0.len())]
    Poisoned(Vec<Poison>),
    /// The store does not answer, or not in time, or refuses everything. The outcome is unknown.
    #[error("the store is not available: {0}")]
    Unavailable(String),
}
