//! A partition that cannot be read on: a record says that it begins a term and cannot be read, or nothing is known of
//! its schema. What it says decides which records after it count, so this instance may neither lead the partition nor
//! answer for it.

use std::time::Duration;

use domain::Decider;

use super::EventLog;
use crate::pace::Pace;
use crate::partition::Partition;

/// How often the alarm is raised again while a partition is stuck.
const ALARM_AGAIN: Duration = Duration::from_secs(60);

/// Why a partition cannot be read on.
#[derive(Debug)]
pub(super) struct Stuck {
    /// `stuck at offset 7: …`.
    pub(super) why: String,
    alarmed: Pace,
}

impl<C: Decider> EventLog<C> {
    /// The record at `offset` cannot be read, and nothing after it. This instance takes no more commands for the
    /// partition and is not ready. To be said again whenever reading was tried in vain: alarms are rarer.
    pub fn stuck(&self, partition: i32, offset: i64, reason: &str) {
        let slot = self.slot(partition);
        let why = format!("stuck at offset {offset}: {reason}");
        let alarms = {
            let mut stuck = slot.stuck.lock();
            let mut alarmed = match stuck.take() {
                Some(Stuck { why: before, alarmed }) if before == why => alarmed,
                Some(_) | None => Pace::default(),
            };
            let alarms = alarmed.is_due(ALARM_AGAIN);
            *stuck = Some(Stuck { why: why.clone(), alarmed });
            alarms
        };
        if alarms {
            measures::log::ALARMS.with([C::NAME]).increment(1);
            tracing::error!(context = C::NAME, partition, why, "the partition cannot be read on, and is not led here");
        }
        // What is pending here is answered when it is read, or when its caller has waited long enough: it may count.
        self.on(partition, Partition::drain);
    }

    /// Whether this record was there when this instance connected.
    pub(crate) fn was_there(&self, partition: i32, offset: i64) -> bool {
        self.slot(partition).catch_up.is_behind(offset)
    }

    /// The partition is read on.
    pub fn unstuck(&self, partition: i32) {
        if self.slot(partition).stuck.lock().take().is_some() {
            tracing::info!(context = C::NAME, partition, "the partition is read on");
        }
    }
}
