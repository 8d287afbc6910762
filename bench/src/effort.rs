//! How much is measured.

/// How long and how often to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds, ours and the reference's in turn.
    pub(crate) rounds: usize,
    /// Rounds of importing a corpus and rebuilding.
    pub(crate) imports: usize,
    /// Seconds per round.
    pub(crate) seconds: f64,
    /// Seconds of what happens at a given pace.
    pub(crate) paced_seconds: f64,
    /// Seconds before and after each event of the hand-over; also the rest before memory is read.
    pub(crate) settle_seconds: f64,
}

/// What figures are compared by.
pub(crate) const FULL: Effort =
    Effort { rounds: 5, imports: 3, seconds: 2.0, paced_seconds: 30.0, settle_seconds: 4.0 };
/// To see that everything works.
pub(crate) const QUICK: Effort =
    Effort { rounds: 1, imports: 1, seconds: 1.0, paced_seconds: 5.0, settle_seconds: 2.0 };
