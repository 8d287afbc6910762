use super::*;
use crate::posts::co_authors::{CoAuthorInvited, CoAuthorJoined, CoAuthorLeft, HandedOver, InvitationDeclined};
use crate::posts::schedule::{Due, Moment, Planned};
use crate::posts::{CoAuthorCommand, Command, Deleted, Edited, Posts, Published, Restored, Sight, State, Unpublished};
use crate::testing::{NOW, ada, ada_id, bob, bob_id, drafted, editor, given, moderator, text};
use crate::{Decider as _, Timestamp};

const PUBLISHED: Event = Event::Published(Published {});
const UNPUBLISHED: Event = Event::Unpublished(Unpublished {});
const DELETED: Event = Event::Deleted(Deleted {});
const RESTORED: Event = Event::Restored(Restored {});

fn a_draft() -> Event {
    Event::Drafted(drafted())
}

fn rule(ruling: i64, visible: Visible) -> Command {
    Command::Rule(Ruled { ruling, visible })
}

fn hidden(ruling: i64) -> Event {
    Event::Ruling(RulingEvent::Hidden(Hidden { ruling, from_author: false }))
}

fn removed(ruling: i64) -> Event {
    Event::Ruling(RulingEvent::Hidden(Hidden { ruling, from_author: true }))
}

fn shown(ruling: i64) -> Event {
    Event::Ruling(RulingEvent::Shown(Shown { ruling }))
}

fn retitled() -> Edited {
    Edited { title: Some(text("Notes")), ..Edited::default() }
}

fn edit() -> Command {
    Command::Edit { change: retitled(), lease: None }
}

/// What these see of it: a stranger, its author, a moderator.
fn seen<const N: usize>(events: [Event; N]) -> [Sight; 3] {
    let State::Post(post) = events.iter().fold(State::default(), Posts::evolve) else { panic!() };
    [bob(), ada(), moderator()].map(|reader| post.sight(&reader))
}

#[test]
fn rulings_are_carried_out_in_their_order_however_late_they_come() {
    let public = || [a_draft(), PUBLISHED];
    given::<Posts>(public()).when(rule(1, Visible::Author)).by(moderator()).then(hidden(1));
    given::<Posts>(public()).when(rule(1, Visible::Moderators)).by(moderator()).then(removed(1));
    // Shown by the second ruling before the first has come.
    given::<Posts>(public()).when(rule(2, Visible::All)).by(moderator()).then(shown(2));
    given::<Posts>([a_draft(), PUBLISHED, shown(2)]).when(rule(1, Visible::Author)).by(moderator()).then_nothing();
    given::<Posts>([a_draft(), PUBLISHED, hidden(1)]).when(rule(1, Visible::Author)).by(moderator()).then_nothing();
}

#[test]
fn rulings_are_moderators_and_of_what_is_there() {
    let refused = Rejection::NotAModerator;
    given::<Posts>([a_draft(), PUBLISHED]).when(rule(1, Visible::Author)).by(ada()).then_refused(refused);
    given::<Posts>([]).when(rule(1, Visible::Author)).by(moderator()).then_refused(Rejection::NotFound);
}

#[test]
fn drafts_and_deleted_posts_are_hidden_too_for_they_may_be_public_again() {
    given::<Posts>([a_draft()]).when(rule(1, Visible::Author)).by(moderator()).then(hidden(1));
    given::<Posts>([a_draft(), PUBLISHED, DELETED]).when(rule(1, Visible::Author)).by(moderator()).then(hidden(1));
}

#[test]
fn others_see_nothing_of_it_until_it_is_shown_whatever_its_author_does() {
    let is_hidden = [Sight::Nothing, Sight::Hidden, Sight::Hidden];
    assert_eq!(seen([a_draft(), PUBLISHED]), [Sight::Whole; 3]);
    assert_eq!(seen([a_draft(), PUBLISHED, hidden(1)]), is_hidden);
    assert_eq!(seen([a_draft(), PUBLISHED, hidden(1), UNPUBLISHED, PUBLISHED]), is_hidden);
    assert_eq!(seen([a_draft(), PUBLISHED, hidden(1), Event::Edited(retitled())]), is_hidden);
    assert_eq!(seen([a_draft(), PUBLISHED, hidden(1), DELETED, RESTORED]), is_hidden);
    assert_eq!(seen([a_draft(), hidden(1), PUBLISHED]), is_hidden);
    assert_eq!(seen([a_draft(), PUBLISHED, removed(1)]), [Sight::Nothing, Sight::Nothing, Sight::Hidden]);
    assert_eq!(seen([a_draft(), PUBLISHED, removed(1), shown(2)]), [Sight::Whole; 3]);
    // What its author took back meanwhile is a draft again.
    assert_eq!(seen([a_draft(), PUBLISHED, hidden(1), UNPUBLISHED, shown(2)])[0], Sight::Nothing);
}

#[test]
fn a_release_by_itself_does_not_show_it() {
    let at = Timestamp(NOW.0 - 1);
    let scheduled = Event::Scheduled(Moment { at, local: None }.into());
    let release = Command::CarryOut(Due { what: Planned::Release, at });
    given::<Posts>([a_draft(), scheduled.clone(), removed(1)]).when(release).by(ada()).then(PUBLISHED);
    assert_eq!(seen([a_draft(), scheduled, hidden(1), PUBLISHED])[0], Sight::Nothing);
}

#[test]
fn who_may_not_see_it_is_told_as_of_a_draft() {
    given::<Posts>([a_draft(), PUBLISHED]).when(edit()).by(bob()).then_refused(Rejection::NotTheAuthor);
    given::<Posts>([a_draft(), PUBLISHED, hidden(1)]).when(edit()).by(bob()).then_refused(Rejection::NotFound);
}

#[test]
fn what_is_hidden_its_author_changes_and_what_is_removed_they_take_back() {
    given::<Posts>([a_draft(), PUBLISHED, hidden(1)]).when(edit()).by(ada()).then(Event::Edited(retitled()));
    let gone = || [a_draft(), PUBLISHED, removed(1)];
    given::<Posts>(gone()).when(edit()).by(ada()).then_refused(Rejection::Removed);
    given::<Posts>([a_draft(), removed(1)]).when(Command::Publish).by(ada()).then_refused(Rejection::Removed);
    given::<Posts>(gone()).when(Command::Unpublish).by(ada()).then(UNPUBLISHED);
    given::<Posts>(gone()).when(Command::Delete).by(ada()).then(DELETED);
    given::<Posts>(gone()).when(edit()).by(editor()).then(Event::Edited(retitled()));
    let invite = Command::CoAuthors(CoAuthorCommand::Invite(bob_id()));
    given::<Posts>(gone()).when(invite.clone()).by(ada()).then_refused(Rejection::Removed);
    let invited = Event::CoAuthors(CoAuthorEvent::CoAuthorInvited(CoAuthorInvited { account_id: bob_id() }));
    let decline = Command::CoAuthors(CoAuthorCommand::Decline);
    let declined = Event::CoAuthors(CoAuthorEvent::InvitationDeclined(InvitationDeclined { account_id: bob_id() }));
    given::<Posts>([a_draft(), invited, removed(1)]).when(decline).by(bob()).then(declined);
}

#[test]
fn it_is_hidden_in_whosever_hands_it_is() {
    let joined = Event::CoAuthors(CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id: bob_id() }));
    let handed = CoAuthorEvent::HandedOver(HandedOver { from_account_id: ada_id(), to_account_id: bob_id() });
    let handed = Event::CoAuthors(handed);
    let hand_over = Command::CoAuthors(CoAuthorCommand::HandOver(bob_id()));
    let public = || [a_draft(), PUBLISHED, joined.clone(), hidden(1)];
    given::<Posts>(public()).when(hand_over).by(ada()).then(handed.clone());
    let seen = seen([a_draft(), PUBLISHED, joined.clone(), hidden(1), handed]);
    // Bob's by now; Ada is a co-author.
    assert_eq!(seen[0], Sight::Hidden);
    let left = Event::CoAuthors(CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id: bob_id() }));
    let remove = Command::CoAuthors(CoAuthorCommand::Remove(bob_id()));
    given::<Posts>([a_draft(), PUBLISHED, joined.clone(), removed(1)]).when(remove).by(bob()).then(left);
}
