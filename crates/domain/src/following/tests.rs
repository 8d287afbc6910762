use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::testing::any::Drawn as _;
use crate::testing::{ada, ada_id, admin, bob, bob_id, given, text};
use crate::values::SubjectKind;

crate::testing::properties!(Following);

fn ada_to_bob() -> Edge {
    Edge { follower_id: ada_id(), followee_id: bob_id() }
}

fn followed() -> Event {
    Event::Followed(Followed { follower_id: ada_id(), followee_id: bob_id() })
}

fn unfollowed() -> Event {
    Event::Unfollowed(Unfollowed { follower_id: ada_id(), followee_id: bob_id() })
}

fn follow() -> Command {
    Command::Follow(ada_to_bob())
}

fn unfollow() -> Command {
    Command::Unfollow(ada_to_bob())
}

#[test]
fn one_follows_once() {
    given::<Following>([]).when(follow()).by(ada()).then(followed());
    given::<Following>([followed()]).when(follow()).by(ada()).then_nothing();
}

#[test]
fn one_stops_following_once() {
    given::<Following>([followed()]).when(unfollow()).by(ada()).then(unfollowed());
    given::<Following>([followed(), unfollowed()]).when(unfollow()).by(ada()).then_nothing();
    given::<Following>([]).when(unfollow()).by(ada()).then_nothing();
}

#[test]
fn one_can_follow_again() {
    given::<Following>([followed(), unfollowed()]).when(follow()).by(ada()).then(followed());
}

#[test]
fn only_the_follower_decides_whom_they_follow() {
    for other in [bob(), admin()] {
        given::<Following>([]).when(follow()).by(other).then_refused(Rejection::NotTheFollower);
    }
    given::<Following>([followed()]).when(unfollow()).by(admin()).then_refused(Rejection::NotTheFollower);
}

#[test]
fn the_followed_may_end_it() {
    given::<Following>([followed()]).when(unfollow()).by(bob()).then(unfollowed());
}

#[test]
fn a_pair_is_known_by_its_id() {
    assert_eq!(Edge::of(&ada_to_bob().id()), Some(ada_to_bob()));
    assert_eq!(Edge::of("a:b"), None);
    assert_eq!(Edge::of(&ada_id().to_string()), None);
}

#[test]
fn a_pair_ends_with_either_account() {
    assert_eq!(Following::ends_with(&ada_to_bob().id(), &followed()), [ada_id(), bob_id()]);
    assert!(Following::ends_with("a:b", &followed()).is_empty());
}

#[test]
fn no_account_follows_itself() {
    let oneself = Edge { follower_id: ada_id(), followee_id: ada_id() };
    given::<Following>([]).when(Command::Follow(oneself)).by(ada()).then_refused(Rejection::Oneself);
    given::<Following>([]).when(Command::Unfollow(oneself)).by(ada()).then_nothing();
}

#[test]
fn each_direction_is_an_aggregate_of_its_own() {
    let there = ada_to_bob();
    let back = Edge { follower_id: there.followee_id, followee_id: there.follower_id };
    assert_eq!(there.id(), format!("{}:{}", ada_id(), bob_id()));
    assert_ne!(there.id(), back.id());
}

fn ada_of_js() -> Interest {
    Interest { follower_id: ada_id(), subject: Subject::Tag(text("js")) }
}

fn followed_js() -> Event {
    let (subject_kind, subject_ref) = (SubjectKind::Tag, "js".to_owned());
    Event::SubjectFollowed(SubjectFollowed { follower_id: ada_id(), subject_kind, subject_ref })
}

fn unfollowed_js() -> Event {
    let (subject_kind, subject_ref) = (SubjectKind::Tag, "js".to_owned());
    Event::SubjectUnfollowed(SubjectUnfollowed { follower_id: ada_id(), subject_kind, subject_ref })
}

#[test]
fn a_tag_is_followed_once_and_followed_no_more_once() {
    let (follow, unfollow) = (Command::FollowSubject(ada_of_js()), Command::UnfollowSubject(ada_of_js()));
    given::<Following>([]).when(follow.clone()).by(ada()).then(followed_js());
    given::<Following>([followed_js()]).when(follow.clone()).by(ada()).then_nothing();
    given::<Following>([followed_js()]).when(unfollow.clone()).by(ada()).then(unfollowed_js());
    given::<Following>([followed_js(), unfollowed_js()]).when(unfollow).by(ada()).then_nothing();
    given::<Following>([followed_js(), unfollowed_js()]).when(follow).by(ada()).then(followed_js());
}

#[test]
fn only_the_follower_decides_what_they_follow() {
    for other in [bob(), admin()] {
        let (follow, unfollow) = (Command::FollowSubject(ada_of_js()), Command::UnfollowSubject(ada_of_js()));
        given::<Following>([]).when(follow).by(other.clone()).then_refused(Rejection::NotTheFollower);
        given::<Following>([followed_js()]).when(unfollow).by(other).then_refused(Rejection::NotTheFollower);
    }
}

#[test]
fn an_interest_is_known_by_its_id_and_ends_with_its_follower() {
    let category = Interest { subject: Subject::Category(bob_id()), ..ada_of_js() };
    let series = Interest { subject: Subject::Series(bob_id()), ..ada_of_js() };
    for interest in [ada_of_js(), category, series] {
        assert_eq!(Interest::of(&interest.id()), Some(interest.clone()));
        assert_eq!(Edge::of(&interest.id()), None);
        assert_eq!(Following::ends_with(&interest.id(), &followed_js()), [ada_id()]);
    }
    assert_eq!(Interest::of(&ada_to_bob().id()), None);
    assert_eq!(Interest::of(&format!("{}:post:{}", ada_id(), bob_id())), None);
}

proptest! {
    #[test]
    fn the_last_event_of_a_pair_says_how_it_is(events in vec(Following::event(), 0..20)) {
        let last = events.last().map(|event| matches!(event, Event::Followed(_) | Event::SubjectFollowed(_)));
        let state = events.iter().fold(State::default(), Following::evolve);
        prop_assert_eq!(state.follows, last.unwrap_or(false));
    }
}
