use super::*;
use crate::posts::schedule::Moment;
use crate::posts::{Edited, Event, Posts, Published, Rejection, Release, Scheduled, Unscheduled};
use crate::testing::{NOW, ada, bob, drafted, editor, given, text};

fn a_draft() -> Event {
    Event::Drafted(drafted())
}

const PUBLISHED: Event = Event::Published(Published {});

fn happened(event: ReviewEvent) -> Event {
    Event::Review(event)
}

fn submitted(copy: Option<&str>) -> Event {
    happened(ReviewEvent::SubmittedForReview(SubmittedForReview { copy_sha256: copy.map(Into::into) }))
}

fn approved(copy: Option<&str>) -> Event {
    happened(ReviewEvent::Approved(Approved { copy_sha256: copy.map(Into::into) }))
}

fn edited() -> Event {
    Event::Edited(Edited { title: Some(text("Notes")), ..Edited::default() })
}

fn submit() -> Command {
    Command::Review(ReviewCommand::Submit(None))
}

fn approve() -> Command {
    Command::Review(ReviewCommand::Approve(None))
}

fn withdraw() -> Command {
    Command::Review(ReviewCommand::Withdraw)
}

fn request_changes() -> Command {
    Command::Review(ReviewCommand::RequestChanges(text("Why?")))
}

/// Where the installation demands a review.
fn reviewed(command: Command) -> Command {
    Command::Reviewed(Box::new(command))
}

fn release(copy: &str) -> Command {
    let change = Edited { title: Some(text("Copy")), ..Edited::default() };
    Command::Release(Release { change, revision: 1, copy_sha256: Some(copy.into()), lease: None })
}

#[test]
fn an_author_submits_and_an_editor_approves() {
    given::<Posts>([a_draft()]).when(submit()).by(ada()).then(submitted(None));
    given::<Posts>([a_draft(), submitted(None)]).when(approve()).by(editor()).then(approved(None));
    given::<Posts>([a_draft(), submitted(None)]).when(approve()).by(ada()).then_refused(Rejection::NotTheAuthor);
    given::<Posts>([a_draft()]).when(submit()).by(bob()).then_refused(Rejection::NotFound);
}

#[test]
fn an_editor_says_what_is_to_be_changed_and_an_author_takes_it_back() {
    let asked = ReviewEvent::ChangesRequested(ChangesRequested { note: text("Why?") });
    given::<Posts>([a_draft(), submitted(None)]).when(request_changes()).by(editor()).then(happened(asked));
    let withdrawn = happened(ReviewEvent::ReviewWithdrawn(ReviewWithdrawn {}));
    given::<Posts>([a_draft(), submitted(None)]).when(withdraw()).by(ada()).then(withdrawn.clone());
    given::<Posts>([a_draft(), submitted(None), approved(None)]).when(withdraw()).by(ada()).then(withdrawn);
}

#[test]
fn what_is_so_already_changes_nothing_and_what_does_not_wait_is_not_approved() {
    given::<Posts>([a_draft(), submitted(None)]).when(submit()).by(ada()).then_nothing();
    given::<Posts>([a_draft(), submitted(None), approved(None)]).when(approve()).by(editor()).then_nothing();
    given::<Posts>([a_draft()]).when(withdraw()).by(ada()).then_nothing();
    given::<Posts>([a_draft()]).when(approve()).by(editor()).then_refused(ReviewRejection::NotInReview);
    given::<Posts>([a_draft()]).when(request_changes()).by(editor()).then_refused(ReviewRejection::NotInReview);
    given::<Posts>([a_draft(), submitted(Some("a"))])
        .when(approve())
        .by(editor())
        .then_refused(ReviewRejection::OtherContent);
}

#[test]
fn where_a_review_is_demanded_only_what_is_approved_is_published() {
    let publish = || reviewed(Command::Publish);
    given::<Posts>([a_draft()]).when(publish()).by(ada()).then_refused(ReviewRejection::NotApproved);
    given::<Posts>([a_draft(), submitted(None)]).when(publish()).by(ada()).then_refused(ReviewRejection::NotApproved);
    given::<Posts>([a_draft(), submitted(None), approved(None)]).when(publish()).by(ada()).then(PUBLISHED);
    given::<Posts>([a_draft()]).when(publish()).by(editor()).then(PUBLISHED);
    given::<Posts>([a_draft()]).when(Command::Publish).by(ada()).then(PUBLISHED);
}

#[test]
fn an_edit_after_the_approval_takes_it_back() {
    let history = [a_draft(), submitted(None), approved(None), edited()];
    given::<Posts>(history).when(reviewed(Command::Publish)).by(ada()).then_refused(ReviewRejection::NotApproved);
}

/// It stayed in the queue of editors, and was approved by none.
#[test]
fn what_was_submitted_and_is_released_or_published_waits_no_more() {
    let copied = || [a_draft(), PUBLISHED, submitted(Some("a"))];
    let released = copied().into_iter().chain([edited()]);
    let approve = |copy: Option<&str>| Command::Review(ReviewCommand::Approve(copy.map(Into::into)));
    given::<Posts>(released).when(approve(Some("a"))).by(editor()).then_refused(ReviewRejection::NotInReview);
    let published = [a_draft(), submitted(None), PUBLISHED];
    given::<Posts>(published).when(approve(None)).by(editor()).then_refused(ReviewRejection::NotInReview);
    let published = [a_draft(), submitted(Some("a")), PUBLISHED];
    given::<Posts>(published).when(approve(Some("a"))).by(editor()).then(approved(Some("a")));
    given::<Posts>([a_draft(), submitted(None), edited()]).when(approve(None)).by(editor()).then(approved(None));
}

#[test]
fn a_release_at_a_time_needs_the_approval_when_it_is_scheduled() {
    let moment = Moment { at: NOW.plus_millis(60_000), local: None };
    let schedule = || reviewed(Command::Schedule(schedule::Command::Release(Some(moment.clone()))));
    given::<Posts>([a_draft()]).when(schedule()).by(ada()).then_refused(ReviewRejection::NotApproved);
    let scheduled = Event::Scheduled(Scheduled::from(moment.clone()));
    given::<Posts>([a_draft(), submitted(None), approved(None)]).when(schedule()).by(ada()).then(scheduled);
}

#[test]
fn what_is_public_or_will_be_is_changed_by_an_approved_working_copy_only() {
    let edit =
        || reviewed(Command::Edit { change: Edited { title: Some(text("X")), ..Edited::default() }, lease: None });
    given::<Posts>([a_draft(), PUBLISHED]).when(edit()).by(ada()).then_refused(ReviewRejection::NotApproved);
    let scheduled = Scheduled::from(Moment { at: NOW.plus_millis(60_000), local: None });
    given::<Posts>([a_draft(), Event::Scheduled(scheduled)])
        .when(edit())
        .by(ada())
        .then_refused(ReviewRejection::NotApproved);
    given::<Posts>([a_draft(), PUBLISHED, submitted(Some("a"))])
        .when(reviewed(release("a")))
        .by(ada())
        .then_refused(ReviewRejection::NotApproved);
    let history = || [a_draft(), PUBLISHED, submitted(Some("a")), approved(Some("a"))];
    given::<Posts>(history()).when(reviewed(release("b"))).by(ada()).then_refused(ReviewRejection::NotApproved);
    let released = Event::Edited(Edited { title: Some(text("Copy")), ..Edited::default() });
    given::<Posts>(history()).when(reviewed(release("a"))).by(ada()).then(released.clone());
    given::<Posts>([a_draft()]).when(reviewed(release("a"))).by(ada()).then(released);
}

/// It would be published as it is, without the changes.
#[test]
fn of_what_is_scheduled_no_changes_are_wanted_before_that_is_withdrawn() {
    let at = Moment { at: NOW.plus_millis(60_000), local: None };
    let scheduled = || [a_draft(), submitted(None), approved(None), Event::Scheduled(at.clone().into())];
    given::<Posts>(scheduled()).when(request_changes()).by(editor()).then_refused(ReviewRejection::Scheduled);
    let withdrawn = scheduled().into_iter().chain([Event::Unscheduled(Unscheduled {})]);
    let wanted = ReviewEvent::ChangesRequested(ChangesRequested { note: text("Why?") });
    given::<Posts>(withdrawn).when(request_changes()).by(editor()).then(happened(wanted.clone()));
    let of_copy = [a_draft(), Event::Scheduled(at.into()), submitted(Some("copy"))];
    given::<Posts>(of_copy).when(request_changes()).by(editor()).then(happened(wanted));
}
