//! How many requests an upstream has to answer at a time. The limit follows what it bears: it grows while answers come
//! as fast as ever, and shrinks when they take longer, fail or are not waited for (the gradient of Netflix'
//! concurrency-limits). It changes once in a round of an eighth of as many answers as may be under way: in one of all
//! of them a service that is asked for three times what it bears answers nobody in time for seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The least: below that, nothing would be learnt any more.
const LEAST: f64 = 8.0;
/// At first.
const FIRST: f64 = 128.0;
/// Answers may take so many times as long as usual before the limit shrinks.
const TOLERANCE: f64 = 2.0;
/// The fewest answers that a round is made of.
const ROUND: f64 = 10.0;
/// How many answers what is usual is made of.
const USUAL: f64 = 600.0;
/// So many times as many may wait as may be under way, if they do not wait for too long; and no more than so many.
const QUEUE: f64 = 8.0;
const WAITING: f64 = 1_024.0;
/// Who waits is to be answered within this part of the time that is left: how long it takes is a guess.
const IN_HAND: f64 = 0.6;
/// A request waits no longer than this for its turn.
const PATIENCE: Duration = Duration::from_secs(1);

/// A limit, and who is under it. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Limiter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    turns: Arc<Semaphore>,
    waiting: AtomicU32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: f64,
    most: f64,
    /// Turns that were given out, the limit having shrunk below them since.
    owed: u32,
    under_way: u32,
    /// Seconds that answers usually take, when few are under way; 0 before the first.
    usual: f64,
    /// Seconds that those of the last round took; 0 in the first.
    recent: f64,
    round: Round,
}

/// The answers since the limit was last looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    count: u32,
    seconds: f64,
    /// The most that were under way.
    most: u32,
}

/// A request's turn.
#[derive(Debug)]
pub(crate) struct Turn {
    limiter: Limiter,
    permit: Option<OwnedSemaphorePermit>,
    began: Instant,
    /// Whether it says something of the upstream if it is given up.
    tells: bool,
}

/// There are too many; it may be better so much later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

impl Limiter {
    /// With at most so many.
    pub(crate) fn new(most: u32) -> Self {
        let most = f64::from(most).max(1.0);
        let limit = FIRST.min(most);
        let (usual, recent, round) = (0.0, 0.0, Round::default());
        let state = State { limit, most, owed: 0, under_way: 0, usual, recent, round };
        let turns = Arc::new(Semaphore::new(limit as usize));
        Self(Arc::new(Inner { turns, waiting: AtomicU32::new(0), state: Mutex::new(state) }))
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// It would not come in time, or too many wait.
    pub(crate) async fn turn(&self, deadline: Instant) -> Result<Turn, Busy> {
        if let Ok(permit) = Arc::clone(&self.0.turns).try_acquire_owned() {
            return Ok(self.begin(permit));
        }
        let waiting = Waiting::begin(&self.0.waiting);
        let left = deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
        if self.0.state.lock().takes(waiting.place) > left.mul_f64(IN_HAND) {
            return Err(Busy);
        }
        let permit = tokio::time::timeout(left, Arc::clone(&self.0.turns).acquire_owned()).await;
        permit.ok().and_then(Result::ok).map(|permit| self.begin(permit)).ok_or(Busy)
    }

    fn begin(&self, permit: OwnedSemaphorePermit) -> Turn {
        self.0.state.lock().under_way += 1;
        Turn { limiter: self.clone(), permit: Some(permit), began: Instant::now(), tells: true }
    }

    /// How many there may be now.
    pub(crate) fn limit(&self) -> u32 {
        self.0.state.lock().limit as u32
    }

    fn adjust(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.0.state.lock();
        let before = state.limit as usize;
        change(&mut state);
        state.limit = state.limit.clamp(LEAST.min(state.most), state.most);
        let after = state.limit as usize;
        if after > before {
            let more = after - before;
            let forgiven = more.min(state.owed as usize);
            state.owed -= forgiven as u32;
            self.0.turns.add_permits(more - forgiven);
        } else {
            let fewer = before - after;
            state.owed += (fewer - self.0.turns.forget_permits(fewer)) as u32;
        }
    }
}

impl State {
    /// How long it may take until who is in this place is answered.
    fn takes(&self, place: u32) -> Duration {
        let place = f64::from(place);
        if place > (QUEUE * self.most).min(WAITING) {
            return Duration::MAX;
        }
        Duration::from_secs_f64(self.recent * (1.0 + place / self.limit))
    }

    /// An answer took so many seconds. What is usual is learnt from those that had little company: where many are under
    /// way, each waits for others, and in the end that would be usual.
    fn learn(&mut self, took: f64) {
        if self.usual == 0.0 {
            self.usual = took;
        }
        if f64::from(self.under_way) <= LEAST {
            self.usual += (took - self.usual) / USUAL;
        }
        self.count(took);
    }

    /// After so many seconds nobody waits for an answer any more: it would have taken longer yet. What is given up
    /// sooner than an answer is slow says nothing.
    fn give_up(&mut self, after: f64) {
        if self.usual > 0.0 && after > TOLERANCE * self.usual {
            self.count(after);
        }
    }

    fn count(&mut self, took: f64) {
        let Round { count, seconds, most } = self.round;
        self.round = Round { count: count + 1, seconds: seconds + took, most: most.max(self.under_way) };
        if f64::from(self.round.count) >= (self.limit / 8.0).max(ROUND) {
            self.end_round();
        }
    }

    fn end_round(&mut self) {
        let Round { count, seconds, most } = std::mem::take(&mut self.round);
        self.recent = (seconds / f64::from(count)).max(1e-6);
        if self.recent < self.usual {
            self.usual = (self.usual + self.recent) / 2.0;
        }
        // Who has not used the limit has not tried it.
        if f64::from(most) >= self.limit / 2.0 {
            let gradient = (TOLERANCE * self.usual / self.recent).clamp(0.5, 1.0);
            self.limit = self.limit * gradient + self.limit.sqrt();
        }
    }
}

impl Turn {
    /// How long it takes depends on its client: where it is given up, that says nothing.
    pub(crate) fn depends_on_client(&mut self) {
        self.tells = false;
    }

    /// It was answered, in a time that says how busy the upstream is.
    pub(crate) fn answered(mut self) {
        self.tells = false;
        let took = self.began.elapsed().as_secs_f64();
        self.limiter.adjust(|state| state.learn(took));
    }

    /// It was not, because the upstream has too much to do.
    pub(crate) fn overloaded(mut self) {
        self.tells = false;
        self.limiter.adjust(|state| {
            if f64::from(state.under_way) >= state.limit / 2.0 {
                state.limit *= 0.9;
            }
        });
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.tells {
            let after = self.began.elapsed().as_secs_f64();
            self.limiter.adjust(|state| state.give_up(after));
        }
        let mut state = self.limiter.0.state.lock();
        state.under_way -= 1;
        if state.owed > 0 {
            state.owed -= 1;
            self.permit.take().into_iter().for_each(OwnedSemaphorePermit::forget);
        }
    }
}

/// Someone who waits; the number of those before is its place.
struct Waiting<'a> {
    all: &'a AtomicU32,
    place: u32,
}

impl<'a> Waiting<'a> {
    fn begin(all: &'a AtomicU32) -> Self {
        Self { all, place: all.fetch_add(1, Ordering::Relaxed) + 1 }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
