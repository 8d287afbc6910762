use super::*;
use crate::testing::{ada, ada_id, admin, bob, given, post_id, text};

crate::testing::properties!(Reactions);

const POST: TargetKind = TargetKind::Post;

fn like() -> Mark {
    let target = Target { kind: POST, id: post_id(1) };
    Mark { account_id: ada_id(), what: What::Reaction(text("like")), target }
}

fn share() -> Mark {
    Mark { what: What::Share(text("mastodon")), ..like() }
}

fn liked() -> Event {
    Event::Given(Given { account_id: ada_id(), target_kind: POST, target_id: post_id(1), kind: text("like") })
}

fn not_liked() -> Event {
    Event::Withdrawn(Withdrawn { account_id: ada_id(), target_kind: POST, target_id: post_id(1), kind: text("like") })
}

fn shared() -> Event {
    Event::Shared(Shared { account_id: ada_id(), target_kind: POST, target_id: post_id(1), place: text("mastodon") })
}

fn unshared() -> Event {
    let (target_kind, target_id) = (POST, post_id(1));
    Event::Unshared(Unshared { account_id: ada_id(), target_kind, target_id, place: text("mastodon") })
}

#[test]
fn a_reaction_is_given_once() {
    given::<Reactions>([]).when(Command::Make(like())).by(ada()).then(liked());
    given::<Reactions>([liked()]).when(Command::Make(like())).by(ada()).then_nothing();
}

#[test]
fn a_reaction_is_taken_back_once() {
    given::<Reactions>([liked()]).when(Command::TakeBack(like())).by(ada()).then(not_liked());
    given::<Reactions>([liked(), not_liked()]).when(Command::TakeBack(like())).by(ada()).then_nothing();
    given::<Reactions>([]).when(Command::TakeBack(like())).by(ada()).then_nothing();
}

#[test]
fn a_reaction_can_be_given_again() {
    given::<Reactions>([liked(), not_liked()]).when(Command::Make(like())).by(ada()).then(liked());
}

#[test]
fn a_post_is_shared_once_to_a_place_and_that_can_be_taken_back() {
    given::<Reactions>([]).when(Command::Make(share())).by(ada()).then(shared());
    given::<Reactions>([shared()]).when(Command::Make(share())).by(ada()).then_nothing();
    given::<Reactions>([shared()]).when(Command::TakeBack(share())).by(ada()).then(unshared());
    given::<Reactions>([shared(), unshared()]).when(Command::TakeBack(share())).by(ada()).then_nothing();
}

#[test]
fn only_its_owner_decides_on_a_reaction() {
    for other in [bob(), admin()] {
        given::<Reactions>([]).when(Command::Make(like())).by(other.clone()).then_refused(Rejection::NotTheOwner);
        given::<Reactions>([liked()]).when(Command::TakeBack(like())).by(other).then_refused(Rejection::NotTheOwner);
    }
}

#[test]
fn each_kind_place_and_target_is_by_itself() {
    let other = Mark { what: What::Reaction(text("mastodon")), ..like() };
    let elsewhere = Mark { target: Target { kind: POST, id: post_id(2) }, ..like() };
    let ids = [like(), share(), other, elsewhere].map(|mark| mark.id());
    assert_eq!(std::collections::BTreeSet::from(ids).len(), 4);
}

#[test]
fn a_mark_is_known_by_its_id() {
    for mark in [like(), share()] {
        assert_eq!(Mark::of(&mark.id()), Some(mark.clone()));
        assert_eq!(Mark::of(&format!("{}:x", mark.id())), None);
    }
    let (account, post) = (ada_id(), post_id(1));
    for none in ["", "a:b", &format!("{account}:wish:like:post:{post}"), &format!("{account}:reaction:like:tag:{post}")]
    {
        assert_eq!(Mark::of(none), None, "{none}");
    }
}

#[test]
fn a_reaction_ends_with_its_owner_and_not_with_its_target() {
    assert_eq!(Reactions::ends_with(&like().id(), &liked()), [ada_id()]);
}
