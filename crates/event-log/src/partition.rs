//! A partition as a pure state machine: no I/O, no clock, no randomness. It is fed with what was read and what is
//! asked, and answers with what to append and what to reply; Kafka, the in-memory log and the simulator are shells
//! around it.
//!
//! ```text
//! confirmed  folded from valid records read back: the same on leader and followers
//! staged     confirmed plus the events in flight: what the leader decides the next command against
//! in flight  appended and not yet read back, by seq: who waits for each
//! verdicts   decisions that append nothing (a refusal, "already so"): they are replies too, so they wait until what
//!            they were decided on is confirmed, and until a barrier shows that no other has taken over meanwhile
//! ```

mod agenda;
mod encoder;
mod history;
mod leadership;
mod messages;
mod pending;
mod sabotaged;
mod verdicts;

pub use agenda::Due;
pub use encoder::{Encoder, Unappendable};
pub use history::{AppliedCommand, History};
pub use messages::{Action, Limits, Outcome, Receipt, Refusal, Request};
pub use pending::Pending;

use std::collections::{HashMap, VecDeque};

use domain::{Decider, DecisionContext, Recorded, Timestamp};
use uuid::Uuid;

use crate::position::Validity;
use crate::record::{EventRecord, Record, Stamp, TermStarted};
use crate::sabotage::{self, Sabotage};
use history::Aggregate;
use leadership::Leadership;
use pending::{Load, Taken};

/// One partition, as one instance sees it. `T` is a reply address.
#[derive(Debug)]
pub struct Partition<C: Decider, T> {
    limits: Limits,
    me: Uuid,
    address: String,
    history: History<C>,
    leadership: Leadership,
    next_seq: u64,
    staged: HashMap<String, Staged<C>>,
    in_flight: VecDeque<InFlight<C, T>>,
    in_flight_ids: HashMap<Uuid, u64>,
    verdicts: VecDeque<Verdict<C, T>>,
    barrier_asked: u64,
    barrier_outstanding: bool,
    /// The nonce of the record that answers it, if one does.
    barrier_record: Option<Uuid>,
    queue: VecDeque<(Taken<C>, T, Timestamp)>,
    load: Load,
    encoder: Encoder<C>,
    clock_ahead_ms: Option<i64>,
}

#[derive(Debug)]
struct Staged<C: Decider> {
    aggregate: Aggregate<C::State>,
    events_in_flight: usize,
}

#[derive(Debug)]
struct InFlight<C: Decider, T> {
    seq: u64,
    taken: Taken<C>,
    waiting: Vec<T>,
    decided_at: Timestamp,
}

#[derive(Debug)]
struct Verdict<C: Decider, T> {
    /// It stands once the events up to this seq are confirmed …
    after_seq: u64,
    /// … and everything up to the end that this barrier found is read; or an event of after it.
    barrier: u64,
    end: Option<i64>,
    outcome: Outcome<C>,
    taken: Taken<C>,
    reply: T,
    decided_at: Timestamp,
}

impl<C: Decider, T> Partition<C, T> {
    /// A partition of which nothing is read yet. `me` and `address` go into the terms that it starts.
    pub fn new(me: Uuid, address: String, limits: Limits) -> Self {
        Self {
            limits,
            me,
            address,
            history: History::new(limits.remember_ms),
            leadership: Leadership::Follower,
            next_seq: 1,
            staged: HashMap::new(),
            in_flight: VecDeque::new(),
            in_flight_ids: HashMap::new(),
            verdicts: VecDeque::new(),
            barrier_asked: 0,
            barrier_outstanding: false,
            barrier_record: None,
            queue: VecDeque::new(),
            load: Load::default(),
            encoder: Encoder::default(),
            clock_ahead_ms: None,
        }
    }

    /// By how much this instance's clock is ahead (behind, if negative), where it is taken for wrong: what rests on
    /// clocks is refused then, unless it was decided before.
    pub fn clock_is_ahead_by(&mut self, ms: Option<i64>) {
        self.clock_ahead_ms = ms;
    }

    /// From now on records are measured by this encoder.
    pub fn encode_with(&mut self, encoder: Encoder<C>) {
        self.encoder = encoder;
    }

    /// What was read so far.
    pub fn history(&self) -> &History<C> {
        &self.history
    }

    /// Whether this instance is the leader, as far as it has read.
    pub fn is_leader(&self) -> bool {
        matches!(self.leadership, Leadership::Leader | Leadership::Draining)
    }

    /// Whether commands are taken here (at once, or as soon as the term begins).
    pub fn takes_commands(&self) -> bool {
        matches!(self.leadership, Leadership::Leader | Leadership::Candidate { .. })
    }

    /// How many commands wait here.
    pub fn waiting(&self) -> usize {
        self.in_flight.len() + self.verdicts.len() + self.queue.len()
    }

    /// A record was read.
    pub fn record(&mut self, offset: i64, record: Record<C::Event>, now: Timestamp, act: &mut Vec<Action<C, T>>) {
        self.history.is_begun |= record.is_ours();
        match (self.history.position.judge(offset, &record), record) {
            (Validity::Void, Record::TermStarted(started)) => self.void_term(&started, act),
            (Validity::Void, Record::Event(event)) => self.void_event(event.stamp, act),
            (Validity::Void, Record::Unreadable { .. } | Record::Foreign) => {}
            (Validity::Valid, Record::TermStarted(started)) => self.term_started(started, now, act),
            (Validity::Valid, Record::Event(event)) => self.event(offset, event, act),
            (Validity::Valid, Record::Unreadable { aggregate_id, reason, .. }) => {
                act.push(Action::Alarm(format!("{aggregate_id} has an event that cannot be read: {reason}")));
                self.history.quarantine(aggregate_id);
            }
            (Validity::Valid, Record::Foreign) => {}
        }
        self.settle_verdicts(act);
        self.release_if_done(act);
    }

    fn event(&mut self, offset: i64, event: EventRecord<C::Event>, act: &mut Vec<Action<C, T>>) {
        let aggregate_id = event.recorded.aggregate_id.clone();
        let seq = event.stamp.seq;
        let command_id = event.command.id;
        if let Err(alarm) = self.history.apply(offset, event) {
            act.push(Action::Alarm(alarm));
        }
        // What is in flight is always of the present term, so the seq tells our own.
        if self.in_flight.front().is_none_or(|first| first.seq != seq) {
            return;
        }
        let Some(first) = self.in_flight.pop_front() else { return };
        self.in_flight_ids.remove(&command_id);
        self.unstage(&aggregate_id);
        match self.history.receipt(command_id) {
            Some(receipt) => {
                for reply in first.waiting {
                    act.push(Action::Reply(reply, Outcome::Accepted(receipt.clone())));
                }
            }
            None => act.push(Action::Alarm(format!("{command_id} was read back and is not remembered"))),
        }
    }

    fn unstage(&mut self, aggregate_id: &str) {
        if let Some(staged) = self.staged.get_mut(aggregate_id) {
            staged.events_in_flight -= 1;
            if staged.events_in_flight == 0 {
                self.staged.remove(aggregate_id);
            }
        }
    }

    /// A command arrived.
    pub fn command(&mut self, pending: impl Into<Pending<C>>, reply: T, now: Timestamp, act: &mut Vec<Action<C, T>>) {
        if !self.takes_commands() {
            return act.push(Action::Reply(reply, Outcome::Moved));
        }
        let has_room = self.waiting() < self.limits.waiting;
        let Some(taken) = has_room.then(|| self.load.take(pending.into(), self.limits.waiting_bytes)).flatten() else {
            return act.push(Action::Reply(reply, Outcome::Overloaded));
        };
        match self.leadership {
            Leadership::Leader => self.decide(taken, reply, now, act),
            Leadership::Candidate { .. } | Leadership::Follower | Leadership::Draining => {
                self.queue.push_back((taken, reply, now));
            }
        }
    }

    fn decide(&mut self, taken: Taken<C>, reply: T, now: Timestamp, act: &mut Vec<Action<C, T>>) {
        let request = &taken.request;
        let id = request.command.id;
        if let Some(applied) = self.history.applied(id).filter(|_| !sabotage::on(Sabotage::ForgetCommands)) {
            let outcome = if applied.digest == request.command.digest {
                self.history.receipt(id).map_or(Outcome::Moved, Outcome::Accepted)
            } else {
                Outcome::Refused(Refusal::IdReused)
            };
            // What is remembered was read back: it is a fact, whichever instance leads the partition now.
            act.push(Action::Reply(reply, outcome));
        } else if let Some(seq) = self.in_flight_ids.get(&id).copied() {
            self.join(seq, taken, reply, now, act);
        } else {
            match self.judge(request, now) {
                Ok(Some(recorded)) => self.append(taken, recorded, reply, now, act),
                Ok(None) => {
                    let receipt = self.already_so(&request.aggregate_id);
                    self.verdict(Outcome::Accepted(receipt), taken, reply, now, act);
                }
                Err(refusal) => self.verdict(Outcome::Refused(refusal), taken, reply, now, act),
            }
        }
    }

    /// The same command again, while its event is in flight: both callers get one reply.
    fn join(&mut self, seq: u64, taken: Taken<C>, reply: T, now: Timestamp, act: &mut Vec<Action<C, T>>) {
        let first = self.in_flight.front().map_or(seq, |first| first.seq);
        let place = usize::try_from(seq - first).unwrap_or(usize::MAX);
        match self.in_flight.get_mut(place) {
            Some(same) if same.taken.request.command.digest == taken.request.command.digest => same.waiting.push(reply),
            _ => self.verdict(Outcome::Refused(Refusal::IdReused), taken, reply, now, act),
        }
    }

    fn judge(&self, request: &Request<C>, now: Timestamp) -> Result<Option<Recorded<C::Event>>, Refusal<C>> {
        let id = &request.aggregate_id;
        if self.history.is_quarantined(id) {
            return Err(Refusal::Unreadable);
        }
        let nothing = Aggregate::default();
        let confirmed = self.history.aggregate(id);
        let present = self.staged.get(id).map(|staged| &staged.aggregate).or(confirmed).unwrap_or(&nothing);
        if request.expected.is_some_and(|expected| expected != present.version) {
            return Err(Refusal::VersionConflict { current: present.version });
        }
        if let Some(ahead_ms) = self.clock_ahead_ms.filter(|_| C::rests_on_clocks(&request.body)) {
            return Err(Refusal::ClockIsWrong { ahead_ms });
        }
        // Strictly increasing per aggregate, whatever the clocks of successive leaders say.
        let now = now.max(present.last_at.plus_millis(1));
        let context = DecisionContext { actor: request.actor.clone(), now };
        match C::decide(&present.state, &request.body, &context) {
            Ok(event) => Ok(event.map(|event| Recorded {
                aggregate_id: id.clone(),
                version: present.version + 1,
                occurred_at: now,
                actor_id: request.actor.id,
                event,
            })),
            Err(rejection) => Err(Refusal::Rejected { rejection, version: present.version }),
        }
    }

    fn append(
        &mut self,
        taken: Taken<C>,
        recorded: Recorded<C::Event>,
        reply: T,
        now: Timestamp,
        act: &mut Vec<Action<C, T>>,
    ) {
        let stamp = Stamp { term: self.history.position.term, seq: self.next_seq };
        let record = Record::Event(EventRecord { stamp, command: taken.request.command.clone(), recorded });
        let wire = match self.encoder.encode(&record) {
            Ok(wire) => wire,
            Err(why) => return self.cannot_append(why, taken, reply, now, act),
        };
        let Record::Event(event) = &record else { return };
        self.next_seq += 1;
        self.stage(&event.recorded);
        let waiting =
            if sabotage::on(Sabotage::AnswerEarly) { self.answer_early(event, reply, act) } else { vec![reply] };
        self.in_flight_ids.insert(taken.request.command.id, stamp.seq);
        self.in_flight.push_back(InFlight { seq: stamp.seq, taken, waiting, decided_at: now });
        act.push(Action::Append(record, wire));
    }

    fn stage(&mut self, recorded: &Recorded<C::Event>) {
        let id = &recorded.aggregate_id;
        if let Some(staged) = self.staged.get_mut(id) {
            staged.aggregate.apply::<C>(recorded);
            staged.events_in_flight += 1;
        } else {
            let mut aggregate = self.history.aggregate(id).cloned().unwrap_or_default();
            aggregate.apply::<C>(recorded);
            self.staged.insert(id.clone(), Staged { aggregate, events_in_flight: 1 });
        }
    }

    /// Trying again would not help, nor would another term.
    fn cannot_append(
        &mut self,
        why: Unappendable,
        taken: Taken<C>,
        reply: T,
        now: Timestamp,
        act: &mut Vec<Action<C, T>>,
    ) {
        let refusal = match why {
            Unappendable::TooLarge { bytes, most } => Refusal::TooLarge { bytes, most },
            Unappendable::Unencodable(reason) => {
                act.push(Action::Alarm(format!("an event does not fit its schema: {reason}")));
                Refusal::Unencodable
            }
        };
        self.verdict(Outcome::Refused(refusal), taken, reply, now, act);
    }

    fn already_so(&self, aggregate_id: &str) -> Receipt {
        let staged = self.staged.get(aggregate_id).map(|staged| &staged.aggregate);
        let present = staged.or_else(|| self.history.aggregate(aggregate_id));
        Receipt {
            version: present.map_or(0, |present| present.version),
            // Filled in when the verdict stands: whatever it was decided on is before that.
            offset: 0,
            log_id: None,
            changed: false,
            note: present.and_then(|present| C::receipt(&present.state)).map(Into::into),
        }
    }
}

#[cfg(test)]
mod simulator;
#[cfg(test)]
mod tests;
