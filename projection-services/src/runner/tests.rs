use std::time::Duration;

use event_log::subscription::Batch;

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
    assert!(at_start_or_equal(&known, &Positions::from([(id(0), at(3))])));
    assert!(!at_start_or_equal(&known, &Positions::new()));
    assert!(!at_start_or_equal(&Positions::from([(id(2), at(1))]), &Positions::new()));
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
async fn whoever_comes_second_stands_by_ready_and_goes_on_soon_after_the_first_is_gone() {
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
