//! The schedule: every fault, drawn from the seed alone.

mod apart;
mod repartition;
mod slow;

use std::time::Duration;

use rand::Rng as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use self::apart::Apart;
pub use self::repartition::repartition;
pub use self::slow::slow_rounds;
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

/// One of the links that there were before those to the registry, which are drawn apart.
fn link(rng: &mut StdRng) -> Link {
    let links: Vec<Link> = Link::all().into_iter().filter(|link| !matches!(link, Link::Registry(..))).collect();
    *links.choose(rng).expect("there are links")
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

/// The rounds of a seed, without end. What could be drawn from the beginning is drawn by itself, and each thing that
/// was added since is drawn apart: seeds go on drawing what they drew before.
pub fn rounds(seed: u64, brokers: &[String]) -> impl Iterator<Item = Round> {
    let mut apart = Apart::of(seed, brokers.len());
    drawn(seed, brokers).flat_map(move |mut round| {
        apart.forget(&mut round);
        apart.narrow(&mut round);
        apart.cut_off(&mut round);
        apart.lose_keys(&mut round);
        let alone = apart.alone();
        apart.registry(round).chain(alone)
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
mod tests;
