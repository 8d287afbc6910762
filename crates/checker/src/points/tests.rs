use super::{sum, weighed, words};

const DAY: i64 = 86_400_000;
const FIRST: i64 = 20_454 * DAY;

#[test]
fn ten_days_later_a_point_weighs_ten_times_as_much() {
    assert_eq!(weighed(1, FIRST), "1000");
    assert_eq!(weighed(1, FIRST + DAY - 1), "1000");
    assert_eq!(weighed(1, FIRST + 3 * DAY), "1995");
    assert_eq!(weighed(20, FIRST + 13 * DAY), "399000");
    assert_eq!([0, -DAY].map(|at| weighed(10, at)), ["10000", "10000"]);
    assert_eq!(weighed(1, i64::MAX), weighed(1, FIRST + 36_524 * DAY));
}

#[test]
fn sums_are_of_any_size() {
    assert_eq!(sum("999", "1"), "1000");
    assert_eq!(sum("5", "12590"), "12595");
    let large = weighed(1, FIRST + 5_000 * DAY);
    assert_eq!(sum(&large, "7").len(), large.len());
    assert!(sum(&large, "7").ends_with("07"));
}

#[test]
fn words_are_the_first_sixteen_of_a_title() {
    assert_eq!(words("The LOG, the log & Élan"), ["the", "log", "élan"]);
    assert_eq!(words(&(0..20).map(|n| format!("w{n:02} ")).collect::<String>()).len(), 16);
    assert!(words(&"x".repeat(41)).is_empty());
}
