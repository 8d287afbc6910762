//! Two partitions with an owner each, whose own state machine decides. What is appended is read back at once: how an
//! owner gets through worse than that is simulated elsewhere, with the partition.

use std::sync::{Arc, Mutex};
use std::task::Poll;

use command_services::commands::Executes;
use domain::Timestamp;
use domain::reservations::{Aggregate, Command, Rejection, Reservation};
use event_log::partition::{Action, Limits, Partition};
use event_log::record::Record;
use event_log::{ExecuteError, Outcome, Refusal, Request};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::Instant;
use uuid::Uuid;

use super::scenario::Scenario;

const PARTITIONS: usize = 2;
/// Reserves tolerate half their life, 30 s, between the clocks of two machines.
const TOLERATED_MS: i64 = 14_000;
/// More than an owner ever has to do about one request.
const MOST_ACTIONS: usize = 1_000;

/// Whether what reservations rest on holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    Sound,
    /// The clocks of the owners differ by more than is tolerated.
    ClocksApart,
    /// Holders deny that they bear what they bear.
    NoHolderVouches,
    /// The clocks of those who ask are far ahead: they take a reservation that was confirmed once for good for ever.
    /// And no owner minds which version they have seen, which would stop them.
    AskersAhead,
    /// Owners confirm whatever reservation the holder has, and not the one that the holder acted on.
    AnyIsConfirmed,
    /// An owner panics.
    Panics,
    /// No owner ever answers.
    Silent,
}

pub(super) struct Owners<S: Scenario>(pub(super) Mutex<State<S>>);

pub(super) struct State<S: Scenario> {
    pub(super) owners: Vec<Owner<S>>,
    /// So many steps may be taken before the world moves on.
    pub(super) steps: usize,
    /// What time it is, in milliseconds.
    pub(super) now: i64,
    /// Whether requests and replies are lost at times.
    pub(super) loses: bool,
    rng: StdRng,
    nature: Nature,
}

pub(super) struct Owner<S: Scenario> {
    pub(super) log: Vec<Record<S::Event>>,
    partition: Partition<S, u64>,
    skew_ms: i64,
    /// Replies by the number of their request.
    replies: Vec<(u64, Outcome<S>)>,
    asked: u64,
}

impl<S: Scenario> Owners<S> {
    pub(super) fn new(seed: u64, nature: Nature) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let owner = |number: usize| {
            let limits = Limits { waiting: 100, remember_ms: i64::MAX / 4, ..Limits::default() };
            let partition = Partition::new(Uuid::from_u128(number as u128), String::new(), limits);
            let skew_ms = match nature {
                Nature::ClocksApart => 100 * TOLERATED_MS * if number == 0 { 1 } else { -1 },
                _ => rng.random_range(-TOLERATED_MS..=TOLERATED_MS),
            };
            let mut owner = Owner { log: Vec::new(), partition, skew_ms, replies: Vec::new(), asked: 0 };
            owner.feed(Timestamp(0), |partition, act| partition.start_term(Uuid::from_u128(7), act));
            owner
        };
        let owners = (0..PARTITIONS).map(owner).collect();
        Self(Mutex::new(State { owners, steps: 0, now: 1_000_000, loses: true, rng, nature }))
    }

    /// Whether the state of some aggregate is such.
    pub(super) fn any(&self, is_such: impl Fn(&S::State) -> bool) -> bool {
        let state = self.0.lock().unwrap();
        let mut aggregates = state.owners.iter().flat_map(|owner| owner.partition.history().aggregates());
        aggregates.any(|(_, aggregate)| is_such(&aggregate.state))
    }

    /// Waits until the world lets this caller go on; then whether the message is lost.
    async fn step(&self) -> bool {
        std::future::poll_fn(|_| {
            let mut state = self.0.lock().unwrap();
            if state.steps == 0 || state.nature == Nature::Silent {
                return Poll::Pending;
            }
            state.steps -= 1;
            let loses = state.loses;
            Poll::Ready(loses && state.rng.random_bool(0.05))
        })
        .await
    }

    fn decide(&self, mut request: Request<S>) -> Outcome<S> {
        let partition = place(&request.aggregate_id);
        let mut state = self.0.lock().unwrap();
        if state.nature == Nature::AskersAhead {
            request.expected = None;
        }
        match (state.nature, S::about(&mut request.body)) {
            (Nature::NoHolderVouches, Some(Command::Vouch { .. })) => {
                return Outcome::Refused(Refusal::Rejected { rejection: Rejection::DoesNotBear.into(), version: 0 });
            }
            (Nature::AnyIsConfirmed, Some(Command::Confirm { expires_at, .. })) => {
                let reservation = state.owners[partition].partition.history().aggregate(&request.aggregate_id);
                if let Some(Aggregate::Reservation(_, Reservation::Reserved { expires_at: present, .. })) =
                    reservation.map(|reservation| S::aggregate(&reservation.state))
                {
                    *expires_at = *present;
                }
            }
            _ => {}
        }
        assert!(state.nature != Nature::Panics, "the owner is broken");
        let now = state.now;
        state.owners[partition].execute(request, now)
    }
}

fn place(aggregate_id: &str) -> usize {
    let partition = event_log::murmur2::partition_of(aggregate_id.as_bytes(), i32::try_from(PARTITIONS).unwrap());
    usize::try_from(partition).unwrap()
}

/// A process that answers a request, with a clock of its own.
pub(super) struct Process<S: Scenario> {
    owners: Arc<Owners<S>>,
    skew_ms: i64,
}

impl<S: Scenario> Process<S> {
    pub(super) fn new(owners: &Arc<Owners<S>>) -> Self {
        let mut state = owners.0.lock().unwrap();
        let skew_ms = match state.nature {
            Nature::AskersAhead => 10 * S::LONG_MS,
            _ => state.rng.random_range(-TOLERATED_MS..=TOLERATED_MS),
        };
        Self { owners: Arc::clone(owners), skew_ms }
    }

    /// An aggregate as this process has read it, with its version.
    pub(super) fn seen(&self, aggregate_id: &str) -> Option<(u64, S::State)> {
        let state = self.owners.0.lock().unwrap();
        let aggregate = state.owners[place(aggregate_id)].partition.history().aggregate(aggregate_id)?;
        Some((aggregate.version, aggregate.state.clone()))
    }
}

impl<S: Scenario> Executes<S> for Process<S> {
    fn partition_of(&self, aggregate_id: &str) -> i32 {
        i32::try_from(place(aggregate_id)).unwrap()
    }

    fn execute(&self, request: Request<S>, _: Instant) -> BoxFuture<'_, Result<Outcome<S>, ExecuteError>> {
        async move {
            if self.owners.step().await {
                return Err(ExecuteError::Moving);
            }
            let outcome = self.owners.decide(request);
            if self.owners.step().await { Err(ExecuteError::Unknown) } else { Ok(outcome) }
        }
        .boxed()
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.owners.0.lock().unwrap().now + self.skew_ms)
    }
}

impl<S: Scenario> Owner<S> {
    fn execute(&mut self, request: Request<S>, now: i64) -> Outcome<S> {
        let now = Timestamp(now + self.skew_ms);
        self.asked += 1;
        let asked = self.asked;
        self.feed(now, |partition, act| partition.command(request, asked, now, act));
        let (number, outcome) = self.replies.pop().unwrap();
        assert!(number == asked && self.replies.is_empty(), "each request has its reply");
        outcome
    }

    /// Feeds an input, and what it leads to, until nothing more follows.
    fn feed(&mut self, now: Timestamp, input: impl FnOnce(&mut Partition<S, u64>, &mut Vec<Action<S, u64>>)) {
        let (mut actions, mut taken) = (Vec::new(), 0);
        input(&mut self.partition, &mut actions);
        while !actions.is_empty() {
            for action in std::mem::take(&mut actions) {
                taken += 1;
                assert!(taken < MOST_ACTIONS, "the owner goes on for ever: {action:?}");
                self.act(now, action, &mut actions);
            }
        }
    }

    fn act(&mut self, now: Timestamp, action: Action<S, u64>, follows: &mut Vec<Action<S, u64>>) {
        match action {
            Action::Append(record, _) => {
                let offset = i64::try_from(self.log.len()).unwrap();
                self.log.push(record.clone());
                self.partition.record(offset, record, now, follows);
            }
            Action::Barrier(number) => {
                let end = i64::try_from(self.log.len()).unwrap();
                self.partition.barrier(number, Some(end), follows);
            }
            Action::Reply(number, outcome) => self.replies.push((number, outcome)),
            Action::Renew | Action::Released => {}
            Action::Alarm(alarm) => panic!("{alarm}"),
        }
    }
}
