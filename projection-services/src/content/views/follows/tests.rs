use super::*;
use crate::content::derived::Change;

fn pair(follower: u128, followee: u128, active: bool) -> Follow {
    let (follower_id, followee_id) = (Uuid::from_u128(follower), Uuid::from_u128(followee));
    Follow { follower_id, followee_id, active, since: Timestamp(0), version: 1 }
}

/// The accounts whose numbers change, by how much: followers, following.
fn sums(changes: &[(Option<Follow>, Option<Follow>)]) -> Vec<(u128, i64, i64)> {
    let changes: Vec<_> =
        changes.iter().map(|(before, after)| Change { before: before.as_ref(), after: after.as_ref() }).collect();
    let sums = COUNTS.differences(&changes).into_iter();
    sums.map(|(id, [followers, following])| (id.as_u128(), followers, following)).collect()
}

#[test]
fn a_new_pair_counts_once_on_either_side() {
    assert_eq!(sums(&[(None, Some(pair(1, 2, true)))]), [(1, 0, 1), (2, 1, 0)]);
    let both = [(None, Some(pair(1, 2, true))), (None, Some(pair(2, 1, true)))];
    assert_eq!(sums(&both), [(1, 1, 1), (2, 1, 1)]);
}

#[test]
fn only_what_is_not_as_before_counts() {
    assert_eq!(sums(&[(None, Some(pair(1, 2, false)))]), []);
    assert_eq!(sums(&[(Some(pair(1, 2, true)), Some(pair(1, 2, true)))]), []);
    assert_eq!(sums(&[(Some(pair(1, 2, true)), Some(pair(1, 2, false)))]), [(1, 0, -1), (2, -1, 0)]);
    assert_eq!(sums(&[(Some(pair(1, 2, false)), Some(pair(1, 2, true)))]), [(1, 0, 1), (2, 1, 0)]);
}

#[test]
fn a_pair_that_goes_takes_with_it_what_it_added() {
    assert_eq!(sums(&[(Some(pair(1, 2, true)), None)]), [(1, 0, -1), (2, -1, 0)]);
    assert_eq!(sums(&[(Some(pair(1, 2, false)), None)]), []);
}

#[test]
fn what_cancels_out_is_not_written() {
    let changes = [(Some(pair(1, 9, true)), Some(pair(1, 9, false))), (None, Some(pair(2, 9, true)))];
    assert_eq!(sums(&changes), [(1, 0, -1), (2, 0, 1)]);
}
