//! Histories written by hand: first a good one, then the one thing that is wrong with it.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::history::{
    Act, Answer, Body, Call, Event, History, Outcome, Partition, Position, Read, Record, Refusal, Seen, Visit,
};
use crate::state::State;
use crate::{Kind, Verdict, contexts, judge};

/// A partition in which a term has begun.
fn begun(context: &str) -> Partition {
    let body = Body::TermStarted { term: 1, nonce: Uuid::nil() };
    let records = vec![Record { offset: 0, key: "term".into(), body }];
    Partition { context: context.into(), number: 0, records }
}

/// An event that happened at a time to an aggregate `p`: `namespace` and verb are its type.
pub(crate) fn happened(namespace: &str, verb: &str, at: i64, fields: Value) -> Event {
    Event {
        event_type: format!("{namespace}.{verb}"),
        aggregate_id: "p".into(),
        version: 1,
        occurred_at: at,
        actor_id: String::new(),
        term: 1,
        seq: 1,
        command_id: Uuid::nil(),
        correlation_id: Uuid::nil(),
        digest: None,
        fields: fields.as_object().unwrap().clone(),
    }
}

/// What events leave of an aggregate.
pub(crate) fn state(events: &[Event]) -> State {
    let mut state = State::new();
    events.iter().for_each(|event| contexts::fold(&mut state, event));
    state
}

/// A run that is being written. The clock goes on by 10 with every call and read, each of which takes 8.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) history: History,
    clock: u64,
    ids: u128,
}

impl Run {
    pub(crate) fn new() -> Self {
        let partitions = ["posts", "accounts", "cells", "following"].map(begun).into();
        Self { history: History { partitions, ..History::default() }, clock: 0, ids: 0 }
    }

    pub(crate) fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    fn partition(&mut self, context: &str) -> &mut Partition {
        let partitions = &mut self.history.partitions;
        let place = partitions.iter().position(|partition| partition.context == context).unwrap_or(partitions.len());
        if place == partitions.len() {
            partitions.push(begun(context));
        }
        &mut partitions[place]
    }

    /// The event of the partition's record at an offset.
    pub(crate) fn event(&mut self, context: &str, offset: usize) -> &mut Event {
        match &mut self.partition(context).records[offset].body {
            Body::Event(event) => event,
            other => panic!("no event: {other:?}"),
        }
    }

    /// Appends an event that counts, the next of its aggregate.
    pub(crate) fn append(&mut self, name: &str, aggregate: &str, command_id: Uuid, fields: Value) -> (u64, Position) {
        let context = name.split('.').nth(1).unwrap().to_owned();
        let records = &self.partition(&context).records;
        let events = || {
            records.iter().filter_map(|record| match &record.body {
                Body::Event(event) => Some(event),
                _ => None,
            })
        };
        let version = 1 + events().filter(|event| event.aggregate_id == aggregate).count() as u64;
        let (offset, seq) = (records.len() as i64, 1 + events().count() as u64);
        let fields: Map<String, Value> = fields.as_object().unwrap().clone();
        let event = Event {
            event_type: name.into(),
            aggregate_id: aggregate.into(),
            version,
            occurred_at: 1_000_000 * offset,
            actor_id: "a".into(),
            term: 1,
            seq,
            command_id,
            correlation_id: command_id,
            digest: None,
            fields,
        };
        let body = Body::Event(Box::new(event));
        self.partition(&context).records.push(Record { offset, key: aggregate.into(), body });
        (version, Position { context, partition: 0, offset, log_id: None })
    }

    /// A call with its outcome, now.
    pub(crate) fn call(&mut self, kind: &str, aggregate: &str, arguments: Value, outcome: Outcome) -> &mut Call {
        let command_id = self.id();
        self.clock += 10;
        self.history.calls.push(Call {
            client: 1,
            caller: None,
            command_id,
            kind: kind.into(),
            aggregate_id: aggregate.into(),
            expected: None,
            arguments,
            invoked_at: self.clock,
            answered_at: (outcome != Outcome::Unknown).then_some(self.clock + 8),
            outcome,
        });
        self.history.calls.last_mut().unwrap()
    }

    /// A command that is accepted with an event of these fields.
    pub(crate) fn accept(
        &mut self,
        kind: &str,
        aggregate: &str,
        arguments: Value,
        event: &str,
        fields: Value,
    ) -> Position {
        let command_id = self.call(kind, aggregate, arguments, Outcome::Unknown).command_id;
        let (version, position) = self.append(event, aggregate, command_id, fields);
        let call = self.history.calls.last_mut().unwrap();
        call.outcome = Outcome::Accepted { version, changed: true, position: Some(position.clone()) };
        call.answered_at = Some(call.invoked_at + 8);
        position
    }

    /// A cell is set.
    pub(crate) fn set(&mut self, cell: &str, value: u64) -> Position {
        let fields = json!({"value": value});
        self.accept("cells.set", cell, fields.clone(), "inklog.cells.Set", fields)
    }

    /// A call that is refused.
    pub(crate) fn refuse(
        &mut self,
        kind: &str,
        aggregate: &str,
        arguments: Value,
        refusal: Refusal,
        version: Option<u64>,
    ) {
        self.call(kind, aggregate, arguments, Outcome::Refused { refusal, version });
    }

    /// A call that is told that things are so already.
    pub(crate) fn unchanged(&mut self, kind: &str, aggregate: &str, arguments: Value, version: u64) {
        self.call(kind, aggregate, arguments, Outcome::Accepted { version, changed: false, position: None });
    }

    /// Drafts a post, with the steps that reserve its slug.
    pub(crate) fn draft(&mut self, post: &str, slug: &str) -> Position {
        let fields = json!({"slug": slug, "title": slug, "summary": "", "body": "b", "tags": ["t"], "author_id": "a",
            "co_author_ids": []});
        let asked = json!({"slug": slug, "title": slug, "body": "b", "tags": ["t"]});
        let command_id = Uuid::from_u128(self.ids + 1);
        self.reservation("inklog.posts.SlugClaimed", slug, post, command_id);
        let position = self.accept("posts.draft", post, asked, "inklog.posts.Drafted", fields);
        self.reservation("inklog.posts.SlugConfirmed", slug, post, command_id);
        position
    }

    /// A step of the command `command_id` on the reservation on a slug.
    pub(crate) fn reservation(&mut self, name: &str, slug: &str, post: &str, command_id: Uuid) {
        let step = Uuid::new_v5(&command_id, format!("{name}/{slug}").as_bytes());
        let (_, position) =
            self.append(name, &format!("slug:{slug}"), step, json!({"claimed_value": slug, "holder_id": post}));
        let event = self.event("posts", usize::try_from(position.offset).unwrap());
        event.correlation_id = command_id;
        if name.ends_with("Claimed") {
            event.fields.insert("expires_at".into(), json!(event.occurred_at + 60_000));
        }
    }

    /// So much later that no instance answers out of what was read before.
    pub(crate) fn later(&mut self) {
        self.clock += 6_000_000_000;
    }

    /// A verb without arguments.
    pub(crate) fn act(&mut self, verb: &str, post: &str) -> Position {
        let event = match verb {
            "publish" => "Published",
            "unpublish" => "Unpublished",
            "delete" => "Deleted",
            "restore" => "Restored",
            other => panic!("{other}"),
        };
        self.accept(&format!("posts.{verb}"), post, json!({}), &format!("inklog.posts.{event}"), json!({}))
    }

    /// The owner of the account `a` does something with a password or a session, at instance 0.
    pub(crate) fn visit(&mut self, act: Act, answer: Answer) {
        self.clock += 10;
        self.history.visits.push(Visit {
            client: 1,
            account_id: "a".into(),
            instance: 0,
            act,
            invoked_at: self.clock,
            answered_at: (answer != Answer::Unknown).then_some(self.clock + 8),
            answer,
        });
    }

    /// A session reads an aggregate.
    pub(crate) fn read(&mut self, context: &str, aggregate: &str, version: Option<u64>) -> &mut Read {
        self.clock += 10;
        let seen = Seen { context: context.into(), aggregate_id: aggregate.into(), version, fields: Map::new() };
        self.history.reads.push(Read {
            session: 1,
            what: "GET".into(),
            position: None,
            monotone: true,
            sees_drafts: false,
            invoked_at: self.clock,
            answered_at: self.clock + 8,
            seen: vec![seen],
        });
        self.history.reads.last_mut().unwrap()
    }

    pub(crate) fn judge(&self) -> Verdict {
        judge(&self.history)
    }

    pub(crate) fn is_clean(&self) {
        let verdict = self.judge();
        assert!(verdict.is_clean(), "{verdict}");
    }

    /// It has violations of this kind, and no other.
    pub(crate) fn is(&self, kind: Kind) {
        let verdict = self.judge();
        assert_eq!(verdict.found.keys().collect::<Vec<_>>(), [&kind], "{verdict}");
    }

    /// It has, among others, violations of this kind.
    pub(crate) fn has(&self, kind: Kind) {
        let verdict = self.judge();
        assert!(verdict.count(kind) > 0, "{verdict}");
    }
}
