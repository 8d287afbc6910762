//! Where do partitions end now? Read barriers ask, and so do leases. Threads of their own do, for a broker may take its
//! time; one broker is asked by one of them at a time, for all of its partitions at once, so that a broker that is away
//! holds up its own partitions only.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use domain::Decider;
use parking_lot::{Condvar, Mutex};
use rdkafka::Offset;
use rdkafka::consumer::BaseConsumer;

use super::BrokerWatchdog;
use super::ends::{Answers, ask_once};
use super::leaders::Leaders;
use super::threads::{IDLE, Pulse};
use crate::EventLog;
use crate::transport::End;

/// How long the broker may take: a caller waits.
const DEADLINE: Duration = Duration::from_secs(1);
/// The pause after a question that the broker did not answer.
const PAUSE: Duration = Duration::from_millis(50);

/// A partition, and the number of its question.
type Question = (i32, u64);

/// The questions that are not asked yet: of each partition few, for it asks the next when it has the answer.
pub(super) struct Questions {
    /// Nothing more comes once there is none of this.
    state: Mutex<Option<State>>,
    changed: Condvar,
    leaders: Arc<Leaders>,
}

#[derive(Default)]
struct State {
    waiting: BTreeSet<Question>,
    /// The brokers that are being asked.
    busy: HashSet<i32>,
}

impl State {
    /// All that waits for one broker that is not being asked, with that broker.
    fn take(&mut self, leaders: &Leaders) -> Option<(i32, Vec<Question>)> {
        let leader = leaders.now();
        let mut brokers = self.waiting.iter().map(|(partition, _)| leader(*partition));
        let broker = brokers.find(|broker| !self.busy.contains(broker))?;
        self.busy.insert(broker);
        let its = |it: &Question| leader(it.0) == broker;
        let (taken, left) = std::mem::take(&mut self.waiting).into_iter().partition(its);
        self.waiting = left;
        Some((broker, Vec::from_iter::<BTreeSet<_>>(taken)))
    }
}

impl Questions {
    /// Of a topic whose partitions these brokers lead.
    pub(super) fn open(leaders: &Arc<Leaders>) -> Arc<Self> {
        let state = Mutex::new(Some(State::default()));
        Arc::new(Self { state, changed: Condvar::new(), leaders: Arc::clone(leaders) })
    }

    pub(super) fn ask(&self, partition: i32, number: u64) {
        if let Some(state) = self.state.lock().as_mut() {
            state.waiting.insert((partition, number));
            self.changed.notify_one();
        }
    }

    /// Asks the same of all partitions.
    pub(super) fn ask_all(&self, number: u64) {
        if let Some(state) = self.state.lock().as_mut() {
            state.waiting.extend((0..).take(self.leaders.partitions()).map(|partition| (partition, number)));
            self.changed.notify_all();
        }
    }

    pub(super) fn close(&self) {
        self.state.lock().take();
        self.changed.notify_all();
    }

    /// What is to be asked of a broker, as soon as there is something; nothing once closed.
    fn next(&self, pulse: &Pulse) -> Option<(i32, Vec<Question>)> {
        let mut state = self.state.lock();
        loop {
            pulse.beat();
            if let Some(taken) = state.as_mut()?.take(&self.leaders) {
                return Some(taken);
            }
            self.changed.wait_for(&mut state, IDLE);
        }
    }

    /// The broker has answered, or not.
    fn asked(&self, broker: i32) {
        if let Some(state) = self.state.lock().as_mut() {
            state.busy.remove(&broker);
            self.changed.notify_all();
        }
    }
}

/// Who asks, and of what.
pub(super) struct Asker {
    pub(super) client: Arc<BaseConsumer>,
    pub(super) topic: String,
    /// See [`super::KafkaConfig::read_lease`].
    pub(super) lease: Duration,
}

impl Asker {
    /// Answers questions until there are none any more.
    pub(super) fn answer<C: Decider>(
        self: Arc<Self>,
        mut watchdog: BrokerWatchdog,
        log: Weak<EventLog<C>>,
        questions: Arc<Questions>,
    ) -> impl FnOnce(Pulse) {
        move |pulse| {
            while let Some((broker, waiting)) = questions.next(&pulse) {
                let fresh_until = Instant::now() + self.lease;
                let partitions: Vec<i32> = BTreeSet::from_iter(waiting.iter().map(|it| it.0)).into_iter().collect();
                let ends = self.ends(&partitions);
                watchdog.note(ends.iter().any(Result::is_ok), &self.client);
                let Some(log) = log.upgrade() else { return };
                for (partition, number) in waiting {
                    let told = partitions.binary_search(&partition).ok().and_then(|place| ends.get(place));
                    let offset = told.and_then(|told| told.as_ref().ok()).map(|told| told.offset);
                    log.barrier_answered(partition, number, offset.map(|offset| End { offset, fresh_until }));
                }
                drop(log);
                if ends.iter().any(Result::is_err) {
                    self.look_for_leaders(&questions.leaders);
                }
                questions.asked(broker);
            }
        }
    }

    fn ends(&self, partitions: &[i32]) -> Answers {
        let asked: Vec<_> = partitions.iter().map(|partition| (self.topic.clone(), *partition)).collect();
        let ends = ask_once(&self.client, &asked, Offset::End, DEADLINE);
        if let Err(error) = &ends {
            tracing::debug!(topic = self.topic, ?partitions, %error, "the ends of partitions cannot be had");
        }
        ends.unwrap_or_else(|error| vec![Err(error); asked.len()])
    }

    /// A broker that does not answer may lead no more. An unreachable one may refuse at once: not in a busy loop.
    fn look_for_leaders(&self, leaders: &Leaders) {
        std::thread::sleep(PAUSE);
        // What comes of it, the next question tells.
        let _ = leaders.look(&self.client, &self.topic, DEADLINE);
    }
}

#[cfg(test)]
mod tests;
