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
        Self { began: now, seconds: Default::default(), state: State::Closed, pause: PAUSE }
    }

    /// Lets a request pass.
    ///
    /// # Errors
    /// The upstream is left alone, for so long.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match self.state {
            State::Closed => Ok(()),
            State::Open { next_trial } if now < next_trial => Err(next_trial - now),
            State::Open { .. } => {
                self.state = State::Open { next_trial: now + TRIAL_EVERY };
                Ok(())
            }
        }
    }

    /// How a request went. Says whether the breaker has opened by it.
    pub(crate) fn record(&mut self, now: Instant, is_good: bool) -> bool {
        match (self.state, is_good) {
            (State::Open { .. }, true) => {
                *self = Self::new(now);
                false
            }
            (State::Open { .. }, false) => {
                self.pause = (self.pause * 2).min(LONGEST);
                self.state = State::Open { next_trial: now + self.pause };
                false
            }
            (State::Closed, _) => {
                self.count(now, is_good);
                let trips = self.is_failing(now);
                if trips {
                    self.state = State::Open { next_trial: now + self.pause };
                }
                trips
            }
        }
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
mod tests {
    use super::*;

    fn tripped(now: Instant) -> Breaker {
        let mut breaker = Breaker::new(now);
        let opened: Vec<bool> = (0..10).map(|_| breaker.record(now, false)).collect();
        assert_eq!(opened.iter().filter(|opened| **opened).count(), 1);
        assert!(opened[9]);
        breaker
    }

    #[test]
    fn failures_open_it_and_a_good_trial_closes_it() {
        let now = Instant::now();
        let mut breaker = tripped(now);
        assert_eq!(breaker.admit(now), Err(PAUSE));
        assert_eq!(breaker.admit(now + PAUSE), Ok(()));
        assert_eq!(breaker.admit(now + PAUSE), Err(TRIAL_EVERY), "one trial at a time");
        breaker.record(now + PAUSE, true);
        assert_eq!(breaker.admit(now + PAUSE), Ok(()));
        assert!(!breaker.record(now + PAUSE, false), "what was before is forgotten");
    }

    #[test]
    fn each_bad_trial_makes_it_wait_longer() {
        let now = Instant::now();
        let mut breaker = tripped(now);
        breaker.record(now + PAUSE, false);
        assert_eq!(breaker.admit(now + PAUSE), Err(PAUSE * 2));
        assert!((0..10).all(|_| !breaker.record(now + PAUSE, false)), "it is open already");
        assert_eq!(breaker.admit(now + PAUSE), Err(LONGEST));
    }

    #[test]
    fn a_few_failures_among_many_or_long_ago_open_nothing() {
        let now = Instant::now();
        let mut breaker = Breaker::new(now);
        for at in 0..200 {
            assert!(!breaker.record(now + Duration::from_millis(10 * at), at % 4 == 0 || at % 2 == 1));
        }
        let mut breaker = Breaker::new(now);
        assert!((0..9).all(|_| !breaker.record(now, false)));
        assert!(!breaker.record(now + Duration::from_secs(11), false));
    }
}
