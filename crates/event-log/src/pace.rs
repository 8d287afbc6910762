//! How often to act on what happens again and again.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Things that are remembered at once.
const MOST: usize = 1_024;

/// When something was last done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace(Option<Instant>);

impl Pace {
    /// Whether `pause` has gone by since this last said so.
    pub fn is_due(&mut self, pause: Duration) -> bool {
        self.is_due_at(Instant::now(), pause)
    }

    /// The same as of `now`.
    pub(crate) fn is_due_at(&mut self, now: Instant, pause: Duration) -> bool {
        let due = self.waits_no_more(now, pause);
        if due {
            self.0 = Some(now);
        }
        due
    }

    fn waits_no_more(self, now: Instant, pause: Duration) -> bool {
        self.0.is_none_or(|at| now.saturating_duration_since(at) >= pause)
    }
}

/// The same of many things, each for itself, such as complaints about other instances.
#[derive(Debug)]
pub struct Paces<K> {
    pause: Duration,
    last: Mutex<HashMap<K, Pace>>,
}

impl<K: Eq + Hash> Paces<K> {
    /// Each thing is due again after this pause.
    #[must_use]
    pub fn of(pause: Duration) -> Self {
        Self { pause, last: Mutex::default() }
    }

    /// Whether the pause has gone by since this last said so of the thing. Of more things at once than are remembered
    /// it is said of none, for to act on all of them is what must not be.
    pub fn is_due<Q: Hash + Eq + ToOwned<Owned = K> + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.is_due_at(key, Instant::now())
    }

    fn is_due_at<Q: Hash + Eq + ToOwned<Owned = K> + ?Sized>(&self, key: &Q, now: Instant) -> bool
    where
        K: Borrow<Q>,
    {
        let mut last = self.last.lock();
        if let Some(pace) = last.get_mut(key) {
            return pace.is_due_at(now, self.pause);
        }
        if last.len() >= MOST {
            last.retain(|_, pace| !pace.waits_no_more(now, self.pause));
        }
        let has_room = last.len() < MOST;
        if has_room {
            last.insert(key.to_owned(), Pace(Some(now)));
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(60);

    #[test]
    fn each_thing_is_due_once_in_a_pause() {
        let (paces, now) = (Paces::<String>::of(PAUSE), Instant::now());
        assert!(paces.is_due_at("a", now) && paces.is_due_at("b", now));
        assert!(!paces.is_due_at("a", now + PAUSE / 2));
        assert!(paces.is_due_at("a", now + PAUSE) && !paces.is_due_at("a", now + PAUSE));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (paces, now) = (Paces::<String>::of(PAUSE), Instant::now());
        let due = |at: Instant| (0..3 * MOST).filter(|n| paces.is_due_at(&*format!("{n}/{at:?}"), at)).count();
        assert_eq!(due(now), MOST);
        assert_eq!(due(now + PAUSE / 2), 0, "none of the first is forgotten while it counts");
        assert_eq!(due(now + PAUSE), MOST);
        assert_eq!(paces.last.lock().len(), MOST);
    }
}
