//! Looks after which log this is: asks what is known of each partition's, and reads the first terms again now and then,
//! for a topic can be made anew under an instance that has read it. And looks where reading comes to no end, and what
//! the topic takes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use domain::Decider;
use rdkafka::consumer::BaseConsumer;
use tokio::runtime::Handle;
use tokio::time::timeout;
use uuid::Uuid;

use super::first_terms::{Place, first_terms};
use super::gaps::{Behind, Stillness, nothing_until};
use super::producers::Limit;
use super::threads::Pulse;
use super::{KafkaConfig, TICK};
use crate::EventLog;
use crate::codec::Codec;
use crate::known_logs::KnownLogs;

/// How often the first terms are read again.
const LOOK: Duration = Duration::from_secs(5);
/// How often to compare what is read with the ends that were told.
const COMPARED: Duration = Duration::from_millis(300);
/// How long the broker may take for one of these.
const DEADLINE: Duration = Duration::from_secs(2);
/// Before a first term that is another is read once more.
const ONCE_MORE: Duration = Duration::from_millis(500);
/// How long the memory may take to say what is known.
const KNOWN: Duration = Duration::from_secs(3);
/// The pause after a question that it did not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// What the thread works with.
pub(super) struct Watch {
    pub(super) client: Arc<BaseConsumer>,
    pub(super) config: KafkaConfig,
    pub(super) context: &'static str,
    pub(super) topic: String,
    pub(super) codec: Codec,
    pub(super) known: Arc<dyn KnownLogs>,
    /// What the topic takes, which may become more.
    pub(super) limit: Arc<Limit>,
    pub(super) handle: Handle,
}

impl Watch {
    /// Looks until the log is closed.
    pub(super) fn run<C: Decider>(self, log: Weak<EventLog<C>>, open: Arc<AtomicBool>) -> impl FnOnce(Pulse) {
        move |pulse| {
            // The registry's client and the memory's can only be polled inside a runtime.
            let _inside = self.handle.enter();
            let (mut ask_at, mut look_at) = (Instant::now(), Instant::now() + LOOK);
            let (mut stillness, mut compare_at) = (Stillness::default(), Instant::now() + COMPARED);
            while open.load(Ordering::Acquire) {
                pulse.beat();
                let Some(log) = log.upgrade() else { return };
                if Instant::now() >= ask_at && !self.compare(&log, &pulse) {
                    ask_at = Instant::now() + PAUSE;
                }
                if Instant::now() >= look_at {
                    self.look(&log, || {
                        pulse.beat();
                        open.load(Ordering::Acquire)
                    });
                    look_at = Instant::now() + LOOK;
                }
                if Instant::now() >= compare_at {
                    pulse.beat();
                    self.pass_gaps(&log, &mut stillness);
                    pulse.beat();
                    self.limit.look();
                    compare_at = Instant::now() + COMPARED;
                }
                drop(log);
                std::thread::sleep(TICK);
            }
        }
    }

    /// `false`: the memory did not say.
    fn compare<C: Decider>(&self, log: &EventLog<C>, pulse: &Pulse) -> bool {
        let (partitions, context) = (log.to_compare(), self.config.topics_of(C::NAME));
        for (partition, read) in &partitions {
            pulse.beat();
            let asked = timeout(KNOWN, self.known.known(&context, &self.topic, *partition, *read));
            match self.handle.block_on(asked).unwrap_or_else(|late| Err(late.to_string())) {
                Ok(known) => log.compared(*partition, *read, &known),
                Err(reason) => {
                    tracing::warn!(context = C::NAME, reason, "it is not known which log is ours");
                    partitions.iter().for_each(|(partition, _)| log.untold(*partition));
                    return false;
                }
            }
        }
        true
    }

    /// Passes what is no record, where reading stands still before an end.
    fn pass_gaps<C: Decider>(&self, log: &EventLog<C>, stillness: &mut Stillness) {
        let behind = |(partition, next, end)| Behind { topic: self.topic.clone(), partition, next, end };
        let still = stillness.of(log.awaited().into_iter().map(behind).collect());
        if still.is_empty() {
            return;
        }
        match nothing_until(&self.config, &still, Instant::now() + DEADLINE) {
            Ok(passed) => passed.into_iter().for_each(|(it, end)| log.nothing_until(it.partition, it.next, end)),
            Err(error) => tracing::debug!(context = C::NAME, %error, "the ends cannot be read"),
        }
    }

    /// What is said once may be a mistake of a broker that is just starting, and what follows from it is for good: it
    /// is read twice.
    fn look<C: Decider>(&self, log: &EventLog<C>, goes_on: impl Fn() -> bool) {
        let suspects = self.read_firsts(log.begun(), &goes_on);
        let suspects: Vec<_> = suspects.into_iter().filter(|(it, first)| log.began_otherwise(*it, *first)).collect();
        if suspects.is_empty() {
            return;
        }
        std::thread::sleep(ONCE_MORE);
        let again = self.read_firsts(suspects.iter().map(|it| it.0).collect(), &goes_on);
        again.into_iter().filter(|it| suspects.contains(it)).for_each(|(it, first)| log.begins_with(it, first));
    }

    /// The first term that each of these partitions has now, as far as they can be read.
    fn read_firsts(&self, partitions: Vec<i32>, goes_on: impl Fn() -> bool) -> Vec<(i32, Option<Uuid>)> {
        let place = |partition| Place { context: self.context.to_owned(), topic: self.topic.clone(), partition };
        let places: Vec<Place> = partitions.into_iter().map(place).collect();
        let until = Instant::now() + DEADLINE;
        match first_terms(&self.config, (&self.client, &self.codec, &self.handle), &places, until, goes_on) {
            Ok(found) => found.into_iter().map(|(place, first)| (place.partition, first)).collect(),
            Err(error) => {
                tracing::debug!(context = self.context, %error, "the first terms cannot be read");
                Vec::new()
            }
        }
    }
}
