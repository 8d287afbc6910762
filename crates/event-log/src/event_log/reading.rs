//! Looking at what was read back. It may only be looked at while it is fresh: the types see to it.

use std::collections::BTreeMap;
use std::fmt;

use domain::Decider;
use uuid::Uuid;

use super::{EventLog, Slot};

/// This instance has not heard of a partition's end for too long to answer for it: others may have changed what it has
/// read. Nothing was looked at; another instance may know, and this one once it hears of the log again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this instance does not hear from partition {partition} of {context}")]
pub struct Stale {
    /// The context.
    pub context: &'static str,
    /// The partition.
    pub partition: i32,
}

/// Why this instance cannot say how an aggregate is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKnown {
    /// What it has read is not fresh.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// An event of the aggregate cannot be read here, as a newer version's: what was read before it says little of how
    /// the aggregate is. An instance of the newer version may know.
    #[error("{aggregate_id} of {context} has an event that this version of the service cannot read")]
    Unreadable {
        /// The context.
        context: &'static str,
        /// The aggregate.
        aggregate_id: String,
    },
}

/// Why an instance cannot say of a partition what is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unready {
    /// It has not read all that was there when it connected.
    CatchingUp,
    /// It cannot read on.
    Stuck,
    /// What it reads is not this installation's log.
    Another,
    /// It has read of no leader.
    Leaderless,
    /// It has not heard of the partition's end for too long, or has not read up to it.
    Silent,
    /// The partition is closed for ever: the context goes on in another topic.
    Sealed,
}

impl fmt::Display for Unready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CatchingUp => "not read to the end yet",
            Self::Stuck => "cannot be read on",
            Self::Another => "not this installation's log",
            Self::Leaderless => "no leader yet",
            Self::Silent => "not heard of for too long",
            Self::Sealed => "sealed",
        })
    }
}

impl<C: Decider> EventLog<C> {
    /// Looks at the confirmed state of an aggregate: what was read back so far.
    ///
    /// # Errors
    /// What was read is not fresh, or not all of the aggregate's could be read.
    pub fn confirmed(&self, aggregate_id: &str) -> Result<(u64, C::State), NotKnown> {
        let partition = self.partition_of(aggregate_id);
        let slot = self.fresh(partition)?;
        let machine = slot.partition.lock();
        if machine.history().is_quarantined(aggregate_id) {
            return Err(NotKnown::Unreadable { context: C::NAME, aggregate_id: aggregate_id.to_owned() });
        }
        let found = machine.history().aggregate(aggregate_id);
        Ok(found.map_or_else(|| (0, C::State::default()), |aggregate| (aggregate.version, aggregate.state.clone())))
    }

    /// What `pick` makes of the aggregates that end with an account ([`Decider::ends_with`]), as far as they were read
    /// back. Looks at these only.
    ///
    /// # Errors
    /// What was read of any partition is not fresh.
    pub fn ending_with<T>(
        &self,
        account_id: Uuid,
        pick: impl Fn(&str, &C::State) -> Option<T>,
    ) -> Result<Vec<T>, Stale> {
        let mut picked = Vec::new();
        for partition in 0..self.partitions() {
            let machine = self.fresh(partition)?.partition.lock();
            let ending = machine.history().ending_with(account_id);
            picked.extend(ending.filter_map(|(id, aggregate)| pick(id, &aggregate.state)));
        }
        Ok(picked)
    }

    /// Whether anything ever happened in this context, as far as was read back.
    ///
    /// # Errors
    /// What was read of any partition is not fresh.
    pub fn has_aggregates(&self) -> Result<bool, Stale> {
        for partition in 0..self.partitions() {
            if self.fresh(partition)?.partition.lock().history().aggregates().next().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether this instance has not read all that was there when it connected. Once it has, it has for ever.
    #[must_use]
    pub fn is_catching_up(&self) -> bool {
        self.slots.iter().any(Slot::is_catching_up)
    }

    /// The partitions of which this instance cannot say what is not there, and why. To be asked before acting on an
    /// aggregate's absence.
    #[must_use]
    pub fn unready(&self) -> BTreeMap<i32, Unready> {
        (0..self.partitions()).filter_map(|partition| Some((partition, self.slot(partition).unready()?))).collect()
    }

    fn fresh(&self, partition: i32) -> Result<&Slot<C>, Stale> {
        let slot = self.slot(partition);
        if slot.lease.holds() && !slot.identity.is_another() {
            Ok(slot)
        } else {
            Err(Stale { context: C::NAME, partition })
        }
    }
}

impl<C: Decider> Slot<C> {
    fn unready(&self) -> Option<Unready> {
        match () {
            () if self.identity.is_another() => return Some(Unready::Another),
            () if self.is_stuck() => return Some(Unready::Stuck),
            () if self.is_catching_up() => return Some(Unready::CatchingUp),
            () if !self.lease.holds() => return Some(Unready::Silent),
            () => {}
        }
        let machine = self.partition.lock();
        match machine.history().leader {
            None => Some(Unready::Leaderless),
            Some(_) => machine.is_sealed().then_some(Unready::Sealed),
        }
    }
}
