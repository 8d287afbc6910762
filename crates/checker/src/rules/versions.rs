//! Among the records that count, an aggregate's versions are 1, 2, 3, … in one partition, and its time increases.

use crate::log::{Aggregate, Log};
use crate::verdict::{Kind, Verdict};

pub(crate) fn judge(log: &Log<'_>, verdict: &mut Verdict) {
    for aggregate in &log.aggregates {
        judge_aggregate(log, aggregate, verdict);
    }
}

fn judge_aggregate(log: &Log<'_>, aggregate: &Aggregate<'_>, verdict: &mut Verdict) {
    for place in &aggregate.events {
        let placed = &log.events[*place];
        if placed.event.version != placed.number {
            verdict.add(Kind::Forked, || format!("{} should be version {}", log.told(*place), placed.number));
        }
    }
    for pair in aggregate.events.windows(2) {
        let (before, after) = (&log.events[pair[0]], &log.events[pair[1]]);
        if before.partition != after.partition {
            verdict
                .add(Kind::Forked, || format!("{} and {} are in two partitions", log.told(pair[0]), log.told(pair[1])));
        }
        if after.event.occurred_at <= before.event.occurred_at {
            verdict.add(Kind::Forked, || format!("{} occurred no later than {}", log.told(pair[1]), log.told(pair[0])));
        }
    }
}

#[cfg(test)]
mod tests;
