use serde_json::json;
use uuid::Uuid;

use crate::Kind;
use crate::history::{Body, Outcome, Refusal};
use crate::testing::Run;

#[test]
fn a_good_run_is_clean_and_counted() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.act("publish", "p");
    run.call("posts.delete", "p", json!({}), Outcome::Unknown);
    run.is_clean();
    let counts = run.judge().counts;
    assert_eq!((counts.accepted, counts.unknown, counts.calls), (2, 1, 3));
    assert_eq!((counts.valid, counts.void, counts.terms, counts.aggregates), (4, 0, 4, 2));
}

#[test]
fn an_accepted_command_without_an_event_is_lost() {
    let mut run = Run::new();
    run.set("a", 1);
    run.set("a", 2);
    run.history.partitions[2].records.pop();
    run.is(Kind::Lost);
}

#[test]
fn an_accepted_command_whose_event_is_void_is_lost() {
    let mut run = Run::new();
    run.set("a", 1);
    run.event("cells", 1).term = 2;
    run.is(Kind::Lost);
}

#[test]
fn an_event_elsewhere_than_was_said_is_lost() {
    let mut run = Run::new();
    run.set("a", 1);
    if let Outcome::Accepted { position: Some(position), .. } = &mut run.history.calls[0].outcome {
        position.offset = 7;
    }
    run.is(Kind::Lost);
}

#[test]
fn a_command_with_two_events_is_doubled() {
    let mut run = Run::new();
    run.set("a", 1);
    let id = run.history.calls[0].command_id;
    run.append("inklog.cells.Set", "a", id, json!({"value": 1}));
    run.is(Kind::Doubled);
}

#[test]
fn a_command_that_was_asked_again_is_told_of_its_one_event() {
    let mut run = Run::new();
    run.set("a", 1);
    let mut again = run.history.calls[0].clone();
    (again.invoked_at, again.answered_at) = (100, Some(110));
    run.history.calls.push(again);
    run.is_clean();
    assert_eq!(run.judge().counts.accepted, 1);
}

#[test]
fn an_event_that_no_caller_asked_for_is_invented() {
    let mut run = Run::new();
    run.append("inklog.cells.Set", "a", Uuid::from_u128(99), json!({"value": 1}));
    run.is(Kind::Invented);
}

#[test]
fn an_event_of_a_command_that_was_refused_is_invented() {
    let mut run = Run::new();
    run.set("a", 1);
    run.history.calls[0].outcome = Outcome::Refused { refusal: Refusal::Unavailable, version: None };
    run.is(Kind::Invented);
    // Unless another attempt may have been the one.
    let mut again = run.history.calls[0].clone();
    again.outcome = Outcome::Unknown;
    run.history.calls.push(again);
    run.is_clean();
}

#[test]
fn an_event_of_another_kind_than_its_command_is_invented() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.act("publish", "p");
    run.event("posts", 4).event_type = "inklog.posts.Deleted".into();
    run.has(Kind::Invented);
}

#[test]
fn a_reservation_may_be_a_step_of_a_command_but_nothing_else_may() {
    let mut run = Run::new();
    run.draft("p", "s");
    let draft = run.history.calls[0].command_id;
    run.append("inklog.posts.Published", "p", Uuid::from_u128(99), json!({}));
    run.event("posts", 4).correlation_id = draft;
    run.is(Kind::Invented);
}

#[test]
fn a_command_made_to_a_version_becomes_the_next() {
    let mut run = Run::new();
    run.set("a", 1);
    run.set("a", 2);
    run.history.calls[1].expected = Some(1);
    run.is_clean();
    run.history.calls[1].expected = Some(0);
    run.is(Kind::Order);
}

#[test]
fn a_version_that_is_so_already_is_in_the_log() {
    let mut run = Run::new();
    run.set("a", 1);
    run.unchanged("cells.set", "a", json!({"value": 1}), 1);
    run.is_clean();
    run.unchanged("cells.set", "a", json!({"value": 2}), 2);
    run.is(Kind::Lost);
}

#[test]
fn an_event_that_cannot_be_decoded_is_told() {
    let mut run = Run::new();
    run.set("a", 1);
    let records = &mut run.history.partitions[2].records;
    let mut last = records[1].clone();
    last.body = Body::Unreadable { term: 1, seq: 2, reason: "no schema".into() };
    records.push(last);
    run.is(Kind::Invented);
}
