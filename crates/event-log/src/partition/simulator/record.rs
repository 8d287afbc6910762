//! What happened in a simulated world, as the checker takes it.

use checker::History;
use checker::history::{self, Body, Position, Read, Seen};
use domain::Event as _;
use serde_json::json;

use super::*;

const CONTEXT: &str = "cells";

pub(super) fn history(world: &World) -> History {
    let records = (0..).zip(&world.log).map(|(offset, record)| recorded(offset, record)).collect();
    History {
        partitions: vec![history::Partition { context: CONTEXT.into(), number: 0, records }],
        calls: world.calls.iter().map(called).collect(),
        reads: world.looks.iter().map(looked).collect(),
        ..History::default()
    }
}

fn recorded(offset: i64, record: &Record<CellEvent>) -> history::Record {
    let (key, body) = match record {
        Record::TermStarted(started) => ("term".into(), Body::TermStarted { term: started.term, nonce: started.nonce }),
        Record::Event(event) => (event.recorded.aggregate_id.clone(), Body::Event(Box::new(happened(event)))),
        Record::Unreadable { stamp, aggregate_id, reason } => {
            (aggregate_id.clone(), Body::Unreadable { term: stamp.term, seq: stamp.seq, reason: reason.clone() })
        }
        Record::Foreign => (String::new(), Body::Foreign),
    };
    history::Record { offset, key, body }
}

fn happened(record: &EventRecord<CellEvent>) -> history::Event {
    let EventRecord { stamp, command, recorded } = record;
    history::Event {
        event_type: CellEvent::NAMES[0].into(),
        aggregate_id: recorded.aggregate_id.clone(),
        version: recorded.version,
        occurred_at: recorded.occurred_at.0,
        actor_id: recorded.actor_id.to_string(),
        term: stamp.term,
        seq: stamp.seq,
        command_id: command.id,
        correlation_id: command.correlation_id,
        digest: Some(command.digest),
        fields: [("value".to_owned(), json!(recorded.event.0))].into_iter().collect(),
    }
}

fn called(call: &Call) -> history::Call {
    let CellCommand::Set(value) = call.request.body;
    history::Call {
        client: call.instance as u64,
        caller: None,
        command_id: call.request.command.id,
        kind: "cells.set".into(),
        aggregate_id: call.request.aggregate_id.clone(),
        expected: call.request.expected,
        arguments: json!({ "value": value }),
        invoked_at: call.invoked_at,
        answered_at: call.answer.as_ref().map(|(at, _)| *at),
        outcome: call.answer.as_ref().map_or(history::Outcome::Unknown, |(_, outcome)| came_of_it(outcome)),
    }
}

fn came_of_it(outcome: &Outcome<Cell>) -> history::Outcome {
    let refused = |refusal, version| history::Outcome::Refused { refusal, version };
    match outcome {
        Outcome::Accepted(Receipt { version, offset, log_id, changed, .. }) => {
            let position = Position { context: CONTEXT.into(), partition: 0, offset: *offset, log_id: *log_id };
            history::Outcome::Accepted { version: *version, changed: *changed, position: changed.then_some(position) }
        }
        Outcome::Refused(Refusal::VersionConflict { current }) => {
            refused(history::Refusal::VersionConflict, Some(*current))
        }
        Outcome::Refused(Refusal::Rejected { version, .. }) => refused(history::Refusal::Invalid, Some(*version)),
        Outcome::Refused(Refusal::IdReused) => refused(history::Refusal::IdReused, None),
        Outcome::Refused(
            Refusal::Unreadable | Refusal::TooLarge { .. } | Refusal::Unencodable | Refusal::ClockIsWrong { .. },
        )
        | Outcome::Moved
        | Outcome::Overloaded => refused(history::Refusal::Unavailable, None),
    }
}

/// A process shows exactly what it has read: no less than what counts up to there.
fn looked(look: &Look) -> Read {
    let last = look.read as i64 - 1;
    let seen = Seen {
        context: CONTEXT.into(),
        aggregate_id: look.cell.clone(),
        version: Some(look.version),
        fields: [("value".to_owned(), json!(look.value))].into_iter().collect(),
    };
    Read {
        session: look.session,
        what: format!("a look at what was read up to {last}"),
        position: Some(Position { context: CONTEXT.into(), partition: 0, offset: last, log_id: None }),
        monotone: true,
        sees_drafts: true,
        invoked_at: look.at,
        answered_at: look.at,
        seen: vec![seen],
    }
}
