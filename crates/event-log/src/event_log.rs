//! A context's log as one instance sees it: all partitions with their state machines, and the way a command takes to
//! the partition's leader, here or elsewhere.

mod assignment;
mod catch_up;
mod clock;
mod closing;
mod contending;
mod due;
mod gaps;
mod identity;
mod lease;
mod measured;
mod proving;
mod reading;
mod route;
mod sealed;
mod stuck;
mod to_the_end;

pub use clock::Stamped;
pub(crate) use closing::HAND_OVER;
pub use reading::{NotKnown, Stale, Unready};
pub use route::{ExecuteError, Forward, ForwardError, NoForward};
pub use to_the_end::NotAll;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use domain::{Decider, Timestamp};
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

use crate::fatal::AllOrNothing;
use crate::partition::{Action, Limits, Outcome, Partition, Pending};
use crate::record::{Record, TermStarted};
use crate::sabotage::{self, Sabotage};
use crate::transport::{Barriers, End, Transport};
use assignment::Assignment;
use catch_up::CatchUp;
use clock::{Began, Clock};
use due::BrokerTime;
use identity::Identity;
use lease::Lease;
use measured::{Measured, Read, Stopwatch};
use proving::Proof;
use stuck::Stuck;
use to_the_end::Ends;

/// The number of the question for the partition's end that the log and its transport ask by themselves; those that the
/// partition asks through [`Transport::ask_barrier`] begin at 1.
pub(crate) const END: u64 = 0;

type Reply<C> = oneshot::Sender<Outcome<C>>;
type PartitionOf<C> = Partition<C, Reply<C>>;

/// One context's log.
pub struct EventLog<C: Decider> {
    me: Uuid,
    address: String,
    slots: Vec<Slot<C>>,
    transport: OnceLock<Arc<dyn Transport<C>>>,
    forward: Arc<dyn Forward<C>>,
    clock: Clock,
    measured: Measured,
}

struct Slot<C: Decider> {
    partition: Mutex<PartitionOf<C>>,
    /// Whether commands are taken here, as of the last input: most commands need not take the lock to learn that.
    takes_commands: AtomicBool,
    /// Counts up whenever commands may have to go elsewhere than before.
    moved: watch::Sender<u64>,
    /// The offset to be read next.
    read: watch::Sender<i64>,
    ends: Ends,
    assignment: Mutex<Assignment>,
    catch_up: CatchUp,
    lease: Lease,
    proof: Mutex<Proof>,
    stuck: Mutex<Option<Stuck>>,
    identity: Identity,
    /// The records that this instance appended last of those that begin a term, or none, and when that was.
    began: Mutex<Began>,
    broker_time: BrokerTime,
    stopwatch: Mutex<Stopwatch>,
}

/// Where a partition stands, for status pages and tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The offset to be read next.
    pub next_offset: i64,
    /// The current term.
    pub term: u64,
    /// The record that began it, with the leader that wrote it.
    pub leader: Option<TermStarted>,
    /// Whether that is this instance, and it still leads.
    pub is_leader: bool,
    /// Commands that wait here.
    pub waiting: usize,
    /// Why it cannot be read on, or is not to be, if so: `stuck at offset 7: …`.
    pub stuck: Option<String>,
}

impl<C: Decider> Slot<C> {
    /// Whether not all is read that was there when this instance connected.
    fn is_catching_up(&self) -> bool {
        self.catch_up.is_behind(*self.read.borrow())
    }

    /// Whether it cannot be read on, or what is read is not this installation's log.
    fn is_stuck(&self) -> bool {
        self.identity.is_another() || self.stuck.lock().is_some()
    }
}

impl<C: Decider> EventLog<C> {
    /// A log of `partitions` partitions, of which nothing is read yet. `address` is where other instances can forward
    /// commands to; `forward` is how this one does.
    #[must_use]
    pub fn new(partitions: i32, address: &str, limits: Limits, forward: Arc<dyn Forward<C>>) -> Arc<Self> {
        let me = Uuid::new_v4();
        let slot = |_| Slot {
            partition: Mutex::new(Partition::new(me, address.to_owned(), limits)),
            takes_commands: AtomicBool::new(false),
            moved: watch::Sender::new(0),
            read: watch::Sender::new(0),
            ends: Ends::default(),
            assignment: Mutex::default(),
            catch_up: CatchUp::default(),
            lease: Lease::default(),
            proof: Mutex::default(),
            stuck: Mutex::default(),
            identity: Identity::default(),
            began: Mutex::default(),
            broker_time: BrokerTime::default(),
            stopwatch: Mutex::default(),
        };
        let slots = (0..partitions).map(slot).collect();
        let (transport, clock, measured) = (OnceLock::new(), Clock::default(), Measured::of::<C>());
        Arc::new(Self { me, address: address.to_owned(), slots, transport, forward, clock, measured })
    }

    /// Connects the log to what carries it. Once only.
    pub fn connect(&self, transport: Arc<dyn Transport<C>>) {
        // A second transport would be a second writer of the same terms.
        let encoder = transport.encoder();
        assert!(self.transport.set(transport).is_ok(), "a log is connected once");
        for slot in &self.slots {
            slot.partition.lock().encode_with(encoder.clone());
        }
    }

    /// The number of partitions.
    #[must_use]
    pub fn partitions(&self) -> i32 {
        i32::try_from(self.slots.len()).unwrap_or(i32::MAX)
    }

    /// The partition of an aggregate, the same as Java, Python and Go clients choose for the same key.
    #[must_use]
    pub fn partition_of(&self, aggregate_id: &str) -> i32 {
        crate::murmur2::partition_of(aggregate_id.as_bytes(), self.partitions())
    }

    /// Where a partition stands.
    #[must_use]
    pub fn standing(&self, partition: i32) -> Standing {
        let slot = self.slot(partition);
        let stuck = slot.identity.why().or_else(|| slot.stuck.lock().as_ref().map(|stuck| stuck.why.clone()));
        let machine = slot.partition.lock();
        let history = machine.history();
        Standing {
            stuck,
            next_offset: history.position.next_offset,
            term: history.position.term,
            leader: history.leader.clone(),
            is_leader: machine.is_leader(),
            waiting: machine.waiting(),
        }
    }

    // ---- inputs from the transport

    /// The partitions end at these offsets as this instance connects; for `fresh_until` see [`End`]. To be said once,
    /// before anything is read.
    pub fn catch_up_to(&self, ends: &[i64], fresh_until: Instant) {
        for (slot, end) in self.slots.iter().zip(ends) {
            slot.catch_up.begin(*end);
            slot.lease.ends_at(*end, fresh_until, || 0);
        }
    }

    /// Records were read, each with its offset.
    pub fn records_read(&self, partition: i32, records: impl IntoIterator<Item = (i64, Record<C::Event>)>) {
        let (now, slot) = (now(), self.slot(partition));
        let (was_catching_up, mut marks) = (slot.is_catching_up(), Vec::new());
        self.on(partition, |machine, act| {
            for (offset, record) in records {
                let (read, from) = (Read::of(&record), machine.history().position);
                marks.extend(record.barrier().cloned());
                machine.record(offset, record, now, act);
                self.measured.read(slot, &read, from, machine.history().position);
            }
            slot.read.send_replace(machine.history().position.next_offset);
        });
        marks.iter().for_each(|mark| slot.ends.read(mark));
        slot.lease.read_to(*slot.read.borrow());
        if was_catching_up && !slot.is_catching_up() {
            self.contend(partition);
        }
    }

    /// The partition's producer is broken: what it had under way is unknown.
    pub fn producer_failed(&self, partition: i32) {
        self.on(partition, |machine, act| {
            if machine.takes_commands() || machine.is_leader() {
                return act.push(Action::Renew);
            }
            self.transport().renew(partition);
            self.slot(partition).ends.may_be_missing();
        });
    }

    /// The answer to [`Transport::ask_barrier`]; `None` if the end could not be had.
    pub fn barrier_answered(&self, partition: i32, number: u64, end: Option<End>) {
        let slot = self.slot(partition);
        if let Some(end) = end {
            slot.lease.ends_at(end.offset, end.fresh_until, || *slot.read.borrow());
        }
        if number >= to_the_end::FIRST {
            return slot.ends.answered(number, end);
        }
        if number != END {
            return self.on(partition, |machine, act| machine.barrier(number, end.map(|end| end.offset), act));
        }
        if let Some(end) = end.filter(|_| slot.is_catching_up()) {
            slot.catch_up.ends_at(end.offset);
            self.contend(partition);
        }
    }

    // ---- outputs

    fn slot(&self, partition: i32) -> &Slot<C> {
        // Partition numbers come from `partition_of` and from the transport, which checked the count.
        &self.slots[usize::try_from(partition).expect("partition numbers are not negative")]
    }

    fn transport(&self) -> &Arc<dyn Transport<C>> {
        self.transport.get().expect("the log is connected before anything is fed to it")
    }

    /// Feeds one input and carries out what the machine says, under the partition's lock: the order of appends is the
    /// order of decisions.
    fn on(&self, partition: i32, input: impl FnOnce(&mut PartitionOf<C>, &mut Vec<Action<C, Reply<C>>>)) {
        let slot = self.slot(partition);
        let mut machine = slot.partition.lock();
        let _all = AllOrNothing::of("a partition's state");
        let term = machine.history().position.term;
        machine.clock_is_ahead_by(self.clock_ahead_ms());
        let mut actions = Vec::new();
        input(&mut machine, &mut actions);
        let unsure = self.carry_out_all(partition, slot, actions);
        if unsure | self.prove(partition, slot, &mut machine) {
            // One attempt at once; if that fails too, [`EventLog::tick`] makes the next.
            self.transport().renew(partition);
            slot.ends.may_be_missing();
            let mut actions = Vec::new();
            if !slot.is_stuck() {
                machine.start_term(Uuid::new_v4(), &mut actions);
            }
            self.carry_out_all(partition, slot, actions);
        }
        let takes = machine.takes_commands();
        let took = slot.takes_commands.swap(takes, Ordering::AcqRel);
        if term != machine.history().position.term || took != takes {
            slot.moved.send_modify(|count| *count += 1);
        }
    }

    /// Whether a new term is called for.
    fn carry_out_all(&self, partition: i32, slot: &Slot<C>, actions: Vec<Action<C, Reply<C>>>) -> bool {
        let mut unsure = false;
        for action in actions {
            unsure |= self.carry_out(partition, slot, action);
        }
        unsure
    }

    /// Whether a new term is called for.
    fn carry_out(&self, partition: i32, slot: &Slot<C>, action: Action<C, Reply<C>>) -> bool {
        match action {
            Action::Append(record, wire) => {
                self.note_beginning(partition, &record);
                self.measured.appends(slot, &record);
                if let Err(error) = self.transport().append(partition, record, wire) {
                    tracing::warn!(context = C::NAME, partition, %error, "append failed; beginning a new term");
                    return true;
                }
            }
            Action::Renew => {
                tracing::warn!(context = C::NAME, partition, "an append may be missing; beginning a new term");
                return true;
            }
            // The caller may have gone: nothing to do about that.
            Action::Reply(reply, outcome) => drop(reply.send(outcome)),
            Action::Barrier(number) if self.appends_barriers() => slot.proof.lock().want(number),
            Action::Barrier(number) => self.transport().ask_barrier(partition, number),
            Action::Released => {
                if let Some(released) = slot.assignment.lock().released.take() {
                    let _ = released.try_send(());
                }
            }
            Action::Alarm(alarm) => {
                measures::log::ALARMS.with([C::NAME]).increment(1);
                tracing::error!(context = C::NAME, partition, alarm, "the log is not as it should be");
            }
        }
        false
    }

    /// Whether a record shows where a partition ends, and not what a broker says.
    fn appends_barriers(&self) -> bool {
        self.transport().barriers() == Barriers::Appended && !sabotage::on(Sabotage::AskOneBroker)
    }

    fn submit(&self, partition: i32, pending: Pending<C>) -> oneshot::Receiver<Outcome<C>> {
        let (reply, outcome) = oneshot::channel();
        self.on(partition, |machine, act| machine.command(pending, reply, now(), act));
        outcome
    }
}

/// The time of this machine.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
