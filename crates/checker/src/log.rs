//! The records that count, found by aggregate and by command.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use crate::former::Former;
use crate::history::{Body, Event, History, Position};
use crate::terms;
use crate::verdict::{Kind, Verdict};

/// A place among the log's events.
pub(crate) type Place = usize;

/// The valid events of all partitions; those of a partition stand together, in order.
pub(crate) struct Log<'h> {
    pub(crate) events: Vec<Placed<'h>>,
    pub(crate) aggregates: Vec<Aggregate<'h>>,
    /// Where each partition's events begin and end.
    pub(crate) partitions: Vec<(&'h str, i32, std::ops::Range<Place>)>,
    /// Where events were before their contexts got more partitions.
    pub(crate) former: Former<'h>,
    /// Events in the order in which they were appended, of each partition that they were appended to first.
    pub(crate) orders: Vec<Vec<Place>>,
    by_id: HashMap<(&'h str, &'h str), usize>,
    by_command: HashMap<Uuid, Vec<Place>>,
}

/// An event and where it is.
#[derive(Clone, Copy)]
pub(crate) struct Placed<'h> {
    pub(crate) context: &'h str,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) event: &'h Event,
    /// Its number within its aggregate, from 1: what its version has to be.
    pub(crate) number: u64,
}

/// An aggregate's events.
pub(crate) struct Aggregate<'h> {
    pub(crate) context: &'h str,
    pub(crate) id: &'h str,
    pub(crate) events: Vec<Place>,
}

impl<'h> Log<'h> {
    pub(crate) fn of(history: &'h History, verdict: &mut Verdict) -> Self {
        let mut log = Self {
            events: Vec::new(),
            aggregates: Vec::new(),
            partitions: Vec::new(),
            former: Former::of(history),
            orders: Vec::new(),
            by_id: HashMap::new(),
            by_command: HashMap::new(),
        };
        for partition in &history.partitions {
            let valid = terms::valid(partition);
            let begin = log.events.len();
            for place in &valid.events {
                let record = &partition.records[*place];
                if let Body::Event(event) = &record.body {
                    log.add(&partition.context, partition.number, record.offset, event);
                }
            }
            log.partitions.push((&partition.context, partition.number, begin..log.events.len()));
            for place in &valid.unreadable {
                let record = &partition.records[*place];
                verdict.add(Kind::Invented, || {
                    let at = (partition.context.as_str(), partition.number, record.offset);
                    format!("{}: {} has an event that counts and cannot be decoded", at_text(at), record.key)
                });
            }
            let valid_count = (valid.events.len() + valid.unreadable.len()) as u64;
            verdict.counts.valid += valid_count;
            verdict.counts.terms += valid.terms;
            verdict.counts.void += partition.records.len() as u64 - valid_count - valid.terms;
        }
        verdict.counts.aggregates = log.aggregates.len() as u64;
        log.orders = log.orders();
        log
    }

    /// What was copied was appended to the former log, and its order is the one that counts.
    fn orders(&self) -> Vec<Vec<Place>> {
        let mut former: BTreeMap<(&str, i32), Vec<(i64, Place)>> = BTreeMap::new();
        let mut orders = Vec::new();
        for (context, _, range) in &self.partitions {
            let mut own = Vec::new();
            for place in range.clone() {
                match self.was_at(place) {
                    Some((partition, offset)) => former.entry((context, partition)).or_default().push((offset, place)),
                    None => own.push(place),
                }
            }
            orders.push(own);
        }
        for mut places in former.into_values() {
            places.sort_unstable();
            orders.push(places.into_iter().map(|(_, place)| place).collect());
        }
        orders
    }

    /// Partition and offset of an event in the former log, if it was in one.
    pub(crate) fn was_at(&self, place: Place) -> Option<(i32, i64)> {
        let Placed { context, event, .. } = &self.events[place];
        self.former.place(context, &event.aggregate_id, event.version)
    }

    /// Partition and offset of an event in the log that a position is of.
    pub(crate) fn is_at(&self, place: Place, position: &Position) -> Option<(i32, i64)> {
        let placed = &self.events[place];
        if self.former.has(position) { self.was_at(place) } else { Some((placed.partition, placed.offset)) }
    }

    fn add(&mut self, context: &'h str, partition: i32, offset: i64, event: &'h Event) {
        let aggregate = *self.by_id.entry((context, &event.aggregate_id)).or_insert_with(|| {
            self.aggregates.push(Aggregate { context, id: &event.aggregate_id, events: Vec::new() });
            self.aggregates.len() - 1
        });
        let place = self.events.len();
        let events = &mut self.aggregates[aggregate].events;
        events.push(place);
        let number = events.len() as u64;
        self.by_command.entry(event.command_id).or_default().push(place);
        self.events.push(Placed { context, partition, offset, event, number });
    }

    /// The aggregate, if anything happened to it.
    pub(crate) fn aggregate(&self, context: &str, id: &str) -> Option<usize> {
        self.by_id.get(&(context, id)).copied()
    }

    /// How many events an aggregate has.
    pub(crate) fn versions(&self, aggregate: Option<usize>) -> u64 {
        aggregate.map_or(0, |aggregate| self.aggregates[aggregate].events.len() as u64)
    }

    /// The place of an aggregate's event by its number; `None` for 0 and for what is not there.
    pub(crate) fn place(&self, aggregate: Option<usize>, number: u64) -> Option<Place> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.aggregates[aggregate?].events.get(index).copied()
    }

    /// The events that a command led to.
    pub(crate) fn of_command(&self, id: Uuid) -> &[Place] {
        self.by_command.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The version that a reader who has read past `position` must have seen of an aggregate.
    pub(crate) fn version_at(&self, aggregate: usize, position: &Position) -> u64 {
        let aggregate = &self.aggregates[aggregate];
        let before = |place: &Place| {
            let reached = |(partition, offset)| partition == position.partition && offset <= position.offset;
            self.events[*place].context == position.context && self.is_at(*place, position).is_some_and(reached)
        };
        aggregate.events.partition_point(before) as u64
    }

    /// An event, for an explanation.
    pub(crate) fn told(&self, place: Place) -> String {
        let Placed { context, partition, offset, event, .. } = &self.events[place];
        let at = at_text((context, *partition, *offset));
        format!("{} version {} of {} at {at}", event.event_type, event.version, event.aggregate_id)
    }
}

/// `posts/3@17`.
pub(crate) fn at_text((context, partition, offset): (&str, i32, i64)) -> String {
    format!("{context}/{partition}@{offset}")
}
