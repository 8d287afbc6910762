//! Many seeds, one after the other. Whatever goes wrong, the seed is named.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use checker::{Kind, Verdict};

use super::owners::Nature;
use super::scenario::Scenario;
use super::world;

/// Within so many seeds what is broken on purpose must be noticed.
const NOTICED_WITHIN: u64 = 2_000;

/// Why a seed fails.
#[derive(Debug)]
pub(super) struct Failure {
    /// What the checker found; nothing if it is no matter of the log: a panic, a caller that waits for ever.
    pub(super) kinds: Vec<Kind>,
    pub(super) why: String,
}

impl Failure {
    pub(super) fn of(verdict: &Verdict) -> Self {
        Self { kinds: verdict.found.keys().copied().collect(), why: verdict.to_string() }
    }

    pub(super) fn trouble(why: String) -> Self {
        Self { kinds: Vec::new(), why }
    }
}

/// Runs a seed; a panic is a failure of the seed too.
pub(super) fn run<S: Scenario>(seed: u64, nature: Nature) -> Result<Verdict, Failure> {
    let ran = catch_unwind(AssertUnwindSafe(|| world::run::<S>(seed, nature)));
    ran.unwrap_or_else(|panic| Err(Failure::trouble(format!("it panicked: {}", said(&*panic)))))
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

/// No seed fails.
pub(super) fn are_fine<S: Scenario>() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let (first, seeds) = (number("SIMULATOR_FIRST").unwrap_or(1), number("SIMULATOR_SEEDS").unwrap_or(1_000));
    let (mut accepted, mut events, began) = (0, 0, Instant::now());
    for seed in first..first + seeds {
        match run::<S>(seed, Nature::Sound) {
            Ok(Verdict { counts, .. }) => {
                accepted += counts.accepted;
                events += counts.valid;
            }
            Err(Failure { why, .. }) => {
                panic!("{why}\nseed {seed} failed: SIMULATOR_FIRST={seed} SIMULATOR_SEEDS=1 repeats it")
            }
        }
    }
    let a_minute = 60.0 * seeds as f64 / began.elapsed().as_secs_f64();
    println!("{}: {seeds} seeds, {a_minute:.0} a minute: {accepted} commands accepted, {events} events", S::NAME);
    assert!(accepted > seeds && events > seeds, "the simulation must do something");
}

/// Within a bounded number of seeds the checker finds this where the world is such.
pub(super) fn notice<S: Scenario>(nature: Nature, kind: Kind) {
    for seed in 1..=NOTICED_WITHIN {
        if let Err(Failure { kinds, why }) = run::<S>(seed, nature)
            && kinds.contains(&kind)
        {
            println!("{}, {nature:?}: seed {seed}: {}", S::NAME, why.lines().next().unwrap_or_default());
            return;
        }
    }
    panic!("{}: {nature:?} went unnoticed", S::NAME);
}
