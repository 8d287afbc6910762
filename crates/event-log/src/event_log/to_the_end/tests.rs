use std::sync::Arc;

use domain::posts::Posts;

use super::*;
use crate::NoForward;
use crate::codec::Wire;
use crate::partition::Limits;
use crate::record::{Record, Stamp};
use crate::transport::{Barriers, Transport, Unsure};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(50);

/// Keeps the questions; the test answers them.
#[derive(Default)]
struct Questions(Mutex<Vec<(i32, u64)>>);

impl Transport<Posts> for Questions {
    fn append(&self, _: i32, _: Record<<Posts as Decider>::Event>, _: Option<Wire>) -> Result<(), Unsure> {
        Ok(())
    }

    fn renew(&self, _: i32) {}

    fn ask_barrier(&self, partition: i32, number: u64) {
        self.0.lock().push((partition, number));
    }

    fn close(&self) {}
}

fn log_of(partitions: i32) -> (Arc<EventLog<Posts>>, Arc<Questions>) {
    let log = EventLog::new(partitions, "here", Limits::default(), Arc::new(NoForward));
    let questions = Arc::new(Questions::default());
    log.connect(Arc::clone(&questions) as Arc<dyn Transport<Posts>>);
    (log, questions)
}

fn at(offset: i64) -> Option<End> {
    Some(End { offset, fresh_until: std::time::Instant::now() + LONG })
}

fn read(log: &EventLog<Posts>, partition: i32, count: i64) {
    log.records_read(partition, (0..count).map(|offset| (offset, Record::Foreign)));
}

#[tokio::test]
async fn all_is_read_that_was_there_when_it_was_asked() {
    let (log, questions) = log_of(2);
    read(&log, 0, 3);
    let waiting = tokio::spawn({
        let log = Arc::clone(&log);
        async move { log.read_to_the_end(LONG).await }
    });
    while questions.0.lock().len() < 2 {
        tokio::task::yield_now().await;
    }
    let asked = questions.0.lock().clone();
    assert!(asked.iter().all(|(_, number)| *number >= FIRST));
    log.barrier_answered(0, asked[0].1, at(3));
    log.barrier_answered(1, asked[1].1, at(2));
    tokio::time::sleep(SHORT).await;
    assert!(!waiting.is_finished(), "partition 1 is not read to its end");
    read(&log, 1, 2);
    assert_eq!(waiting.await.unwrap(), Ok(()));
    assert!(log.slots.iter().all(|slot| slot.ends.asked.lock().is_empty()));
}

#[tokio::test]
async fn an_answer_to_an_earlier_question_is_none() {
    let (log, questions) = log_of(1);
    read(&log, 0, 3);
    assert!(log.read_to_the_end(SHORT).await.is_err(), "no broker answers");
    let before = questions.0.lock()[0].1;
    let waiting = tokio::spawn({
        let log = Arc::clone(&log);
        async move { log.read_to_the_end(SHORT).await }
    });
    log.barrier_answered(0, before, at(3));
    log.barrier_answered(0, super::super::END, at(3));
    assert_eq!(waiting.await.unwrap(), Err(NotAll::Stale(Stale { context: "posts", partition: 0 })));
    assert!(log.slots[0].ends.asked.lock().is_empty(), "questions are forgotten with their callers");
}

#[tokio::test]
async fn an_end_that_cannot_be_had_is_said_at_once() {
    let (log, questions) = log_of(1);
    let waiting = tokio::spawn({
        let log = Arc::clone(&log);
        async move { log.read_to_the_end(LONG).await }
    });
    while questions.0.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    let asked = questions.0.lock()[0].1;
    log.barrier_answered(0, asked, None);
    assert!(waiting.await.unwrap().is_err());
}

/// The log that is read.
const BEGAN: Uuid = Uuid::from_u128(1);

type PostRecord = Record<<Posts as Decider>::Event>;

/// Several brokers, of which the one that answers was cut off: it names the end of before. What is appended the test
/// reads, or loses.
#[derive(Default)]
struct CutOff {
    appended: Mutex<Vec<PostRecord>>,
    refuses: std::sync::atomic::AtomicBool,
    renewed: std::sync::atomic::AtomicU32,
    asked: std::sync::atomic::AtomicU32,
    knows_logs: std::sync::atomic::AtomicBool,
}

impl Transport<Posts> for CutOff {
    fn knows_logs(&self) -> bool {
        self.knows_logs.load(Ordering::Relaxed)
    }

    fn append(&self, _: i32, record: PostRecord, _: Option<Wire>) -> Result<(), Unsure> {
        if self.refuses.swap(false, Ordering::Relaxed) {
            return Err(Unsure("no".to_owned()));
        }
        self.appended.lock().push(record);
        Ok(())
    }

    fn renew(&self, _: i32) {
        self.renewed.fetch_add(1, Ordering::Relaxed);
    }

    fn barriers(&self) -> Barriers {
        Barriers::Appended
    }

    fn ask_barrier(&self, _: i32, _: u64) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    fn close(&self) {}
}

/// An instance that leads nothing, and has read the first record of one partition.
fn follower() -> (Arc<EventLog<Posts>>, Arc<CutOff>) {
    let log = EventLog::new(1, "here", Limits::default(), Arc::new(NoForward));
    let brokers = Arc::new(CutOff::default());
    log.connect(Arc::clone(&brokers) as Arc<dyn Transport<Posts>>);
    let began = TermStarted { term: 1, owner: Uuid::new_v4(), address: "there".to_owned(), nonce: BEGAN };
    log.records_read(0, [(0, Record::TermStarted(began))]);
    (log, brokers)
}

fn ask(log: &Arc<EventLog<Posts>>, patience: Duration) -> tokio::task::JoinHandle<Result<(), NotAll>> {
    let log = Arc::clone(log);
    tokio::spawn(async move { log.read_to_the_end(patience).await })
}

#[tokio::test]
async fn with_several_brokers_no_broker_says_where_the_end_is() {
    let (log, brokers) = follower();
    let first = ask(&log, LONG);
    tokio::time::sleep(SHORT).await;
    let later = [ask(&log, LONG), ask(&log, LONG)];
    log.barrier_answered(0, super::super::END, at(1));
    tokio::time::sleep(SHORT).await;
    assert!(!first.is_finished(), "a broker that was cut off says so");
    assert_eq!(brokers.asked.load(Ordering::Relaxed), 0);
    let marks = brokers.appended.lock().clone();
    assert!(matches!(&marks[..], [mark] if mark.is_barrier()), "{marks:?}");
    // What another leader appended meanwhile, and then the record.
    log.records_read(0, [(1, Record::Foreign), (2, marks[0].clone())]);
    assert_eq!(first.await.unwrap(), Ok(()));
    log.tick();
    tokio::time::sleep(SHORT).await;
    assert!(later.iter().all(|later| !later.is_finished()), "they asked after that record was appended");
    let marks = brokers.appended.lock().clone();
    assert_eq!(marks.len(), 2, "both share one");
    log.records_read(0, [(3, marks[1].clone())]);
    for later in later {
        assert_eq!(later.await.unwrap(), Ok(()));
    }
}

#[tokio::test]
async fn with_several_brokers_a_record_shows_the_end() {
    let (log, brokers) = follower();
    let asking = tokio::spawn({
        let log = Arc::clone(&log);
        async move { log.shown_ends(LONG).await }
    });
    tokio::time::sleep(SHORT).await;
    let marks = brokers.appended.lock().clone();
    log.records_read(0, [(1, Record::Foreign), (2, marks[0].clone())]);
    assert_eq!(asking.await.unwrap(), Ok(vec![(0, 3)]));
}

#[tokio::test]
async fn the_only_broker_is_asked_by_those_who_want_its_word() {
    let (log, questions) = log_of(1);
    assert_eq!(log.shown_ends(LONG).await, Ok(Vec::new()));
    assert!(questions.0.lock().is_empty());
}

#[tokio::test]
async fn a_record_that_may_be_missing_is_appended_again() {
    let (log, brokers) = follower();
    brokers.refuses.store(true, Ordering::Relaxed);
    let waiting = ask(&log, LONG);
    tokio::time::sleep(SHORT).await;
    assert!(brokers.appended.lock().is_empty());
    assert_eq!(brokers.renewed.load(Ordering::Relaxed), 1);
    log.tick();
    assert_eq!(brokers.appended.lock().len(), 1, "the refused one");
    log.producer_failed(0);
    log.tick();
    let marks = brokers.appended.lock().clone();
    assert_eq!(marks.len(), 2, "the one that may be missing");
    log.records_read(0, [(1, marks[1].clone())]);
    assert_eq!(waiting.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_caller_that_gave_up_leaves_no_record() {
    let (log, brokers) = follower();
    assert!(ask(&log, SLOW + SHORT).await.unwrap().is_err(), "the record is not read back");
    assert_eq!(brokers.appended.lock().len(), 1);
    log.tick();
    assert_eq!(brokers.appended.lock().len(), 1, "no caller waits");
    assert!(ask(&log, LONG).await.unwrap().is_err(), "for a while it is said at once that it is not known");
    log.slots[0].ends.marks.lock().held_until = None;
    let _waiting = ask(&log, LONG);
    tokio::time::sleep(SHORT).await;
    assert_eq!(brokers.appended.lock().len(), 2, "a lost one holds up no other for ever");
}

/// Another partition told it enough.
#[tokio::test]
async fn a_caller_that_left_early_keeps_no_other_from_asking() {
    let (log, brokers) = follower();
    assert!(ask(&log, SHORT).await.unwrap().is_err());
    let waiting = ask(&log, LONG);
    tokio::time::sleep(SHORT).await;
    let marks = brokers.appended.lock().clone();
    assert_eq!(marks.len(), 2);
    log.records_read(0, [(1, marks[0].clone()), (2, marks[1].clone())]);
    assert_eq!(waiting.await.unwrap(), Ok(()));
}

/// What it says of its aggregate is not known, and so not what is in the log.
#[tokio::test]
async fn what_cannot_be_read_is_not_read() {
    let (log, questions) = log_of(1);
    let began = TermStarted { term: 1, owner: Uuid::new_v4(), address: "there".to_owned(), nonce: Uuid::new_v4() };
    let stamp = Stamp { term: 1, seq: 1 };
    let unreadable = Record::Unreadable { stamp, aggregate_id: "p".to_owned(), reason: "a newer version's".to_owned() };
    log.records_read(0, [(0, Record::TermStarted(began)), (1, unreadable)]);
    let asking = ask(&log, LONG);
    while questions.0.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    let (partition, number) = questions.0.lock()[0];
    log.barrier_answered(partition, number, at(2));
    assert_eq!(asking.await.unwrap(), Err(NotAll::Unreadable { context: "posts", partition: 0 }));
}

#[tokio::test]
async fn the_first_record_of_a_partition_begins_its_first_term() {
    let log = EventLog::new(1, "here", Limits::default(), Arc::new(NoForward));
    let brokers = Arc::new(CutOff::default());
    log.connect(Arc::clone(&brokers) as Arc<dyn Transport<Posts>>);
    assert!(ask(&log, LONG).await.unwrap().is_err(), "at once");
    assert!(brokers.appended.lock().is_empty());
    assert!(log.slots[0].ends.marks.lock().waiting.is_empty());
}

#[tokio::test]
async fn to_what_may_be_another_log_nothing_is_appended() {
    let (log, brokers) = follower();
    brokers.knows_logs.store(true, Ordering::Relaxed);
    assert!(ask(&log, LONG).await.unwrap().is_err());
    assert!(brokers.appended.lock().is_empty());
    log.compared(0, Some(BEGAN), &crate::known_logs::Known::Log(BEGAN));
    let _waiting = ask(&log, LONG);
    tokio::time::sleep(SHORT).await;
    assert_eq!(brokers.appended.lock().len(), 1);
}

/// A stream of refusals does not keep those from an answer who wait for the end: its record is theirs too.
#[tokio::test]
async fn a_record_that_is_appended_for_another_reason_shows_the_end_as_well() {
    let ends = Ends::default();
    let (sender, read) = oneshot::channel();
    ends.marks.lock().waiting.push(sender);
    let mark = TermStarted { term: TermStarted::NO_TERM, owner: Uuid::nil(), address: String::new(), nonce: BEGAN };
    ends.is_shown_by(BEGAN);
    assert_eq!(ends.marks.lock().next(), None, "one is under way");
    ends.read(&mark);
    assert_eq!(read.await, Ok(()));
}

#[tokio::test]
async fn what_an_instance_asks_with_does_not_put_its_clock_right() {
    let (log, brokers) = follower();
    let later = |millis| crate::Stamped::ByWriter(domain::Timestamp(super::super::now().0 + millis));
    log.stamped(0, later(60_000), &Record::Foreign);
    assert!(log.clock_ahead_ms().is_some());
    let _waiting = ask(&log, LONG);
    tokio::time::sleep(SHORT).await;
    let mark = brokers.appended.lock()[0].clone();
    log.stamped(0, later(0), &mark);
    assert!(log.clock_ahead_ms().is_some(), "it is by its own clock");
    // What another asks with says nothing either: it need not lead.
    let (right, _) = follower();
    right.stamped(0, later(60_000), &mark);
    assert_eq!(right.clock_ahead_ms(), None);
}
