//! A log as the threads see it that look after all logs of a process, whatever their contexts are.

use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::Decider;
use parking_lot::Mutex;
use uuid::Uuid;

use super::barriers::Questions;
use super::leaders::Leaders;
use super::producers::Producers;
use crate::EventLog;
use crate::codec::Codec;
use crate::event_log::END;
use crate::known_logs::{Known, KnownLogs};
use crate::pace::Pace;

/// What is asked of a log, and what it is told. See the methods of [`EventLog`] with the same names.
pub(super) trait Watched: Send + Sync {
    fn tick(&self);
    fn producer_failed(&self, partition: i32);
    fn to_compare(&self) -> Vec<(i32, Option<Uuid>)>;
    fn compared(&self, partition: i32, read: Option<Uuid>, known: &Known);
    fn untold(&self, partition: i32);
    fn awaited(&self) -> Vec<(i32, i64, i64)>;
    fn nothing_until(&self, partition: i32, next: i64, end: i64);
    fn begun(&self) -> Vec<i32>;
    fn began_otherwise(&self, partition: i32, first: Option<Uuid>) -> bool;
    fn begins_with(&self, partition: i32, first: Option<Uuid>);
}

impl<C: Decider> Watched for EventLog<C> {
    fn tick(&self) {
        Self::tick(self);
    }

    fn producer_failed(&self, partition: i32) {
        Self::producer_failed(self, partition);
    }

    fn to_compare(&self) -> Vec<(i32, Option<Uuid>)> {
        Self::to_compare(self)
    }

    fn compared(&self, partition: i32, read: Option<Uuid>, known: &Known) {
        Self::compared(self, partition, read, known);
    }

    fn untold(&self, partition: i32) {
        Self::untold(self, partition);
    }

    fn awaited(&self) -> Vec<(i32, i64, i64)> {
        Self::awaited(self)
    }

    fn nothing_until(&self, partition: i32, next: i64, end: i64) {
        Self::nothing_until(self, partition, next, end);
    }

    fn begun(&self) -> Vec<i32> {
        Self::begun(self)
    }

    fn began_otherwise(&self, partition: i32, first: Option<Uuid>) -> bool {
        Self::began_otherwise(self, partition, first)
    }

    fn begins_with(&self, partition: i32, first: Option<Uuid>) {
        Self::begins_with(self, partition, first);
    }
}

/// A log that is looked after, and what that takes.
pub(super) struct Joined {
    pub(super) log: Weak<dyn Watched>,
    pub(super) context: &'static str,
    pub(super) topic: String,
    pub(super) leaders: Arc<Leaders>,
    pub(super) producers: Arc<Producers>,
    pub(super) questions: Arc<Questions>,
    pub(super) codec: Codec,
    pub(super) known: Arc<dyn KnownLogs>,
    /// How often the partitions' ends are asked for.
    pub(super) asked_every: Duration,
    pub(super) asked: Mutex<Pace>,
}

impl Joined {
    /// Looks after producers and idle partitions, and has the partitions' ends asked for when it is time. `beat` shows
    /// that the thread lives.
    pub(super) fn tick(&self, beat: impl Fn()) {
        let Some(log) = self.log.upgrade() else { return };
        if self.asked.lock().is_due(self.asked_every) {
            self.questions.ask_all(END);
        }
        for partition in self.producers.failed() {
            beat();
            tracing::warn!(context = self.context, partition, "the producer failed; beginning a new term");
            log.producer_failed(partition);
        }
        for partition in self.producers.misplaced() {
            beat();
            tracing::info!(
                context = self.context,
                partition,
                "another broker leads the partition; its producer is taken"
            );
            log.producer_failed(partition);
            self.producers.bind(partition);
        }
        log.tick();
    }
}
