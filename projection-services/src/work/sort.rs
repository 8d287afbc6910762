use std::collections::HashMap;

use domain::views::ViewEvent;
use event_log::subscription::{Batch, Entry, PartitionId, Position, Undecodable};

use super::{Verdict, Work, aggregate};
use crate::poison::Poison;

/// An event and where it is.
#[derive(Clone, Copy, Debug)]
pub struct Located<'a> {
    /// Its partition.
    pub partition: &'a PartitionId,
    /// Its offset.
    pub offset: i64,
    /// The event.
    pub event: &'a ViewEvent,
}

impl Located<'_> {
    /// This event as a poison.
    #[must_use]
    pub fn poison(&self, view: &'static str, reason: String) -> Poison {
        Poison { partition: self.partition.clone(), offset: self.offset, view: Some(view), reason }
    }
}

/// An entry that is to be parked.
#[derive(Clone, Debug)]
pub struct Parking<'a> {
    /// Its partition.
    pub partition: &'a PartitionId,
    /// The position to read from in order to read it again.
    pub from: Position,
    /// The entry.
    pub entry: &'a Entry,
    /// The view that refused it, if one did.
    pub view: Option<&'static str>,
    /// Why it is parked.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// Per context and aggregate the first offset that is parked: it and everything later has to wait.
#[derive(Clone, Debug, Default)]
pub struct Held(HashMap<(String, Vec<u8>), i64>);

impl Held {
    /// Holds an aggregate from an offset on.
    pub fn hold(&mut self, context: &str, key: &[u8], offset: i64) {
        let first = self.0.entry((context.to_owned(), key.to_vec())).or_insert(offset);
        *first = offset.min(*first);
    }

    /// Whether an event of this aggregate at this offset has to wait.
    #[must_use]
    pub fn holds(&self, context: &str, key: &[u8], offset: i64) -> bool {
        !self.0.is_empty() && self.0.get(&(context.to_owned(), key.to_vec())).is_some_and(|first| *first <= offset)
    }
}

/// A work's entries by what is to become of them.
#[derive(Debug, Default)]
pub struct Sorted<'a> {
    /// To be folded, in order per partition.
    pub apply: Vec<Located<'a>>,
    /// To be parked.
    pub park: Vec<Parking<'a>>,
    /// Found to be poison just now.
    pub poison: Vec<Poison>,
}

impl Work {
    /// Sorts the entries. What follows a parked or poisonous event of its own aggregate is parked too: without the
    /// earlier one it could not be folded.
    #[must_use]
    pub fn sort(&self, mut held: Held) -> Sorted<'_> {
        let mut sorted = Sorted::default();
        for run in self.runs() {
            for entry in &run.entries {
                self.place(run, entry, &mut held, &mut sorted);
            }
        }
        sorted
    }

    fn place<'a>(&'a self, run: &'a Batch, entry: &'a Entry, held: &mut Held, sorted: &mut Sorted<'a>) {
        let (partition, offset) = (&run.partition, entry.offset);
        let (context, key) = (partition.context.as_str(), aggregate(entry));
        let parking = |view, reason, attempts| Parking { partition, from: run.from, entry, view, reason, attempts };
        if held.holds(context, key, offset) {
            sorted.park.push(parking(None, "waits for an earlier event of its aggregate".to_owned(), 0));
        } else if let Some(Verdict { poison, attempts }) = self.verdicts.get(&(partition.clone(), offset)) {
            held.hold(context, key, offset);
            sorted.park.push(parking(poison.view, poison.reason.clone(), *attempts));
        } else {
            match &entry.event {
                Ok(event) => sorted.apply.push(Located { partition, offset, event }),
                Err(Undecodable { reason, .. }) => {
                    held.hold(context, key, offset);
                    let (partition, reason) = (partition.clone(), reason.clone());
                    sorted.poison.push(Poison { partition, offset, view: None, reason });
                }
            }
        }
    }
}
