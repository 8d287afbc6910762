//! What happened in a simulated world, as the checker takes it.

use checker::History;
use checker::history::{self, Body, Call, Outcome, Partition};
use command_services::claiming::NotClaimed;
use command_services::commanding::Decided;
use domain::Event as _;
use domain::context::PayloadEncoder;
use domain::posts::{Event, Rejection};
use domain::values::Slug;
use event_log::Refusal;
use event_log::record::{EventRecord, Record};
use serde_json::{Map, Value, json};

use super::owners::Owners;
use super::world::{Asked, Came, command_id};

/// The calls as they are made and answered.
#[derive(Default)]
pub(super) struct Recorder {
    calls: Vec<Call>,
    clock: u64,
}

impl Recorder {
    pub(super) fn invoked(&mut self, asked: &Asked) -> usize {
        self.clock += 1;
        let slug = asked.slug.as_str();
        let (kind, arguments) = match asked.drafts {
            true => ("posts.put", json!({"slug": slug, "title": "A post"})),
            false => ("posts.edit", json!({ "slug": slug })),
        };
        self.calls.push(Call {
            client: self.calls.len() as u64,
            command_id: command_id(asked),
            kind: kind.into(),
            aggregate_id: asked.post.to_string(),
            expected: None,
            arguments,
            invoked_at: self.clock,
            answered_at: None,
            outcome: Outcome::Unknown,
        });
        self.calls.len() - 1
    }

    pub(super) fn answered(&mut self, call: usize, came: &Came) {
        self.clock += 1;
        self.calls[call].answered_at = Some(self.clock);
        self.calls[call].outcome = outcome(came);
    }

    pub(super) fn is_accepted(&self, call: usize) -> bool {
        matches!(self.calls[call].outcome, Outcome::Accepted { .. })
    }

    /// Whether some post bears or bore the slug.
    pub(super) fn is_borne(&self, owners: &Owners, slug: &Slug) -> bool {
        let state = owners.0.lock().unwrap();
        state.owners.iter().flat_map(|owner| &owner.log).any(|record| match record {
            Record::Event(EventRecord { recorded, .. }) => match &recorded.event {
                Event::Drafted(drafted) => drafted.slug == *slug,
                Event::Edited(edited) => edited.slug.as_ref() == Some(slug),
                _ => false,
            },
            _ => false,
        })
    }

    /// The run.
    pub(super) fn history(&self, owners: &Owners) -> History {
        let state = owners.0.lock().unwrap();
        let partition = |(number, log): (i32, &Vec<Record<Event>>)| Partition {
            context: "posts".into(),
            number,
            records: (0..).zip(log).map(|(offset, record)| recorded(offset, record)).collect(),
        };
        let partitions = (0..).zip(state.owners.iter().map(|owner| &owner.log)).map(partition).collect();
        History { partitions, calls: self.calls.clone(), ..History::default() }
    }
}

fn outcome(came: &Came) -> Outcome {
    let refused = |refusal, version| Outcome::Refused { refusal, version };
    match came {
        Ok(Decided::Accepted(accepted)) => {
            let (receipt, context) = (&accepted.receipt, "posts".to_owned());
            let (offset, log_id) = (receipt.offset, receipt.log_id);
            let position = history::Position { context, partition: accepted.partition, offset, log_id };
            let (version, changed) = (receipt.version, receipt.changed);
            Outcome::Accepted { version, changed, position: changed.then_some(position) }
        }
        Ok(Decided::Refused(refusal)) => match refusal {
            Refusal::Rejected { rejection: Rejection::NotFound, .. } => refused(history::Refusal::NotFound, None),
            Refusal::Rejected { rejection: Rejection::Differs, version } => {
                refused(history::Refusal::Differs, Some(*version))
            }
            Refusal::Rejected { version, .. } => refused(history::Refusal::Invalid, Some(*version)),
            Refusal::VersionConflict { current } => refused(history::Refusal::VersionConflict, Some(*current)),
            Refusal::IdReused => refused(history::Refusal::IdReused, None),
            Refusal::Unreadable => refused(history::Refusal::Unavailable, None),
        },
        Err(NotClaimed::Taken) => refused(history::Refusal::Taken, None),
        Err(NotClaimed::Problem(problem)) if problem.details().status == 503 => {
            refused(history::Refusal::Unavailable, None)
        }
        Err(NotClaimed::Problem(_)) => Outcome::Unknown,
    }
}

fn recorded(offset: i64, record: &Record<Event>) -> history::Record {
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

fn happened(record: &EventRecord<Event>) -> history::Event {
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
