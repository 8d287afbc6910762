use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event_log::subscription::PartitionId;
use measures::{Value, projections};

use super::ages::Ages;
use crate::log::Positions;
use crate::projector::Committed;
use crate::work::{Verdict, Work};

/// How a projector is doing, for readiness, metrics and the log. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Status {
    projector: &'static str,
    state: Arc<AtomicU8>,
    /// Which context goes on elsewhere, of what this projector reads.
    moved: Arc<Mutex<Option<String>>>,
    ages: Arc<Mutex<Ages>>,
}

const STARTING: u8 = 0;
const READY: u8 = 1;
const IN_TROUBLE: u8 = 2;

impl Status {
    /// Of a projector that is not ready yet.
    #[must_use]
    pub fn of(projector: &'static str) -> Self {
        projections::PARKED.with([projector]).increment(0);
        projections::ALARMS.with([projector]).increment(0);
        projections::READY.with([projector]).set(0.0);
        Self { projector, state: Arc::new(AtomicU8::new(STARTING)), moved: Arc::default(), ages: Arc::default() }
    }

    /// The projector's name.
    #[must_use]
    pub fn projector(&self) -> &'static str {
        self.projector
    }

    /// Whether it works, and on what there is.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.unready().is_none()
    }

    /// Why it is not ready, if it is not.
    #[must_use]
    pub fn unready(&self) -> Option<String> {
        let moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let works = self.state.load(Ordering::Relaxed) == READY;
        moved.or_else(|| (!works).then(|| "its store or the log does not answer".to_owned()))
    }

    /// What it reads is all there is of it, or not: a context that was copied to have more partitions goes on
    /// elsewhere.
    pub(super) fn moved(&self, moved: Option<String>) {
        let mut before = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(moved) = moved.as_ref().filter(|_| before.is_none()) {
            projections::ALARMS.with([self.projector]).increment(1);
            tracing::error!(
                projector = self.projector,
                moved,
                "nothing more comes of what this reads: `projection-services rebuild all --new-log`"
            );
        }
        *before = moved;
        drop(before);
        self.show();
    }

    /// It is not run any more, until the process starts again.
    pub(crate) fn cannot_go_on(&self, reason: &str) {
        projections::ALARMS.with([self.projector]).increment(1);
        tracing::error!(
            projector = self.projector,
            reason,
            "cannot go on, and stops alone: `projection-services rebuild` what it keeps with `--new-log`, and restart"
        );
        self.trouble(reason);
    }

    fn show(&self) {
        projections::READY.with([self.projector]).set(f64::from(u8::from(self.is_ready())));
    }

    pub(super) fn ready(&self) {
        if self.state.swap(READY, Ordering::Relaxed) != READY {
            self.show();
            tracing::info!(projector = self.projector, "ready");
        }
    }

    /// Logged when it begins, not at every attempt to get out of it.
    pub(super) fn trouble(&self, reason: &str) {
        if self.state.swap(IN_TROUBLE, Ordering::Relaxed) != IN_TROUBLE {
            self.show();
            tracing::warn!(projector = self.projector, reason, "not ready");
        } else {
            tracing::debug!(projector = self.projector, reason, "still not ready");
        }
    }

    pub(super) fn parks(&self, verdict: &Verdict) {
        let poison = &verdict.poison;
        tracing::error!(
            projector = self.projector,
            context = poison.partition.context,
            partition = poison.partition.partition,
            offset = poison.offset,
            view = poison.view.unwrap_or("none"),
            reason = poison.reason,
            attempts = verdict.attempts,
            "parking an event that cannot be handled"
        );
    }

    pub(super) fn committed(&self, work: &Work, committed: Committed, took: Duration) {
        let projector = self.projector;
        let oldest = self.ages.lock().unwrap_or_else(PoisonError::into_inner).committed(work);
        if let Some(oldest) = oldest {
            let age_ms = event_log::now().0.saturating_sub(oldest.0).max(0);
            projections::EVENT_AGE.with([projector]).record(age_ms as f64 / 1_000.0);
        }
        projections::COMMIT.with([projector]).record(took);
        projections::EVENTS.with([projector]).increment(committed.applied as u64);
        projections::PARKED.with([projector]).increment(committed.parked as u64);
        self.ready();
        tracing::debug!(
            projector,
            events = work.events(),
            duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "committed"
        );
    }

    pub(super) fn lag(&self, at: &Positions, ends: &HashMap<PartitionId, i64>) {
        let (now, mut oldest) = (event_log::now(), HashMap::new());
        let mut ages = self.ages.lock().unwrap_or_else(PoisonError::into_inner);
        for (partition, end) in ends {
            let lag = end - at.get(partition).map_or(0, |at| at.next_offset);
            let labels: [Value; 3] =
                [self.projector.into(), partition.context.clone().into(), partition.partition.to_string().into()];
            projections::LAG_EVENTS.with(labels).set(lag.max(0) as f64);
            if let Some(seconds) = ages.behind(partition, lag, now) {
                let known = oldest.entry(&partition.context).or_insert(seconds);
                *known = seconds.max(*known);
            }
        }
        for (context, seconds) in oldest {
            let labels: [Value; 2] = [self.projector.into(), context.clone().into()];
            projections::LAG_SECONDS.with(labels).set(seconds);
        }
    }
}
