use domain::posts::Posts;

use std::time::Duration;

use super::*;
use crate::NoForward;
use crate::codec::Wire;
use crate::partition::{Refusal, Request};
use crate::record::{CommandRef, Stamp};
use crate::transport::Unsure;

const LONG: Duration = Duration::from_secs(60);

/// Keeps what is appended, which is never read back; counts the questions.
#[derive(Default)]
struct Appended {
    is_replicated: bool,
    records: Mutex<Vec<Record<<Posts as Decider>::Event>>>,
    questions: Mutex<Vec<u64>>,
}

impl Transport<Posts> for Appended {
    fn append(&self, _: i32, record: Record<<Posts as Decider>::Event>, _: Option<Wire>) -> Result<(), Unsure> {
        self.records.lock().push(record);
        Ok(())
    }

    fn renew(&self, _: i32) {}

    fn barriers(&self) -> Barriers {
        if self.is_replicated { Barriers::Appended } else { Barriers::Asked }
    }

    fn ask_barrier(&self, _: i32, number: u64) {
        self.questions.lock().push(number);
    }

    fn close(&self) {}
}

impl Appended {
    fn terms(&self) -> Vec<u64> {
        let term = |record: &Record<_>| match record {
            Record::TermStarted(started) => Some(started.term),
            Record::Event(_) | Record::Unreadable { .. } | Record::Foreign => None,
        };
        self.records.lock().iter().filter_map(term).collect()
    }
}

fn begun_by_another() -> Record<<Posts as Decider>::Event> {
    let (owner, nonce) = (Uuid::new_v4(), Uuid::new_v4());
    Record::TermStarted(TermStarted { term: 1, owner, address: "there".to_owned(), nonce })
}

/// An instance that has read the first of ten records, and the term that all of them are of.
fn newcomer() -> (Arc<EventLog<Posts>>, Arc<Appended>) {
    let log = EventLog::new(1, "here", Limits::default(), Arc::new(NoForward));
    let appended = Arc::new(Appended::default());
    log.connect(Arc::clone(&appended) as Arc<dyn Transport<Posts>>);
    log.catch_up_to(&[10], Instant::now() + LONG);
    log.records_read(0, [(0, begun_by_another())]);
    (log, appended)
}

#[test]
fn who_has_not_read_what_was_there_succeeds_no_leader() {
    let (log, appended) = newcomer();
    log.assigned(0);
    log.tick();
    log.records_read(0, (1..9).map(|offset| (offset, Record::Foreign)));
    assert!(appended.terms().is_empty());

    log.records_read(0, [(9, Record::Foreign)]);

    assert_eq!(appended.terms(), [2], "at once, and in the term after the one that is");
}

#[test]
fn who_has_read_what_was_there_waits_to_be_assigned() {
    let (log, appended) = newcomer();
    log.records_read(0, (1..10).map(|offset| (offset, Record::Foreign)));
    log.tick();
    assert!(appended.terms().is_empty());

    log.assigned(0);

    assert_eq!(appended.terms(), [2]);
}

#[test]
fn a_partition_that_ends_earlier_than_it_did_has_a_leader_in_the_end() {
    let (log, appended) = newcomer();
    log.assigned(0);
    log.tick();
    assert_eq!(*appended.questions.lock(), [END], "asked once in a while");
    log.barrier_answered(0, END, None);
    log.barrier_answered(0, END, Some(End { offset: 12, fresh_until: Instant::now() + LONG }));
    assert!(appended.terms().is_empty(), "it ends where it did, or later");

    log.barrier_answered(0, END, Some(End { offset: 1, fresh_until: Instant::now() + LONG }));

    assert_eq!(appended.terms(), [2]);
    assert!(log.unready().is_empty());
}

#[tokio::test]
async fn who_was_at_this_address_before_is_not_asked() {
    let log = EventLog::<Posts>::new(1, "there", Limits::default(), Arc::new(NoForward));
    log.records_read(0, [(0, begun_by_another())]);
    assert_eq!(log.elsewhere(0), None);
}

#[test]
fn a_partition_that_cannot_be_read_on_is_not_led_and_not_ready() {
    let (log, appended) = newcomer();
    log.records_read(0, (1..10).map(|offset| (offset, Record::Foreign)));
    assert!(log.unready().is_empty());

    log.stuck(0, 10, "no such schema");
    log.assigned(0);
    log.tick();

    assert_eq!(log.standing(0).stuck.as_deref(), Some("stuck at offset 10: no such schema"));
    assert_eq!(log.unready(), [(0, Unready::Stuck)].into());
    assert!(appended.terms().is_empty());

    log.unstuck(0);
    log.assigned(0);

    assert!(log.unready().is_empty());
    assert_eq!(appended.terms(), [2]);
}

#[test]
fn the_leader_of_a_partition_that_cannot_be_read_on_takes_no_more_commands() {
    let (log, appended) = newcomer();
    log.records_read(0, (1..10).map(|offset| (offset, Record::Foreign)));
    log.assigned(0);
    let term = appended.records.lock().pop().unwrap();
    log.records_read(0, [(10, term)]);
    assert!(log.slots[0].partition.lock().takes_commands() && log.standing(0).is_leader);

    log.stuck(0, 11, "no such schema");
    log.producer_failed(0);
    log.tick();

    assert!(!log.slots[0].partition.lock().takes_commands() && !log.standing(0).is_leader);
    assert!(appended.terms().is_empty(), "no further term");
}

#[tokio::test]
async fn a_command_of_a_sealed_partition_is_turned_away_at_once() {
    let log = EventLog::new(1, "here", Limits::default(), Arc::new(NoForward));
    let appended = Arc::new(Appended::default());
    log.connect(Arc::clone(&appended) as Arc<dyn Transport<Posts>>);
    let (owner, nonce, address) = (Uuid::new_v4(), Uuid::new_v4(), TermStarted::SEALED.to_owned());
    log.catch_up_to(&[1], Instant::now() + LONG);
    log.records_read(0, [(0, begun_by_another())]);
    assert!(!log.is_any_sealed() && log.unready().is_empty());
    log.records_read(0, [(1, Record::TermStarted(TermStarted { term: 2, owner, address, nonce }))]);
    assert!(log.is_any_sealed());
    assert_eq!(log.unready(), [(0, Unready::Sealed)].into());
    log.assigned(0);
    log.tick();
    let command = crate::record::CommandRef { id: Uuid::new_v4(), digest: 1, correlation_id: nonce, traceparent: None };
    let request = crate::Request {
        aggregate_id: "a".to_owned(),
        command,
        expected: None,
        actor: domain::Actor::new(owner),
        body: domain::posts::Command::Publish,
    };
    let began = std::time::Instant::now();
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    assert_eq!(log.execute(request, deadline).await, Err(ExecuteError::Sealed));
    assert!(began.elapsed() < std::time::Duration::from_secs(5));
    assert!(appended.terms().is_empty());
}

/// A moderator hid a post by an event of a newer version: how it was before says nothing of how it is.
#[test]
fn what_cannot_be_read_to_its_end_is_not_shown_as_it_was_before() {
    let (log, _) = newcomer();
    let unreadable = |id: &str| Record::Unreadable {
        stamp: Stamp { term: 1, seq: 1 },
        aggregate_id: id.to_owned(),
        reason: "a newer version's".to_owned(),
    };
    log.records_read(0, [(1, unreadable("a"))]);
    log.records_read(0, (2..10).map(|offset| (offset, Record::Foreign)));
    let why = NotKnown::Unreadable { context: "posts", aggregate_id: "a".to_owned() };
    assert_eq!(log.confirmed("a").map(|seen| seen.0), Err(why));
    assert_eq!(log.confirmed("b").map(|seen| seen.0), Ok(0));
}

/// A person who was deactivated meanwhile could log in at such an instance, without end.
#[test]
fn who_hears_nothing_more_of_the_log_answers_nothing_from_what_it_read() {
    let (log, _) = newcomer();
    log.records_read(0, (1..10).map(|offset| (offset, Record::Foreign)));
    let soon = Instant::now() + Duration::from_millis(50);
    assert_eq!(log.confirmed("a").map(|seen| seen.0), Ok(0));
    assert_eq!(log.ending_with(Uuid::nil(), |_, _| Some(())), Ok(Vec::new()));

    let log = EventLog::<Posts>::new(1, "here", Limits::default(), Arc::new(NoForward));
    log.connect(Arc::new(Appended::default()));
    log.catch_up_to(&[1], soon);
    log.records_read(0, [(0, begun_by_another())]);
    std::thread::sleep(soon.saturating_duration_since(Instant::now()));
    let stale = Stale { context: "posts", partition: 0 };
    assert_eq!(log.confirmed("a").map(|seen| seen.0), Err(stale.into()));
    assert_eq!(log.ending_with(Uuid::nil(), |_, _| Some(())), Err(stale));
    assert_eq!(log.unready(), [(0, Unready::Silent)].into());

    // It hears of the log again, and has not read it.
    log.barrier_answered(0, END, Some(End { offset: 2, fresh_until: Instant::now() + LONG }));
    assert_eq!(log.confirmed("a").map(|seen| seen.0), Err(stale.into()));
    log.records_read(0, [(1, Record::Foreign)]);
    assert_eq!(log.confirmed("a").map(|seen| seen.0), Ok(0));
    assert!(log.unready().is_empty());
}

#[tokio::test]
async fn a_refusal_appends_a_record_where_one_broker_is_not_to_be_believed() {
    for is_replicated in [false, true] {
        let log = EventLog::new(1, "here", Limits::default(), Arc::new(NoForward));
        let appended = Arc::new(Appended { is_replicated, ..Appended::default() });
        log.connect(Arc::clone(&appended) as Arc<dyn Transport<Posts>>);
        log.assigned(0);
        let term = appended.records.lock().pop().unwrap();
        log.records_read(0, [(0, term)]);

        let publish = Request::<Posts> {
            aggregate_id: Uuid::nil().to_string(),
            command: CommandRef { id: Uuid::new_v4(), digest: 0, correlation_id: Uuid::nil(), traceparent: None },
            expected: None,
            actor: domain::Actor::new(Uuid::nil()),
            body: domain::posts::Command::Publish,
        };
        let mut outcome = log.submit(0, Pending::from(publish));
        assert!(outcome.try_recv().is_err(), "it may have been succeeded");
        let (barrier, asked) = (appended.records.lock().pop(), appended.questions.lock().len());
        assert_eq!((barrier.is_some(), asked), (is_replicated, usize::from(!is_replicated)));
        match barrier {
            Some(barrier) => log.records_read(0, [(1, barrier)]),
            None => log.barrier_answered(0, 1, Some(End { offset: 1, fresh_until: Instant::now() + LONG })),
        }
        assert!(matches!(outcome.await, Ok(Outcome::Refused(Refusal::Rejected { version: 0, .. }))));
    }
}

/// Another writer's transaction ended with a marker, which comes to no reader.
#[test]
fn an_end_at_which_there_is_no_record_is_reached() {
    let (log, appended) = newcomer();
    log.assigned(0);
    log.records_read(0, (1..9).map(|offset| (offset, Record::Foreign)));
    log.barrier_answered(0, END, Some(End { offset: 10, fresh_until: Instant::now() + LONG }));
    assert_eq!(log.awaited(), [(0, 9, 10)]);
    assert!(appended.terms().is_empty() && !log.unready().is_empty());

    log.nothing_until(0, 8, 10);
    assert_eq!(log.awaited(), [(0, 9, 10)], "it was read on meanwhile");
    log.nothing_until(0, 9, 10);

    assert_eq!(log.awaited(), []);
    assert_eq!(appended.terms(), [2]);
    assert!(log.unready().is_empty());
    assert_eq!(log.standing(0).next_offset, 10);
}
