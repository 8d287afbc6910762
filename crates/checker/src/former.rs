//! The logs in which contexts were before they got more partitions (docs/topics.md). What counted there is in the new
//! one, each aggregate's events in their order; positions that were given out before are of the former log.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use crate::history::{Body, Event, History, Position};
use crate::terms;

/// Where events were.
#[derive(Default)]
pub(crate) struct Former<'h> {
    /// What names the log of each partition: the nonce of its first term.
    logs: HashMap<(&'h str, i32), Uuid>,
    events: BTreeMap<(&'h str, i32, i64), &'h Event>,
    places: HashMap<(&'h str, &'h str, u64), (i32, i64)>,
}

impl<'h> Former<'h> {
    pub(crate) fn of(history: &'h History) -> Self {
        let mut former = Self::default();
        for partition in &history.former {
            let (context, number) = (partition.context.as_str(), partition.number);
            let nonce = partition.records.iter().find_map(|record| match record.body {
                Body::TermStarted { nonce, .. } => Some(nonce),
                _ => None,
            });
            former.logs.extend(nonce.map(|nonce| ((context, number), nonce)));
            for place in terms::valid(partition).events {
                let record = &partition.records[place];
                if let Body::Event(event) = &record.body {
                    former.events.insert((context, number, record.offset), event);
                    let aggregate = (context, event.aggregate_id.as_str(), event.version);
                    former.places.insert(aggregate, (number, record.offset));
                }
            }
        }
        former
    }

    /// Whether a position is of a former log.
    pub(crate) fn has(&self, position: &Position) -> bool {
        let log = self.logs.get(&(position.context.as_str(), position.partition));
        position.log_id.is_some() && log.copied() == position.log_id
    }

    /// Where the event was that made this version of an aggregate, if it was in a former log.
    pub(crate) fn place(&self, context: &str, aggregate_id: &str, version: u64) -> Option<(i32, i64)> {
        self.places.get(&(context, aggregate_id, version)).copied()
    }

    /// All events, partition by partition, in their order.
    pub(crate) fn events(&self) -> impl Iterator<Item = (&'h str, i32, i64, &'h Event)> {
        self.events.iter().map(|((context, partition, offset), event)| (*context, *partition, *offset, *event))
    }
}
