use super::*;

fn micros(millis: i64) -> i64 {
    At(Timestamp(millis)).micros()
}

#[test]
fn the_year_2000_is_zero_and_a_millisecond_is_a_thousand() {
    assert_eq!((micros(946_684_800_000), micros(946_684_800_001)), (0, 1_000));
}

#[test]
fn the_last_moment_of_the_calendar_is_exact() {
    assert_eq!(micros(253_402_300_799_999), 252_455_615_999_999_000);
}

#[test]
fn what_no_calendar_reaches_is_not_infinity() {
    assert_eq!((micros(i64::MAX), micros(i64::MIN)), (i64::MAX - 1, i64::MIN + 1));
}
