//! What aggregates are to do by themselves ([`Decider::due`]), in the order of their times: maintained with each event,
//! and looked at from its beginning, so a look costs what is due and not what is planned.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use domain::{Decider, Timestamp};

/// The place of an aggregate in the order. It is in it once at most.
pub(super) type Place = (Timestamp, Arc<str>);

/// Something that is due.
#[derive(Clone, Debug, PartialEq)]
pub struct Due<C: Decider> {
    /// Since when.
    pub at: Timestamp,
    /// The aggregate.
    pub aggregate_id: Arc<str>,
    /// The version of the event that made it due: with the aggregate, what the command's id is made of.
    pub version: u64,
    /// What is to be decided.
    pub command: C::Command,
}

impl<C: Decider> Due<C> {
    pub(super) fn place(&self) -> Place {
        (self.at, Arc::clone(&self.aggregate_id))
    }
}

/// The aggregates for which a time is known, each with the version of the event that says it.
#[derive(Debug, Default)]
pub(super) struct Agenda(BTreeMap<Place, u64>);

impl Agenda {
    /// What an aggregate is to do next has become something else by the event of this version.
    pub(super) fn change(&mut self, id: &Arc<str>, before: Option<Timestamp>, after: Option<Timestamp>, version: u64) {
        if let Some(before) = before {
            self.0.remove(&(before, Arc::clone(id)));
        }
        if let Some(after) = after {
            self.0.insert((after, Arc::clone(id)), version);
        }
    }

    /// The places up to this time, the earliest first, without those up to `after`.
    pub(super) fn until(&self, after: Option<Place>, until: Timestamp) -> impl Iterator<Item = (&Place, u64)> {
        let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
        let due = self.0.range((begin, Bound::Unbounded)).take_while(move |((at, _), _)| *at <= until);
        due.map(|(place, version)| (place, *version))
    }
}

#[cfg(test)]
mod tests;
