//! The in-memory twin of Kafka: the same log, for tests that need no broker. It keeps the same promises: appends of
//! one producer stay in order, every reader reads the same, and an instance that leaves hands its partitions over.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use domain::Decider;
use parking_lot::{Condvar, Mutex};

use crate::EventLog;
use crate::codec::Wire;
use crate::event_log::{END, HAND_OVER};
use crate::record::Record;
use crate::transport::{End, Transport, Unsure};

/// How long an instance may answer from what it has read: what is in memory is always heard of.
const FRESH: Duration = Duration::from_secs(5);

/// The log's storage, which several instances share.
pub struct MemoryBroker<C: Decider> {
    state: Mutex<State<C>>,
    appended: Condvar,
}

struct State<C: Decider> {
    partitions: Vec<Vec<Record<C::Event>>>,
    members: HashMap<u64, Arc<EventLog<C>>>,
    next_member: u64,
    /// Events that are on their way, while such are held.
    held: Option<Vec<(i32, Record<C::Event>)>>,
}

/// One instance's connection.
struct Member<C: Decider> {
    broker: Arc<MemoryBroker<C>>,
    log: Weak<EventLog<C>>,
    number: u64,
    open: AtomicBool,
}

impl<C: Decider> MemoryBroker<C> {
    /// An empty log.
    #[must_use]
    pub fn new(partitions: i32) -> Arc<Self> {
        let partitions = (0..partitions).map(|_| Vec::new()).collect();
        let state = State { partitions, members: HashMap::new(), next_member: 0, held: None };
        Arc::new(Self { state: Mutex::new(state), appended: Condvar::new() })
    }

    /// Connects an instance: it reads everything, and the partitions are shared out anew.
    pub fn join(self: &Arc<Self>, log: &Arc<EventLog<C>>) {
        let fresh_until = Instant::now() + FRESH;
        let (number, ends) = {
            let mut state = self.state.lock();
            state.next_member += 1;
            let end = |records: &Vec<_>| i64::try_from(records.len()).unwrap_or(i64::MAX);
            (state.next_member, state.partitions.iter().map(end).collect::<Vec<_>>())
        };
        log.catch_up_to(&ends, fresh_until);
        let (broker, weak, open) = (Arc::clone(self), Arc::downgrade(log), AtomicBool::new(true));
        let member = Arc::new(Member { broker, log: weak, number, open });
        log.connect(Arc::clone(&member) as Arc<dyn Transport<C>>);
        let reader = Arc::clone(log);
        std::thread::spawn(move || member.read(&reader));
        self.share_out(|members| drop(members.insert(number, Arc::clone(log))));
    }

    /// Everything in one partition.
    #[must_use]
    pub fn records(&self, partition: i32) -> Vec<Record<C::Event>> {
        self.state.lock().partitions[usize::try_from(partition).expect("not negative")].clone()
    }

    /// Appends a record as some other writer.
    pub fn append(&self, partition: i32, record: Record<C::Event>) {
        self.state.lock().partitions[usize::try_from(partition).expect("not negative")].push(record);
        self.appended.notify_all();
    }

    /// From now on events are on their way and do not land; the records that begin terms do.
    pub fn hold(&self) {
        let _ = self.state.lock().held.get_or_insert_default();
    }

    /// What is on its way lands, in its order.
    pub fn release(&self) {
        let held = self.state.lock().held.take();
        held.into_iter().flatten().for_each(|(partition, record)| self.append(partition, record));
    }

    /// Partition `p` goes to the member at place `p` modulo their number; only what moves is taken away.
    fn share_out(&self, change: impl FnOnce(&mut HashMap<u64, Arc<EventLog<C>>>)) {
        let (before, after) = {
            let mut state = self.state.lock();
            let partitions = state.partitions.len();
            let before = assignment(&state.members, partitions);
            change(&mut state.members);
            (before, assignment(&state.members, partitions))
        };
        for (partition, number) in &before {
            if after.get(partition).map(|member| member.0) != Some(number.0) {
                number.1.revoked(&[*partition]);
            }
        }
        for (partition, number) in &after {
            if before.get(partition).map(|member| member.0) != Some(number.0) {
                number.1.assigned(*partition);
            }
        }
    }
}

fn assignment<C: Decider>(
    members: &HashMap<u64, Arc<EventLog<C>>>,
    partitions: usize,
) -> HashMap<i32, (u64, Arc<EventLog<C>>)> {
    let mut numbers: Vec<u64> = members.keys().copied().collect();
    numbers.sort_unstable();
    let assigned = |partition: usize| {
        let number = *numbers.get(partition % numbers.len().max(1))?;
        Some((i32::try_from(partition).ok()?, (number, Arc::clone(members.get(&number)?))))
    };
    (0..partitions).filter_map(assigned).collect()
}

impl<C: Decider> Member<C> {
    fn read(&self, log: &EventLog<C>) {
        let partitions = log.partitions();
        let mut next = vec![0_usize; usize::try_from(partitions).unwrap_or(0)];
        while self.open.load(Ordering::Acquire) {
            let (mut read, fresh_until) = (Vec::new(), Instant::now() + FRESH);
            {
                let mut state = self.broker.state.lock();
                if state.partitions.iter().zip(&next).all(|(records, next)| records.len() == *next) {
                    self.broker.appended.wait_for(&mut state, Duration::from_millis(20));
                }
                for (partition, records) in state.partitions.iter().enumerate() {
                    read.extend(records[next[partition]..].iter().map(|record| (partition, record.clone())));
                }
            }
            for (partition, record) in read {
                let offset = i64::try_from(next[partition]).unwrap_or(i64::MAX);
                next[partition] += 1;
                log.records_read(i32::try_from(partition).unwrap_or(i32::MAX), [(offset, record)]);
            }
            for (partition, next) in (0..).zip(&next) {
                let end = End { offset: i64::try_from(*next).unwrap_or(i64::MAX), fresh_until };
                log.barrier_answered(partition, END, Some(end));
            }
            log.tick();
        }
    }
}

impl<C: Decider> Transport<C> for Member<C> {
    fn append(&self, partition: i32, record: Record<C::Event>, _: Option<Wire>) -> Result<(), Unsure> {
        if !self.open.load(Ordering::Acquire) {
            return Err(Unsure("the instance is closed".into()));
        }
        if let (Record::Event(_), Some(held)) = (&record, &mut self.broker.state.lock().held) {
            held.push((partition, record));
            return Ok(());
        }
        self.broker.append(partition, record);
        Ok(())
    }

    fn renew(&self, _: i32) {}

    fn ask_barrier(&self, partition: i32, number: u64) {
        let (broker, log) = (Arc::clone(&self.broker), Weak::clone(&self.log));
        // Not on this thread: it holds the partition's lock.
        std::thread::spawn(move || {
            let fresh_until = Instant::now() + FRESH;
            let end = broker.state.lock().partitions[usize::try_from(partition).expect("not negative")].len();
            if let Some(log) = log.upgrade() {
                let end = i64::try_from(end).ok().map(|offset| End { offset, fresh_until });
                log.barrier_answered(partition, number, end);
            }
        });
    }

    fn close(&self) {
        self.broker.share_out(|members| drop(members.remove(&self.number)));
        if let Some(log) = self.log.upgrade() {
            log.hand_over(|| !self.broker.state.lock().members.is_empty(), HAND_OVER);
        }
        self.open.store(false, Ordering::Release);
        self.broker.appended.notify_all();
    }
}
