//! Who writes a post, as its row says, and the view of invitations.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::{Gap, Invitation, Invitations, View as _};
use super::a_draft;
use super::histories::{history, post, rows};
use crate::Timestamp;
use crate::posts::co_authors::{CoAuthorInvited, CoAuthorJoined, CoAuthorLeft, HandedOver, InvitationDeclined};
use crate::posts::{CoAuthorEvent, Edited, Event};
use crate::testing::{NOW, ada_id, bob_id, post_id, text};

fn carol_id() -> Uuid {
    Uuid::from_u128(0xca)
}

fn invited(account_id: Uuid) -> Event {
    Event::CoAuthors(CoAuthorEvent::CoAuthorInvited(CoAuthorInvited { account_id }))
}

fn joined(account_id: Uuid) -> Event {
    Event::CoAuthors(CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id }))
}

fn declined(account_id: Uuid) -> Event {
    Event::CoAuthors(CoAuthorEvent::InvitationDeclined(InvitationDeclined { account_id }))
}

fn left(account_id: Uuid) -> Event {
    Event::CoAuthors(CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id }))
}

fn handed_over(from_account_id: Uuid, to_account_id: Uuid) -> Event {
    Event::CoAuthors(CoAuthorEvent::HandedOver(HandedOver { from_account_id, to_account_id }))
}

/// Owner and co-authors.
fn people(events: Vec<Event>) -> (Uuid, Vec<Uuid>) {
    let post = post(events);
    (post.author_id, post.co_author_ids)
}

#[test]
fn a_post_names_those_who_accepted_in_this_order() {
    let (ada, bob, carol) = (ada_id(), bob_id(), carol_id());
    assert_eq!(people(vec![a_draft(), invited(bob)]), (ada, vec![]));
    let both = || vec![a_draft(), invited(bob), invited(carol), joined(carol), joined(bob)];
    assert_eq!(people(both()), (ada, vec![carol, bob]));
    let named = Event::Edited(Edited { co_author_ids: Some(vec![bob]), ..Edited::default() });
    assert_eq!(people(vec![a_draft(), named, invited(bob), joined(bob)]), (ada, vec![bob]), "once");
    assert_eq!(people([both(), vec![left(carol)]].concat()), (ada, vec![bob]));
    assert_eq!(people([both(), vec![handed_over(ada, carol)]].concat()), (carol, vec![bob, ada]));
}

#[test]
fn an_invitation_is_open_until_it_is_answered() {
    let (bob, carol) = (bob_id(), carol_id());
    let invitation = |account_id, open, version: u64| Invitation {
        account_id,
        post_id: post_id(1),
        invited_by: ada_id(),
        open,
        since: Timestamp(NOW.0 + version.cast_signed()),
        version,
    };
    let retitled = Event::Edited(Edited { title: Some(text("T")), ..Edited::default() });
    let events = history([a_draft(), invited(bob), retitled, invited(carol), declined(bob), left(ada_id())]);
    let expected = [invitation(bob, false, 5), invitation(carol, true, 4), invitation(ada_id(), false, 6)];
    let expected = expected.map(|row| ((row.account_id, row.post_id), row));
    assert_eq!(rows::<Invitations>(&events), HashMap::from(expected), "who was never invited has one since it left");
    let gap = Gap { aggregate_id: post_id(1).to_string(), seen: 2, found: 2 };
    assert_eq!(Invitations::fold_all([&events[1], &events[1]]), Err(gap));
}
