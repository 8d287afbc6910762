//! A context that got more partitions: every event that counted in the former log counts in the new one, unchanged.

use crate::history::Event;
use crate::log::{Log, at_text};
use crate::verdict::{Kind, Verdict};

pub(crate) fn judge(log: &Log<'_>, verdict: &mut Verdict) {
    for (context, partition, offset, event) in log.former.events() {
        let place = log.place(log.aggregate(context, &event.aggregate_id), event.version);
        let copy = place.map(|place| log.events[place].event);
        if !copy.is_some_and(|copy| is_copy(event, copy)) {
            verdict.add(Kind::Lost, || {
                let Event { event_type, aggregate_id, version, .. } = event;
                let found = place.map_or_else(|| "nothing".to_owned(), |place| log.told(place));
                let at = at_text((context, partition, offset));
                format!("{event_type} {version} of {aggregate_id} was at {at} of the former log; now there is {found}")
            });
        }
    }
}

/// The stamp alone is of the new partition.
fn is_copy(event: &Event, copy: &Event) -> bool {
    let stamped = Event { term: copy.term, seq: copy.seq, ..event.clone() };
    stamped == *copy
}

#[cfg(test)]
mod tests;
