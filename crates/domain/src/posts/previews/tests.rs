use uuid::Uuid;

use super::*;
use crate::Role;
use crate::posts::{CoAuthorEvent, Command, Deleted, Event, Posts, Published, Rejection};
use crate::posts::{co_authors::CoAuthorInvited, co_authors::CoAuthorJoined};
use crate::testing::{NOW, ada, bob, bob_id, drafted, editor, given};

fn link(number: u128, minutes: i64) -> PreviewGiven {
    let expires_at = NOW.plus_millis(minutes * 60_000);
    PreviewGiven { preview_id: Uuid::from_u128(number), token_sha256: format!("{number:064x}"), expires_at }
}

fn give(link: PreviewGiven) -> Command {
    Command::Previews(PreviewCommand::Give(link))
}

fn gave(link: PreviewGiven) -> Event {
    Event::Previews(PreviewEvent::PreviewGiven(link))
}

fn revoke(number: u128) -> Command {
    Command::Previews(PreviewCommand::Revoke(Uuid::from_u128(number)))
}

fn revoked(number: u128) -> Event {
    Event::Previews(PreviewEvent::PreviewRevoked(PreviewRevoked { preview_id: Uuid::from_u128(number) }))
}

fn a_draft() -> Event {
    Event::Drafted(drafted())
}

fn written_with_bob() -> [Event; 3] {
    let invited = CoAuthorEvent::CoAuthorInvited(CoAuthorInvited { account_id: bob_id() });
    let joined = CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id: bob_id() });
    [a_draft(), Event::CoAuthors(invited), Event::CoAuthors(joined)]
}

#[test]
fn who_may_edit_a_post_gives_links_to_it() {
    given::<Posts>([a_draft()]).when(give(link(1, 5))).by(ada()).then(gave(link(1, 5)));
    given::<Posts>([a_draft()]).when(give(link(1, 5))).by(editor()).then(gave(link(1, 5)));
    given::<Posts>(written_with_bob()).when(give(link(1, 5))).by(bob()).then(gave(link(1, 5)));
    given::<Posts>([a_draft()]).when(give(link(1, 5))).by(bob()).then_refused(Rejection::NotFound);
    given::<Posts>([a_draft(), gave(link(1, 5))]).when(revoke(1)).by(bob()).then_refused(Rejection::NotFound);
}

#[test]
fn of_a_live_post_there_are_links_too_for_what_is_to_be_released() {
    let live = [a_draft(), Event::Published(Published {})];
    given::<Posts>(live).when(give(link(1, 5))).by(ada()).then(gave(link(1, 5)));
}

#[test]
fn of_a_deleted_post_links_are_revoked_and_none_is_given() {
    let deleted = [a_draft(), gave(link(1, 5)), Event::Deleted(Deleted {})];
    given::<Posts>(deleted.clone()).when(give(link(2, 5))).by(ada()).then_refused(Rejection::Deleted);
    given::<Posts>(deleted).when(revoke(1)).by(ada()).then(revoked(1));
}

#[test]
fn a_link_that_is_given_or_revoked_again_changes_nothing() {
    given::<Posts>([a_draft(), gave(link(1, 5))]).when(give(link(1, 5))).by(ada()).then_nothing();
    given::<Posts>([a_draft(), gave(link(1, 5)), revoked(1)]).when(revoke(1)).by(ada()).then_nothing();
    given::<Posts>([a_draft()]).when(revoke(1)).by(ada()).then_nothing();
}

#[test]
fn a_link_is_good_until_a_time_to_come_and_for_90_days_at_most() {
    let days = |days: i64| link(1, days * 24 * 60);
    given::<Posts>([a_draft()]).when(give(days(90))).by(ada()).then(gave(days(90)));
    for other in [link(1, 0), link(1, -1), link(1, 90 * 24 * 60 + 1)] {
        given::<Posts>([a_draft()]).when(give(other)).by(ada()).then_refused(PreviewRejection::Expiry);
    }
}

#[test]
fn a_post_has_only_so_many_links_that_are_good() {
    let full = || [a_draft()].into_iter().chain((1..=20).map(|number| gave(link(number, 60 + number as i64))));
    given::<Posts>(full()).when(give(link(21, 5))).by(ada()).then_refused(PreviewRejection::TooMany);
    given::<Posts>(full().chain([revoked(7)])).when(give(link(21, 5))).by(ada()).then(gave(link(21, 5)));
    // The first has expired.
    let later = NOW.plus_millis(61 * 60_000);
    given::<Posts>(full()).when(give(link(21, 90))).by(ada()).at(later).then(gave(link(21, 90)));
}

#[test]
fn what_a_decision_keeps_of_links_is_bounded_and_has_all_that_are_good() {
    let given_ever = (1..=1_000_u128).map(|number| link(number, 60 + number as i64));
    let mut previews = Previews::default();
    given_ever.for_each(|link| previews.evolve(&PreviewEvent::PreviewGiven(link)));
    assert_eq!(previews.0.len(), MOST);
    assert!((981..=1_000).all(|number| previews.has(Uuid::from_u128(number))));
}

#[test]
fn a_former_author_gives_no_links() {
    let reader = crate::Actor::new(drafted().author_id).with(Role::Reader);
    given::<Posts>([a_draft()]).when(give(link(1, 5))).by(reader).then_refused(Rejection::NotAnAuthor);
}
