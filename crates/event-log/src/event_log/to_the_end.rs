//! Reading to the end: a lease says that what was read is not old, and not that it is all. An instance that is to do
//! on the strength of what is *not* in the log what cannot be taken back asks first where the log ends now, and reads
//! up to there. Where a partition has several replicas no broker is asked, for one that is cut off from the others says
//! where it ended before: the instance appends a record that begins nothing, and reads until it has read that
//! (`docs/adr/0009-leases-and-barriers.md`). Whether it leads the partition does not matter for that.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::Decider;
use futures::future::try_join_all;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::proving::Sum;
use super::reading::Stale;
use super::{Action, End, EventLog, PartitionOf, Record, Slot, TermStarted};

/// The numbers of these questions begin here: a partition's own never come so far.
pub(super) const FIRST: u64 = 1 << 63;

/// The callers that wait until a partition is read to its end.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// The questions that are not answered yet, by their numbers. Each has a number of its own, so no answer is to an
    /// earlier question.
    asked: Mutex<HashMap<u64, oneshot::Sender<i64>>>,
    marks: Mutex<Marks>,
}

/// After a record was not read for so long that no caller waited any more no other is appended for this time: where a
/// partition takes none, its broker holds up what its producer sends to others.
const HELD: Duration = Duration::from_secs(10);
/// A record that was not read for this time was not read for long.
const SLOW: Duration = Duration::from_secs(1);

/// Records that show where the end was. One is under way at a time, and all who came before it was appended share it.
#[derive(Debug, Default)]
struct Marks {
    under_way: Option<UnderWay>,
    waiting: Vec<oneshot::Sender<()>>,
    sum: Sum,
    held_until: Option<Instant>,
}

#[derive(Debug)]
struct UnderWay {
    nonce: Uuid,
    since: Instant,
    callers: Vec<oneshot::Sender<()>>,
}

impl Ends {
    pub(super) fn answered(&self, number: u64, end: Option<End>) {
        let asked = self.asked.lock().remove(&number);
        if let Some((asked, end)) = asked.zip(end) {
            // The caller may have gone: nothing to do about that.
            let _ = asked.send(end.offset);
        }
    }

    /// A record that counts for no reader was read, and all before it.
    pub(super) fn read(&self, started: &TermStarted) {
        let read = self.marks.lock().under_way.take_if(|mark| mark.nonce == started.nonce);
        for caller in read.into_iter().flat_map(|mark| mark.callers) {
            // The caller may have gone: nothing to do about that.
            let _ = caller.send(());
        }
    }

    /// This instance appends a record by itself, which shows as well where the end is: those who wait need no other.
    pub(super) fn is_shown_by(&self, nonce: Uuid) {
        let mut marks = self.marks.lock();
        if marks.is_idle() {
            marks.send(nonce);
        }
    }

    /// What was appended may be missing: those who wait for it wait for another.
    pub(super) fn may_be_missing(&self) {
        let mut marks = self.marks.lock();
        if let Some(UnderWay { callers, .. }) = marks.under_way.take() {
            marks.waiting.extend(callers);
        }
    }
}

impl Marks {
    /// Whether callers wait, and no record is under way for which others do.
    fn is_idle(&mut self) -> bool {
        let waits = |caller: &oneshot::Sender<()>| !caller.is_closed();
        self.waiting.retain(waits);
        if let Some(left) = self.under_way.take_if(|mark| !mark.callers.iter().any(waits)) {
            let now = Instant::now();
            // Callers leave early, too, for another partition has told them enough.
            self.held_until = (now >= left.since + SLOW).then_some(now + HELD).or(self.held_until);
        }
        self.under_way.is_none() && !self.waiting.is_empty()
    }

    fn send(&mut self, nonce: Uuid) {
        let callers = std::mem::take(&mut self.waiting);
        self.under_way = Some(UnderWay { nonce, since: Instant::now(), callers });
    }

    /// The nonce of a record that is to be appended now, if one is.
    fn next(&mut self) -> Option<Uuid> {
        if !self.is_idle() {
            return None;
        }
        let now = Instant::now();
        if self.held_until.is_some_and(|until| now < until) {
            // They hear that it is not known.
            self.waiting.clear();
            return None;
        }
        self.sum.affords(now.into_std()).then(|| {
            let nonce = Uuid::new_v4();
            self.send(nonce);
            nonce
        })
    }
}

/// Why what was read is not known to be all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAll {
    /// It was not read to the end in time.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// An aggregate has an event that this version cannot read, and so cannot say what it is without.
    #[error("partition {partition} of {context} has an event that this version cannot read")]
    Unreadable {
        /// The context.
        context: &'static str,
        /// The partition.
        partition: i32,
    },
}

/// Forgets a question with its caller.
struct Asked<'a>(&'a Ends, u64);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.asked.lock().remove(&self.1);
    }
}

impl<C: Decider> EventLog<C> {
    /// Waits until all is read that was in the log when this was called.
    ///
    /// # Errors
    /// It was not within `patience`, or some of it cannot be read: what that says is then not known.
    pub async fn read_to_the_end(&self, patience: Duration) -> Result<(), NotAll> {
        self.read_all((0..self.partitions()).collect(), patience).await?;
        let is_unreadable = |partition: &i32| self.slot(*partition).partition.lock().history().is_any_quarantined();
        let unreadable = (0..self.partitions()).find(is_unreadable);
        unreadable.map_or(Ok(()), |partition| Err(NotAll::Unreadable { context: C::NAME, partition }))
    }

    /// Waits until all is read of an aggregate that was in the log when this was called.
    ///
    /// # Errors
    /// It was not within `patience`.
    pub async fn read_to_the_end_of(&self, aggregate_id: &str, patience: Duration) -> Result<(), Stale> {
        self.read_all(vec![self.partition_of(aggregate_id)], patience).await
    }

    /// Up to where all was read that was in the log when this was called, by partition; nothing where a broker that is
    /// asked cannot be wrong about it, for it has the only replica. A partition without a term has nothing that counts,
    /// and is left out.
    ///
    /// # Errors
    /// It was not read within `patience`.
    pub async fn shown_ends(&self, patience: Duration) -> Result<Vec<(i32, i64)>, Stale> {
        if !self.appends_barriers() {
            return Ok(Vec::new());
        }
        let has_term = |partition: &i32| self.slot(*partition).partition.lock().history().position.term > 0;
        let partitions: Vec<i32> = (0..self.partitions()).filter(has_term).collect();
        self.read_all(partitions.clone(), patience).await?;
        Ok(partitions.into_iter().map(|partition| (partition, *self.slot(partition).read.borrow())).collect())
    }

    async fn read_all(&self, partitions: Vec<i32>, patience: Duration) -> Result<(), Stale> {
        let until = Instant::now() + patience;
        let reading = partitions.into_iter().map(|partition| async move {
            let read = timeout_at(until, self.read_partition_to_the_end(partition)).await;
            read.ok().flatten().ok_or(Stale { context: C::NAME, partition })
        });
        try_join_all(reading).await.map(drop)
    }

    /// `None` where the end cannot be had.
    async fn read_partition_to_the_end(&self, partition: i32) -> Option<()> {
        if self.appends_barriers() {
            let (sender, read) = oneshot::channel();
            self.slot(partition).ends.marks.lock().waiting.push(sender);
            self.mark_end(partition);
            return read.await.ok();
        }
        static NEXT: AtomicU64 = AtomicU64::new(FIRST);
        let (slot, number) = (self.slot(partition), NEXT.fetch_add(1, Ordering::Relaxed));
        let (sender, told) = oneshot::channel();
        slot.ends.asked.lock().insert(number, sender);
        let _asked = Asked(&slot.ends, number);
        self.transport().ask_barrier(partition, number);
        let end = told.await.ok()?;
        slot.read.subscribe().wait_for(|next_offset| *next_offset >= end).await.ok().map(drop)
    }

    /// Appends the record that callers wait for, if some do and it may be. Where none can be they hear it at once.
    pub(super) fn mark_end(&self, partition: i32) {
        let slot = self.slot(partition);
        if slot.ends.marks.lock().waiting.is_empty() {
            return;
        }
        // The order of appends is one, and no producer is replaced meanwhile: see `EventLog::on`.
        let machine = slot.partition.lock();
        if !self.is_going_on(slot, &machine) {
            return slot.ends.marks.lock().waiting.clear();
        }
        let Some(nonce) = slot.ends.marks.lock().next() else { return };
        measures::log::BARRIERS.with([C::NAME]).increment(1);
        let record = Record::TermStarted(TermStarted::nothing(self.me, nonce));
        let unsure = self.carry_out(partition, slot, Action::Append(record, None));
        drop(machine);
        if unsure {
            self.producer_failed(partition);
        }
    }

    /// Whether a record may be appended that begins nothing. The first record of a partition begins its first term, and
    /// nothing is appended to what is not known to be this installation's log, cannot be read on, or was closed for
    /// ever.
    fn is_going_on(&self, slot: &Slot<C>, machine: &PartitionOf<C>) -> bool {
        let is_ours = !self.transport().knows_logs() || slot.identity.lets_lead(false);
        is_ours && !slot.is_stuck() && machine.history().position.term > 0 && !machine.is_sealed()
    }
}

#[cfg(test)]
mod tests;
