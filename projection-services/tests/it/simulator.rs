//! A seeded simulator of the runner: instances over a log and a store in memory, which go on one step at a time, in
//! an order that is drawn; they crash between any two steps, sleep while another works, and are told of commits that
//! failed or that nobody heard of; log and store go away, and the store is emptied. `e2e/checker` judges the rows.
//! `SIMULATOR_SEEDS` and `SIMULATOR_FIRST` choose the seeds.

mod record;
mod store;
mod world;

use checker::{Kind, Verdict, Violation};

use store::Broken;

/// So many worlds at once: they spend their time in pauses.
const AT_ONCE: usize = 100;

type Outcomes = Vec<(u64, Result<Verdict, String>)>;

async fn run(seeds: std::ops::Range<u64>, broken: Option<Broken>) -> Outcomes {
    let mut outcomes = Vec::new();
    for chunk in seeds.collect::<Vec<_>>().chunks(AT_ONCE) {
        let worlds = chunk.iter().map(async |seed| (*seed, world::run(*seed, broken).await));
        outcomes.extend(futures::future::join_all(worlds).await);
    }
    outcomes
}

#[tokio::test]
async fn rows_are_the_fold_of_the_log_whatever_the_order() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let first = number("SIMULATOR_FIRST").unwrap_or(1);
    let seeds = number("SIMULATOR_SEEDS").unwrap_or(1_000);
    let (mut rows, mut reads) = (0, 0);
    for (seed, outcome) in run(first..first + seeds, None).await {
        match outcome {
            Ok(verdict) => {
                rows += verdict.counts.rows;
                reads += verdict.counts.reads;
            }
            Err(why) => panic!("{why}\nseed {seed} failed: SIMULATOR_FIRST={seed} SIMULATOR_SEEDS=1 repeats it"),
        }
    }
    println!("{seeds} seeds: {rows} rows, {reads} reads");
    assert!(rows > seeds && reads > seeds, "the simulation must do something");
}

#[tokio::test]
async fn a_store_that_is_broken_on_purpose_is_noticed_by_the_checker() {
    for broken in [Broken::PositionsApart, Broken::RowsApart] {
        let outcomes = run(1..101, Some(broken)).await;
        let noticed =
            outcomes.into_iter().find_map(|(seed, outcome)| outcome.err().map(|why| (seed, why.replace('\n', " "))));
        let (seed, why) = noticed.unwrap_or_else(|| panic!("{broken:?} went unnoticed"));
        println!("{broken:?}: seed {seed}: {why}");
    }
}

/// What is wrong with the rows: the histories are drawn without regard to claims.
fn complaints(verdict: &Verdict) -> Vec<&Violation> {
    verdict.violations.iter().filter(|violation| violation.kind != Kind::Claim).collect()
}
