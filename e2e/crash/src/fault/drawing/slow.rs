//! Rounds that last for minutes: of what a seed draws, that which can.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::rounds;
use crate::fault::{Blow, Fault, Round, What};

/// How long such a fault lasts, in milliseconds.
const LASTS_MS: std::ops::Range<u64> = 60_000..150_000;
/// What sets apart how long.
const SALT: u64 = 0x0510_30a7;

/// The rounds of a seed without what does not last, and the rest lasts for minutes.
pub fn slow_rounds(seed: u64, brokers: &[String]) -> impl Iterator<Item = Round> {
    let mut rng = StdRng::seed_from_u64(seed ^ SALT);
    let lasting = |mut round: Round| {
        round.0.retain(|(_, fault)| lasts(&fault.what));
        (!round.0.is_empty()).then_some(round)
    };
    rounds(seed, brokers).filter_map(lasting).map(move |mut round| {
        for (_, Fault { lasts, .. }) in &mut round.0 {
            *lasts = Duration::from_millis(rng.random_range(LASTS_MS));
        }
        start_last(&mut round);
        round
    })
}

/// What is dead starts when all else is mended: an instance that starts waits a minute for what it needs, and ends by
/// itself then.
fn start_last(round: &mut Round) {
    let ends = round.0.iter().map(|(after, fault)| *after + fault.lasts).max().unwrap_or_default();
    for (after, fault) in &mut round.0 {
        if matches!(fault.what, What::HeldAndKilled(_)) {
            fault.lasts = ends - *after;
        }
    }
}

fn lasts(what: &What) -> bool {
    match what {
        What::Instance(_, _, blow) | What::Component(_, blow) => *blow == Blow::Freeze,
        What::Link(..) | What::OneBroker(..) | What::CutOff(..) | What::HeldOverSession(_) | What::HeldAndKilled(_) => {
            true
        }
        What::RedisEmptied
        | What::RedisKeys(_)
        | What::RegistryLost(..)
        | What::PartitionAdded(..)
        | What::Repartitioned(..)
        | What::Clock(..)
        | What::Forgotten(_)
        | What::DiskFull(_)
        | What::MediaGone
        | What::Moves => false,
    }
}
