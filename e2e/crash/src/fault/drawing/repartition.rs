//! The round in which a context gets more partitions: it is not mended, so it is in runs that ask for it.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use crate::fault::{Fault, Round, What};

/// What sets it apart from all else that a seed draws.
const SALT: u64 = 0x04e9_a471;
/// Contexts, the one with most events more often.
const CONTEXTS: [&str; 6] = ["posts", "posts", "posts", "accounts", "bookmarks", "following"];
/// How many partitions it is to have; the lab's topics have four.
const PARTITIONS: std::ops::RangeInclusive<u16> = 5..=7;
/// How many attempts die before one comes to its end, and after how many milliseconds.
const KILLED: std::ops::RangeInclusive<u32> = 0..=2;
const KILLED_MS: std::ops::Range<u64> = 300..3_000;

/// That of a seed.
#[must_use]
pub fn repartition(seed: u64) -> Round {
    let mut rng = StdRng::seed_from_u64(seed ^ SALT);
    let context = CONTEXTS.choose(&mut rng).expect("there are some");
    let partitions = rng.random_range(PARTITIONS);
    let killed = (0..rng.random_range(KILLED)).map(|_| Duration::from_millis(rng.random_range(KILLED_MS))).collect();
    Round(vec![(Duration::ZERO, Fault::once(What::Repartitioned(context, partitions, killed)))])
}
