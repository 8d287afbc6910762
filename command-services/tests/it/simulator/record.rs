//! What happened in a simulated world, as the checker takes it.

use checker::History;
use checker::history::{self, Body, Call, Outcome, Partition};
use command_services::commands::Decided;
use command_services::reservations::NotReserved;
use domain::Event;
use domain::context::PayloadEncoder;
use event_log::Refusal;
use event_log::record::{EventRecord, Record};
use serde_json::{Map, Value};

use super::owners::Owners;
use super::scenario::{Asked, Came, Scenario};

/// The calls as they are made and answered.
#[derive(Default)]
pub(super) struct Recorder {
    calls: Vec<Call>,
    clock: u64,
}

impl Recorder {
    pub(super) fn invoked<S: Scenario>(&mut self, asked: &Asked<S>) -> usize {
        self.clock += 1;
        let (kind, arguments) = S::call(&asked.wish);
        self.calls.push(Call {
            client: self.calls.len() as u64,
            caller: None,
            command_id: asked.command_id(),
            kind: kind.into(),
            aggregate_id: asked.aggregate.to_string(),
            expected: None,
            arguments,
            invoked_at: self.clock,
            answered_at: None,
            outcome: Outcome::Unknown,
        });
        self.calls.len() - 1
    }

    pub(super) fn answered<S: Scenario>(&mut self, call: usize, came: Came<S>) {
        self.clock += 1;
        self.calls[call].answered_at = Some(self.clock);
        self.calls[call].outcome = outcome(came);
    }

    pub(super) fn is_accepted(&self, call: usize) -> bool {
        matches!(self.calls[call].outcome, Outcome::Accepted { .. })
    }

    /// The run.
    pub(super) fn history<S: Scenario>(&self, owners: &Owners<S>) -> History {
        let state = owners.0.lock().unwrap();
        let partition = |(number, log): (i32, &Vec<Record<S::Event>>)| Partition {
            context: S::NAME.into(),
            number,
            records: (0..).zip(log).map(|(offset, record)| recorded(offset, record)).collect(),
        };
        let partitions = (0..).zip(state.owners.iter().map(|owner| &owner.log)).map(partition).collect();
        History { partitions, calls: self.calls.clone(), ..History::default() }
    }
}

fn outcome<S: Scenario>(came: Came<S>) -> Outcome {
    let refused = |refusal, version| Outcome::Refused { refusal, version };
    match came {
        Ok(Decided::Accepted(accepted)) => {
            let (receipt, context) = (&accepted.receipt, S::NAME.to_owned());
            let (offset, log_id) = (receipt.offset, receipt.log_id);
            let position = history::Position { context, partition: accepted.partition, offset, log_id };
            let (version, changed) = (receipt.version, receipt.changed);
            Outcome::Accepted { version, changed, position: changed.then_some(position) }
        }
        Ok(Decided::Refused(refusal)) => match refusal {
            Refusal::Rejected { rejection, version } => match S::refusal(&rejection) {
                history::Refusal::NotFound => refused(history::Refusal::NotFound, None),
                other => refused(other, Some(version)),
            },
            Refusal::VersionConflict { current } => refused(history::Refusal::VersionConflict, Some(current)),
            Refusal::IdReused => refused(history::Refusal::IdReused, None),
            Refusal::Unreadable | Refusal::TooLarge { .. } | Refusal::Unencodable | Refusal::ClockIsWrong { .. } => {
                refused(history::Refusal::Unavailable, None)
            }
        },
        Err(outcome) => outcome,
    }
}

/// What a client is told of a value that was not claimed.
pub(super) fn not_reserved(why: &NotReserved) -> Outcome {
    let refused = |refusal| Outcome::Refused { refusal, version: None };
    match why {
        NotReserved::Taken => refused(history::Refusal::Taken),
        NotReserved::Changed => refused(history::Refusal::Unavailable),
        NotReserved::Problem(problem) if problem.details().status == 503 => refused(history::Refusal::Unavailable),
        NotReserved::Problem(_) => Outcome::Unknown,
    }
}

fn recorded<E: Event>(offset: i64, record: &Record<E>) -> history::Record {
    let (key, body) = match record {
        Record::TermStarted(started) => ("term".into(), Body::TermStarted { term: started.term, nonce: started.nonce }),
        Record::Event(event) => (event.recorded.aggregate_id.clone(), Body::Event(Box::new(happened(event)))),
        Record::Unreadable { .. } | Record::Foreign => (String::new(), Body::Foreign),
    };
    history::Record { offset, key, body }
}

struct ToJson;

impl PayloadEncoder for ToJson {
    type Output = Map<String, Value>;
    fn encode<T: serde::Serialize>(self, payload: &T) -> Map<String, Value> {
        serde_json::to_value(payload).unwrap().as_object().cloned().unwrap_or_default()
    }
}

fn happened<E: Event>(record: &EventRecord<E>) -> history::Event {
    let EventRecord { stamp, command, recorded } = record;
    history::Event {
        event_type: recorded.event.name().into(),
        aggregate_id: recorded.aggregate_id.clone(),
        version: recorded.version,
        occurred_at: recorded.occurred_at.0,
        actor_id: recorded.actor_id.to_string(),
        term: stamp.term,
        seq: stamp.seq,
        command_id: command.id,
        correlation_id: command.correlation_id,
        digest: Some(command.digest),
        fields: recorded.event.encode(ToJson),
    }
}
