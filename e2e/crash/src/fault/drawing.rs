//! The schedule: every fault, drawn from the seed alone.

use std::time::Duration;

use rand::Rng as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::{Blow, Fault, Round, What};
use crate::process::Tier;
use crate::proxy::Mode;
use crate::site::SESSION_TIMEOUT;
use crate::system::{INSTANCES, Link};

/// How many faults of a round may happen together.
const TOGETHER: usize = 3;
/// How often a further one joins.
const JOINS: f64 = 0.45;
/// After which time a further one joins.
const JOINS_WITHIN_MS: u64 = 800;

/// How a kind of fault is drawn.
type Draw = fn(&mut StdRng, &[String]) -> (What, std::ops::Range<u64>);

/// The kinds, and how often each is drawn among all.
const KINDS: [(u32, Draw); 14] = [
    (16, |rng, _| (What::Instance(Tier::Commands, instance(rng), Blow::Kill), 50..1_200)),
    (10, |rng, _| (What::Instance(Tier::Commands, instance(rng), Blow::Freeze), 200..2_200)),
    (9, |rng, _| (What::Instance(Tier::Commands, instance(rng), Blow::Restart), 50..800)),
    (12, |rng, _| (What::Instance(Tier::Projections, instance(rng), blow(rng)), 50..1_200)),
    (6, |rng, _| (What::Instance(Tier::Queries, instance(rng), blow(rng)), 50..1_000)),
    (3, |rng, brokers| (What::Component(broker(rng, brokers), Blow::Kill), 50..1_000)),
    (2, |rng, brokers| (What::Component(broker(rng, brokers), Blow::Restart), 50..500)),
    (4, |rng, brokers| (What::Component(broker(rng, brokers), Blow::Freeze), 300..2_500)),
    (7, |rng, _| (What::Component("postgres".to_owned(), blow(rng)), 50..1_500)),
    (7, |rng, _| (What::Component("redis".to_owned(), blow(rng)), 50..1_500)),
    (4, |_, _| (What::RedisEmptied, 0..1)),
    (26, |rng, _| (What::Link(link(rng), mode(rng)), 100..1_800)),
    (2, |rng, brokers| (What::DiskFull(disk(rng, brokers)), 300..1_200)),
    (7, slow),
];

/// What takes longer than a session.
fn slow(rng: &mut StdRng, _: &[String]) -> (What, std::ops::Range<u64>) {
    let session = u64::try_from(SESSION_TIMEOUT.as_millis()).unwrap_or(u64::MAX);
    match rng.random_range(0..5) {
        0 => (What::Moves, 3_000..6_000),
        1 | 2 => (What::HeldAndKilled(instance(rng)), session + 500..session + 1_500),
        _ => (What::HeldOverSession(instance(rng)), session + 500..session + 1_500),
    }
}

fn instance(rng: &mut StdRng) -> usize {
    rng.random_range(0..INSTANCES)
}

fn broker(rng: &mut StdRng, brokers: &[String]) -> String {
    brokers.choose(rng).expect("there is a broker").clone()
}

fn disk(rng: &mut StdRng, brokers: &[String]) -> String {
    if rng.random_bool(0.5) { broker(rng, brokers) } else { "postgres".to_owned() }
}

fn blow(rng: &mut StdRng) -> Blow {
    *[Blow::Kill, Blow::Freeze, Blow::Restart].choose(rng).expect("there are some")
}

fn link(rng: &mut StdRng) -> Link {
    *Link::all().choose(rng).expect("there are links")
}

fn mode(rng: &mut StdRng) -> Mode {
    *[Mode::Paused, Mode::Mute, Mode::Held, Mode::Cut].choose(rng).expect("there are some")
}

fn fault(rng: &mut StdRng, brokers: &[String]) -> Fault {
    let total: u32 = KINDS.iter().map(|(weight, _)| weight).sum();
    let mut place = rng.random_range(0..total);
    let mut kinds = KINDS.iter();
    let draw = loop {
        let (weight, draw) = kinds.next().expect("the place is less than all weights together");
        match place.checked_sub(*weight) {
            Some(rest) => place = rest,
            None => break draw,
        }
    };
    let (what, lasts) = draw(rng, brokers);
    Fault { what, lasts: Duration::from_millis(rng.random_range(lasts)) }
}

/// How many of the broken links break by being forgotten.
const FORGOTTEN: f64 = 0.15;
/// What is drawn for that, is drawn apart: seeds go on drawing what they drew before there was this kind.
const APART: u64 = 0x0f04_907e;

/// The rounds of a seed, without end.
pub fn rounds(seed: u64, brokers: &[String]) -> impl Iterator<Item = Round> {
    let mut apart = StdRng::seed_from_u64(seed ^ APART);
    drawn(seed, brokers).map(move |Round(mut faults)| {
        for (_, fault) in &mut faults {
            if let What::Link(link, _) = fault.what
                && apart.random_bool(FORGOTTEN)
            {
                *fault = Fault { what: What::Forgotten(link), lasts: Duration::ZERO };
            }
        }
        Round(faults)
    })
}

fn drawn(seed: u64, brokers: &[String]) -> impl Iterator<Item = Round> {
    let mut rng = StdRng::seed_from_u64(seed);
    let brokers = brokers.to_vec();
    std::iter::repeat_with(move || {
        let mut round = vec![(Duration::ZERO, fault(&mut rng, &brokers))];
        while round.len() < TOGETHER && rng.random_bool(JOINS) {
            let after = Duration::from_millis(rng.random_range(0..JOINS_WITHIN_MS));
            let further = fault(&mut rng, &brokers);
            if !round.iter().any(|(_, fault)| fault.what.collides(&further.what)) {
                round.push((after, further));
            }
        }
        Round(round)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_rounds() {
        let brokers = ["kafka".to_owned()];
        let drawn = |seed| rounds(seed, &brokers).take(50).collect::<Vec<_>>();
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
    }

    #[test]
    fn every_kind_is_drawn_and_no_round_strikes_twice() {
        let brokers = ["kafka".to_owned()];
        let drawn: Vec<Round> = rounds(3, &brokers).take(2_000).collect();
        let kinds: BTreeSet<String> =
            drawn.iter().flat_map(|round| &round.0).map(|(_, fault)| fault.what.kind()).collect();
        // 3 blows to each of our 3 programs, the broker, Postgres and Redis; 4 modes of 8 pairs of ends, and their connections
        // forgotten; 2 disks; Redis emptied, partitions moved, 2 kinds of held requests.
        assert_eq!(kinds.len(), 18 + 40 + 2 + 4, "{kinds:#?}");
        for Round(faults) in &drawn {
            for (place, (_, fault)) in faults.iter().enumerate() {
                assert!(faults[..place].iter().all(|(_, other)| !other.what.collides(&fault.what)));
            }
        }
    }
}
