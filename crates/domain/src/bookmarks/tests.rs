use super::*;
use crate::testing::{ada, ada_id, admin, bob, given, post_id};

crate::testing::properties!(Bookmarks);

fn adas() -> Bookmark {
    Bookmark { account_id: ada_id(), post_id: post_id(1) }
}

fn added() -> Event {
    Event::Added(Added { account_id: ada_id(), post_id: post_id(1) })
}

fn removed() -> Event {
    Event::Removed(Removed { account_id: ada_id(), post_id: post_id(1) })
}

#[test]
fn a_post_is_kept_once() {
    given::<Bookmarks>([]).when(Command::Add(adas())).by(ada()).then(added());
    given::<Bookmarks>([added()]).when(Command::Add(adas())).by(ada()).then_nothing();
}

#[test]
fn a_bookmark_is_removed_once() {
    given::<Bookmarks>([added()]).when(Command::Remove(adas())).by(ada()).then(removed());
    given::<Bookmarks>([added(), removed()]).when(Command::Remove(adas())).by(ada()).then_nothing();
    given::<Bookmarks>([]).when(Command::Remove(adas())).by(ada()).then_nothing();
}

#[test]
fn a_post_can_be_kept_again() {
    given::<Bookmarks>([added(), removed()]).when(Command::Add(adas())).by(ada()).then(added());
}

#[test]
fn only_its_owner_decides_on_a_bookmark() {
    for other in [bob(), admin()] {
        given::<Bookmarks>([]).when(Command::Add(adas())).by(other.clone()).then_refused(Rejection::NotTheOwner);
        given::<Bookmarks>([added()]).when(Command::Remove(adas())).by(other).then_refused(Rejection::NotTheOwner);
    }
}

#[test]
fn a_bookmark_is_known_by_its_id() {
    assert_eq!(Bookmark::of(&adas().id()), Some(adas()));
    assert_eq!(Bookmark::of("a:b"), None);
    assert_eq!(Bookmark::of(&ada_id().to_string()), None);
}

#[test]
fn a_bookmark_ends_with_its_owner_and_not_with_its_post() {
    assert_eq!(Bookmarks::ends_with(&adas().id(), &added()), [ada_id()]);
}
