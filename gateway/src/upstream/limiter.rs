//! How many requests an upstream has to answer at a time. The limit follows what it bears: it grows while answers come
//! as fast as ever, and shrinks when they take longer or fail (the gradient of Netflix' concurrency-limits).

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
/// How much of what a sample says is believed.
const SMOOTHING: f64 = 0.2;
/// How many samples what is usual is made of.
const USUAL: f64 = 600.0;
/// So many times as many may wait as are under way, if they do not wait for too long.
const QUEUE: f64 = 8.0;
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
    /// Seconds that answers usually take; 0 before the first.
    usual: f64,
}

/// A request's turn.
#[derive(Debug)]
pub(crate) struct Turn {
    limiter: Limiter,
    permit: Option<OwnedSemaphorePermit>,
    began: Instant,
}

/// There are too many; it may be better so much later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

impl Limiter {
    /// With at most so many.
    pub(crate) fn new(most: u32) -> Self {
        let most = f64::from(most).max(1.0);
        let limit = FIRST.min(most);
        let state = State { limit, most, owed: 0, under_way: 0, usual: 0.0 };
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
        if self.0.state.lock().wait(waiting.place) > left {
            return Err(Busy);
        }
        let permit = tokio::time::timeout(left, Arc::clone(&self.0.turns).acquire_owned()).await;
        permit.ok().and_then(Result::ok).map(|permit| self.begin(permit)).ok_or(Busy)
    }

    fn begin(&self, permit: OwnedSemaphorePermit) -> Turn {
        self.0.state.lock().under_way += 1;
        Turn { limiter: self.clone(), permit: Some(permit), began: Instant::now() }
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
    /// How long who is in this place may have to wait.
    fn wait(&self, place: u32) -> Duration {
        if f64::from(place) > QUEUE * self.limit {
            return Duration::MAX;
        }
        Duration::from_secs_f64(self.usual * f64::from(place) / self.limit)
    }

    /// An answer took so many seconds.
    fn learn(&mut self, took: f64) {
        self.usual = if self.usual == 0.0 { took } else { self.usual + (took - self.usual) / USUAL };
        // After an outage, what is usual is too long.
        if self.usual > 2.0 * took {
            self.usual *= 0.95;
        }
        // Who has not used the limit has not tried it.
        if f64::from(self.under_way) < self.limit / 2.0 {
            return;
        }
        let gradient = (TOLERANCE * self.usual / took.max(1e-6)).clamp(0.5, 1.0);
        let wanted = self.limit * gradient + self.limit.sqrt();
        self.limit += SMOOTHING * (wanted - self.limit);
    }
}

impl Turn {
    /// It was answered, in a time that says how busy the upstream is.
    pub(crate) fn answered(self) {
        let took = self.began.elapsed().as_secs_f64();
        self.limiter.adjust(|state| state.learn(took));
    }

    /// It was not, because the upstream has too much to do.
    pub(crate) fn overloaded(self) {
        self.limiter.adjust(|state| {
            if f64::from(state.under_way) >= state.limit / 2.0 {
                state.limit *= 0.9;
            }
        });
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
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
