//! Read barriers: where does a partition end now? Asked in a thread of its own, for the broker may take its time.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::Decider;
use parking_lot::{Condvar, Mutex};
use rdkafka::consumer::BaseConsumer;

use super::{BrokerWatchdog, ask_ends};
use crate::EventLog;

/// How long the broker may take: a caller waits.
const DEADLINE: Duration = Duration::from_secs(1);
/// The pause after a question that the broker did not answer.
const PAUSE: Duration = Duration::from_millis(50);

/// The questions that are not asked yet: of each partition few, for it asks the next when it has the answer.
#[derive(Default)]
pub(super) struct Questions {
    /// Partition and number; nothing more comes once there is none of this.
    waiting: Mutex<Option<BTreeSet<(i32, u64)>>>,
    asked: Condvar,
}

impl Questions {
    pub(super) fn open() -> Arc<Self> {
        Arc::new(Self { waiting: Mutex::new(Some(BTreeSet::new())), asked: Condvar::new() })
    }

    pub(super) fn ask(&self, partition: i32, number: u64) {
        if let Some(waiting) = self.waiting.lock().as_mut() {
            waiting.insert((partition, number));
            self.asked.notify_one();
        }
    }

    pub(super) fn close(&self) {
        self.waiting.lock().take();
        self.asked.notify_one();
    }

    /// All that wait, as soon as there are some; nothing once closed.
    fn next(&self) -> Option<BTreeSet<(i32, u64)>> {
        let mut waiting = self.waiting.lock();
        self.asked.wait_while(&mut waiting, |waiting| waiting.as_ref().is_some_and(BTreeSet::is_empty));
        waiting.as_mut().map(std::mem::take)
    }
}

/// Answers questions until there are none any more.
pub(super) fn answer<C: Decider>(
    asker: Arc<BaseConsumer>,
    mut watchdog: BrokerWatchdog,
    topic: String,
    log: Weak<EventLog<C>>,
    questions: Arc<Questions>,
) -> impl FnOnce() {
    move || {
        while let Some(waiting) = questions.next() {
            for (partition, number) in waiting {
                // One by one: a broker's leader that is away holds up its own partitions only.
                let end = ask_ends(&asker, &[(topic.clone(), partition)], DEADLINE);
                let Some(log) = log.upgrade() else { return };
                if let Err(error) = &end {
                    tracing::debug!(topic, partition, %error, "the partition's end cannot be had");
                    // An unreachable broker may refuse at once: not in a busy loop.
                    std::thread::sleep(PAUSE);
                }
                watchdog.note(end.is_ok(), &asker);
                log.barrier_answered(partition, number, end.ok().and_then(|ends| ends.first().copied()));
            }
        }
    }
}
