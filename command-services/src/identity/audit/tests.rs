use super::*;

#[test]
fn of_accounts_that_are_not_there_so_many_failures_are_noted_in_a_minute() {
    let (failures, now) = (Failures::default(), Instant::now());
    let taken = |tries: u32, at: Instant| (0..tries).filter(|_| failures.takes_unknown(at)).count();
    assert_eq!(taken(UNKNOWN_A_MINUTE * 2, now), UNKNOWN_A_MINUTE as usize);
    assert_eq!(taken(3, now + MINUTE * 2), 3);
}
