//! Coming to lead a partition, and ceasing to.

use super::{
    Action, Decider, InFlight, Outcome, Partition, Record, Sabotage, Stamp, Taken, TermStarted, Timestamp, Uuid,
    Verdict, sabotage,
};

/// What this instance is to the partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leadership {
    /// It reads along.
    Follower,
    /// It appended a `TermStarted` and has not read it back.
    Candidate {
        /// How it knows its own.
        nonce: Uuid,
    },
    /// It read its own `TermStarted` back.
    Leader,
    /// It takes nothing more and waits for what is pending.
    Draining,
}

impl<C: Decider, T> Partition<C, T> {
    /// Starts a term: the group assigned the partition, or the shell has a new producer because it is unsure of
    /// what the old one did. What is in flight is told by reading up to the `TermStarted`.
    pub fn start_term(&mut self, nonce: Uuid, act: &mut Vec<Action<C, T>>) {
        if sabotage::on(Sabotage::SameTerm) && self.leadership == Leadership::Leader {
            return self.go_on_in_the_same_term(act);
        }
        if self.has_lost_its_terms() {
            let records = self.history.position.next_offset;
            return act.push(Action::Alarm(format!(
                "{records} records and no term: this partition is not new, and no term is begun in it. If a newer \
                 version of this program wrote it, start that one; else the first records are missing: restore the \
                 topic. To begin anew, delete it and run `command-services topics create`"
            )));
        }
        self.leadership = Leadership::Candidate { nonce };
        self.append_term(nonce, act);
    }

    /// A partition that has records of ours and no term is not new: its terms are missing, or cannot be told by this
    /// program. A first term there would begin a second history, and what it says would be void for all who can read
    /// the first. Records that are not ours count for no reader, and do not make a partition old.
    fn has_lost_its_terms(&self) -> bool {
        self.history.position.term == 0 && self.history.is_begun
    }

    fn append_term(&self, nonce: Uuid, act: &mut Vec<Action<C, T>>) {
        let (owner, address) = (self.me, self.address.clone());
        let term = self.history.position.term + 1;
        act.push(Action::Append(Record::TermStarted(TermStarted { term, owner, address, nonce }), None));
    }

    /// Takes no more commands and, once nothing is pending, answers [`Action::Released`].
    pub fn drain(&mut self, act: &mut Vec<Action<C, T>>) {
        match self.leadership {
            Leadership::Leader => self.leadership = Leadership::Draining,
            // What it appended in the term before may still count: only a new term tells. The rest never was applied.
            Leadership::Candidate { .. } => {
                self.leadership = Leadership::Draining;
                let queued = self.queue.drain(..).map(|(_, reply, _)| reply);
                let undecided = self.verdicts.drain(..).map(|verdict| verdict.reply);
                act.extend(queued.chain(undecided).map(|reply| Action::Reply(reply, Outcome::Moved)));
            }
            Leadership::Follower => act.push(Action::Released),
            Leadership::Draining => {}
        }
        self.release_if_done(act);
    }

    pub(super) fn release_if_done(&mut self, act: &mut Vec<Action<C, T>>) {
        if self.leadership == Leadership::Draining && self.waiting() == 0 {
            self.leadership = Leadership::Follower;
            act.push(Action::Released);
        }
    }

    /// Our own attempt came too late or too early: try again from what is now known. Another's is nothing. One that
    /// begins nothing is a barrier.
    pub(super) fn void_term(&mut self, started: &TermStarted, act: &mut Vec<Action<C, T>>) {
        self.barrier_read(started, act);
        if self.leadership == (Leadership::Candidate { nonce: started.nonce }) {
            self.append_term(started.nonce, act);
        }
    }

    /// An event of the present term is void only if one before it went missing.
    pub(super) fn void_event(&mut self, stamp: Stamp, act: &mut Vec<Action<C, T>>) {
        if self.is_leader() && stamp.term == self.history.position.term {
            self.leadership = Leadership::Follower;
            act.push(Action::Renew);
        }
    }

    pub(super) fn term_started(&mut self, started: TermStarted, now: Timestamp, act: &mut Vec<Action<C, T>>) {
        let mine = self.leadership == (Leadership::Candidate { nonce: started.nonce });
        self.history.leader = Some(started);
        self.next_seq = 1;
        self.staged.clear();
        self.in_flight_ids.clear();
        // What was decided in the term before is decided anew, here or elsewhere, and so is what it waits for.
        (self.barrier_outstanding, self.barrier_record) = (false, None);
        if mine {
            self.leadership = Leadership::Leader;
            self.decide_again(now, act);
        } else {
            // Whatever was in flight is void from here on, so "not applied" is the truth.
            let draining = self.leadership == Leadership::Draining;
            // A candidate has yet to read its own attempt: this term may be one of long ago, read while catching up.
            if !matches!(self.leadership, Leadership::Candidate { .. }) {
                self.leadership = Leadership::Follower;
            }
            self.move_everyone(act);
            if draining {
                act.push(Action::Released);
            }
        }
    }

    /// What was in flight in the term before and was not read by now is void: decide it anew, in the old order, unless
    /// its caller has gone meanwhile with the word that it was not applied.
    fn decide_again(&mut self, now: Timestamp, act: &mut Vec<Action<C, T>>) {
        for (taken, replies, decided_at) in self.drain_waiting() {
            let is_late = taken.until < now;
            for reply in replies {
                if is_late {
                    act.push(Action::Reply(reply, Outcome::Moved));
                } else {
                    self.decide(taken.clone(), reply, now.max(decided_at), act);
                }
            }
        }
    }

    pub(super) fn move_everyone(&mut self, act: &mut Vec<Action<C, T>>) {
        self.staged.clear();
        self.in_flight_ids.clear();
        for (_, replies, _) in self.drain_waiting() {
            act.extend(replies.into_iter().map(|reply| Action::Reply(reply, Outcome::Moved)));
        }
    }

    fn drain_waiting(&mut self) -> Vec<(Taken<C>, Vec<T>, Timestamp)> {
        let in_flight =
            self.in_flight.drain(..).map(|InFlight { taken, waiting, decided_at, .. }| (taken, waiting, decided_at));
        let verdicts =
            self.verdicts.drain(..).map(|Verdict { taken, reply, decided_at, .. }| (taken, vec![reply], decided_at));
        let queue = self.queue.drain(..).map(|(taken, reply, at)| (taken, vec![reply], at));
        in_flight.chain(verdicts).chain(queue).collect()
    }
}
