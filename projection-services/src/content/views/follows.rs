use domain::Timestamp;
use domain::views::{Follow, Follows};
use uuid::Uuid;

use crate::content::derived::{Derived, Sums};
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

/// How many follow an account and how many it follows, which are read with every author.
const COUNTS: Sums<Follow, Uuid, 2> =
    Sums { table: "follow_counts", key: "account_id", amounts: ["followers", "following"], of: counts };

impl Stored for Follows {
    const ABOUT: &'static str = "Who follows whom, and how many";
    const DERIVED: &'static [&'static dyn Derived<Follow>] = &[&COUNTS];
}

/// A pair counts once on either side, while it is active.
fn counts(pair: &Follow) -> Vec<(Uuid, [i64; 2])> {
    if pair.active { vec![(pair.followee_id, [1, 0]), (pair.follower_id, [0, 1])] } else { Vec::new() }
}

#[cfg(test)]
mod tests;
