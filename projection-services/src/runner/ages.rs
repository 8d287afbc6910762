//! How old what is not applied yet can be. Its own time is only known once it is read; but it happened after what was
//! applied last of its partition, and after the moment at which nothing was left to apply.

use std::collections::HashMap;

use domain::Timestamp;
use event_log::subscription::{Entry, PartitionId};

use crate::work::Work;

/// Of each partition, the time before which everything is applied.
#[derive(Debug, Default)]
pub(super) struct Ages(HashMap<PartitionId, Timestamp>);

impl Ages {
    /// What was committed; gives the time of the oldest event in it.
    pub(super) fn committed(&mut self, work: &Work) -> Option<Timestamp> {
        for run in work.runs() {
            if let Some(newest) = run.entries.iter().filter_map(at).max() {
                self.applied(&run.partition, newest);
            }
        }
        work.runs().flat_map(|run| run.entries.iter().filter_map(at)).min()
    }

    /// So many records of a partition are not applied at this time; gives the seconds since the oldest of them
    /// happened, at most; `None` where that is not known yet.
    pub(super) fn behind(&mut self, partition: &PartitionId, lag: i64, now: Timestamp) -> Option<f64> {
        if lag <= 0 {
            self.applied(partition, now);
            return Some(0.0);
        }
        let since = self.0.get(partition)?;
        Some((now.0 - since.0).max(0) as f64 / 1_000.0)
    }

    fn applied(&mut self, partition: &PartitionId, until: Timestamp) {
        let known = self.0.entry(partition.clone()).or_insert(until);
        *known = (*known).max(until);
    }
}

fn at(entry: &Entry) -> Option<Timestamp> {
    entry.event.as_ref().ok().map(|event| event.occurred_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_applied_is_no_older_than_what_was_applied_last() {
        let (mut ages, partition) = (Ages::default(), PartitionId { context: "posts".into(), partition: 0 });
        assert_eq!(ages.behind(&partition, 3, Timestamp(9_000)), None, "nothing is known");
        assert_eq!(ages.behind(&partition, 0, Timestamp(10_000)), Some(0.0));
        assert_eq!(ages.behind(&partition, 1, Timestamp(12_000)), Some(2.0), "it came after all was applied");
        ages.applied(&partition, Timestamp(11_500));
        assert_eq!(ages.behind(&partition, 1, Timestamp(12_000)), Some(0.5));
        ages.applied(&partition, Timestamp(3_000));
        assert_eq!(ages.behind(&partition, 1, Timestamp(12_000)), Some(0.5), "an old event takes nothing back");
    }
}
