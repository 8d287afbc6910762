//! Looks after which logs these are: asks what is known of each partition's, and reads the first terms again now and
//! then, for a topic can be made anew under an instance that has read it. And looks where reading comes to no end, and
//! what the topics take.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::runtime::Handle;
use tokio::time::timeout;
use uuid::Uuid;

use super::asking::Asking;
use super::first_terms::{Place, Search};
use super::gaps::{Behind, LOOK as GAPS, Stillness};
use super::threads::Pulse;
use super::watched::{Joined, Watched};
use super::{KafkaConfig, TICK};

/// How often the first terms are read again, and it is looked who leads what.
const LOOK: Duration = Duration::from_secs(5);
/// How often to compare what is read with the ends that were told.
const COMPARED: Duration = Duration::from_millis(300);
/// How long the broker may take for one of these.
const DEADLINE: Duration = Duration::from_secs(2);
/// Before a first term that is another is read once more.
const ONCE_MORE: Duration = Duration::from_millis(500);
/// How long the memory may take to say what is known.
const KNOWN: Duration = Duration::from_secs(3);
/// Of so many partitions it is asked at once.
const AT_ONCE: usize = 8;
/// The pause after a question that it did not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// What the thread works with.
pub(super) struct Watch {
    pub(super) asker: Arc<Asking>,
    pub(super) config: KafkaConfig,
    pub(super) handle: Handle,
}

/// A log that is there, and what it takes to look after it.
type Present = (Arc<Joined>, Arc<dyn Watched>);

impl Watch {
    /// Looks as long as there are logs, or more may come.
    pub(super) fn run(self, logs: impl Fn() -> Option<Vec<Arc<Joined>>>) -> impl FnOnce(Pulse) {
        move |pulse| {
            // The registry's client and the memory's can only be polled inside a runtime.
            let _inside = self.handle.enter();
            let (mut ask_at, mut look_at) = (Instant::now(), Instant::now() + LOOK);
            let (mut stillness, mut compare_at) = (Stillness::default(), Instant::now() + COMPARED);
            while let Some(joined) = logs() {
                pulse.beat();
                let there = |log: Arc<Joined>| log.log.upgrade().map(|it| (log, it));
                let present: Vec<Present> = joined.into_iter().filter_map(there).collect();
                if Instant::now() >= ask_at && !self.compare(&present, &pulse) {
                    ask_at = Instant::now() + PAUSE;
                }
                if Instant::now() >= look_at {
                    self.look_for_leaders(&present, &pulse);
                    self.look(&present, &|| {
                        pulse.beat();
                        logs().is_some()
                    });
                    look_at = Instant::now() + LOOK;
                }
                if Instant::now() >= compare_at {
                    pulse.beat();
                    self.pass_gaps(&present, &mut stillness);
                    for (joined, _) in &present {
                        pulse.beat();
                        joined.producers.limit().look();
                    }
                    compare_at = Instant::now() + COMPARED;
                }
                drop(present);
                std::thread::sleep(TICK);
            }
        }
    }

    /// `false`: the memory did not say.
    fn compare(&self, logs: &[Present], pulse: &Pulse) -> bool {
        let asked: Vec<(&Present, i32, Option<Uuid>)> = logs
            .iter()
            .flat_map(|present| {
                present.1.to_compare().into_iter().map(move |(partition, read)| (present, partition, read))
            })
            .collect();
        for some in asked.chunks(AT_ONCE) {
            pulse.beat();
            let asking = some.iter().map(|((joined, _), partition, read)| async {
                let context = self.config.topics_of(joined.context);
                timeout(KNOWN, joined.known.known(&context, &joined.topic, *partition, *read)).await
            });
            let answers = self.handle.block_on(join_all(asking));
            for ((present, partition, read), answer) in some.iter().zip(answers) {
                match answer.unwrap_or_else(|late| Err(late.to_string())) {
                    Ok(known) => present.1.compared(*partition, *read, &known),
                    Err(reason) => {
                        tracing::warn!(context = present.0.context, reason, "it is not known which log is ours");
                        asked.iter().for_each(|((_, log), partition, _)| log.untold(*partition));
                        return false;
                    }
                }
            }
        }
        true
    }

    /// What is chosen by who leads what follows.
    fn look_for_leaders(&self, logs: &[Present], pulse: &Pulse) {
        for (joined, _) in logs {
            pulse.beat();
            if let Err(error) = joined.leaders.look(&self.asker.client, &joined.topic, DEADLINE) {
                tracing::debug!(context = joined.context, %error, "it is not said who leads which partition");
                return;
            }
        }
    }

    /// Passes what is no record, where reading stands still before an end. One look is for all logs.
    fn pass_gaps(&self, logs: &[Present], stillness: &mut Stillness) {
        let behind = |(joined, log): &Present| {
            let of = |(partition, next, end)| Behind { topic: joined.topic.clone(), partition, next, end };
            log.awaited().into_iter().map(of).collect::<Vec<_>>()
        };
        let behind = logs.iter().flat_map(behind).collect();
        match stillness.passed(&self.config, behind, Instant::now() + GAPS) {
            Ok(passed) => {
                for (it, end) in passed {
                    let of = logs.iter().filter(|(joined, _)| joined.topic == it.topic);
                    of.for_each(|(_, log)| log.nothing_until(it.partition, it.next, end));
                }
            }
            Err(error) => tracing::debug!(%error, "the ends cannot be read"),
        }
    }

    /// What is said once may be a mistake of a broker that is just starting, and what follows from it is for good: it
    /// is read twice.
    fn look(&self, logs: &[Present], goes_on: &dyn Fn() -> bool) {
        let begun = |(place, present): (usize, &Present)| present.1.begun().into_iter().map(move |it| (place, it));
        let suspects = self.read_firsts(logs, logs.iter().enumerate().flat_map(begun).collect(), goes_on);
        let is_another =
            |((place, it), first): &((usize, i32), Option<Uuid>)| logs[*place].1.began_otherwise(*it, *first);
        let suspects: Vec<_> = suspects.into_iter().filter(is_another).collect();
        if suspects.is_empty() {
            return;
        }
        std::thread::sleep(ONCE_MORE);
        let again = self.read_firsts(logs, suspects.iter().map(|it| it.0).collect(), goes_on);
        for ((place, it), first) in again.into_iter().filter(|it| suspects.contains(it)) {
            logs[place].1.begins_with(it, first);
        }
    }

    /// The first term that each of these partitions has now, as far as they can be read.
    fn read_firsts(
        &self,
        logs: &[Present],
        partitions: Vec<(usize, i32)>,
        goes_on: &dyn Fn() -> bool,
    ) -> Vec<((usize, i32), Option<Uuid>)> {
        // A log that is being connected reads by the same client: there is another look after this one.
        let Some(_reads) = self.asker.reads_now() else { return Vec::new() };
        let place = |(log, partition): &(usize, i32)| {
            let (context, topic) = (logs[*log].0.context.to_owned(), logs[*log].0.topic.clone());
            Place { context, topic, partition: *partition }
        };
        let mut of: HashMap<Place, (usize, i32)> = partitions.iter().map(|it| (place(it), *it)).collect();
        let Some(codec) = logs.first().map(|(joined, _)| &joined.codec) else { return Vec::new() };
        let by_topic: HashMap<&str, &Joined> = logs.iter().map(|(joined, _)| (&*joined.topic, &**joined)).collect();
        let leader = |(topic, partition): &(String, i32)| {
            by_topic.get(topic.as_str()).map_or(-1, |joined| joined.leaders.leader(*partition))
        };
        let places: Vec<Place> = of.keys().cloned().collect();
        let search = Search { config: &self.config, codec, handle: &self.handle, leader: &leader, goes_on };
        match search.first_terms(&self.asker.client, &places, Instant::now() + DEADLINE) {
            Ok(firsts) => {
                if let Some(error) = firsts.missing {
                    tracing::debug!(%error, "some first terms cannot be read");
                }
                firsts.found.into_iter().filter_map(|(place, first)| Some((of.remove(&place)?, first))).collect()
            }
            Err(error) => {
                tracing::debug!(%error, "the first terms cannot be read");
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests;
