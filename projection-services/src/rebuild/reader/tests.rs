use std::collections::VecDeque;

use domain::posts::{Event, Published};
use domain::{AnyEvent, Recorded, Timestamp};
use event_log::subscription::Entry;
use uuid::Uuid;

use super::*;

const LENGTH: i64 = 20;

/// Two partitions of twenty events each, read in batches of seven, in turn.
#[derive(Clone)]
struct Twenty;

struct Reading {
    turn: VecDeque<PartitionId>,
    at: Positions,
}

fn partition(partition: i32) -> PartitionId {
    PartitionId { context: "posts".into(), partition }
}

fn position(next_offset: i64) -> Position {
    Position { next_offset, ..Position::START }
}

fn entry(offset: i64) -> Entry {
    let event = Recorded {
        aggregate_id: "a".into(),
        version: 1,
        occurred_at: Timestamp(0),
        actor_id: Uuid::nil(),
        event: AnyEvent::Posts(Event::Published(Published {})),
    };
    Entry { offset, event: Ok(event) }
}

impl Log for Twenty {
    type Source = Reading;

    fn partitions(&self, _: &[&str]) -> Vec<PartitionId> {
        vec![partition(0), partition(1)]
    }

    async fn open(&self, _: &[&str], at: Positions, _: usize) -> Result<Reading, SubscribeError> {
        Ok(Reading { turn: [partition(0), partition(1)].into(), at })
    }
}

impl Source for Reading {
    async fn next(&mut self) -> Result<Batch, SubscribeError> {
        for _ in 0..2 {
            self.turn.rotate_left(1);
            let partition = self.turn[0].clone();
            let from = self.at.get(&partition).copied().unwrap_or(Position::START);
            let to = position((from.next_offset + 7).min(LENGTH));
            if from.next_offset < LENGTH {
                self.at.insert(partition.clone(), to);
                let entries = (from.next_offset..to.next_offset).map(entry).collect();
                return Ok(Batch { partition, from, to, entries });
            }
        }
        std::future::pending().await
    }

    async fn ends(&mut self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        Ok([0, 1].into_iter().map(|number| (partition(number), LENGTH)).collect())
    }

    async fn seek(&mut self, partition: &PartitionId, position: Position) -> Result<(), SubscribeError> {
        self.at.insert(partition.clone(), position);
        Ok(())
    }
}

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
        let mut reader = Reader::open(&Twenty, &["posts"], 7, (at_once, 1 << 20)).await.unwrap();
        assert_eq!(read(&mut reader, &exactly(3, 0)).await, [(0..3).collect(), Vec::new()]);
        assert_eq!(read(&mut reader, &exactly(3, 0)).await, [Vec::<i64>::new(), Vec::new()]);
        assert_eq!(read(&mut reader, &exactly(4, 20)).await, [vec![3], (0..20).collect()]);
        assert_eq!(read(&mut reader, &exactly(20, 20)).await, [(4..20).collect(), Vec::new()]);
    }
}

#[tokio::test]
async fn a_target_that_need_not_be_exact_takes_whole_batches() {
    let mut reader = Reader::open(&Twenty, &["posts"], 7, (100, 1 << 20)).await.unwrap();
    let targets = [(partition(0), Target::AtLeast(8)), (partition(1), Target::AtLeast(0))].into();
    assert_eq!(read(&mut reader, &targets).await, [(0..14).collect(), Vec::new()]);
}

#[tokio::test]
async fn a_position_of_another_log_is_refused() {
    let mut reader = Reader::open(&Twenty, &["posts"], 7, (100, 1 << 20)).await.unwrap();
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
