use std::sync::Arc;

use domain::posts::Posts;

use super::*;
use crate::NoForward;
use crate::codec::Wire;
use crate::partition::Limits;
use crate::record::Record;
use crate::transport::{Transport, Unsure};

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
    assert!(log.slots.iter().all(|slot| slot.ends.0.lock().is_empty()));
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
    assert_eq!(waiting.await.unwrap(), Err(Stale { context: "posts", partition: 0 }));
    assert!(log.slots[0].ends.0.lock().is_empty(), "questions are forgotten with their callers");
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
