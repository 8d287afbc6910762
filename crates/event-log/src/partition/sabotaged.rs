//! What a broken leader does: see [`crate::sabotage`].

use super::{Action, Decider, EventRecord, Outcome, Partition, Receipt};

impl<C: Decider, T> Partition<C, T> {
    /// Answers an event that was only appended; no caller waits for it any more.
    pub(super) fn answer_early(&self, record: &EventRecord<C::Event>, reply: T, act: &mut Vec<Action<C, T>>) -> Vec<T> {
        let position = self.history.position;
        let in_flight = i64::try_from(self.in_flight.len()).unwrap_or(0);
        let receipt = Receipt {
            version: record.recorded.version,
            offset: position.next_offset + in_flight,
            log_id: position.log_id,
            changed: true,
            note: None,
        };
        act.push(Action::Reply(reply, Outcome::Accepted(receipt)));
        Vec::new()
    }

    /// Takes what failed for not appended, says so, and numbers the next event as if that were so.
    pub(super) fn go_on_in_the_same_term(&mut self, act: &mut Vec<Action<C, T>>) {
        self.move_everyone(act);
        self.next_seq = self.history.position.next_seq;
    }
}
