//! What is due and cannot be carried out, for a reason of its own: each is tried again by itself, later each time, so
//! that what else is due in its partition does not wait for it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use domain::Decider;
use event_log::Due;
use tokio::time::Instant;

/// How long after the first attempt the second is made; twice as long each time.
const PAUSE: Duration = Duration::from_millis(200);
/// So many are put off at once, by partition.
const MOST: usize = 1_000;

/// A fact by which something is due: the aggregate, and the version of the event.
type Fact = (Arc<str>, u64);

fn fact<C: Decider>(due: &Due<C>) -> Fact {
    (Arc::clone(&due.aggregate_id), due.version)
}

/// Those that are put off.
#[derive(Debug, Default)]
pub(super) struct Later {
    put_off: HashMap<Fact, Retry>,
    /// Those that were met again in the look that is under way.
    met: HashSet<Fact>,
}

#[derive(Debug)]
struct Retry {
    at: Instant,
    pause: Duration,
}

impl Later {
    /// Whether it is to be tried now: it is not put off, or for no longer.
    pub(super) fn is_now<C: Decider>(&mut self, due: &Due<C>, now: Instant) -> bool {
        let fact = fact(due);
        let is_now = self.put_off.get(&fact).is_none_or(|retry| retry.at <= now);
        if self.put_off.contains_key(&fact) {
            self.met.insert(fact);
        }
        is_now
    }

    /// It was tried, in vain: not again before a pause, which is no longer than `longest`.
    pub(super) fn put_off<C: Decider>(&mut self, due: &Due<C>, longest: Duration, now: Instant) {
        let fact = fact(due);
        let pause = self.put_off.get(&fact).map_or(PAUSE, |retry| (retry.pause * 2).min(longest));
        if self.has_room() || self.put_off.contains_key(&fact) {
            self.met.insert(fact.clone());
            self.put_off.insert(fact, Retry { at: now + pause, pause });
        }
    }

    /// All that is due was met: what was not is due no more.
    pub(super) fn looked(&mut self) {
        let Self { put_off, met } = self;
        put_off.retain(|fact, _| met.contains(fact));
        met.clear();
    }

    /// Whether another can be put off. Where none can, the partition as a whole is looked at less often.
    pub(super) fn has_room(&self) -> bool {
        self.put_off.len() < MOST
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::posts::{Command, Posts};

    use super::*;

    const LONGEST: Duration = Duration::from_secs(1);

    fn due(id: &str, version: u64) -> Due<Posts> {
        Due { at: Timestamp(7), aggregate_id: id.into(), version, command: Command::Publish }
    }

    #[test]
    fn each_waits_by_itself_and_longer_each_time_to_an_end() {
        let (mut later, (p, q), now) = (Later::default(), (due("p", 2), due("q", 2)), Instant::now());
        for pause_ms in [200, 400, 800, 1_000, 1_000] {
            later.put_off(&p, LONGEST, now);
            let pause = Duration::from_millis(pause_ms);
            assert!(!later.is_now(&p, now + pause - Duration::from_millis(1)) && later.is_now(&p, now + pause));
            assert!(later.is_now(&q, now) && later.is_now(&due("p", 3), now), "another fact");
        }
    }

    #[test]
    fn what_is_due_no_more_is_forgotten() {
        let (mut later, (p, q), now) = (Later::default(), (due("p", 2), due("q", 2)), Instant::now());
        later.put_off(&p, LONGEST, now);
        later.put_off(&q, LONGEST, now);
        later.looked();
        assert!(!later.is_now(&p, now));
        later.looked();
        assert!(later.is_now(&q, now), "it was not met");
        assert!(!later.is_now(&p, now));
    }

    #[test]
    fn no_more_are_put_off_than_are_remembered() {
        let (mut later, now) = (Later::default(), Instant::now());
        for number in 0..MOST as u64 {
            assert!(later.has_room());
            later.put_off(&due("p", number), LONGEST, now);
        }
        assert!(!later.has_room());
        later.put_off(&due("q", 1), LONGEST, now);
        assert!(later.is_now(&due("q", 1), now), "it is tried at each look");
        later.looked();
        later.looked();
        assert!(later.has_room());
    }
}
