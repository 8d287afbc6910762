use super::{Mark, rarity, words};
use crate::Timestamp;

#[test]
fn a_mark_is_of_its_day_in_utc() {
    let day = |millis| Mark::at(Timestamp(millis), 1).day;
    assert_eq!([-1, 0, 86_399_999, 86_400_000].map(day), [-1, 0, 0, 1]);
}

#[test]
fn words_are_cut_lowered_and_told_once() {
    assert_eq!(words("The LOG, the log & the Élan-vital of Kafka 4"), ["kafka", "log", "the", "vital", "élan"]);
    assert_eq!(words("Go is it"), [""; 0]);
    assert_eq!(words(&"x".repeat(41)), [""; 0]);
    assert_eq!(words(&"y".repeat(40)), ["y".repeat(40)]);
}

#[test]
fn the_first_sixteen_words_count() {
    let title: Vec<String> = (0..20).map(|n| format!("word{n:02}")).rev().collect();
    let expected: Vec<String> = (4..20).map(|n| format!("word{n:02}")).collect();
    assert_eq!(words(&title.join(" ")), expected);
}

#[test]
fn what_is_rare_tells_most() {
    assert_eq!([0, 1, 2, 3, 4, 512, 1_023, 1_024, 5_000].map(rarity), [11, 11, 10, 10, 9, 2, 2, 1, 1]);
}
