use std::sync::Arc;

use domain::posts::schedule::{Command as ScheduleCommand, Moment};
use domain::posts::{Command, Drafted, Posts};
use domain::reservations::Lease;
use domain::{Actor, Role};

use super::*;
use crate::NoForward;
use crate::event_log::Stamped;
use crate::memory::MemoryBroker;
use crate::partition::{Limits, Outcome, Request};
use crate::record::{CommandRef, Record};

const HOUR_MS: i64 = 3_600_000;
const AUTHOR: Uuid = Uuid::from_u128(1);

#[test]
fn the_brokers_time_goes_on_from_what_it_stamped() {
    let broker = BrokerTime::default();
    let at = broker.began + Duration::from_secs(10);
    assert_eq!(broker.passed(Timestamp(5), at), Timestamp(5), "nothing is known of it");
    broker.stamped(Timestamp(1_000_000), at);
    assert_eq!(broker.at_least(at + Duration::from_secs(1)), Some(Timestamp(1_001_000)));
    assert_eq!(broker.passed(Timestamp(999_000), at), Timestamp(999_000));
    assert_eq!(broker.passed(Timestamp(1_000_000 + HOUR_MS), at), Timestamp(1_000_000), "an hour ahead");
    let later = at + Duration::from_secs(10);
    broker.stamped(Timestamp(1_000_001), later);
    assert_eq!(broker.at_least(later), Some(Timestamp(1_010_000)), "a record that was read late says less");
}

/// A clock that was an hour ahead for a while made all due early for good.
#[test]
fn a_brokers_clock_may_be_put_back() {
    let broker = BrokerTime::default();
    let (put_back, at) = (Timestamp(1_000_000), broker.began);
    broker.stamped(put_back.plus_millis(HOUR_MS), at);
    broker.stamped(put_back, at);
    assert_eq!(broker.at_least(at), Some(put_back));
    broker.stamped(put_back.plus_millis(5), at);
    assert_eq!(broker.at_least(at), Some(put_back.plus_millis(5)));
}

fn led() -> (Arc<MemoryBroker<Posts>>, Arc<EventLog<Posts>>) {
    led_of(1)
}

fn led_of(partitions: i32) -> (Arc<MemoryBroker<Posts>>, Arc<EventLog<Posts>>) {
    let broker = MemoryBroker::new(partitions);
    let log = EventLog::new(partitions, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    broker.join(&log);
    (broker, log)
}

async fn ask(log: &EventLog<Posts>, actor: Actor, body: Command) -> Outcome<Posts> {
    let command = CommandRef { id: Uuid::new_v4(), digest: 0, correlation_id: Uuid::nil(), traceparent: None };
    let request = Request { aggregate_id: "p".to_owned(), command, expected: None, actor, body };
    log.execute(request, tokio::time::Instant::now() + Duration::from_secs(10)).await.unwrap()
}

/// A draft that is to be released in so many milliseconds.
async fn scheduled(log: &EventLog<Posts>, in_ms: i64) {
    let content = Drafted::new(AUTHOR, "p".parse().unwrap(), "P".parse().unwrap());
    let moment = Moment { at: now().plus_millis(in_ms), local: None };
    let put = Command::Put { content, overwrite: false, lease: Lease::CONFIRMED };
    for command in [put, Command::Schedule(ScheduleCommand::Release(Some(moment)))] {
        let outcome = ask(log, Actor::new(AUTHOR).with(Role::Author), command).await;
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }
}

async fn sleep(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_told_at_its_time_with_the_version_that_said_so() {
    let (_broker, log) = led();
    scheduled(&log, 300).await;
    assert_eq!(log.due(0, None, 9), []);
    sleep(350).await;
    let due = log.due(0, None, 9);
    assert_eq!((due.len(), &*due[0].aggregate_id, due[0].version), (1, "p", 2));
    assert_eq!(log.due(0, due.last(), 9), [], "the rest of it");
    let outcome = ask(&log, Actor::new(Uuid::nil()), due[0].command.clone()).await;
    assert!(matches!(outcome, Outcome::Accepted(receipt) if receipt.changed));
    assert_eq!(log.due(0, None, 9), []);
    log.close();
}

/// By the broker's time, which the leader has read on the record that began its term, it is an hour too early.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_an_hour_ahead_makes_nothing_due_early() {
    let (broker, log) = led();
    scheduled(&log, 20).await;
    log.stamped(0, Stamped::ByBroker(now().plus_millis(-HOUR_MS)), &broker.records(0)[0]);
    sleep(50).await;
    assert_eq!(log.due(0, None, 9), []);
    log.stamped(0, Stamped::ByBroker(now()), &Record::Foreign);
    assert_eq!(log.due(0, None, 9).len(), 1, "its time has come by both clocks");
    log.close();
}

/// The latest of all brokers' times used to count.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_due_by_its_own_partitions_broker() {
    let (_broker, log) = led_of(2);
    scheduled(&log, 20).await;
    let its = log.partition_of("p");
    log.stamped(its, Stamped::ByBroker(now().plus_millis(-HOUR_MS)), &Record::Foreign);
    log.stamped(1 - its, Stamped::ByBroker(now()), &Record::Foreign);
    sleep(50).await;
    assert_eq!(log.due(its, None, 9), []);
    log.close();
}

/// So it is with a machine that was suspended: what is known of the broker's time stands still.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_seems_to_be_ahead_has_the_broker_stamp_a_record_that_counts_for_nothing() {
    let (broker, log) = led();
    scheduled(&log, 20).await;
    log.stamped(0, Stamped::ByBroker(now().plus_millis(-HOUR_MS)), &broker.records(0)[0]);
    sleep(50).await;
    let before = broker.records(0).len();
    let _ = log.due(0, None, 9);
    let _ = log.due(0, None, 9);
    let appended = broker.records(0).split_off(before);
    assert!(matches!(&*appended, [Record::TermStarted(nothing)] if nothing.term == 0), "once: {appended:?}");
    sleep(50).await;
    assert!(log.standing(0).is_leader);
    log.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_known_to_be_wrong_carries_nothing_out() {
    let (_broker, log) = led();
    scheduled(&log, 20).await;
    sleep(50).await;
    let due = log.due(0, None, 9);
    log.stamped(0, Stamped::ByBroker(now().plus_millis(HOUR_MS)), &Record::Foreign);
    let outcome = ask(&log, Actor::new(Uuid::nil()), due[0].command.clone()).await;
    assert!(matches!(outcome, Outcome::Refused(crate::Refusal::ClockIsWrong { .. })), "{outcome:?}");
    log.close();
}
