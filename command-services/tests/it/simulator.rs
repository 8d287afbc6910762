//! A seeded simulator of the process that makes slugs unique: several callers claim, act and confirm over two owners
//! whose clocks differ, in an order that is drawn; requests and replies get lost, callers vanish between any two steps
//! and ask again, and claims lapse. `e2e/checker` judges the log and the answers. `SIMULATOR_SEEDS` and
//! `SIMULATOR_FIRST` choose the seeds.

mod owners;
mod record;
mod world;

use checker::{Kind, Verdict};

use owners::Nature;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test]
async fn a_slug_is_borne_by_one_post_whatever_the_order() {
    let (first, seeds) = (number("SIMULATOR_FIRST").unwrap_or(1), number("SIMULATOR_SEEDS").unwrap_or(1_000));
    let (mut accepted, mut events) = (0, 0);
    for seed in first..first + seeds {
        match world::run(seed, Nature::Sound).await {
            Ok(Verdict { counts, .. }) => {
                accepted += counts.accepted;
                events += counts.valid;
            }
            Err((_, why)) => panic!("{why}\nseed {seed} failed: SIMULATOR_FIRST={seed} SIMULATOR_SEEDS=1 repeats it"),
        }
    }
    println!("{seeds} seeds: {accepted} commands accepted, {events} events");
    assert!(accepted > seeds && events > seeds, "the simulation must do something");
}

#[tokio::test]
async fn owners_that_break_what_claims_rest_on_are_noticed_by_the_checker() {
    for nature in [Nature::ClocksApart, Nature::NobodyVouches] {
        let mut noticed = None;
        for seed in 1..=300 {
            match world::run(seed, nature).await {
                Err((kinds, why)) if kinds.contains(&Kind::Claim) => {
                    noticed = Some((seed, why));
                    break;
                }
                Ok(_) | Err(_) => {}
            }
        }
        let (seed, why) = noticed.unwrap_or_else(|| panic!("{nature:?} went unnoticed"));
        println!("{nature:?}: seed {seed}: {}", why.lines().next().unwrap_or_default());
    }
}
