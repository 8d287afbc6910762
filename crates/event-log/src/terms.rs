//! The rule that makes a second writer harmless; every reader applies it, ours and other people's:
//! *keep (term, seq) per partition; skip a record that is not the successor*.

use crate::record::{Record, Stamp, TermStarted};
use crate::sabotage::{self, Sabotage};
use crate::subscription::Position;

/// Whether a record counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// It counts, for every reader, for ever.
    Valid,
    /// It does not, for any reader, ever.
    Void,
}

impl Position {
    /// Judges the record at `offset` and moves past it.
    pub fn judge<E>(&mut self, offset: i64, record: &Record<E>) -> Validity {
        self.next_offset = offset + 1;
        match record {
            Record::TermStarted(started) => self.judge_term(started),
            Record::Event(event) => self.judge_event(event.stamp),
            Record::Unreadable { stamp, .. } => self.judge_event(*stamp),
            Record::Foreign => Validity::Void,
        }
    }

    fn judge_term(&mut self, started: &TermStarted) -> Validity {
        if started.term != self.term + 1 {
            return Validity::Void;
        }
        self.term = started.term;
        self.next_seq = 1;
        self.log_id.get_or_insert(started.nonce);
        Validity::Valid
    }

    fn judge_event(&mut self, stamp: Stamp) -> Validity {
        let of_this_term = stamp.term == self.term || sabotage::on(Sabotage::IgnoreTerms);
        let is_next = stamp.seq == self.next_seq || sabotage::on(Sabotage::IgnoreSeq);
        if !of_this_term || !is_next || self.term == 0 {
            return Validity::Void;
        }
        self.next_seq = stamp.seq + 1;
        Validity::Valid
    }
}
