use proptest::prelude::*;

use super::{Command, Edge, Event, Followed, Following, Unfollowed};
use crate::testing::any::{Drawn, account_id};

impl Drawn for Following {
    fn command() -> impl Strategy<Value = (String, Command)> {
        let follow = edge().prop_map(|edge| (edge.id(), Command::Follow(edge)));
        let unfollow = edge().prop_map(|edge| (edge.id(), Command::Unfollow(edge)));
        prop_oneof![follow, unfollow]
    }

    fn event() -> impl Strategy<Value = Event> {
        let followed = |Edge { follower_id, followee_id }| Event::Followed(Followed { follower_id, followee_id });
        let unfollowed = |Edge { follower_id, followee_id }| Event::Unfollowed(Unfollowed { follower_id, followee_id });
        prop_oneof![edge().prop_map(followed), edge().prop_map(unfollowed)]
    }
}

fn edge() -> impl Strategy<Value = Edge> {
    (account_id(), account_id()).prop_map(|(follower_id, followee_id)| Edge { follower_id, followee_id })
}
