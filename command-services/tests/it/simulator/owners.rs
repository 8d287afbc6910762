//! Two partitions with an owner each, whose own state machine decides. What is appended is read back at once: how an
//! owner gets through worse than that is simulated elsewhere, with the partition.

use std::sync::Mutex;
use std::task::Poll;

use command_services::commanding::Executes;
use domain::Timestamp;
use domain::posts::{Command as PostCommand, Event, Posts, Rejection};
use event_log::partition::{Action, Limits, Partition};
use event_log::record::Record;
use event_log::{ExecuteError, Outcome, Refusal, Request};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::Instant;
use uuid::Uuid;

const PARTITIONS: usize = 2;
/// Claims tolerate half their life, 30 s, between the clocks of two machines.
const TOLERATED_MS: i64 = 14_000;

/// Whether what claims rest on holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    Sound,
    /// The clocks differ by more than is tolerated.
    ClocksApart,
    /// Posts deny that they bear their slugs.
    NobodyVouches,
}

pub(super) struct Owners(pub(super) Mutex<State>);

pub(super) struct State {
    pub(super) owners: Vec<Owner>,
    /// So many steps may be taken before the world moves on.
    pub(super) steps: usize,
    /// What time it is, in milliseconds.
    pub(super) now: i64,
    /// Whether requests and replies are lost at times.
    pub(super) loses: bool,
    rng: StdRng,
    nature: Nature,
}

pub(super) struct Owner {
    pub(super) log: Vec<Record<Event>>,
    partition: Partition<Posts, u64>,
    skew_ms: i64,
    /// Replies by the number of their request.
    replies: Vec<(u64, Outcome<Posts>)>,
    asked: u64,
}

impl Owners {
    pub(super) fn new(seed: u64, nature: Nature) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let owner = |number: usize| {
            let limits = Limits { waiting: 100, remember_ms: i64::MAX / 4 };
            let partition = Partition::new(Uuid::from_u128(number as u128), String::new(), limits);
            let skew_ms = match nature {
                Nature::Sound | Nature::NobodyVouches => rng.random_range(-TOLERATED_MS..=TOLERATED_MS),
                Nature::ClocksApart => 5 * TOLERATED_MS * if number == 0 { 1 } else { -1 },
            };
            let mut owner = Owner { log: Vec::new(), partition, skew_ms, replies: Vec::new(), asked: 0 };
            owner.feed(Timestamp(0), |partition, act| partition.start_term(Uuid::from_u128(7), act));
            owner
        };
        let owners = (0..PARTITIONS).map(owner).collect();
        Self(Mutex::new(State { owners, steps: 0, now: 1_000_000, loses: true, rng, nature }))
    }

    /// Waits until the world lets this caller go on; then whether the message is lost.
    async fn step(&self) -> bool {
        std::future::poll_fn(|_| {
            let mut state = self.0.lock().unwrap();
            if state.steps == 0 {
                return Poll::Pending;
            }
            state.steps -= 1;
            let loses = state.loses;
            Poll::Ready(loses && state.rng.random_bool(0.05))
        })
        .await
    }

    fn decide(&self, request: Request<Posts>) -> Outcome<Posts> {
        let partition = place(&request.aggregate_id);
        let mut state = self.0.lock().unwrap();
        if let (Nature::NobodyVouches, PostCommand::Vouch { .. }) = (state.nature, &request.body) {
            return Outcome::Refused(Refusal::Rejected { rejection: Rejection::DoesNotBear, version: 0 });
        }
        let now = state.now;
        state.owners[partition].execute(request, now)
    }
}

fn place(aggregate_id: &str) -> usize {
    let partition = event_log::murmur2::partition_of(aggregate_id.as_bytes(), i32::try_from(PARTITIONS).unwrap());
    usize::try_from(partition).unwrap()
}

impl Executes<Posts> for Owners {
    fn partition_of(&self, aggregate_id: &str) -> i32 {
        i32::try_from(place(aggregate_id)).unwrap()
    }

    fn execute(&self, request: Request<Posts>, _: Instant) -> BoxFuture<'_, Result<Outcome<Posts>, ExecuteError>> {
        async move {
            if self.step().await {
                return Err(ExecuteError::Moving);
            }
            let outcome = self.decide(request);
            if self.step().await { Err(ExecuteError::Unknown) } else { Ok(outcome) }
        }
        .boxed()
    }
}

impl Owner {
    fn execute(&mut self, request: Request<Posts>, now: i64) -> Outcome<Posts> {
        let now = Timestamp(now + self.skew_ms);
        self.asked += 1;
        let asked = self.asked;
        self.feed(now, |partition, act| partition.command(request, asked, now, act));
        let (number, outcome) = self.replies.pop().unwrap();
        assert!(number == asked && self.replies.is_empty(), "each request has its reply");
        outcome
    }

    /// Feeds an input, and what it leads to, until nothing more follows.
    fn feed(&mut self, now: Timestamp, input: impl FnOnce(&mut Partition<Posts, u64>, &mut Vec<Action<Posts, u64>>)) {
        let mut actions = Vec::new();
        input(&mut self.partition, &mut actions);
        while !actions.is_empty() {
            for action in std::mem::take(&mut actions) {
                match action {
                    Action::Append(record) => {
                        let offset = i64::try_from(self.log.len()).unwrap();
                        self.log.push(record.clone());
                        self.partition.record(offset, record, now, &mut actions);
                    }
                    Action::Barrier(number) => {
                        let end = i64::try_from(self.log.len()).unwrap();
                        self.partition.barrier(number, Some(end), &mut actions);
                    }
                    Action::Reply(number, outcome) => self.replies.push((number, outcome)),
                    Action::Renew | Action::Released => {}
                    Action::Alarm(alarm) => panic!("{alarm}"),
                }
            }
        }
    }
}
