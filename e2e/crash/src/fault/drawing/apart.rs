//! What was added to the schedule later: each has random numbers of its own, so that it changes nothing of the rest.

use std::time::Duration;

use rand::Rng as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::{TOGETHER, blow, instance, mode};
use crate::fault::{Begun, Blow, Fault, Loss, MEDIA, Round, TOLERATED_SECONDS, What};
use crate::process::Tier;
use crate::system::{INSTANCES, Link};

/// How many of the broken links break by being forgotten.
const FORGOTTEN: f64 = 0.15;
/// Of several brokers, how many broken links to them break to one only.
const ONE_BROKER: f64 = 0.4;
/// Of several brokers, how often one is cut off from the others in a round.
const CUT_OFF: f64 = 0.15;
/// For how long, in milliseconds: the controller takes a broker for dead after three seconds.
const CUT_OFF_MS: std::ops::Range<u64> = 500..7_000;
/// How often the registry joins a round.
const REGISTRY_JOINS: f64 = 0.08;
/// How often a round of the registry's own comes after one.
const REGISTRY_ALONE: f64 = 0.03;
/// How long the registry, or the way to it, is broken, in milliseconds: longer than most instances are away, so that
/// some start without it.
const REGISTRY_MS: std::ops::Range<u64> = 500..3_000;

/// How often Redis loses keys in a round.
const KEYS_LOST: f64 = 0.06;
/// How often a round comes after one in which the registry loses its data.
const REGISTRY_LOST: f64 = 0.015;
/// How often one comes in which a topic gets a partition.
const PARTITION_ADDED: f64 = 0.02;
/// How often one comes in which clocks differ.
const CLOCKS: f64 = 0.03;
/// How often one comes in which pictures and files cannot be stored.
const MEDIA_AWAY: f64 = 0.05;
/// For how long, in milliseconds: smaller sizes are tried again after five seconds.
const MEDIA_MS: std::ops::Range<u64> = 800..6_000;
/// How long a clock is wrong, in milliseconds: long enough to lead partitions, and to read records.
const CLOCK_MS: std::ops::Range<u64> = 4_000..6_000;
/// By how many seconds, where it is too much.
const TOO_MUCH_SECONDS: std::ops::Range<i64> = 35..90;
/// After which time another's clock is wrong, too: the first has started by then, as a rule.
const SECOND_CLOCK: Duration = Duration::from_millis(2_500);
/// The contexts whose topics get partitions.
const CONTEXTS: [&str; 5] = ["accounts", "bookmarks", "following", "posts", "security"];

/// The random numbers of each.
pub(super) struct Apart {
    brokers: usize,
    forgotten: StdRng,
    one_broker: StdRng,
    registry: StdRng,
    keys: StdRng,
    lost: StdRng,
    partitions: StdRng,
    clocks: StdRng,
    cut_off: StdRng,
    media: StdRng,
}

impl Apart {
    pub(super) fn of(seed: u64, brokers: usize) -> Self {
        let apart = |salt| StdRng::seed_from_u64(seed ^ salt);
        Self {
            brokers,
            forgotten: apart(0x0f04_907e),
            one_broker: apart(0x00b0_4e17),
            registry: apart(0x04e6_1574),
            keys: apart(0x004e_d150),
            lost: apart(0x0105_7000),
            partitions: apart(0x9a47_1710),
            clocks: apart(0x000c_10c4),
            cut_off: apart(0x0c07_0ff0),
            media: apart(0x003e_d1a0),
        }
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

    /// Where there are several brokers, one may be cut off from the others.
    pub(super) fn cut_off(&mut self, round: &mut Round) {
        let rng = &mut self.cut_off;
        if self.brokers < 2 || !rng.random_bool(CUT_OFF) {
            return;
        }
        let what = What::CutOff(rng.random_range(0..self.brokers), mode(rng));
        let lasts = Duration::from_millis(rng.random_range(CUT_OFF_MS));
        if round.0.len() < TOGETHER && !round.0.iter().any(|(_, fault)| fault.what.collides(&what)) {
            round.0.push((Duration::ZERO, Fault { what, lasts }));
        }
    }

    /// Redis loses keys in some rounds.
    pub(super) fn lose_keys(&mut self, round: &mut Round) {
        let rng = &mut self.keys;
        if !rng.random_bool(KEYS_LOST) {
            return;
        }
        let what =
            What::RedisKeys(if rng.random_bool(0.7) { Loss::One(rng.random_range(0..1_000)) } else { Loss::All });
        if round.0.len() < TOGETHER && !round.0.iter().any(|(_, fault)| fault.what.collides(&what)) {
            round.0.push((Duration::ZERO, Fault { what, lasts: Duration::ZERO }));
        }
    }

    /// What comes after a round by itself, for it takes long, or is not mended.
    pub(super) fn alone(&mut self) -> Vec<Round> {
        let mut rounds = Vec::new();
        let rng = &mut self.lost;
        if rng.random_bool(REGISTRY_LOST) {
            let tier = *[Tier::Commands, Tier::Projections].choose(rng).expect("there are two");
            let begun = if rng.random_bool(0.5) { Begun::Anew } else { Begun::Empty };
            rounds.push(vec![(Duration::ZERO, Fault::once(What::RegistryLost(tier, instance(rng), begun)))]);
        }
        let rng = &mut self.partitions;
        if rng.random_bool(PARTITION_ADDED) {
            let context = *CONTEXTS.choose(rng).expect("there are some");
            rounds.push(vec![(Duration::ZERO, Fault::once(What::PartitionAdded(context, instance(rng))))]);
        }
        rounds.extend(self.clocks());
        // No instance starts meanwhile: it would make a folder that is not there.
        let rng = &mut self.media;
        if rng.random_bool(MEDIA_AWAY) {
            let what = if rng.random_bool(0.5) { What::MediaGone } else { What::DiskFull(MEDIA.to_owned()) };
            let lasts = Duration::from_millis(rng.random_range(MEDIA_MS));
            rounds.push(vec![(Duration::ZERO, Fault { what, lasts })]);
        }
        rounds.into_iter().map(Round).collect()
    }

    /// One clock that is wrong, by what is tolerated or by more, or two that are wrong by what is tolerated, one this
    /// way and one that way.
    fn clocks(&mut self) -> Option<Vec<(Duration, Fault)>> {
        let rng = &mut self.clocks;
        if !rng.random_bool(CLOCKS) {
            return None;
        }
        let (first, sign) = (instance(rng), if rng.random_bool(0.5) { 1 } else { -1 });
        let wrong = |rng: &mut StdRng, number, seconds| Fault {
            what: What::Clock(number, seconds),
            lasts: Duration::from_millis(rng.random_range(CLOCK_MS)),
        };
        let tolerated = |rng: &mut StdRng| rng.random_range(5..TOLERATED_SECONDS);
        if rng.random_bool(0.4) {
            let seconds = sign * rng.random_range(TOO_MUCH_SECONDS);
            return Some(vec![(Duration::ZERO, wrong(rng, first, seconds))]);
        }
        let seconds = sign * tolerated(rng);
        let mut round = vec![(Duration::ZERO, wrong(rng, first, seconds))];
        if rng.random_bool(0.5) {
            let seconds = -sign * tolerated(rng);
            round.push((SECOND_CLOCK, wrong(rng, (first + 1) % INSTANCES, seconds)));
        }
        Some(round)
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
        | What::RedisKeys(_)
        | What::RegistryLost(..)
        | What::PartitionAdded(..)
        | What::Repartitioned(..)
        | What::Clock(..)
        | What::CutOff(..)
        | What::Link(..)
        | What::OneBroker(..)
        | What::Forgotten(_)
        | What::DiskFull(_)
        | What::MediaGone
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
