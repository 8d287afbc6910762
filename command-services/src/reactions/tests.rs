use domain::Digest;

use super::*;

fn digest(mark: &Mark, is_there: bool) -> u64 {
    Digest::of(&serde_json::to_string(&words(mark, is_there)).unwrap()).short()
}

/// They are in the log, and a command that is repeated after an upgrade is known by them.
#[test]
fn the_digests_of_what_is_asked_stay_as_they_are_stored() {
    let target = Target { kind: TargetKind::Post, id: Uuid::from_u128(2) };
    let what = What::Reaction("like".parse().unwrap());
    let like = Mark { account_id: Uuid::from_u128(1), what, target };
    let share = Mark { what: What::Share("mastodon".parse().unwrap()), ..like.clone() };
    assert_eq!(digest(&like, true), 0xcee3_35fe_c4a6_5399);
    assert_eq!(digest(&like, false), 0x1b60_a3a5_aa50_30aa);
    assert_eq!(digest(&share, true), 0xd591_7d8c_55a5_232e);
}
