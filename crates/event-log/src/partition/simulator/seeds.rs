//! Thousands of seeds of the partition as it is; and of it broken on purpose, which must be noticed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use checker::{Kind, Verdict};

use super::*;

/// Why a seed fails.
enum Failure {
    /// The checker says so.
    Verdict(Box<Verdict>),
    /// An alarm, a forgotten caller, a panic.
    Trouble(String),
}

fn run(seed: u64) -> Result<Verdict, Failure> {
    let simulate = || {
        let mut world = World::new(seed);
        let steps = world.rng.random_range(100..800);
        for _ in 0..steps {
            world.step();
        }
        world.heal();
        world
    };
    let world = catch_unwind(AssertUnwindSafe(simulate)).map_err(|_| Failure::Trouble("it panicked".into()))?;
    let verdict = checker::judge(&record::history(&world));
    match world.troubles.into_iter().next() {
        _ if !verdict.is_clean() => Err(Failure::Verdict(Box::new(verdict))),
        Some(trouble) => Err(Failure::Trouble(trouble)),
        None => Ok(verdict),
    }
}

#[test]
fn no_accepted_command_is_lost_or_doubled_whatever_the_order() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let first = number("SIMULATOR_FIRST").unwrap_or(1);
    let seeds = number("SIMULATOR_SEEDS").unwrap_or(4_000);
    let (mut accepted, mut events, began) = (0, 0, std::time::Instant::now());
    for seed in first..first + seeds {
        match run(seed) {
            Ok(verdict) => {
                accepted += verdict.counts.accepted;
                events += verdict.counts.valid;
            }
            Err(failure) => {
                let why = match failure {
                    Failure::Verdict(verdict) => verdict.to_string(),
                    Failure::Trouble(trouble) => trouble,
                };
                panic!("{why}\nseed {seed} failed: SIMULATOR_FIRST={seed} SIMULATOR_SEEDS=1 repeats it");
            }
        }
    }
    let a_minute = 60.0 * seeds as f64 / began.elapsed().as_secs_f64();
    println!("{seeds} seeds, {a_minute:.0} a minute: {accepted} commands accepted, {events} events");
    assert!(accepted > seeds && events > seeds, "the simulation must do something");
}

/// The first seed with which the checker notices, and what it says.
fn noticed(broken: Sabotage, within: u64) -> Option<(u64, Vec<Kind>)> {
    sabotage::choose(Some(broken));
    let found = (1..=within).find_map(|seed| match run(seed) {
        Err(Failure::Verdict(verdict)) => Some((seed, verdict.found.into_keys().collect())),
        Err(Failure::Trouble(_)) | Ok(_) => None,
    });
    sabotage::choose(None);
    found
}

#[test]
fn a_partition_that_is_broken_on_purpose_is_noticed_by_the_checker() {
    for (name, broken) in Sabotage::ALL.into_iter().filter(|(_, broken)| *broken != Sabotage::PositionsApart) {
        let (seed, kinds) = noticed(broken, 1_000).unwrap_or_else(|| panic!("{name} went unnoticed"));
        println!("{name}: seed {seed}, {kinds:?}");
    }
}
