use std::collections::BTreeSet;

use super::*;
use crate::fault::{MEDIA, TOLERATED_SECONDS};
use crate::stack::{broker_names, is_broker};

fn taken(seed: u64, brokers: u16) -> Vec<Round> {
    rounds(seed, &broker_names(brokers)).take(2_000).collect()
}

fn faults(rounds: &[Round]) -> impl Iterator<Item = &What> {
    rounds.iter().flat_map(|round| &round.0).map(|(_, fault)| &fault.what)
}

/// What was not drawn from the beginning.
fn was_added(what: &What) -> bool {
    let lost = matches!(what, What::RedisKeys(_) | What::RegistryLost(..) | What::PartitionAdded(..) | What::Clock(..));
    let media = *what == What::MediaGone || *what == What::DiskFull(MEDIA.to_owned());
    lost || media
        || matches!(what, What::Component(name, _) if name == "registry")
        || matches!(what, What::Link(Link::Registry(..), _) | What::Forgotten(Link::Registry(..)))
}

#[test]
fn a_seed_always_gives_the_same_rounds() {
    assert_eq!(taken(1, 1), taken(1, 1));
    assert_ne!(taken(1, 1), taken(2, 1));
}

#[test]
fn every_kind_is_drawn_and_no_round_strikes_twice() {
    let drawn = taken(3, 1);
    let kinds: BTreeSet<String> = faults(&drawn).map(What::kind).collect();
    // 3 blows to each of our 3 programs, the broker, the registry, Postgres and Redis; 4 modes of 10 pairs of ends, and
    // their connections forgotten; 2 disks; Redis emptied, partitions moved, 2 kinds of held requests; 2 of lost keys,
    // 2 of a lost registry, partitions added, 2 kinds of clocks; the folder of media gone, or its disk full.
    assert_eq!(kinds.len(), 21 + 50 + 2 + 4 + 7 + 2, "{kinds:#?}");
    for Round(faults) in &drawn {
        for (place, (_, fault)) in faults.iter().enumerate() {
            assert!(faults[..place].iter().all(|(_, other)| !other.what.collides(&fault.what)));
        }
    }
}

#[test]
fn of_three_brokers_one_may_be_cut_off_and_no_two_are_struck_at_once() {
    let drawn = taken(5, 3);
    for round in &drawn {
        let broken = |what: &What| match what {
            What::Component(name, _) | What::DiskFull(name) => is_broker(name),
            What::CutOff(..) => true,
            _ => false,
        };
        let broken = faults(std::slice::from_ref(round)).filter(|what| broken(what)).count();
        assert!(broken <= 1, "{round}");
    }
    let cut_off: BTreeSet<usize> = faults(&drawn)
        .filter_map(|what| match what {
            What::OneBroker(_, broker, _) => Some(*broker),
            _ => None,
        })
        .collect();
    assert_eq!(cut_off, BTreeSet::from([0, 1, 2]));
    assert!(faults(&drawn).any(|what| matches!(what, What::Link(Link::Kafka(..), _))), "and all of them together");
    assert!(faults(&drawn).any(|what| matches!(what, What::CutOff(..))));
    assert!(!faults(&taken(5, 1)).any(|what| matches!(what, What::CutOff(..))));
    assert!(!faults(&taken(5, 1)).any(|what| matches!(what, What::OneBroker(..))));
}

#[test]
fn what_was_added_leaves_the_rest_as_it_was() {
    let without: Vec<Round> = taken(7, 1)
        .into_iter()
        .map(|round| Round(round.0.into_iter().filter(|(_, fault)| !was_added(&fault.what)).collect()))
        .filter(|round| !round.0.is_empty())
        .collect();
    let mut apart = Apart::of(7, 1);
    let before: Vec<Round> = drawn(7, &broker_names(1))
        .take(without.len())
        .map(|mut round| {
            apart.forget(&mut round);
            round
        })
        .collect();
    assert_eq!(without, before);
}

#[test]
fn an_instance_starts_while_it_cannot_ask_the_registry() {
    let starts = |round: &Round| {
        let of_link = faults(std::slice::from_ref(round)).find_map(|what| match what {
            What::Link(Link::Registry(tier, number), _) => Some((*tier, *number)),
            _ => None,
        });
        of_link.is_some_and(|(tier, number)| {
            let started = |what: &What| match what {
                What::Instance(of, which, Blow::Kill | Blow::Restart) => (*of, *which) == (tier, number),
                _ => false,
            };
            faults(std::slice::from_ref(round)).any(started)
        })
    };
    assert!(taken(3, 1).iter().filter(|round| starts(round)).count() > 5);
}

#[test]
fn slow_rounds_last_for_minutes_and_nothing_else_is_in_them() {
    let drawn: Vec<Round> = slow_rounds(3, &broker_names(1)).take(500).collect();
    assert!(drawn.iter().flat_map(|round| &round.0).all(|(_, fault)| fault.lasts >= Duration::from_secs(60)));
    let kinds: BTreeSet<String> = faults(&drawn).map(What::kind).collect();
    for kind in ["freeze broker", "freeze command-services", "cut command-services to Kafka", "freeze redis"] {
        assert!(kinds.contains(kind), "{kinds:#?}");
    }
    assert!(!kinds.iter().any(|kind| kind.starts_with("kill") || kind.starts_with("restart")), "{kinds:#?}");
}

/// One that was killed started while what it needs was away for a minute more, and gave up.
#[test]
fn in_slow_rounds_nothing_starts_before_all_else_is_mended() {
    let mut killed = 0;
    for Round(round) in slow_rounds(3, &broker_names(1)).take(500) {
        let ends = round.iter().map(|(after, fault)| *after + fault.lasts).max().unwrap();
        let starts = round.iter().filter(|(_, fault)| matches!(fault.what, What::HeldAndKilled(_)));
        for (after, fault) in starts.inspect(|_| killed += usize::from(round.len() > 1)) {
            assert_eq!(*after + fault.lasts, ends);
        }
    }
    assert!(killed > 0);
}

#[test]
fn clocks_differ_by_what_is_tolerated_or_one_of_them_by_clearly_more() {
    let drawn = taken(9, 1);
    let off = |round: &Round| {
        let off = faults(std::slice::from_ref(round)).filter_map(|what| match what {
            What::Clock(_, seconds) => Some(*seconds),
            _ => None,
        });
        off.collect::<Vec<i64>>()
    };
    let rounds: Vec<Vec<i64>> = drawn.iter().map(off).filter(|off| !off.is_empty()).collect();
    assert!(rounds.iter().any(|off| off.len() == 2));
    for off in rounds {
        let apart = off.iter().max().unwrap() - off.iter().min().unwrap().min(&0);
        let tolerated = off.iter().all(|seconds| seconds.abs() < TOLERATED_SECONDS);
        assert!(if tolerated { apart < 2 * TOLERATED_SECONDS } else { off.len() == 1 && off[0].abs() > 30 }, "{off:?}");
    }
}
