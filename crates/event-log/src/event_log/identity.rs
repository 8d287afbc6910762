//! Is what is read of a partition this installation's log? A topic that was deleted and made again is empty, and a
//! first term in it would begin a second history beside what databases and readers know of the first one. So nothing is
//! begun before it is known that there was nothing, and what is read is compared with what is known.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::Decider;
use parking_lot::Mutex;
use uuid::Uuid;

use super::EventLog;
use crate::known_logs::Known;
use crate::pace::Pace;
use crate::partition::Partition;

/// How often the alarm is raised again while a partition's log is another.
const ALARM_AGAIN: Duration = Duration::from_secs(60);
/// How often to ask again for what is known of a partition whose log is another, or that has no term while this
/// instance is not to begin one.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// What was found out about one partition's log.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// Whether it is the one that is known.
    is_known: AtomicBool,
    /// Whether it is another.
    is_another: AtomicBool,
    /// Whether what is known could not be had.
    is_untold: AtomicBool,
    /// Whether this instance is to begin the partition's first term.
    begins: AtomicBool,
    another: Mutex<Option<Another>>,
    asked: Mutex<Pace>,
}

#[derive(Debug, Default)]
struct Another {
    why: String,
    /// It became so while this instance ran: what it has read is of a log that is no more.
    for_good: bool,
    alarmed: Pace,
}

impl Identity {
    pub(super) fn is_another(&self) -> bool {
        self.is_another.load(Ordering::Acquire)
    }

    /// Why this instance says so.
    pub(super) fn why(&self) -> Option<String> {
        self.another.lock().as_ref().map(|another| another.why.clone())
    }

    /// Whether this instance may begin a term. Where the memory does not answer, what was begun goes on; and nothing is
    /// begun that may have been begun before.
    pub(super) fn lets_lead(&self, is_new: bool) -> bool {
        self.is_known.load(Ordering::Acquire) || !is_new && self.is_untold.load(Ordering::Acquire)
    }

    /// This instance is to begin the first term, once it is known that there was none.
    pub(super) fn begin_when_new(&self) {
        self.begins.store(true, Ordering::Release);
    }

    /// Whether to ask for what is known of a partition of which no term was read. The answer counts as the question.
    fn asks_whether_new(&self) -> bool {
        self.begins.swap(false, Ordering::AcqRel) | self.asks_again()
    }

    /// Whether to ask once more. The answer counts as the question.
    fn asks_again(&self) -> bool {
        self.asked.lock().is_due(ASK_AGAIN)
    }

    fn is_as_known(&self) {
        let mut another = self.another.lock();
        if another.as_ref().is_none_or(|another| !another.for_good) {
            *another = None;
            self.is_another.store(false, Ordering::Release);
            self.is_known.store(true, Ordering::Release);
        }
    }

    /// Whether to raise an alarm about it: at once where it is `sure`, else once it is so a second time.
    fn is_not_as_known(&self, why: String, for_good: bool, sure: bool) -> bool {
        let mut another = self.another.lock();
        let another = another.get_or_insert_default();
        // What is for good stays the reason.
        if !another.for_good {
            (another.why, another.for_good) = (why, for_good);
        }
        let was_another = self.is_another.swap(true, Ordering::AcqRel);
        (sure || was_another) && another.alarmed.is_due(ALARM_AGAIN)
    }
}

impl<C: Decider> EventLog<C> {
    /// The partitions whose logs are to be compared with what is known of them, each with the log that was read: none,
    /// where it has no term yet. For each [`EventLog::compared`] says what came of it.
    pub(crate) fn to_compare(&self) -> Vec<(i32, Option<Uuid>)> {
        let compared = |partition: i32| {
            let slot = self.slot(partition);
            if slot.identity.is_known.load(Ordering::Acquire) {
                return None;
            }
            let log_id = self.log_id(partition);
            let asks = match log_id {
                Some(_) => !slot.identity.is_another() || slot.identity.asks_again(),
                None => !slot.is_catching_up() && slot.identity.asks_whether_new(),
            };
            asks.then_some((partition, log_id))
        };
        (0..self.partitions()).filter_map(compared).collect()
    }

    /// What is `known` of a partition of which the log `read` was read.
    pub(crate) fn compared(&self, partition: i32, read: Option<Uuid>, known: &Known) {
        match (read, known) {
            (None, Known::Nothing) => self.begin(partition),
            // It was not noted: it is asked again.
            (Some(_), Known::Nothing) => {}
            (Some(read), Known::Log(known)) if read == *known => {
                self.slot(partition).identity.is_as_known();
                self.contend(partition);
            }
            (Some(read), Known::Log(known)) => self.another(
                partition,
                format!(
                    "its first term is {read}, and that of this installation's log is {known}: this is another log; \
                     restore the topic, or take this one with `command-services topics adopt`"
                ),
                (false, true),
            ),
            // Another instance may have begun it a moment ago, and this one not have read that: then it is so once.
            (None, Known::Log(known)) => self.another(
                partition,
                format!(
                    "it has no term, and the first one of this installation's log is {known}: the log is lost, or \
                     elsewhere; restore the topic, or begin anew with `command-services topics adopt`"
                ),
                (false, false),
            ),
            (_, Known::Elsewhere(topic)) => self.another(
                partition,
                format!(
                    "this installation's log of {} is in {topic}: this is another installation's, or the vault is one \
                     from before a repartition; mend the address, or take this one with `command-services topics \
                     adopt`",
                    C::NAME
                ),
                (false, true),
            ),
        }
    }

    /// What is known of a partition cannot be had for now.
    pub(crate) fn untold(&self, partition: i32) {
        self.slot(partition).identity.is_untold.store(true, Ordering::Release);
    }

    /// The partitions of which a term was read, as long as what was read may be what is there.
    pub(crate) fn begun(&self) -> Vec<i32> {
        (0..self.partitions()).filter(|partition| self.log_id(*partition).is_some()).collect()
    }

    /// Whether the partition's first term is another now than it was: `first`, or none.
    pub(crate) fn began_otherwise(&self, partition: i32, first: Option<Uuid>) -> bool {
        self.log_id(partition).is_some_and(|read| first != Some(read))
    }

    /// The first term that the partition has now; none if it has none.
    pub(crate) fn begins_with(&self, partition: i32, first: Option<Uuid>) {
        let Some(read) = self.log_id(partition).filter(|_| self.began_otherwise(partition, first)) else { return };
        let now = first.map_or_else(|| "none".to_owned(), |first| first.to_string());
        let why = format!(
            "its first term was {read} and is {now}: the topic was made anew while this instance ran; restore it, or \
             take this one with `command-services topics adopt`, and start again"
        );
        self.another(partition, why, (true, true));
    }

    fn log_id(&self, partition: i32) -> Option<Uuid> {
        self.slot(partition).partition.lock().history().position.log_id
    }

    /// Begins the first term, if this instance still is to lead the partition.
    fn begin(&self, partition: i32) {
        let slot = self.slot(partition);
        let assigned = slot.assignment.lock().assigned;
        if !assigned || slot.is_stuck() || slot.is_catching_up() {
            return;
        }
        self.on(partition, |machine, act| {
            if machine.history().position.log_id.is_none() && !machine.takes_commands() {
                machine.start_term(Uuid::new_v4(), act);
            }
        });
    }

    /// This instance takes no more commands for the partition, does not answer for it, and is not ready.
    fn another(&self, partition: i32, why: String, (for_good, sure): (bool, bool)) {
        if self.slot(partition).identity.is_not_as_known(why.clone(), for_good, sure) {
            measures::log::ALARMS.with([C::NAME]).increment(1);
            tracing::error!(context = C::NAME, partition, why, "this is not our log, and it is not written to");
        }
        self.on(partition, Partition::drain);
    }
}

#[cfg(test)]
mod tests;
