//! What was added to the schedule later: each has random numbers of its own, so that it changes nothing of the rest.

use std::time::Duration;

use rand::Rng as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::{TOGETHER, blow, instance, mode};
use crate::fault::{Blow, Fault, Round, What};
use crate::process::Tier;
use crate::system::Link;

/// How many of the broken links break by being forgotten.
const FORGOTTEN: f64 = 0.15;
/// Of several brokers, how many broken links to them break to one only.
const ONE_BROKER: f64 = 0.4;
/// How often the registry joins a round.
const REGISTRY_JOINS: f64 = 0.08;
/// How often a round of the registry's own comes after one.
const REGISTRY_ALONE: f64 = 0.03;
/// How long the registry, or the way to it, is broken, in milliseconds: longer than most instances are away, so that
/// some start without it.
const REGISTRY_MS: std::ops::Range<u64> = 500..3_000;

/// The random numbers of each.
pub(super) struct Apart {
    brokers: usize,
    forgotten: StdRng,
    one_broker: StdRng,
    registry: StdRng,
}

impl Apart {
    pub(super) fn of(seed: u64, brokers: usize) -> Self {
        let apart = |salt| StdRng::seed_from_u64(seed ^ salt);
        Self { brokers, forgotten: apart(0x0f04_907e), one_broker: apart(0x00b0_4e17), registry: apart(0x04e6_1574) }
    }

    /// Some links break by being forgotten.
    pub(super) fn forget(&mut self, round: &mut Round) {
        for (_, fault) in &mut round.0 {
            if let What::Link(link, _) = fault.what
                && self.forgotten.random_bool(FORGOTTEN)
            {
                *fault = Fault { what: What::Forgotten(link), lasts: Duration::ZERO };
            }
        }
    }

    /// Where there are several brokers, some links to them break to one only.
    pub(super) fn narrow(&mut self, round: &mut Round) {
        if self.brokers < 2 {
            return;
        }
        for (_, fault) in &mut round.0 {
            if let What::Link(link @ Link::Kafka(..), mode) = fault.what
                && self.one_broker.random_bool(ONE_BROKER)
            {
                fault.what = What::OneBroker(link, self.one_broker.random_range(0..self.brokers), mode);
            }
        }
    }

    /// The round, which the registry may join from its beginning, and perhaps one of the registry's own.
    pub(super) fn registry(&mut self, mut round: Round) -> impl Iterator<Item = Round> + use<> {
        let rng = &mut self.registry;
        if rng.random_bool(REGISTRY_JOINS) {
            let starts = round.0.iter().find_map(|(_, fault)| starting(&fault.what));
            let joins = registry_fault(rng, starts);
            // While partitions are moved, an instance must be back before the next one leaves.
            let in_the_way = |what: &What| *what == What::Moves || what.collides(&joins.what);
            if round.0.len() < TOGETHER && !round.0.iter().any(|(_, fault)| in_the_way(&fault.what)) {
                round.0.push((Duration::ZERO, joins));
            }
        }
        let alone = rng.random_bool(REGISTRY_ALONE).then(|| Round(vec![(Duration::ZERO, registry_fault(rng, None))]));
        std::iter::once(round).chain(alone)
    }
}

/// The instance that a fault has start anew, if it is one that asks the registry.
fn starting(what: &What) -> Option<(Tier, usize)> {
    match what {
        What::Instance(tier @ (Tier::Commands | Tier::Projections), number, Blow::Kill | Blow::Restart) => {
            Some((*tier, *number))
        }
        What::Instance(..)
        | What::Component(..)
        | What::RedisEmptied
        | What::Link(..)
        | What::OneBroker(..)
        | What::Forgotten(_)
        | What::DiskFull(_)
        | What::Moves
        | What::HeldOverSession(_)
        | What::HeldAndKilled(_) => None,
    }
}

/// An instance that runs hardly asks the registry; one that starts does.
fn registry_fault(rng: &mut StdRng, starts: Option<(Tier, usize)>) -> Fault {
    let lasts = Duration::from_millis(rng.random_range(REGISTRY_MS));
    if rng.random_bool(0.5) {
        return Fault { what: What::Component("registry".to_owned(), blow(rng)), lasts };
    }
    let drawn = (*[Tier::Commands, Tier::Projections].choose(rng).expect("there are two"), instance(rng));
    let (tier, number) = starts.unwrap_or(drawn);
    let link = Link::Registry(tier, number);
    if rng.random_bool(FORGOTTEN) {
        return Fault { what: What::Forgotten(link), lasts: Duration::ZERO };
    }
    Fault { what: What::Link(link, mode(rng)), lasts }
}
