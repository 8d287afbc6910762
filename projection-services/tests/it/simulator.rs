//! A seeded simulator of the runner: instances over a log and a store in memory, which go on one step at a time, in
//! an order that is drawn; they crash between any two steps, sleep while another works, and are told of commits that
//! failed or whose answers were lost; log and store go away, and the store is emptied. `crates/checker` judges the
//! rows. `SIMULATOR_SEEDS` and `SIMULATOR_FIRST` choose the seeds.

mod record;
mod store;
mod world;

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use checker::{Kind, Verdict, Violation};
use futures::FutureExt as _;

use store::Broken;

/// So many worlds at once: they spend their time in pauses.
const AT_ONCE: usize = 100;

/// Why a seed fails.
#[derive(Debug)]
struct Failure {
    /// What the checker found; nothing if it is no matter of the rows: a panic, an instance that does not get on.
    kinds: Vec<Kind>,
    why: String,
}

impl Failure {
    fn trouble(why: impl Into<String>) -> Self {
        Self { kinds: Vec::new(), why: why.into() }
    }
}

type Outcomes = Vec<(u64, Result<Verdict, Failure>)>;

/// Runs seeds; a panic is a failure of its seed.
async fn run(seeds: std::ops::Range<u64>, broken: Option<Broken>) -> Outcomes {
    let mut outcomes = Vec::new();
    for chunk in seeds.collect::<Vec<_>>().chunks(AT_ONCE) {
        let worlds = chunk.iter().map(async |seed| {
            let ran = AssertUnwindSafe(world::run(*seed, broken)).catch_unwind().await;
            (*seed, ran.unwrap_or_else(|panic| Err(Failure::trouble(format!("it panicked: {}", said(&*panic))))))
        });
        outcomes.extend(futures::future::join_all(worlds).await);
    }
    outcomes
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

#[tokio::test]
async fn rows_are_the_fold_of_the_log_whatever_the_order() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let first = number("SIMULATOR_FIRST").unwrap_or(1);
    let seeds = number("SIMULATOR_SEEDS").unwrap_or(1_000);
    let (mut rows, mut reads, began) = (0, 0, Instant::now());
    for (seed, outcome) in run(first..first + seeds, None).await {
        match outcome {
            Ok(verdict) => {
                rows += verdict.counts.rows;
                reads += verdict.counts.reads;
            }
            Err(Failure { why, .. }) => {
                panic!("{why}\nseed {seed} failed: SIMULATOR_FIRST={seed} SIMULATOR_SEEDS=1 repeats it")
            }
        }
    }
    let a_minute = 60.0 * seeds as f64 / began.elapsed().as_secs_f64();
    println!("{seeds} seeds, {a_minute:.0} a minute: {rows} rows, {reads} reads");
    assert!(rows > seeds && reads > seeds, "the simulation must do something");
}

#[tokio::test]
async fn a_store_that_is_broken_on_purpose_is_noticed_by_the_checker() {
    for broken in [Broken::PositionsApart, Broken::RowsApart] {
        let outcomes = run(1..101, Some(broken)).await;
        let noticed = outcomes.into_iter().find_map(|(seed, outcome)| match outcome {
            Err(Failure { kinds, why }) if kinds.contains(&Kind::Row) => Some((seed, why.replace('\n', " "))),
            Ok(_) | Err(_) => None,
        });
        let (seed, why) = noticed.unwrap_or_else(|| panic!("{broken:?} went unnoticed"));
        println!("{broken:?}: seed {seed}: {why}");
    }
}

#[tokio::test]
async fn a_panic_and_an_instance_that_does_not_get_on_are_failures_of_their_seed() {
    for (broken, said) in [(Broken::Panics, "it panicked: the store"), (Broken::Stuck, "does not reach the end")] {
        for (seed, outcome) in run(1..3, Some(broken)).await {
            let failure = outcome.expect_err("nothing can be stored");
            assert!(failure.why.contains(said), "{broken:?}, seed {seed}: {}", failure.why);
        }
    }
}

/// What is wrong with the rows. The histories of contexts are drawn each by itself: without regard to claims, and to
/// what one decides for another.
fn complaints(verdict: &Verdict) -> Vec<&Violation> {
    let is_drawn = |kind| matches!(kind, Kind::Reservation | Kind::Undecided);
    verdict.violations.iter().filter(|violation| !is_drawn(violation.kind)).collect()
}
