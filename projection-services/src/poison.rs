//! What is said of an event that no projector can handle.

use event_log::subscription::PartitionId;

/// An event that cannot be handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poison {
    /// Where it is.
    pub partition: PartitionId,
    /// Its offset there.
    pub offset: i64,
    /// The view that refused it; `None` if it cannot be decoded.
    pub view: Option<&'static str>,
    /// Why, without any of its content.
    pub reason: String,
}
