//! How far a reader has read a partition, and the rule that makes a second writer harmless; every reader applies it,
//! ours and other people's: *keep (term, seq) per partition; skip a record that is not the successor*.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::record::{Record, Stamp, TermStarted};
use crate::sabotage::{self, Sabotage};

/// How far a reader has read a partition, and what it must know to judge the next record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Which log this is a position in: the nonce of the partition's first term. A log that was wiped and begun
    /// anew has another, so a position from before is recognised. `None` only in a log with no valid record yet.
    pub log_id: Option<Uuid>,
    /// The offset to read next.
    pub next_offset: i64,
    /// The current term; 0 before the first.
    pub term: u64,
    /// The sequence number that the next valid event of this term has.
    pub next_seq: u64,
}

/// Whether a record counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// It counts, for every reader, for ever.
    Valid,
    /// It does not, for any reader, ever.
    Void,
}

impl Position {
    /// Before the first record.
    pub const START: Self = Self { log_id: None, next_offset: 0, term: 0, next_seq: 0 };

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
