use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event_log::subscription::PartitionId;

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
}

const STARTING: u8 = 0;
const READY: u8 = 1;
const IN_TROUBLE: u8 = 2;

impl Status {
    /// Of a projector that is not ready yet.
    #[must_use]
    pub fn of(projector: &'static str) -> Self {
        metrics::counter!("inklog_projection_parked_total", "projector" => projector).absolute(0);
        Self { projector, state: Arc::new(AtomicU8::new(STARTING)), moved: Arc::default() }
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
            metrics::counter!("inklog_projection_alarms_total", "projector" => self.projector).increment(1);
            tracing::error!(
                projector = self.projector,
                moved,
                "nothing more comes of what this reads: `projection-services rebuild all --new-log`"
            );
        }
        *before = moved;
    }

    /// It is not run any more, until the process starts again.
    pub(crate) fn cannot_go_on(&self, reason: &str) {
        metrics::counter!("inklog_projection_alarms_total", "projector" => self.projector).increment(1);
        tracing::error!(
            projector = self.projector,
            reason,
            "cannot go on, and stops alone: `projection-services rebuild` what it keeps with `--new-log`, and restart"
        );
        self.trouble(reason);
    }

    pub(super) fn ready(&self) {
        if self.state.swap(READY, Ordering::Relaxed) != READY {
            tracing::info!(projector = self.projector, "ready");
        }
    }

    /// Logged when it begins, not at every attempt to get out of it.
    pub(super) fn trouble(&self, reason: &str) {
        if self.state.swap(IN_TROUBLE, Ordering::Relaxed) != IN_TROUBLE {
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
        metrics::histogram!("inklog_projection_commit_seconds", "projector" => projector).record(took.as_secs_f64());
        metrics::counter!("inklog_projection_events_total", "projector" => projector)
            .increment(committed.applied as u64);
        metrics::counter!("inklog_projection_parked_total", "projector" => projector)
            .increment(committed.parked as u64);
        self.ready();
        tracing::debug!(
            projector,
            events = work.events(),
            duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "committed"
        );
    }

    pub(super) fn lag(&self, at: &Positions, ends: &HashMap<PartitionId, i64>) {
        for (partition, end) in ends {
            let lag = end - at.get(partition).map_or(0, |at| at.next_offset);
            metrics::gauge!(
                "inklog_projection_lag_events",
                "projector" => self.projector,
                "context" => partition.context.clone(),
                "partition" => partition.partition.to_string(),
            )
            .set(lag.max(0) as f64);
        }
    }
}
