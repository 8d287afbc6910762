//! The world: who goes on next, and whose time it is, is drawn from the seed; nothing happens by itself.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use checker::{Verdict, judge};
use command_services::commands::Caller;
use futures::future::LocalBoxFuture;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::Instant;
use uuid::Uuid;

use super::owners::{Nature, Owners, Process};
use super::record::Recorder;
use super::scenario::{Asked, Came, Scenario};
use super::seeds::Failure;

/// Many more steps than it takes to answer everyone.
const MOST_STEPS: usize = 100_000;

/// A request that is being answered.
struct UnderWay<S: Scenario> {
    call: usize,
    /// Its process sleeps until this step.
    wakes_at: usize,
    answer: LocalBoxFuture<'static, Came<S>>,
}

struct World<S: Scenario> {
    rng: StdRng,
    owners: Arc<Owners<S>>,
    under_way: Vec<UnderWay<S>>,
    asked: Vec<Asked<S>>,
    recorder: Recorder,
    step: usize,
}

/// Runs a seed to its end and has it judged.
///
/// # Errors
/// What is wrong.
pub(super) fn run<S: Scenario>(seed: u64, nature: Nature) -> Result<Verdict, Failure> {
    let mut world = World::<S> {
        rng: StdRng::seed_from_u64(seed.wrapping_mul(31)),
        owners: Arc::new(Owners::new(seed, nature)),
        under_way: Vec::new(),
        asked: Vec::new(),
        recorder: Recorder::default(),
        step: 0,
    };
    for _ in 0..world.rng.random_range(S::STEPS) {
        world.step();
    }
    let healed = world.heal();
    let verdict = judge(&world.recorder.history(&world.owners));
    if verdict.is_clean() { healed.map(|()| verdict) } else { Err(Failure::of(&verdict)) }
}

impl<S: Scenario> World<S> {
    fn step(&mut self) {
        match self.rng.random_range(0..100_u32) {
            draw if draw < S::ASKS => self.ask(),
            0..88 => self.go_on(),
            88..90 => self.vanish(),
            90..94 => self.sleep(),
            94..97 => self.pass(5_000),
            97..99 => self.pass(100_000),
            _ => self.pass(S::LONG_MS),
        }
        self.step += 1;
        self.pass(20);
    }

    fn pass(&mut self, most_ms: i64) {
        let passed = self.rng.random_range(0..=most_ms);
        self.owners.0.lock().unwrap().now += passed;
    }

    fn ask(&mut self) {
        let asked = if !self.asked.is_empty() && self.rng.random_bool(0.3) {
            self.asked[self.rng.random_range(0..self.asked.len())].clone()
        } else {
            let aggregate = Uuid::from_u128(0x1000 + self.rng.random_range(0..S::AGGREGATES));
            let wish = S::draw(&mut self.rng, aggregate, self.asked.len() / S::RIVALS, &self.asked);
            Asked { key: format!("key-{}", self.asked.len()), aggregate, wish }
        };
        self.begin(asked);
    }

    fn begin(&mut self, asked: Asked<S>) {
        let call = self.recorder.invoked(&asked);
        let caller = Caller {
            actor: S::actor(asked.aggregate),
            key: asked.key.clone(),
            conditions: service_kit::etag::Conditions::default(),
            traceparent: String::new(),
            deadline: Instant::now() + Duration::from_secs(3_600),
        };
        let answer = S::answer(Process::new(&self.owners), caller, asked.clone());
        self.asked.push(asked);
        self.under_way.push(UnderWay { call, wakes_at: 0, answer });
    }

    /// A person takes a step.
    fn go_on(&mut self) {
        if self.under_way.is_empty() {
            return;
        }
        let who = self.rng.random_range(0..self.under_way.len());
        if self.under_way[who].wakes_at > self.step {
            return;
        }
        self.owners.0.lock().unwrap().steps = 1;
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let polled = self.under_way[who].answer.as_mut().poll(&mut context);
        self.owners.0.lock().unwrap().steps = 0;
        if let Poll::Ready(came) = polled {
            let UnderWay { call, .. } = self.under_way.swap_remove(who);
            self.recorder.answered(call, came);
        }
    }

    /// The process that answers a person is stopped for a while.
    fn sleep(&mut self) {
        if !self.under_way.is_empty() {
            let who = self.rng.random_range(0..self.under_way.len());
            self.under_way[who].wakes_at = self.step + self.rng.random_range(20..200);
        }
    }

    /// The process that answers a person dies.
    fn vanish(&mut self) {
        if !self.under_way.is_empty() {
            let who = self.rng.random_range(0..self.under_way.len());
            self.under_way.swap_remove(who);
        }
    }

    /// Everyone is answered; and long after, a newcomer asks for each value, and has it if it is not borne.
    fn heal(&mut self) -> Result<(), Failure> {
        self.owners.0.lock().unwrap().loses = false;
        self.step = usize::MAX;
        self.settle()?;
        let values = 0..self.asked.len() / S::RIVALS + S::NEAR;
        for (number, wish) in values.flat_map(S::last_wishes).enumerate() {
            let is_borne = S::is_borne(&self.owners, &wish);
            let aggregate = Uuid::from_u128(0x2000 + number as u128);
            let mut has_it = false;
            for time in 0..S::TRIES {
                self.owners.0.lock().unwrap().now += S::LONG_MS;
                self.begin(Asked { key: format!("last-{number}-{time}"), aggregate, wish: wish.clone() });
                let call = self.under_way[0].call;
                self.settle()?;
                has_it = self.recorder.is_accepted(call);
            }
            if is_borne == has_it {
                let why = format!("{wish:?}: that it was borne is {is_borne}, and that a newcomer can have it is too");
                return Err(Failure::trouble(why));
            }
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), Failure> {
        for _ in 0..MOST_STEPS {
            if self.under_way.is_empty() {
                return Ok(());
            }
            self.go_on();
        }
        Err(Failure::trouble(format!("call {} is not answered, however long one waits", self.under_way[0].call)))
    }
}
