//! A small log for tests: two partitions of twenty events each, read in batches of seven, in turn.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::posts::{Event, Published};
use domain::{AnyEvent, Recorded, Timestamp};
use event_log::subscription::{Batch, Entry, PartitionId, Position, SubscribeError};
use uuid::Uuid;

use crate::log::{Log, Positions, Source};

pub(super) const LENGTH: i64 = 20;

/// The log; counts how often it was opened.
#[derive(Clone, Debug, Default)]
pub(super) struct Twenty(pub(super) Arc<AtomicUsize>);

#[derive(Debug)]
pub(super) struct Reading {
    turn: VecDeque<PartitionId>,
    at: Positions,
}

pub(super) fn partition(partition: i32) -> PartitionId {
    PartitionId { context: "posts".into(), partition }
}

pub(super) fn position(next_offset: i64) -> Position {
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
    Entry { offset, event: Ok(Arc::new(event)) }
}

impl Log for Twenty {
    type Source = Reading;

    fn partitions(&self, _: &[&str]) -> Vec<PartitionId> {
        vec![partition(0), partition(1)]
    }

    async fn open(&self, _: &[&str], at: Positions, _: usize) -> Result<Reading, SubscribeError> {
        self.0.fetch_add(1, Ordering::Relaxed);
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

    fn moved(&self) -> Option<String> {
        None
    }

    async fn seek(&mut self, partition: &PartitionId, position: Position) -> Result<(), SubscribeError> {
        self.at.insert(partition.clone(), position);
        Ok(())
    }
}
