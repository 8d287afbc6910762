use domain::Timestamp;
use domain::views::{Follow, FollowedSubject, FollowedSubjects, Follows};
use uuid::Uuid;

use crate::content::derived::{Amounts, Derived, Sums};
use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Follow as "follows" {
        key { follower_id: Uuid, followee_id: Uuid }
        active: bool,
        since: Timestamp,
        version: u64,
    }
}

table! {
    FollowedSubject as "followed_subjects" {
        key { follower_id: Uuid, subject_kind: String, subject_ref: String }
        active: bool,
        since: Timestamp,
        version: u64,
    }
}

/// How many follow a tag, a category or a series, by the name or id that they named it by.
const SUBJECT_COUNTS: Sums<FollowedSubject, (String, String), 1> =
    Sums { table: "subject_follow_counts", key: "subject_kind, subject_ref", amounts: ["followers"], of: subjects };

/// How many follow an account and how many it follows, which are read with every author.
const COUNTS: Sums<Follow, Uuid, 2> =
    Sums { table: "follow_counts", key: "account_id", amounts: ["followers", "following"], of: counts };

impl Stored for Follows {
    const ABOUT: &'static str = "Who follows whom, and how many";
    const DERIVED: &'static [&'static dyn Derived<Follow>] = &[&COUNTS];
}

impl Stored for FollowedSubjects {
    const ABOUT: &'static str = "Who follows which tags, categories and series, and how many";
    const DERIVED: &'static [&'static dyn Derived<FollowedSubject>] = &[&SUBJECT_COUNTS];
}

fn subjects(row: &FollowedSubject) -> Amounts<(String, String), 1> {
    row.active.then(|| ((row.subject_kind.clone(), row.subject_ref.clone()), [1])).into_iter().collect()
}

/// A pair counts once on either side, while it is active.
fn counts(pair: &Follow) -> Vec<(Uuid, [i64; 2])> {
    if pair.active { vec![(pair.followee_id, [1, 0]), (pair.follower_id, [0, 1])] } else { Vec::new() }
}

#[cfg(test)]
mod tests;
