//! Counting in memory, where Redis is away or not used.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::sync::Cache;
use parking_lot::Mutex;

use super::{Bucket, Level, MINUTE, Whom};
use crate::class::Class;

/// Buckets that are remembered; each costs about 200 bytes. Where there are more, those go that are used rarely.
const REMEMBERED: u64 = 100_000;

/// When a bucket will be empty.
type Empty = Arc<Mutex<Instant>>;

#[derive(Debug)]
pub(super) struct Local(Cache<(Class, Whom), Empty>);

impl Default for Local {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_idle(2 * MINUTE).build())
    }
}

impl Local {
    pub(super) fn count(&self, buckets: &[Bucket]) -> Vec<Level> {
        self.count_at(Instant::now(), buckets)
    }

    /// What would be in each bucket with one more.
    pub(super) fn look(&self, buckets: &[Bucket]) -> Vec<Level> {
        let now = Instant::now();
        let empty =
            |bucket: &Bucket| self.0.get(&(bucket.class, bucket.whom.clone())).map_or(now, |empty| *empty.lock());
        buckets.iter().map(|bucket| level(bucket, empty(bucket), now)).collect()
    }

    /// Counts a request in all buckets, or in none where one is full.
    pub(super) fn count_at(&self, now: Instant, buckets: &[Bucket]) -> Vec<Level> {
        let find = |bucket: &Bucket| self.0.get_with((bucket.class, bucket.whom.clone()), || Arc::new(Mutex::new(now)));
        let found: Vec<Empty> = buckets.iter().map(find).collect();
        // Held together: of two requests one sees what the other leaves. An account comes before an address always, so
        // nobody waits in a circle.
        let mut held: Vec<_> = found.iter().map(|empty| empty.lock()).collect();
        let levels: Vec<Level> = buckets.iter().zip(&held).map(|(bucket, empty)| level(bucket, **empty, now)).collect();
        if levels.iter().all(|level| level.wait.is_zero()) {
            for (empty, level) in held.iter_mut().zip(&levels) {
                **empty = now + level.full_for;
            }
        }
        levels
    }
}

/// What is in a bucket, with one more, that would have been empty then.
fn level(bucket: &Bucket, empty: Instant, now: Instant) -> Level {
    let interval = bucket.interval();
    let full_for = empty.saturating_duration_since(now) + interval;
    let size = interval * bucket.most;
    match size.checked_sub(full_for) {
        Some(room) => {
            let left = (room.as_nanos() / interval.as_nanos()) as u32;
            Level { left, full_for, wait: Duration::ZERO }
        }
        None => Level { left: 0, full_for: full_for - interval, wait: full_for - size },
    }
}
