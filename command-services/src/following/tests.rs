use domain::Digest;

use super::*;

fn digest(edge: Edge, wanted: bool) -> u64 {
    Digest::of(&serde_json::to_string(&asked(edge, wanted)).unwrap()).short()
}

/// They are in the log, and a command that is repeated after an upgrade is known by them.
#[test]
fn the_digests_of_what_is_asked_stay_as_they_are_stored() {
    let pair = Edge { follower_id: Uuid::from_u128(1), followee_id: Uuid::from_u128(2) };
    assert_eq!(digest(pair, true), 0xd2b4_2ccf_8245_e0d2);
    assert_eq!(digest(pair, false), 0x21bf_ea69_25c5_5d2f);
}
