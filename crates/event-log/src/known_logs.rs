//! Which logs are this installation's. A partition's log is named by the nonce of its first term; what is known of it
//! is kept outside Kafka, for a topic that was deleted, or a cluster that was replaced, takes along all that it says of
//! itself. See `docs/adr/0012-which-log-is-ours.md`.

use async_trait::async_trait;
use uuid::Uuid;

/// Remembers the log of each partition.
#[async_trait]
pub trait KnownLogs: Send + Sync + 'static {
    /// The log that is known of a partition. Where none is, `log_id` is from now on, if there is one.
    ///
    /// # Errors
    /// What is known cannot be had, and why: it is asked again.
    async fn known(&self, topic: &str, partition: i32, log_id: Option<Uuid>) -> Result<Option<Uuid>, String>;
}

/// Knows no log and remembers none: whatever is read is believed, and what is empty is new.
#[derive(Clone, Copy, Debug)]
pub struct Unremembered;

#[async_trait]
impl KnownLogs for Unremembered {
    async fn known(&self, _: &str, _: i32, log_id: Option<Uuid>) -> Result<Option<Uuid>, String> {
        Ok(log_id)
    }
}
