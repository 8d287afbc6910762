//! Reading to the end: a lease says that what was read is not old, and not that it is all. An instance that is to do
//! on the strength of what is *not* in the log what cannot be taken back asks first where the log ends now, and reads
//! up to there.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::Decider;
use futures::future::try_join_all;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::reading::Stale;
use super::{End, EventLog};

/// The numbers of these questions begin here: a partition's own never come so far.
pub(super) const FIRST: u64 = 1 << 63;

/// The questions of a partition that are not answered yet, by their numbers. Each has a number of its own, so no answer
/// is to an earlier question.
#[derive(Debug, Default)]
pub(super) struct Ends(Mutex<HashMap<u64, oneshot::Sender<i64>>>);

impl Ends {
    pub(super) fn answered(&self, number: u64, end: Option<End>) {
        let asked = self.0.lock().remove(&number);
        if let Some((asked, end)) = asked.zip(end) {
            // The caller may have gone: nothing to do about that.
            let _ = asked.send(end.offset);
        }
    }
}

/// Forgets a question with its caller.
struct Asked<'a>(&'a Ends, u64);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.0.lock().remove(&self.1);
    }
}

impl<C: Decider> EventLog<C> {
    /// Waits until all is read that was in the log when this was called, as the brokers say now.
    ///
    /// # Errors
    /// It was not within `patience`.
    pub async fn read_to_the_end(&self, patience: Duration) -> Result<(), Stale> {
        static NEXT: AtomicU64 = AtomicU64::new(FIRST);
        let (until, number) = (Instant::now() + patience, NEXT.fetch_add(1, Ordering::Relaxed));
        let partitions = (0..self.partitions()).map(|partition| async move {
            let read = timeout_at(until, self.read_partition_to_the_end(partition, number)).await;
            read.ok().flatten().ok_or(Stale { context: C::NAME, partition })
        });
        try_join_all(partitions).await.map(drop)
    }

    /// `None` where the end cannot be had.
    async fn read_partition_to_the_end(&self, partition: i32, number: u64) -> Option<()> {
        let slot = self.slot(partition);
        let (sender, told) = oneshot::channel();
        slot.ends.0.lock().insert(number, sender);
        let _asked = Asked(&slot.ends, number);
        self.transport().ask_barrier(partition, number);
        let end = told.await.ok()?;
        slot.read.subscribe().wait_for(|next_offset| *next_offset >= end).await.ok().map(drop)
    }
}

#[cfg(test)]
mod tests;
