use proptest::prelude::*;
use proptest::sample::select;

use super::{Command, Event, Mark, Reactions, Target, What};
use crate::testing::any::{Drawn, account_id};
use crate::testing::{post_id, text};
use crate::values::TargetKind;

impl Drawn for Reactions {
    fn command() -> impl Strategy<Value = (String, Command)> {
        let make = mark().prop_map(|mark| (mark.id(), Command::Make(mark)));
        let take_back = mark().prop_map(|mark| (mark.id(), Command::TakeBack(mark)));
        prop_oneof![make, take_back]
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![mark().prop_map(Mark::made), mark().prop_map(Mark::unmade)]
    }
}

fn mark() -> impl Strategy<Value = Mark> {
    (account_id(), what(), target()).prop_map(|(account_id, what, target)| Mark { account_id, what, target })
}

fn what() -> impl Strategy<Value = What> {
    let kind = select(vec!["like", "insightful"]).prop_map(|kind| What::Reaction(text(kind)));
    let place = select(vec!["link", "mastodon"]).prop_map(|place| What::Share(text(place)));
    prop_oneof![kind, place]
}

fn target() -> impl Strategy<Value = Target> {
    (select(TargetKind::ALL), 1..3_u128).prop_map(|(kind, number)| Target { kind, id: post_id(number) })
}
