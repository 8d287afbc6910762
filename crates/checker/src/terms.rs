//! The rule that says which records count, as `docs/topics.md` gives it to readers in any language.

use crate::history::{Body, Partition};

/// What counts in a partition.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Valid {
    /// The places, within the partition's records, of the events that count.
    pub(crate) events: Vec<usize>,
    /// The places of events that count and cannot be decoded.
    pub(crate) unreadable: Vec<usize>,
    /// The number of terms.
    pub(crate) terms: u64,
}

/// Applies the rule: keep (term, seq); skip a record that is not the successor.
pub(crate) fn valid(partition: &Partition) -> Valid {
    let (mut term, mut seq, mut found) = (0, 0, Valid::default());
    for (place, record) in partition.records.iter().enumerate() {
        let (stamp, list) = match &record.body {
            Body::TermStarted { term: started, .. } => {
                if *started == term + 1 {
                    (term, seq) = (*started, 0);
                }
                continue;
            }
            Body::Foreign => continue,
            Body::Event(event) => ((event.term, event.seq), &mut found.events),
            Body::Unreadable { term, seq, .. } => ((*term, *seq), &mut found.unreadable),
        };
        // Before the first term no instance leads.
        if term > 0 && stamp == (term, seq + 1) {
            seq += 1;
            list.push(place);
        }
    }
    found.terms = term;
    found
}

#[cfg(test)]
mod tests;
