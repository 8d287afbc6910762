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
    assert_eq!(shown(Stamped::ByBroker(later(15_000)), None, NOW), None);
    assert_eq!(shown(Stamped::ByBroker(later(15_001)), None, NOW), Some(Shown::Ahead(-15_001)));
    assert_eq!(shown(Stamped::ByWriter(later(30_000)), None, NOW), Some(Shown::Right));
    assert_eq!(shown(Stamped::ByWriter(later(30_001)), None, NOW), Some(Shown::Ahead(-30_001)));
    assert_eq!(shown(Stamped::ByBroker(later(-1_000_000)), None, NOW), None, "reading may take its time");
    assert_eq!(shown(Stamped::ByWriter(later(-30_001)), None, NOW), None);
}

#[test]
fn an_event_is_stamped_after_it_is_decided() {
    assert_eq!(shown(Stamped::ByBroker(NOW), Some(later(15_000)), later(20_000)), Some(Shown::Right));
    assert_eq!(shown(Stamped::ByBroker(NOW), Some(later(15_001)), later(20_000)), Some(Shown::Ahead(15_001)));
    assert_eq!(shown(Stamped::ByBroker(NOW), Some(later(-15_000)), NOW), Some(Shown::Right));
    assert_eq!(shown(Stamped::ByBroker(NOW), Some(later(-15_001)), NOW), None, "and appending may take its time");
    assert_eq!(shown(Stamped::ByWriter(NOW), Some(NOW), NOW), None, "one clock says nothing of itself");
}

const BEHIND: Shown = Shown::Ahead(-60_000);

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// What one broker's records showed used to be forgotten with the next of another broker's.
#[test]
fn only_a_record_of_the_partition_that_showed_a_wrong_clock_shows_that_it_is_right() {
    let (clock, at) = (Clock::default(), Instant::now());
    assert_eq!(clock.show(0, Shown::Right, true, at), None);
    assert_eq!(clock.ahead_ms(), None);
    assert_eq!(clock.show(0, BEHIND, true, at), Some(News::Wrong(-60_000)));
    assert_eq!(clock.show(1, Shown::Right, true, at), None);
    assert!(clock.is_wrong_by(0) && !clock.is_wrong_by(1));
    assert_eq!(clock.show(1, Shown::Ahead(20_000), true, at), None, "it is no news that it is wrong");
    assert_eq!(clock.ahead_ms(), Some(-60_000), "the worst");
    assert_eq!(clock.show(0, Shown::Right, true, at), None);
    assert_eq!(clock.ahead_ms(), Some(20_000));
    assert_eq!(clock.show(1, Shown::Right, true, at), Some(News::Right));
    assert_eq!(clock.ahead_ms(), None);
}

/// On topics with their writers' times a clock that was wrong once used to be taken for wrong for good.
#[test]
fn what_no_record_of_ones_own_can_show_to_be_right_lapses() {
    let at = Instant::now();
    for (by_broker, led, lapses) in [(false, &[0][..], true), (true, &[1][..], true), (true, &[0][..], false)] {
        let clock = Clock::default();
        clock.show(0, BEHIND, by_broker, at);
        clock.show(0, BEHIND, by_broker, at + secs(10));
        assert_eq!(clock.lapse(led, at + secs(69)), None);
        assert!(clock.ahead_ms().is_some(), "for a minute after each such record");
        let news = clock.lapse(led, at + secs(70));
        assert_eq!((news == Some(News::Right), clock.ahead_ms().is_none()), (lapses, lapses), "{by_broker} {led:?}");
    }
}

#[test]
fn it_is_said_once_a_minute_at_most_that_a_clock_is_wrong() {
    let (clock, at) = (Clock::default(), Instant::now());
    let said = |shown, after| clock.show(0, shown, true, at + secs(after));
    assert_eq!(said(BEHIND, 0), Some(News::Wrong(-60_000)));
    assert_eq!(said(Shown::Right, 1), Some(News::Right));
    assert_eq!(said(BEHIND, 2), None);
    assert_eq!(clock.ahead_ms(), Some(-60_000), "it counts all the same");
    assert_eq!(said(Shown::Right, 3), None);
    assert_eq!(said(BEHIND, 59), None);
    assert_eq!(said(BEHIND, 60), Some(News::Wrong(-60_000)), "what was not said then is not forgotten");
    assert_eq!(said(BEHIND, 200), None);
}

/// The first partition that was led used to be asked each time, whichever it was that took the clock for wrong.
#[test]
fn each_partition_that_is_led_and_takes_the_clock_for_wrong_is_asked_in_its_turn() {
    let (clock, at) = (Clock::default(), Instant::now());
    let asks = |after| clock.asks(&[0, 2, 3, 5], at + secs(after));
    assert_eq!(asks(0), None);
    for partition in [2, 4, 5] {
        clock.show(partition, BEHIND, true, at);
    }
    clock.show(3, BEHIND, false, at);
    assert_eq!([0, 4, 5, 10, 15].map(asks), [Some(2), None, Some(5), Some(2), Some(5)]);
    clock.show(5, Shown::Right, true, at + secs(16));
    assert_eq!([16, 20, 21].map(asks), [Some(2), None, Some(2)], "one that is right again need not wait for the rest");
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

fn began(broker: &MemoryBroker<Posts>, term: u64) -> Option<Record<<Posts as Decider>::Event>> {
    let of_term = |record: &Record<_>| matches!(record, Record::TermStarted(started) if started.term == term);
    broker.records(0).into_iter().rfind(of_term)
}

async fn until<T>(so: impl Fn() -> Option<T>) -> T {
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(so) = so() {
            return so;
        }
        assert!(std::time::Instant::now() < deadline, "waited in vain");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The first commands were decided before it was known.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_ahead_is_shown_by_the_term_before_anything_is_decided() {
    let (broker, log) = led();
    let term = until(|| began(&broker, 1)).await;
    log.stamped(0, Stamped::ByBroker(now().plus_millis(-20_000)), &term);
    assert!(is_refused(&reserve(&log, "a").await));
    let Record::TermStarted(mut anothers) = term else { panic!("it begins a term") };
    anothers.nonce = Uuid::new_v4();
    log.stamped(0, Stamped::ByBroker(now()), &Record::TermStarted(anothers));
    assert!(is_refused(&reserve(&log, "b").await), "when another appended its record is not known");
    log.close();
}

/// Two instances, and two partitions with brokers of their own, of which the second is a minute ahead: it decided again
/// with its next record on the first, and so did the one that leads the second.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_agrees_with_the_clock_does_not_speak_for_another() {
    let broker = MemoryBroker::new(2);
    let log = || EventLog::new(2, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    let (log, other) = (log(), log());
    broker.join(&log);
    broker.join(&other);
    until(|| (log.standing(0).is_leader && other.standing(1).is_leader).then_some(())).await;
    let mut slugs = (0..).map(|n| format!("s{n}")).filter(|slug| log.partition_of(&format!("slug:{slug}")) == 0);
    let mut slug = || slugs.next().unwrap();
    assert!(matches!(reserve(&log, &slug()).await, Outcome::Accepted(_)));
    log.stamped(1, Stamped::ByBroker(now().plus_millis(60_000)), &Record::Foreign);
    log.stamped(0, Stamped::ByBroker(now()), &began(&broker, 1).unwrap());
    assert!(is_refused(&reserve(&log, &slug()).await));
    log.stamped(1, Stamped::ByWriter(now()), &Record::Foreign);
    assert!(matches!(reserve(&log, &slug()).await, Outcome::Accepted(_)), "the same partition's next record says so");
    other.close();
    log.close();
}

/// It ended after a minute, whatever the clock was then.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_whose_clock_was_wrong_finds_out_that_it_is_right() {
    let (broker, log) = led();
    assert!(matches!(reserve(&log, "a").await, Outcome::Accepted(_)));
    log.stamped(0, Stamped::ByBroker(now().plus_millis(20_000)), &Record::Foreign);
    let record = until(|| began(&broker, 0)).await;
    log.stamped(0, Stamped::ByBroker(now().plus_millis(20_000)), &record);
    assert!(is_refused(&reserve(&log, "b").await), "it is as wrong as it was");
    log.stamped(0, Stamped::ByBroker(now()), &record);
    assert!(matches!(reserve(&log, "c").await, Outcome::Accepted(_)));
    log.close();
}
