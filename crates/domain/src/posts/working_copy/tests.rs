use super::*;
use crate::posts::{Command, Deleted, Event, Posts, Published, Rejection, Scheduled};
use crate::reservations::Rejection::LeaseExpired;
use crate::testing::{NOW, ada, bob, drafted, given, text};

fn a_draft() -> Event {
    Event::Drafted(drafted())
}

fn retitled(title: &str) -> Edited {
    Edited { title: Some(text(title)), ..Edited::default() }
}

fn release(title: &str, revision: u64) -> Command {
    Command::Release(Release { change: retitled(title), revision, copy_sha256: None, lease: None })
}

#[test]
fn a_working_copy_is_released_with_one_event() {
    let live = [a_draft(), Event::Published(Published {})];
    given::<Posts>(live).when(release("Notes", 1)).by(ada()).then(Event::Edited(retitled("Notes")));
}

#[test]
fn what_was_edited_beside_a_working_copy_is_not_undone_by_its_release() {
    let edited = [a_draft(), Event::Edited(retitled("Another"))];
    given::<Posts>(edited.clone()).when(release("Notes", 1)).by(ada()).then_refused(ReleaseRejection::Outdated);
    given::<Posts>(edited).when(release("Notes", 2)).by(ada()).then(Event::Edited(retitled("Notes")));
}

#[test]
fn what_is_no_edit_is_in_no_working_copys_way() {
    let scheduled = Scheduled { release_at: NOW.plus_millis(60_000), local_time: None, time_zone: None };
    let history = [a_draft(), Event::Scheduled(scheduled)];
    given::<Posts>(history).when(release("Notes", 1)).by(ada()).then(Event::Edited(retitled("Notes")));
}

#[test]
fn a_working_copy_that_changes_nothing_is_no_event() {
    let released = [a_draft(), Event::Edited(retitled("Notes"))];
    given::<Posts>(released).when(release("Notes", 2)).by(ada()).then_nothing();
}

#[test]
fn a_release_asks_for_what_an_edit_asks_for() {
    given::<Posts>([a_draft()]).when(release("Notes", 1)).by(bob()).then_refused(Rejection::NotFound);
    given::<Posts>([a_draft(), Event::Deleted(Deleted {})])
        .when(release("Notes", 1))
        .by(ada())
        .then_refused(Rejection::Deleted);
    let change = Edited { slug: Some(text("notes")), ..Edited::default() };
    let moved = Command::Release(Release { change, revision: 1, copy_sha256: None, lease: None });
    given::<Posts>([a_draft()]).when(moved).by(ada()).then_refused(LeaseExpired);
}
