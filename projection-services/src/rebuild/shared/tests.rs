use std::sync::atomic::Ordering;
use std::time::Instant;

use super::*;
use crate::rebuild::testing::{LENGTH, Twenty, partition, position};

const CONTEXTS: &[&str] = &["posts"];

/// The offsets up to which each partition was read, in order; until both have ended.
async fn read(source: &mut Following<Twenty>) -> [Vec<i64>; 2] {
    let mut read = [Vec::new(), Vec::new()];
    while read.iter().any(|ends: &Vec<i64>| ends.last() != Some(&LENGTH)) {
        let batch = source.next().await.unwrap();
        read[usize::try_from(batch.partition.partition).unwrap()].push(batch.to.next_offset);
    }
    read
}

fn whole() -> [Vec<i64>; 2] {
    [vec![7, 14, 20], vec![7, 14, 20]]
}

async fn open(shared: &Shared<Twenty>) -> Following<Twenty> {
    shared.open(CONTEXTS, Positions::new(), 7).await.unwrap()
}

#[tokio::test]
async fn several_read_the_whole_log_and_it_is_opened_once() {
    let log = Twenty::default();
    let [first, second] = shared(&log, CONTEXTS, 7);
    let (mut first, mut second) = (open(&first).await, open(&second).await);
    assert_eq!(tokio::join!(read(&mut first), read(&mut second)), (whole(), whole()));
    assert_eq!(first.ends().await.unwrap()[&partition(1)], LENGTH);
    assert_eq!(log.0.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn who_goes_back_goes_on_alone_and_the_others_stay() {
    let log = Twenty::default();
    let [first, second] = shared(&log, CONTEXTS, 7);
    let (mut first, mut second) = (open(&first).await, open(&second).await);
    assert_eq!(tokio::join!(read(&mut first), read(&mut second)), (whole(), whole()));
    first.seek(&partition(1), position(14)).await.unwrap();
    let batch = first.next().await.unwrap();
    assert_eq!((batch.partition, batch.from, batch.to), (partition(1), position(14), position(LENGTH)));
    assert!(matches!(first.reading, Reading::Alone(_)) && matches!(second.reading, Reading::Together(_)));
    assert_eq!(log.0.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn who_does_not_read_is_not_waited_for_for_ever_and_misses_nothing() {
    let log = Twenty::default();
    let [first, second] = shared(&log, CONTEXTS, 7);
    let (mut first, mut second) = (open(&first).await, open(&second).await);
    let began = Instant::now();
    assert_eq!(read(&mut first).await, whole());
    assert!(began.elapsed() >= PATIENCE);
    assert_eq!(read(&mut second).await, whole());
    assert!(matches!(second.reading, Reading::Alone(_)));
}

#[tokio::test]
async fn who_asks_for_the_ends_before_reading_is_answered_at_once() {
    let [first, second] = shared(&Twenty::default(), CONTEXTS, 1);
    let (mut first, mut second) = (open(&first).await, open(&second).await);
    let began = Instant::now();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(first.ends().await.unwrap().len(), 2);
    assert_eq!(second.ends().await.unwrap().len(), 2);
    assert!(began.elapsed() < PATIENCE);
}

#[tokio::test]
async fn a_reader_that_never_opens_it_holds_no_other_up_once_it_is_dropped() {
    let [first, second] = shared(&Twenty::default(), CONTEXTS, 7);
    let mut first = open(&first).await;
    drop(second);
    let began = Instant::now();
    assert_eq!(read(&mut first).await, whole());
    assert!(began.elapsed() < PATIENCE);
}
