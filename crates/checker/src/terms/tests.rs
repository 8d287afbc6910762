use uuid::Uuid;

use super::valid;
use crate::history::{Body, Event, Partition, Record};

fn partition(bodies: Vec<Body>) -> Partition {
    let record = |(offset, body)| Record { offset, key: String::new(), body };
    Partition { context: "cells".into(), number: 0, records: (0..).zip(bodies).map(record).collect() }
}

fn term(term: u64) -> Body {
    Body::TermStarted { term, nonce: Uuid::nil() }
}

fn event(term: u64, seq: u64) -> Body {
    Body::Event(Box::new(Event {
        event_type: "inklog.cells.Set".into(),
        aggregate_id: "c".into(),
        version: 1,
        occurred_at: 0,
        actor_id: String::new(),
        term,
        seq,
        command_id: Uuid::nil(),
        correlation_id: Uuid::nil(),
        digest: None,
        fields: Default::default(),
    }))
}

#[test]
fn a_successor_counts_and_nothing_else() {
    let partition = partition(vec![
        event(0, 1), // before any term
        term(2),     // not the first
        term(1),
        event(1, 2), // its predecessor is missing
        event(1, 1),
        event(1, 1), // again
        event(1, 2),
        Body::Foreign,
        term(1), // too late
        event(1, 3),
        term(2),
        event(1, 4), // of the term before
        event(2, 1),
        event(2, 3), // its predecessor is missing
        event(2, 2),
    ]);
    let valid = valid(&partition);
    assert_eq!((valid.events, valid.terms), (vec![4, 6, 9, 12, 14], 2));
}

#[test]
fn what_cannot_be_decoded_counts_all_the_same() {
    let unreadable = Body::Unreadable { term: 1, seq: 1, reason: String::new() };
    let valid = valid(&partition(vec![term(1), unreadable, event(1, 2)]));
    assert_eq!((valid.events, valid.unreadable), (vec![2], vec![1]));
}
