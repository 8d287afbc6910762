use domain::Digest;

use super::*;

fn digest(command: BookmarkCommand) -> u64 {
    Digest::of(&serde_json::to_string(&asked(&command)).unwrap()).short()
}

/// They are in the log, and a command that is repeated after an upgrade is known by them.
#[test]
fn the_digests_of_what_is_asked_stay_as_they_are_stored() {
    let pair = Bookmark { account_id: Uuid::from_u128(1), post_id: Uuid::from_u128(2) };
    assert_eq!(digest(BookmarkCommand::Add(pair)), 0x429a_d0b2_51d7_bf04);
    assert_eq!(digest(BookmarkCommand::Remove(pair)), 0x6d70_66f8_8130_a684);
}
