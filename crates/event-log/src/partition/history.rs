use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use domain::{Decider, Recorded, Timestamp};
use uuid::Uuid;

use super::Receipt;
use super::agenda::{Agenda, Due};
use crate::position::Position;
use crate::record::{EventRecord, TermStarted};

/// What a partition's valid records say: the same on every instance that has read as far.
#[derive(Debug)]
pub struct History<C: Decider> {
    /// How far it is read, and the term there.
    pub position: Position,
    /// The record that began the current term, with the leader that wrote it.
    pub leader: Option<TermStarted>,
    /// Whether a record of ours was read, valid or void.
    pub(super) is_begun: bool,
    aggregates: HashMap<Arc<str>, Aggregate<C::State>>,
    /// Of each account, the aggregates that end with it.
    ending_with: HashMap<Uuid, BTreeSet<Arc<str>>>,
    agenda: Agenda,
    quarantined: HashSet<String>,
    applied: HashMap<Uuid, AppliedCommand>,
    applied_order: VecDeque<(Timestamp, Uuid)>,
    newest: Timestamp,
    remember_ms: i64,
}

/// One aggregate: what deciding needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aggregate<S> {
    /// The number of its events.
    pub version: u64,
    /// When the last of them occurred.
    pub last_at: Timestamp,
    /// Their fold.
    pub state: S,
}

/// What is remembered of an applied command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedCommand {
    /// What was asked.
    pub digest: u64,
    /// The aggregate's version after it.
    pub version: u64,
    /// The event's offset.
    pub offset: i64,
    /// See [`Decider::receipt`].
    pub note: Option<Box<str>>,
}

impl<S> Aggregate<S> {
    pub(super) fn apply<C: Decider<State = S>>(&mut self, recorded: &Recorded<C::Event>)
    where
        S: Default,
    {
        self.version = recorded.version;
        self.last_at = recorded.occurred_at;
        self.state = C::evolve(std::mem::take(&mut self.state), &recorded.event);
    }
}

impl<C: Decider> History<C> {
    pub(super) fn new(remember_ms: i64) -> Self {
        Self {
            position: Position::START,
            leader: None,
            is_begun: false,
            aggregates: HashMap::new(),
            ending_with: HashMap::new(),
            agenda: Agenda::default(),
            quarantined: HashSet::new(),
            applied: HashMap::new(),
            applied_order: VecDeque::new(),
            newest: Timestamp::default(),
            remember_ms,
        }
    }

    /// An aggregate, if anything happened to it.
    pub fn aggregate(&self, id: &str) -> Option<&Aggregate<C::State>> {
        self.aggregates.get(id)
    }

    /// All aggregates.
    pub fn aggregates(&self) -> impl Iterator<Item = (&str, &Aggregate<C::State>)> {
        self.aggregates.iter().map(|(id, aggregate)| (&**id, aggregate))
    }

    /// The aggregates that end with an account; see [`Decider::ends_with`].
    pub fn ending_with(&self, account_id: Uuid) -> impl Iterator<Item = (&str, &Aggregate<C::State>)> {
        let ids = self.ending_with.get(&account_id).into_iter().flatten();
        ids.filter_map(|id| Some((&**id, self.aggregates.get(id)?)))
    }

    /// What aggregates are to do by themselves ([`Decider::due`]) up to a time, the earliest first, without those up to
    /// `after`. One that cannot be decided on is left out.
    pub fn due<'a>(&'a self, after: Option<&Due<C>>, until: Timestamp) -> impl Iterator<Item = Due<C>> + 'a {
        let places = self.agenda.until(after.map(Due::place), until);
        places.filter(|((_, id), _)| !self.is_quarantined(id)).filter_map(|((_, id), version)| {
            let (at, command) = C::due(&self.aggregates.get(id)?.state)?;
            Some(Due { at, aggregate_id: Arc::clone(id), version, command })
        })
    }

    /// What is remembered of a command.
    pub fn applied(&self, command_id: Uuid) -> Option<&AppliedCommand> {
        self.applied.get(&command_id)
    }

    /// The receipt of a remembered command.
    pub(super) fn receipt(&self, command_id: Uuid) -> Option<Receipt> {
        let applied = self.applied.get(&command_id)?;
        Some(Receipt {
            version: applied.version,
            offset: applied.offset,
            log_id: self.position.log_id,
            changed: true,
            note: applied.note.clone(),
        })
    }

    /// Whether the aggregate has an event that cannot be read, or its versions do not follow each other.
    pub fn is_quarantined(&self, id: &str) -> bool {
        self.quarantined.contains(id)
    }

    /// Whether an aggregate has; see [`Self::is_quarantined`].
    pub fn is_any_quarantined(&self) -> bool {
        !self.quarantined.is_empty()
    }

    pub(super) fn quarantine(&mut self, id: String) {
        self.quarantined.insert(id);
    }

    /// Applies a valid event.
    ///
    /// # Errors
    /// Its version is not the next one: the aggregate is quarantined, for no decision on it can be trusted.
    pub(super) fn apply(&mut self, offset: i64, event: EventRecord<C::Event>) -> Result<(), String> {
        let EventRecord { command, recorded, .. } = event;
        let id = self.begin(&recorded.aggregate_id);
        for account_id in C::ends_with(&id, &recorded.event) {
            self.ending_with.entry(account_id).or_default().insert(Arc::clone(&id));
        }
        let aggregate = self.aggregates.get_mut(&*recorded.aggregate_id).expect("it was begun if it was not there");
        if recorded.version != aggregate.version + 1 && !self.quarantined.contains(&recorded.aggregate_id) {
            let (id, seen, found) = (&recorded.aggregate_id, aggregate.version, recorded.version);
            let alarm = format!("{id}: version {found} at offset {offset} follows version {seen}");
            self.quarantined.insert(recorded.aggregate_id);
            return Err(alarm);
        }
        let before = C::due(&aggregate.state);
        aggregate.apply::<C>(&recorded);
        let after = C::due(&aggregate.state);
        if before != after {
            let at = |due: Option<(Timestamp, C::Command)>| due.map(|(at, _)| at);
            let (id, _) = self.aggregates.get_key_value(&*recorded.aggregate_id).expect("it was begun");
            self.agenda.change(id, at(before), at(after), recorded.version);
        }
        let aggregate = &self.aggregates[&*recorded.aggregate_id];
        let note = C::receipt(&aggregate.state).map(Into::into);
        let applied = AppliedCommand { digest: command.digest, version: recorded.version, offset, note };
        self.remember(command.id, recorded.occurred_at, applied);
        Ok(())
    }

    /// Has an entry for an aggregate to which something happens.
    fn begin(&mut self, id: &str) -> Arc<str> {
        if let Some((id, _)) = self.aggregates.get_key_value(id) {
            return Arc::clone(id);
        }
        let id: Arc<str> = id.into();
        self.aggregates.insert(Arc::clone(&id), Aggregate::default());
        id
    }

    fn remember(&mut self, command_id: Uuid, at: Timestamp, applied: AppliedCommand) {
        self.applied.insert(command_id, applied);
        self.applied_order.push_back((at, command_id));
        self.newest = self.newest.max(at);
        // By the log's own time, so that every instance that has read as far remembers the same.
        let horizon = self.newest.plus_millis(-self.remember_ms);
        while let Some((at, id)) = self.applied_order.front().copied() {
            if at >= horizon {
                break;
            }
            self.applied_order.pop_front();
            self.applied.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests;
