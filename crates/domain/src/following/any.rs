use proptest::prelude::*;

use proptest::sample::select;

use super::{Command, Edge, Event, Followed, Following, Interest, Subject, Unfollowed};
use crate::DecisionContext;
use crate::testing::any::{Drawn, account_id, category_id};
use crate::testing::{NOW, text};

impl Drawn for Following {
    fn command() -> impl Strategy<Value = (String, Command)> {
        let follow = edge().prop_map(|edge| (edge.id(), Command::Follow(edge)));
        let unfollow = edge().prop_map(|edge| (edge.id(), Command::Unfollow(edge)));
        let begin = interest().prop_map(|interest| (interest.id(), Command::FollowSubject(interest)));
        let end = interest().prop_map(|interest| (interest.id(), Command::UnfollowSubject(interest)));
        prop_oneof![follow, unfollow, begin, end]
    }

    fn event() -> impl Strategy<Value = Event> {
        let followed = |Edge { follower_id, followee_id }| Event::Followed(Followed { follower_id, followee_id });
        let unfollowed = |Edge { follower_id, followee_id }| Event::Unfollowed(Unfollowed { follower_id, followee_id });
        let of_subject = (interest(), any::<bool>()).prop_map(|(interest, wanted)| happened(&interest, wanted));
        prop_oneof![edge().prop_map(followed), edge().prop_map(unfollowed), of_subject]
    }
}

fn edge() -> impl Strategy<Value = Edge> {
    (account_id(), account_id()).prop_map(|(follower_id, followee_id)| Edge { follower_id, followee_id })
}

/// What its own follower brings about.
fn happened(interest: &Interest, wanted: bool) -> Event {
    let context = DecisionContext { actor: crate::Actor::new(interest.follower_id), now: NOW };
    interest.decide(!wanted, wanted, &context).unwrap().unwrap()
}

fn interest() -> impl Strategy<Value = Interest> {
    let tag = select(vec!["js", "javascript"]).prop_map(|tag| Subject::Tag(text(tag)));
    let subject = prop_oneof![tag, category_id().prop_map(Subject::Category), category_id().prop_map(Subject::Series)];
    (account_id(), subject).prop_map(|(follower_id, subject)| Interest { follower_id, subject })
}
