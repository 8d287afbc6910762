use domain::Timestamp;
use domain::values::TargetKind;
use domain::views::ranks::{Mark, REACTION};
use domain::views::{Reaction, Reactions, Share, Shares};
use uuid::Uuid;

use crate::content::derived::{Amounts, Derived, Sums};
use crate::content::points::Points;
use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Reaction as "reactions" {
        key { account_id: Uuid, target_kind: String, target_id: Uuid, kind: String }
        active: bool,
        since: Timestamp,
        version: u64,
    }
}

table! {
    Share as "shares" {
        key { account_id: Uuid, target_kind: String, target_id: Uuid, place: String }
        active: bool,
        since: Timestamp,
        version: u64,
    }
}

/// Of a target what it is, which it is, and the kind of reaction, or the place.
type Counted = (String, Uuid, String);

/// How many have given a target a reaction of each kind, which is read with every post.
const REACTION_COUNTS: Sums<Reaction, Counted, 1> =
    Sums { table: "reaction_counts", key: "target_kind, target_id, kind", amounts: ["people"], of: reactions };

/// How many have shared a target to each place.
const SHARE_COUNTS: Sums<Share, Counted, 1> =
    Sums { table: "share_counts", key: "target_kind, target_id, place", amounts: ["people"], of: shares };

/// The points that posts have by them.
const POINTS: Points<Reaction, Uuid> = Points { table: "reaction_points", key: "post_id", of: points };

impl Stored for Reactions {
    const ABOUT: &'static str = "Who reacted to what, how many of each kind, and what posts gain by it";
    const DERIVED: &'static [&'static dyn Derived<Reaction>] = &[&REACTION_COUNTS, &POINTS];
}

impl Stored for Shares {
    const ABOUT: &'static str = "Who shared what where, and how many to each place";
    const DERIVED: &'static [&'static dyn Derived<Share>] = &[&SHARE_COUNTS];
}

fn reactions(reaction: &Reaction) -> Amounts<Counted, 1> {
    let Reaction { target_kind, target_id, kind, active, .. } = reaction;
    active.then(|| ((target_kind.clone(), *target_id, kind.clone()), [1])).into_iter().collect()
}

fn points(reaction: &Reaction) -> Vec<(Uuid, Mark)> {
    let counts = reaction.active && reaction.target_kind == TargetKind::Post.name();
    counts.then(|| (reaction.target_id, Mark::at(reaction.since, REACTION))).into_iter().collect()
}

fn shares(share: &Share) -> Amounts<Counted, 1> {
    let Share { target_kind, target_id, place, active, .. } = share;
    active.then(|| ((target_kind.clone(), *target_id, place.clone()), [1])).into_iter().collect()
}
