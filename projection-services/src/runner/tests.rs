use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_log::subscription::{Batch, Entry, Undecodable};

use super::*;
use crate::log::Source;

#[test]
fn pauses_double_up_to_the_longest_and_begin_anew() {
    let mut backoff = Backoff::new((Duration::from_millis(50), Duration::from_millis(150)));
    let pauses: Vec<u128> = (0..4).map(|_| backoff.pause().as_millis()).collect();
    assert_eq!(pauses, [50, 100, 150, 150]);
    backoff.reset();
    assert_eq!(backoff.pause(), Duration::from_millis(50));
}

#[test]
fn a_partition_that_is_not_known_is_at_the_start() {
    let id = |partition| PartitionId { context: "posts".into(), partition };
    let at = |offset| Position { next_offset: offset, ..Position::START };
    let known = Positions::from([(id(0), at(3)), (id(1), Position::START)]);
    assert!(same(&known, &Positions::from([(id(0), at(3))])));
    assert!(!same(&known, &Positions::new()));
    assert!(!same(&Positions::from([(id(2), at(1))]), &Positions::new()));
}

/// A log of one event that is read again whenever it is sought.
#[derive(Clone, Default)]
struct OneEvent;

struct Reading(bool);

fn first() -> PartitionId {
    PartitionId { context: "posts".into(), partition: 0 }
}

impl Log for OneEvent {
    type Source = Reading;

    fn partitions(&self, _: &[&str]) -> Vec<PartitionId> {
        vec![first()]
    }

    async fn open(&self, _: &[&str], _: Positions, _: usize) -> Result<Reading, SubscribeError> {
        Ok(Reading(false))
    }
}

impl Source for Reading {
    async fn next(&mut self) -> Result<Batch, SubscribeError> {
        if self.0 {
            std::future::pending::<()>().await;
        }
        self.0 = true;
        let to = Position { next_offset: 1, ..Position::START };
        Ok(Batch { partition: first(), from: Position::START, to, entries: Vec::new() })
    }

    async fn ends(&mut self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        Ok(HashMap::new())
    }

    fn moved(&self) -> Option<String> {
        None
    }

    async fn seek(&mut self, _: &PartitionId, _: Position) -> Result<(), SubscribeError> {
        self.0 = false;
        Ok(())
    }
}

/// A projector beside another instance, which writes so many times and then no more.
struct Second {
    others_writes: u32,
    status: Status,
    started: bool,
    was_ready: bool,
    stop: Shutdown,
}

impl Projector for &mut Second {
    fn name(&self) -> &str {
        "second"
    }

    async fn resume(&mut self) -> Result<Positions, Failed> {
        self.was_ready &= !self.started || self.status.is_ready();
        self.started = true;
        Ok(Positions::new())
    }

    async fn positions(&mut self) -> Result<Positions, Failed> {
        Ok(Positions::new())
    }

    async fn commit(&mut self, _: &Work) -> Result<Committed, Failed> {
        if self.others_writes > 0 {
            self.others_writes -= 1;
            return Err(Failed::Moved);
        }
        self.stop.request();
        Ok(Committed::default())
    }
}

#[tokio::test]
async fn an_instance_that_comes_second_stands_by_ready_and_goes_on_soon_after_the_first_is_gone() {
    let (status, stop) = (Status::of("second"), Shutdown::new());
    let mut second =
        Second { others_writes: 20, status: status.clone(), started: false, was_ready: true, stop: stop.clone() };
    let stand_by = Duration::from_millis(10);
    let pauses = (Duration::from_millis(1), Duration::from_secs(5));
    let config = RunnerConfig { stand_by, pauses, ..RunnerConfig::default() };
    let began = Instant::now();
    run(&mut second, &OneEvent, &["posts"], config, status, stop).await.unwrap();
    assert!(second.was_ready, "another instance that writes is no trouble");
    // With pauses that double it would have been a minute.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

/// A log of two partitions, each with an event every ten milliseconds, of which one instance hears soon and the other
/// later: the first of the first partition, the second of the second.
#[derive(Clone, Default)]
struct Ticking(Arc<AtomicI32>);

const EVERY: Duration = Duration::from_millis(10);
const LATER: Duration = Duration::from_millis(5);
const COMMITTING: Duration = Duration::from_millis(3);
const STAND_BY: Duration = Duration::from_millis(100);

struct Ticks {
    soon: i32,
    begun: Instant,
    at: Positions,
}

fn numbered(partition: i32) -> PartitionId {
    PartitionId { partition, ..first() }
}

impl Log for Ticking {
    type Source = Ticks;

    fn partitions(&self, _: &[&str]) -> Vec<PartitionId> {
        vec![numbered(0), numbered(1)]
    }

    async fn open(&self, _: &[&str], at: Positions, _: usize) -> Result<Ticks, SubscribeError> {
        let soon = self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Ticks { soon, begun: Instant::now(), at })
    }
}

impl Source for Ticks {
    async fn next(&mut self) -> Result<Batch, SubscribeError> {
        loop {
            for partition in [numbered(self.soon), numbered(1 - self.soon)] {
                let late = if partition.partition == self.soon { Duration::ZERO } else { LATER };
                let heard = self.begun.elapsed().saturating_sub(late).as_millis() / EVERY.as_millis();
                let (from, to) = (offset(&self.at, &partition), i64::try_from(heard).unwrap());
                if from < to {
                    let [from, to] = [from, to].map(|next_offset| Position { next_offset, ..Position::START });
                    self.at.insert(partition.clone(), to);
                    return Ok(Batch { partition, from, to, entries: Vec::new() });
                }
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn ends(&mut self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        Ok(HashMap::new())
    }

    fn moved(&self) -> Option<String> {
        None
    }

    async fn seek(&mut self, partition: &PartitionId, position: Position) -> Result<(), SubscribeError> {
        self.at.insert(partition.clone(), position);
        Ok(())
    }
}

/// What both instances write to, when that was last done, and how often neither did for as long as the one that stands
/// by waits.
#[derive(Clone)]
struct Both(Arc<Mutex<(Positions, Instant, u32)>>);

impl Projector for Both {
    fn name(&self) -> &str {
        "both"
    }

    async fn resume(&mut self) -> Result<Positions, Failed> {
        self.positions().await
    }

    async fn positions(&mut self) -> Result<Positions, Failed> {
        Ok(self.0.lock().unwrap().0.clone())
    }

    async fn commit(&mut self, work: &Work) -> Result<Committed, Failed> {
        tokio::time::sleep(COMMITTING).await;
        let (positions, written, pauses) = &mut *self.0.lock().unwrap();
        if work.runs().any(|run| offset(positions, &run.partition) != run.from.next_offset) {
            return Err(Failed::Moved);
        }
        positions.extend(work.ends().map(|(partition, position)| (partition.clone(), position)));
        *pauses += u32::from(written.elapsed() >= STAND_BY);
        *written = Instant::now();
        Ok(Committed::default())
    }
}

#[tokio::test]
async fn two_instances_do_not_go_on_standing_by_for_each_other() {
    let both = Both(Arc::new(Mutex::new((Positions::new(), Instant::now(), 0))));
    let (log, stop) = (Ticking::default(), Shutdown::new());
    let pauses = (Duration::from_millis(1), Duration::from_millis(5));
    let config = RunnerConfig { stand_by: STAND_BY, pauses, ..RunnerConfig::default() };
    let run = || run(both.clone(), &log, &["posts"], config, Status::of("both"), stop.clone());
    let end = async {
        tokio::time::sleep(20 * STAND_BY).await;
        stop.request();
    };
    let (one, other, ()) = tokio::join!(run(), run(), end);
    one.unwrap();
    other.unwrap();
    // Who writes is found out once. The others are the machine's; were it found out anew each time that one of them has
    // stood by, it would be every other time.
    let pauses = both.0.lock().unwrap().2;
    assert!(pauses <= 4, "{pauses} times neither wrote");
}

/// A log whose context goes on in another topic.
#[derive(Clone)]
struct Left;

struct LeftSource;

impl Log for Left {
    type Source = LeftSource;

    fn partitions(&self, _: &[&str]) -> Vec<PartitionId> {
        vec![first()]
    }

    async fn open(&self, _: &[&str], _: Positions, _: usize) -> Result<LeftSource, SubscribeError> {
        Ok(LeftSource)
    }
}

impl Source for LeftSource {
    async fn next(&mut self) -> Result<Batch, SubscribeError> {
        std::future::pending().await
    }

    async fn ends(&mut self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        Ok(HashMap::new())
    }

    fn moved(&self) -> Option<String> {
        Some("posts goes on in posts.v2".to_owned())
    }

    async fn seek(&mut self, _: &PartitionId, _: Position) -> Result<(), SubscribeError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_projector_of_a_context_that_goes_on_elsewhere_is_not_ready() {
    let (status, stop) = (Status::of("left"), Shutdown::new());
    let mut left =
        Second { others_writes: 0, status: status.clone(), started: false, was_ready: true, stop: stop.clone() };
    let config = RunnerConfig { check_every: Duration::from_millis(10), ..RunnerConfig::default() };
    let (seen, ended) = (status.clone(), stop.clone());
    let watching = async move {
        while seen.unready().is_none_or(|why| !why.contains("posts.v2")) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        ended.request();
    };
    let running = run(&mut left, &Left, &["posts"], config, status, stop);
    let both = async { tokio::join!(running, watching) };
    timeout(Duration::from_secs(10), both).await.expect("it says so").0.unwrap();
}

/// A log of so many records in one partition, of which none is an event.
#[derive(Clone)]
struct Backlog(i64);

struct Stretch {
    end: i64,
    at: i64,
    batch: i64,
}

impl Log for Backlog {
    type Source = Stretch;

    fn partitions(&self, _: &[&str]) -> Vec<PartitionId> {
        vec![first()]
    }

    async fn open(&self, _: &[&str], at: Positions, batch: usize) -> Result<Stretch, SubscribeError> {
        let at = at.get(&first()).map_or(0, |at| at.next_offset);
        Ok(Stretch { end: self.0, at, batch: i64::try_from(batch).unwrap() })
    }
}

impl Source for Stretch {
    async fn next(&mut self) -> Result<Batch, SubscribeError> {
        if self.at == self.end {
            std::future::pending::<()>().await;
        }
        let position = |next_offset| Position { next_offset, ..Position::START };
        let (from, to) = (self.at, self.end.min(self.at + self.batch));
        self.at = to;
        let undecodable = || Undecodable { reason: String::new(), key: Vec::new(), value: Vec::new() };
        let entries = (from..to).map(|offset| Entry { offset, event: Err(undecodable()) }).collect();
        Ok(Batch { partition: first(), from: position(from), to: position(to), entries })
    }

    async fn ends(&mut self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        Ok(HashMap::new())
    }

    fn moved(&self) -> Option<String> {
        None
    }

    async fn seek(&mut self, _: &PartitionId, position: Position) -> Result<(), SubscribeError> {
        self.at = position.next_offset;
        Ok(())
    }
}

/// A projector that takes for ever for more than three events.
struct Slow {
    at: Positions,
    end: i64,
    largest: usize,
    stop: Shutdown,
}

impl Projector for &mut Slow {
    fn name(&self) -> &str {
        "slow"
    }

    async fn resume(&mut self) -> Result<Positions, Failed> {
        Ok(self.at.clone())
    }

    async fn positions(&mut self) -> Result<Positions, Failed> {
        Ok(self.at.clone())
    }

    async fn commit(&mut self, work: &Work) -> Result<Committed, Failed> {
        if work.events() > 3 {
            std::future::pending::<()>().await;
        }
        self.largest = self.largest.max(work.events());
        self.at.extend(work.ends().map(|(partition, at)| (partition.clone(), at)));
        if self.at[&first()].next_offset == self.end {
            self.stop.request();
        }
        Ok(Committed::default())
    }
}

#[tokio::test]
async fn a_backlog_that_is_too_much_for_one_commit_passes_in_smaller_ones() {
    let stop = Shutdown::new();
    let mut slow = Slow { at: Positions::new(), end: 40, largest: 0, stop: stop.clone() };
    let config = RunnerConfig {
        commit_deadline: Duration::from_millis(20),
        pauses: (Duration::from_millis(1), Duration::from_millis(1)),
        ..RunnerConfig::default()
    };
    let running = run(&mut slow, &Backlog(40), &["posts"], config, Status::of("slow"), stop);
    timeout(Duration::from_secs(20), running).await.expect("it never passes").unwrap();
    assert!((2..=3).contains(&slow.largest), "{}", slow.largest);
}
