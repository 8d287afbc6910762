use std::time::Duration;

use super::*;

#[test]
fn pauses_double_up_to_the_longest_and_begin_anew() {
    let mut backoff = Backoff::new((Duration::from_millis(50), Duration::from_millis(150)));
    let pauses: Vec<u128> = (0..4).map(|_| backoff.pause().as_millis()).collect();
    assert_eq!(pauses, [50, 100, 150, 150]);
    backoff.reset();
    assert_eq!(backoff.pause(), Duration::from_millis(50));
}

#[test]
fn a_partition_that_is_not_known_is_at_the_start() {
    let id = |partition| PartitionId { context: "posts".into(), partition };
    let at = |offset| Position { next_offset: offset, ..Position::START };
    let known = Positions::from([(id(0), at(3)), (id(1), Position::START)]);
    assert!(at_start_or_equal(&known, &Positions::from([(id(0), at(3))])));
    assert!(!at_start_or_equal(&known, &Positions::new()));
    assert!(!at_start_or_equal(&Positions::from([(id(2), at(1))]), &Positions::new()));
}
