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
/// At first: a limit that is too low is found out in a few rounds, and costs a short wait; one that is too high costs
/// the time of requests that nobody waits for any more.
const FIRST: f64 = 32.0;
/// Answers may take so many times as long as usual before the limit shrinks, and so many seconds in any case: a service
/// that does many things at once (a commit for many commands, a query on each of several connections) answers more of
/// them in a second where each waits a little for others.
const TOLERANCE: f64 = 2.0;
const SOON: f64 = 0.05;
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
    recent: Recent,
    round: Round,
}

/// By what it is guessed how long who waits will wait: the faster one of the last two tenths of a second that are over.
/// Where a service stood still for a moment, many late answers come at once, and say nothing of the next.
#[derive(Clone, Copy, Debug)]
struct Recent {
    over: [Tenth; 2],
    now: Tenth,
    began: Instant,
}

/// A tenth of a second, or longer where no answers came; of whole rounds, for within one the limit is on its way up or
/// down.
#[derive(Clone, Copy, Debug, Default)]
struct Tenth {
    count: f64,
    seconds: f64,
    /// How many were under way at each of the answers, summed up.
    company: f64,
}

/// The answers since the limit was last looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    count: u32,
    seconds: f64,
    /// The most that were under way, and how many at each of the answers, summed up.
    most: u32,
    company: u64,
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
        let (recent, round) = (Recent::new(), Round::default());
        let state = State { limit, most, owed: 0, under_way: 0, usual: 0.0, recent, round };
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
        let permit = permit.ok().and_then(Result::ok).ok_or(Busy)?;
        // Nobody would wait for the answer, and the service would have made it all the same.
        if Instant::now() + self.0.state.lock().takes(0) > deadline {
            return Err(Busy);
        }
        Ok(self.begin(permit))
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
        Duration::from_secs_f64(self.recent.took() + place * self.recent.each())
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
        if self.usual > 0.0 && after > self.tolerated() {
            self.count(after);
        }
    }

    /// Seconds that an answer may take.
    fn tolerated(&self) -> f64 {
        (TOLERANCE * self.usual).max(SOON)
    }

    fn count(&mut self, took: f64) {
        let Round { count, seconds, most, company } = self.round;
        let (most, company) = (most.max(self.under_way), company + u64::from(self.under_way));
        self.round = Round { count: count + 1, seconds: seconds + took, most, company };
        if f64::from(self.round.count) >= (self.limit / 8.0).max(ROUND) {
            self.end_round();
        }
    }

    fn end_round(&mut self) {
        let Round { count, seconds, most, company } = std::mem::take(&mut self.round);
        let took = (seconds / f64::from(count)).max(1e-6);
        // Who has not used the limit has not tried it.
        let has_tried = f64::from(most) >= self.limit / 2.0;
        let at_a_time = if has_tried { company as f64 / f64::from(count) } else { self.limit };
        self.recent.add(f64::from(count), seconds, at_a_time.max(1.0));
        if took < self.usual {
            self.usual = (self.usual + took) / 2.0;
        }
        if has_tried {
            let gradient = (self.tolerated() / took).clamp(0.5, 1.0);
            self.limit = self.limit * gradient + self.limit.sqrt();
        }
    }
}

impl Recent {
    const TENTH: Duration = Duration::from_millis(100);

    fn new() -> Self {
        Self { over: [Tenth::default(); 2], now: Tenth::default(), began: Instant::now() }
    }

    fn add(&mut self, count: f64, seconds: f64, at_a_time: f64) {
        if self.began.elapsed() >= Self::TENTH {
            *self = Self { over: [self.now, self.over[0]], ..Self::new() };
        }
        let Tenth { count: all, seconds: took, company } = self.now;
        self.now = Tenth { count: all + count, seconds: took + seconds, company: company + count * at_a_time };
    }

    /// Seconds that an answer takes; 0 as long as nothing is known.
    fn took(&self) -> f64 {
        self.least(|tenth| tenth.seconds / tenth.count)
    }

    /// Seconds until the next answer comes, as many being under way as may be: Little's law.
    fn each(&self) -> f64 {
        self.least(|tenth| tenth.seconds / tenth.company)
    }

    fn least(&self, of: impl Fn(&Tenth) -> f64) -> f64 {
        self.over.iter().filter(|tenth| tenth.count > 0.0).map(of).reduce(f64::min).unwrap_or_default()
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
