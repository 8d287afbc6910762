use uuid::Uuid;

use super::*;
use crate::rebuild::testing::{Reading, Twenty, partition, position};

async fn read(reader: &mut Reader<Reading>, targets: &Targets) -> [Vec<i64>; 2] {
    let mut read = [Vec::new(), Vec::new()];
    while let Some(work) = reader.next(targets).await.unwrap() {
        for run in work.runs() {
            let into = &mut read[usize::try_from(run.partition.partition).unwrap()];
            into.extend(run.entries.iter().map(|entry| entry.offset));
        }
    }
    read
}

fn exactly(first: i64, second: i64) -> Targets {
    [(0, first), (1, second)].map(|(n, offset)| (partition(n), Target::Exactly(position(offset)))).into()
}

#[tokio::test]
async fn it_reads_exactly_up_to_the_targets_and_goes_on_from_there() {
    for at_once in [1, 5, 100] {
        let mut reader = Reader::open(&Twenty::default(), &["posts"], 7, (at_once, 1 << 20)).await.unwrap();
        assert_eq!(read(&mut reader, &exactly(3, 0)).await, [(0..3).collect(), Vec::new()]);
        assert_eq!(read(&mut reader, &exactly(3, 0)).await, [Vec::<i64>::new(), Vec::new()]);
        assert_eq!(read(&mut reader, &exactly(4, 20)).await, [vec![3], (0..20).collect()]);
        assert_eq!(read(&mut reader, &exactly(20, 20)).await, [(4..20).collect(), Vec::new()]);
    }
}

#[tokio::test]
async fn it_goes_back_and_reads_the_same_again() {
    let mut reader = Reader::open(&Twenty::default(), &["posts"], 7, (10, 1 << 20)).await.unwrap();
    assert_eq!(read(&mut reader, &exactly(3, 9)).await, [(0..3).collect::<Vec<_>>(), (0..9).collect()]);
    let settled = Positions::from([(partition(1), position(4))]);
    reader.go_back(&settled);
    assert_eq!(reader.positions()[&partition(1)], position(4));
    assert_eq!(read(&mut reader, &exactly(3, 20)).await, [(0..3).collect::<Vec<_>>(), (4..20).collect()]);
}

#[tokio::test]
async fn what_was_no_target_at_first_is_read_when_it_is_one() {
    let mut reader = Reader::open(&Twenty::default(), &["posts"], 7, (10, 1 << 20)).await.unwrap();
    let first = Targets::from([(partition(0), Target::Exactly(position(20)))]);
    assert_eq!(read(&mut reader, &first).await, [(0..20).collect::<Vec<_>>(), Vec::new()]);
    assert_eq!(read(&mut reader, &exactly(20, 20)).await, [Vec::<i64>::new(), (0..20).collect()]);
}

#[tokio::test]
async fn a_target_that_need_not_be_exact_takes_whole_batches() {
    let mut reader = Reader::open(&Twenty::default(), &["posts"], 7, (100, 1 << 20)).await.unwrap();
    let targets = [(partition(0), Target::AtLeast(8)), (partition(1), Target::AtLeast(0))].into();
    assert_eq!(read(&mut reader, &targets).await, [(0..14).collect(), Vec::new()]);
}

#[tokio::test]
async fn a_position_of_another_log_is_refused() {
    let mut reader = Reader::open(&Twenty::default(), &["posts"], 7, (100, 1 << 20)).await.unwrap();
    reader.at.clear();
    let theirs = Position { log_id: Some(Uuid::from_u128(1)), ..position(3) };
    let targets = Targets::from([(partition(0), Target::Exactly(theirs))]);
    // The batches above say nothing of their log, as in one that has no term yet: then there is nothing to compare.
    assert!(reader.next(&targets).await.is_ok());
    let batch = Batch {
        partition: partition(0),
        from: position(3),
        to: Position { log_id: Some(Uuid::from_u128(2)), ..position(9) },
        entries: Vec::new(),
    };
    assert!(matches!(reader.take(batch, &targets), Err(SubscribeError::ForeignPosition { .. })));
}
