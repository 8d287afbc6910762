//! Decisions that append nothing: they are replies too, so they wait until it is shown that no other leader has decided
//! meanwhile. What shows it is a place in the log that was its end after the decision: one that the broker's leader
//! names where the partition has one replica, and that of a record of this instance's where it has several, for a
//! broker that is cut off from the others says where the partition ended before
//! (`docs/adr/0009-leases-and-barriers.md`).

use super::{
    Action, Decider, Outcome, Partition, Record, Sabotage, Taken, TermStarted, Timestamp, Uuid, Verdict, sabotage,
};

impl<C: Decider, T> Partition<C, T> {
    pub(super) fn verdict(
        &mut self,
        outcome: Outcome<C>,
        taken: Taken<C>,
        reply: T,
        decided_at: Timestamp,
        act: &mut Vec<Action<C, T>>,
    ) {
        // A barrier that was asked for before this decision proves nothing about it: the next one does.
        let barrier = self.barrier_asked + 1;
        let after_seq = self.next_seq - 1;
        self.verdicts.push_back(Verdict { after_seq, barrier, end: None, outcome, taken, reply, decided_at });
        self.ask_barrier(act);
    }

    fn ask_barrier(&mut self, act: &mut Vec<Action<C, T>>) {
        let wanted = self.verdicts.back().is_some_and(|verdict| verdict.barrier > self.barrier_asked);
        if wanted && !self.barrier_outstanding {
            self.barrier_asked += 1;
            self.barrier_outstanding = true;
            act.push(Action::Barrier(self.barrier_asked));
        }
    }

    /// The partition's end, asked for by [`Action::Barrier`] with this number, is `end`; `None` if it could not be
    /// had, and then it is asked for again.
    pub fn barrier(&mut self, number: u64, end: Option<i64>, act: &mut Vec<Action<C, T>>) {
        if number != self.barrier_asked {
            return;
        }
        self.barrier_outstanding = false;
        for verdict in self.verdicts.iter_mut().filter(|verdict| verdict.end.is_none()) {
            if verdict.barrier <= number {
                match end {
                    Some(end) => verdict.end = Some(end),
                    None => verdict.barrier = number + 1,
                }
            }
        }
        self.settle_verdicts(act);
        self.ask_barrier(act);
        self.release_if_done(act);
    }

    /// The other answer to [`Action::Barrier`]: appends a record. When it is read back, and no other's term before it,
    /// all that was decided by now was so at its place in the log, and no other leader had decided. The broker
    /// confirms it only when the replicas have it, and a broker that others have succeeded never does.
    pub fn append_barrier(&mut self, number: u64, nonce: Uuid, act: &mut Vec<Action<C, T>>) {
        if number != self.barrier_asked || !self.barrier_outstanding || !self.is_leader() {
            return;
        }
        self.verdicts.iter_mut().for_each(|verdict| verdict.barrier = verdict.barrier.min(number));
        self.barrier_record = Some(nonce);
        act.push(self.nothing(nonce));
    }

    /// Appends a record that begins nothing, and that nothing waits for: what the broker stamps it with tells what
    /// time it is there.
    pub fn append_nothing(&mut self, nonce: Uuid, act: &mut Vec<Action<C, T>>) {
        if self.is_leader() {
            act.push(self.nothing(nonce));
        }
    }

    fn nothing(&self, nonce: Uuid) -> Action<C, T> {
        Action::Append(Record::TermStarted(TermStarted::nothing(self.me, nonce)), None)
    }

    pub(super) fn barrier_read(&mut self, started: &TermStarted, act: &mut Vec<Action<C, T>>) {
        if self.barrier_record.take_if(|nonce| *nonce == started.nonce).is_some() {
            self.barrier(self.barrier_asked, Some(self.history.position.next_offset), act);
        }
    }

    /// There is no record from `next`, if that is to be read next, up to `end`.
    pub fn skip(&mut self, next: i64, end: i64, act: &mut Vec<Action<C, T>>) {
        let position = &mut self.history.position;
        if position.next_offset == next && next < end {
            position.next_offset = end;
            self.settle_verdicts(act);
            self.release_if_done(act);
        }
    }

    pub(super) fn settle_verdicts(&mut self, act: &mut Vec<Action<C, T>>) {
        if !self.is_leader() {
            return;
        }
        let position = self.history.position;
        while let Some(verdict) = self.verdicts.front() {
            let confirmed = verdict.after_seq < position.next_seq;
            let read = verdict.end.is_some_and(|end| end <= position.next_offset) || sabotage::on(Sabotage::NoBarrier);
            // An event of ours that was decided after it shows the same.
            let followed = verdict.after_seq + 1 < position.next_seq;
            if !(confirmed && read || followed) {
                break;
            }
            let Some(Verdict { mut outcome, reply, .. }) = self.verdicts.pop_front() else { break };
            if let Outcome::Accepted(receipt) = &mut outcome {
                receipt.offset = position.next_offset - 1;
                receipt.log_id = position.log_id;
            }
            act.push(Action::Reply(reply, outcome));
        }
    }
}
