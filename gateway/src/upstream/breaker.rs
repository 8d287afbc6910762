//! The circuit breaker of an upstream: when most requests fail, it is left alone for a while.

use std::time::{Duration, Instant};

/// Failures are counted over so many seconds.
const WINDOW: usize = 10;
/// Fewer failures say nothing.
const FEWEST: u32 = 10;
/// It is left alone for so long at first, and twice as long each time that a trial fails.
const PAUSE: Duration = Duration::from_millis(500);
/// And no longer than this.
const LONGEST: Duration = Duration::from_secs(8);
/// While it is tried, one request in so long is let through.
const TRIAL_EVERY: Duration = Duration::from_millis(200);

/// Pure: whoever asks says what time it is.
#[derive(Debug)]
pub(crate) struct Breaker {
    began: Instant,
    seconds: [Second; WINDOW],
    state: State,
    pause: Duration,
    /// How often the state has changed.
    generation: u64,
}

/// A request that was let through: what it says counts only for the state that let it through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    generation: u64,
    is_trial: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Second {
    number: u64,
    good: u32,
    bad: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    /// Nothing passes until then; after that, trials do.
    Open {
        next_trial: Instant,
    },
}

impl Breaker {
    /// Closed: everything passes.
    pub(crate) fn new(now: Instant) -> Self {
        Self { began: now, seconds: Default::default(), state: State::Closed, pause: PAUSE, generation: 0 }
    }

    /// Lets a request pass.
    ///
    /// # Errors
    /// The upstream is left alone, for so long.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<Pass, Duration> {
        let generation = self.generation;
        match self.state {
            State::Closed => Ok(Pass { generation, is_trial: false }),
            State::Open { next_trial } if now < next_trial => Err(next_trial - now),
            State::Open { .. } => {
                self.state = State::Open { next_trial: now + TRIAL_EVERY };
                Ok(Pass { generation, is_trial: true })
            }
        }
    }

    /// How a request went. Says whether the breaker has opened by it.
    pub(crate) fn record(&mut self, now: Instant, pass: Pass, is_good: bool) -> bool {
        let is_current = pass.generation == self.generation;
        match self.state {
            // A trial that goes well says so however late it is.
            State::Open { .. } if is_good && pass.is_trial => {
                *self = Self { generation: self.generation + 1, ..Self::new(now) };
                false
            }
            State::Open { .. } if !is_good && is_current => {
                self.pause = (self.pause * 2).min(LONGEST);
                self.open(now);
                false
            }
            State::Closed if is_current => {
                self.count(now, is_good);
                let trips = self.is_failing(now);
                if trips {
                    self.open(now);
                }
                trips
            }
            // It began before that.
            State::Open { .. } | State::Closed => false,
        }
    }

    fn open(&mut self, now: Instant) {
        self.state = State::Open { next_trial: now + self.pause };
        self.generation += 1;
    }

    fn second(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.began).as_secs()
    }

    fn count(&mut self, now: Instant, is_good: bool) {
        let number = self.second(now);
        let second = &mut self.seconds[number as usize % WINDOW];
        if second.number != number {
            *second = Second { number, ..Second::default() };
        }
        if is_good { second.good += 1 } else { second.bad += 1 }
    }

    fn is_failing(&self, now: Instant) -> bool {
        let oldest = (self.second(now) + 1).saturating_sub(WINDOW as u64);
        let recent = self.seconds.iter().filter(|second| second.number >= oldest);
        let (good, bad) = recent.fold((0, 0), |(good, bad), second| (good + second.good, bad + second.bad));
        bad >= FEWEST && bad > good
    }
}

#[cfg(test)]
mod tests;
