use super::*;
use crate::posts::schedule::Moment;
use crate::posts::schedule::event::ExpirySet;
use crate::posts::{
    Command, Deleted, Edited, Event, Posts, Published, Rejection, Release, Restored, ReviewCommand, Unpublished,
    schedule,
};
use crate::reservations::Lease;
use crate::testing::{NOW, ada, bob, drafted, editor, given, text};

const PUBLISHED: Event = Event::Published(Published {});
const ARCHIVED: Event = Event::Archive(ArchiveEvent::Archived(Archived {}));
const UNARCHIVED: Event = Event::Archive(ArchiveEvent::Unarchived(Unarchived {}));
const PUT_IN: Command = Command::Archive(ArchiveCommand::PutIn);
const TAKE_OUT: Command = Command::Archive(ArchiveCommand::TakeOut);

fn a_draft() -> Event {
    Event::Drafted(drafted())
}

fn archived() -> [Event; 3] {
    [a_draft(), PUBLISHED, ARCHIVED]
}

fn retitled() -> Edited {
    Edited { title: Some(text("Notes")), ..Edited::default() }
}

fn is_archived() -> Rejection {
    ArchiveRejection::Archived.into()
}

#[test]
fn a_published_post_is_archived_once() {
    given::<Posts>([a_draft(), PUBLISHED]).when(PUT_IN).by(ada()).then(ARCHIVED);
    given::<Posts>([a_draft(), PUBLISHED]).when(PUT_IN).by(editor()).then(ARCHIVED);
    given::<Posts>(archived()).when(PUT_IN).by(ada()).then_nothing();
    given::<Posts>([a_draft(), PUBLISHED]).when(PUT_IN).by(bob()).then_refused(Rejection::NotTheAuthor);
}

#[test]
fn what_is_not_public_is_not_archived() {
    given::<Posts>([]).when(PUT_IN).by(ada()).then_refused(Rejection::NotFound);
    given::<Posts>([a_draft()]).when(PUT_IN).by(ada()).then_refused(ArchiveRejection::NotPublished);
    let deleted = [a_draft(), PUBLISHED, Event::Deleted(Deleted {})];
    given::<Posts>(deleted).when(PUT_IN).by(ada()).then_refused(Rejection::Deleted);
}

#[test]
fn it_is_taken_out_again() {
    given::<Posts>(archived()).when(TAKE_OUT).by(ada()).then(UNARCHIVED);
    given::<Posts>([a_draft()]).when(TAKE_OUT).by(ada()).then_nothing();
    given::<Posts>(archived()).when(TAKE_OUT).by(bob()).then_refused(Rejection::NotTheAuthor);
    let after = [a_draft(), PUBLISHED, ARCHIVED, UNARCHIVED];
    given::<Posts>(after).when(PUT_IN).by(ada()).then(ARCHIVED);
}

#[test]
fn what_is_archived_stays_as_it_is() {
    let edit = Command::Edit { change: retitled(), lease: None };
    given::<Posts>(archived()).when(edit.clone()).by(ada()).then_refused(is_archived());
    given::<Posts>(archived()).when(edit.clone()).by(editor()).then_refused(is_archived());
    let content = crate::posts::Drafted { title: text("Notes"), ..drafted() };
    let put = |content| Command::Put { content, overwrite: true, lease: Lease::CONFIRMED };
    given::<Posts>(archived()).when(put(content)).by(ada()).then_refused(is_archived());
    let release = Release { change: retitled(), revision: 1, copy_sha256: None, lease: None };
    given::<Posts>(archived()).when(Command::Release(release)).by(ada()).then_refused(is_archived());
    let submit = Command::Review(ReviewCommand::Submit(None));
    given::<Posts>(archived()).when(submit).by(ada()).then_refused(is_archived());
    given::<Posts>([a_draft(), PUBLISHED, ARCHIVED, UNARCHIVED]).when(edit).by(ada()).then(Event::Edited(retitled()));
}

#[test]
fn what_changes_nothing_is_not_refused_of_an_archived_post() {
    let put = Command::Put { content: drafted(), overwrite: false, lease: Lease::CONFIRMED };
    given::<Posts>(archived()).when(put).by(ada()).then_nothing();
    given::<Posts>(archived()).when(Command::Publish).by(ada()).then_nothing();
    let nothing = Command::Edit { change: Edited::default(), lease: None };
    given::<Posts>(archived()).when(nothing).by(ada()).then_nothing();
}

#[test]
fn one_that_is_unpublished_is_in_the_archive_no_more() {
    let unpublished = Event::Unpublished(Unpublished {});
    given::<Posts>(archived()).when(Command::Unpublish).by(ada()).then(unpublished.clone());
    let draft = [a_draft(), PUBLISHED, ARCHIVED, unpublished, PUBLISHED];
    given::<Posts>(draft.clone()).when(TAKE_OUT).by(ada()).then_nothing();
    given::<Posts>(draft).when(PUT_IN).by(ada()).then(ARCHIVED);
}

#[test]
fn one_that_is_restored_is_archived_as_before() {
    let restored = [a_draft(), PUBLISHED, ARCHIVED, Event::Deleted(Deleted {}), Event::Restored(Restored {})];
    given::<Posts>(restored).when(PUT_IN).by(ada()).then_nothing();
    let deleted = [a_draft(), PUBLISHED, ARCHIVED, Event::Deleted(Deleted {})];
    given::<Posts>(deleted).when(TAKE_OUT).by(ada()).then_refused(Rejection::Deleted);
}

#[test]
fn it_expires_in_the_archive_too() {
    let at = NOW.plus_millis(60_000);
    let expire = schedule::Command::Expire(Some(Moment { at, local: None }));
    let set = Event::ExpirySet(ExpirySet { expires_at: at, local_time: None, time_zone: None });
    given::<Posts>(archived()).when(Command::Schedule(expire)).by(ada()).then(set);
    let past = ExpirySet { expires_at: NOW, local_time: None, time_zone: None };
    let due = schedule::Due { what: schedule::Planned::Expiry, at: NOW };
    let expiring = [a_draft(), PUBLISHED, Event::ExpirySet(past), ARCHIVED];
    given::<Posts>(expiring).when(Command::CarryOut(due)).by(ada()).then(Event::Unpublished(Unpublished {}));
}
