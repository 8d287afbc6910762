use super::*;

#[test]
fn a_month_begins_and_ends_at_midnight_in_utc() {
    for (millis, month) in [
        (0, 197_001),
        (-1, 196_912),
        (951_782_399_999, 200_002),
        (951_782_400_000, 200_002),
        (951_868_799_999, 200_002),
        (951_868_800_000, 200_003),
        (1_772_323_199_999, 202_602),
        (1_772_323_200_000, 202_603),
        (1_798_761_599_999, 202_612),
        (1_798_761_600_000, 202_701),
        (-30_610_224_000_000, 100_001),
        (253_402_300_799_999, 999_912),
    ] {
        assert_eq!(month_of(Timestamp(millis)), month, "{millis}");
    }
}

#[test]
fn a_listed_post_is_in_one_month() {
    let unlisted = posts::Event::Edited(Edited { visibility: Some(Visibility::Unlisted), ..Edited::default() });
    let march = Timestamp(1_772_323_200_000);
    assert_eq!(post([an_import(march)]).in_month(), None);
    assert_eq!(post([an_import(march), PUBLISHED]).in_month(), Some(202_603));
    assert_eq!(post([an_import(march), PUBLISHED, unlisted]).in_month(), None);
    assert_eq!(post([an_import(march), PUBLISHED, DELETED]).in_month(), None);
}
