use std::sync::Arc;

use domain::posts::{Command, Posts, Unique};
use domain::{Actor, Role, reservations};
use uuid::Uuid;

use super::*;
use crate::memory::MemoryBroker;
use crate::partition::{Limits, Outcome, Refusal, Request};
use crate::record::CommandRef;
use crate::{ExecuteError, NoForward};

const NOW: Timestamp = Timestamp(1_000_000_000);

fn later(ms: i64) -> Timestamp {
    NOW.plus_millis(ms)
}

#[test]
fn a_record_is_stamped_before_it_is_read() {
    assert_eq!(ahead_ms(Stamped::ByBroker(later(15_000)), None, NOW), None);
    assert_eq!(ahead_ms(Stamped::ByBroker(later(15_001)), None, NOW), Some(-15_001));
    assert_eq!(ahead_ms(Stamped::ByWriter(later(30_000)), None, NOW), None);
    assert_eq!(ahead_ms(Stamped::ByWriter(later(30_001)), None, NOW), Some(-30_001));
    assert_eq!(ahead_ms(Stamped::ByBroker(later(-1_000_000)), None, NOW), None, "reading may take its time");
}

#[test]
fn an_event_is_stamped_after_it_is_decided() {
    assert_eq!(ahead_ms(Stamped::ByBroker(NOW), Some(later(15_000)), later(20_000)), None);
    assert_eq!(ahead_ms(Stamped::ByBroker(NOW), Some(later(15_001)), later(20_000)), Some(15_001));
    assert_eq!(ahead_ms(Stamped::ByBroker(NOW), Some(later(-1_000_000)), NOW), None, "and so may appending");
    // Ten minutes after the last event of its aggregate, which another leader decided by a clock that was ahead.
    assert_eq!(ahead_ms(Stamped::ByBroker(NOW), Some(later(600_001)), later(20)), None);
}

#[test]
fn a_clock_is_taken_for_wrong_for_a_while_after_it_was_shown() {
    let (clock, at) = (Clock::default(), Instant::now());
    assert_eq!(clock.ahead_ms(at), None);
    assert!(clock.is_ahead_by(20_000, at));
    assert!(!clock.is_ahead_by(21_000, at + HELD / 2), "it is no news");
    assert_eq!(clock.ahead_ms(at + HELD), Some(21_000));
    assert_eq!(clock.ahead_ms(at + HELD * 2), None);
    assert!(clock.is_ahead_by(20_000, at + HELD * 2));
}

fn led() -> (Arc<MemoryBroker<Posts>>, Arc<EventLog<Posts>>) {
    let broker = MemoryBroker::new(1);
    let log = EventLog::new(1, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    broker.join(&log);
    (broker, log)
}

async fn asked(log: &EventLog<Posts>, id: &str, body: impl Into<Command>) -> Result<Outcome<Posts>, ExecuteError> {
    asked_as(Uuid::new_v4(), log, id, body).await
}

async fn asked_as(
    command_id: Uuid,
    log: &EventLog<Posts>,
    id: &str,
    body: impl Into<Command>,
) -> Result<Outcome<Posts>, ExecuteError> {
    let command = CommandRef { id: command_id, digest: 0, correlation_id: Uuid::nil(), traceparent: None };
    let actor = Actor::new(Uuid::from_u128(1)).with(Role::Author);
    let request = Request { aggregate_id: id.to_owned(), command, expected: None, actor, body: body.into() };
    log.execute(request, tokio::time::Instant::now() + Duration::from_secs(10)).await
}

async fn reserve(log: &EventLog<Posts>, slug: &str) -> Outcome<Posts> {
    let value = Unique::Slug(slug.parse().unwrap());
    let about = reservations::Command::Reserve { value, holder_id: Uuid::from_u128(2), instead_of: None };
    asked(log, &format!("slug:{slug}"), about).await.unwrap()
}

fn is_refused(outcome: &Outcome<Posts>) -> bool {
    matches!(outcome, Outcome::Refused(Refusal::ClockIsWrong { .. }))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_value_is_not_decided_by_a_clock_that_is_behind() {
    let (_broker, log) = led();
    assert!(matches!(reserve(&log, "a").await, Outcome::Accepted(_)));
    log.stamped(0, Stamped::ByBroker(now().plus_millis(20_000)), &Record::Foreign);
    assert!(is_refused(&reserve(&log, "b").await));
    let gone = asked(&log, "p", Command::Delete).await.unwrap();
    assert!(matches!(gone, Outcome::Refused(Refusal::Rejected { .. })), "what no clock decides is decided: {gone:?}");
    log.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_value_is_not_decided_by_a_clock_that_is_ahead() {
    let (broker, log) = led();
    assert!(matches!(reserve(&log, "a").await, Outcome::Accepted(_)));
    let record = broker.records(0).pop().unwrap();
    let Record::Event(event) = record.clone() else { panic!("the last record is the reservation") };
    let stamped = Stamped::ByBroker(event.recorded.occurred_at.plus_millis(-20_000));
    let mut anothers = event.clone();
    anothers.stamp.term += 1;
    log.stamped(0, stamped, &Record::Event(anothers));
    assert!(!is_refused(&reserve(&log, "b").await), "another leader's clock is another's matter");
    log.stamped(0, stamped, &record);
    assert!(is_refused(&reserve(&log, "c").await));
    log.close();
}

/// It used to be told that nothing was done.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_was_decided_before_gets_its_reply_by_a_clock_that_is_wrong() {
    let (_broker, log) = led();
    let value = Unique::Slug("a".parse().unwrap());
    let reserve = || reservations::Command::Reserve { value: value.clone(), holder_id: Uuid::nil(), instead_of: None };
    let ask = async |id: u128| asked_as(Uuid::from_u128(id), &log, "slug:a", reserve()).await.unwrap();
    let first = ask(7).await;
    assert!(matches!(first, Outcome::Accepted(_)));
    log.stamped(0, Stamped::ByBroker(now().plus_millis(20_000)), &Record::Foreign);
    assert_eq!(ask(7).await, first);
    assert!(is_refused(&ask(8).await));
    log.close();
}
