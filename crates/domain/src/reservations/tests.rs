//! Through the context `posts`, whose slugs are reserved: what is decided here is what a slug's owner decides.

mod bearing;
mod properties;

use super::lease::MARGIN_MS;
use super::*;
use crate::posts::{self, Posts, ReservationEvent, Unique};
use crate::testing::{NOW, ada, given, post_id, text};

const LATER: Timestamp = Timestamp(NOW.0 + LEASE_MS);

fn a() -> Unique {
    Unique::Slug(text("a"))
}

fn reserve(holder: u128) -> posts::Command {
    Command::Reserve { value: a(), holder_id: post_id(holder), instead_of: None }.into()
}

/// Instead of a reservation of this time.
fn take_over(holder: u128, from: u128, at: Timestamp) -> posts::Command {
    let instead_of = Some(Expired { holder_id: post_id(from), expires_at: at.plus_millis(LEASE_MS) });
    Command::Reserve { value: a(), holder_id: post_id(holder), instead_of }.into()
}

/// Renewed instead of its own reservation of this time.
fn renew(holder: u128, at: Timestamp) -> posts::Command {
    take_over(holder, holder, at)
}

/// The holder confirms its reservation of now.
fn confirm(holder: u128) -> posts::Command {
    Command::Confirm { value: a(), holder_id: post_id(holder), expires_at: LATER }.into()
}

/// Reserved at this time.
fn reserved(holder: u128, at: Timestamp) -> posts::Event {
    let expires_at = at.plus_millis(LEASE_MS);
    ReservationEvent::SlugClaimed(Reserved { claimed_value: "a".into(), holder_id: post_id(holder), expires_at }).into()
}

fn held(holder: u128) -> Held {
    Held { claimed_value: "a".into(), holder_id: post_id(holder) }
}

fn confirmed(holder: u128) -> posts::Event {
    ReservationEvent::SlugConfirmed(held(holder)).into()
}

/// There is a reservation of this time.
fn pending(holder: u128, at: Timestamp, expired: bool) -> Rejection {
    Rejection::Pending { holder_id: post_id(holder), expires_at: at.plus_millis(LEASE_MS), expired }
}

#[test]
fn of_two_who_reserve_a_value_one_gets_it() {
    given::<Posts>([]).when(reserve(1)).by(ada()).then(reserved(1, NOW));
    given::<Posts>([reserved(1, NOW)]).when(reserve(2)).by(ada()).then_refused(pending(1, NOW, false));
}

#[test]
fn a_reservation_repeated_while_it_is_good_is_no_event() {
    given::<Posts>([reserved(1, NOW)]).when(reserve(1)).by(ada()).then_nothing();
    given::<Posts>([confirmed(1)]).when(reserve(1)).by(ada()).then_nothing();
}

#[test]
fn an_expired_reservation_can_be_renewed_by_its_holder() {
    given::<Posts>([reserved(1, NOW)]).when(renew(1, NOW)).by(ada()).at(LATER).then(reserved(1, LATER));
}

#[test]
fn a_reservation_too_near_its_end_to_act_on_can_be_renewed() {
    let half_way = NOW.plus_millis(LEASE_MS / 2);
    let just_before = half_way.plus_millis(-1);
    given::<Posts>([reserved(1, NOW)]).when(renew(1, NOW)).by(ada()).at(just_before).then_nothing();
    given::<Posts>([reserved(1, NOW)]).when(renew(1, NOW)).by(ada()).at(half_way).then(reserved(1, half_way));
}

#[test]
fn a_reservation_is_renewed_only_by_who_names_it() {
    let half_way = NOW.plus_millis(LEASE_MS / 2);
    let (over, expired) = (pending(1, NOW, false), pending(1, NOW, true));
    given::<Posts>([reserved(1, NOW)]).when(reserve(1)).by(ada()).at(half_way).then_refused(over);
    given::<Posts>([reserved(1, NOW)]).when(reserve(1)).by(ada()).at(LATER).then_refused(expired.clone());
    given::<Posts>([reserved(1, NOW)]).when(renew(1, LATER)).by(ada()).at(LATER).then_refused(expired);
}

#[test]
fn a_reservation_is_taken_over_only_after_it_expired() {
    let just_before = LATER.plus_millis(-1);
    given::<Posts>([reserved(1, NOW)])
        .when(take_over(2, 1, NOW))
        .by(ada())
        .at(just_before)
        .then_refused(pending(1, NOW, false));
    given::<Posts>([reserved(1, NOW)]).when(take_over(2, 1, NOW)).by(ada()).at(LATER).then(reserved(2, LATER));
}

#[test]
fn a_reservation_is_taken_over_only_from_the_holder_that_was_asked() {
    given::<Posts>([reserved(1, NOW)]).when(reserve(2)).by(ada()).at(LATER).then_refused(pending(1, NOW, true));
    given::<Posts>([reserved(1, NOW)])
        .when(take_over(2, 3, NOW))
        .by(ada())
        .at(LATER)
        .then_refused(pending(1, NOW, true));
}

#[test]
fn a_renewed_reservation_is_not_taken_over() {
    let events = [reserved(1, NOW), reserved(1, LATER)];
    given::<Posts>(events).when(take_over(2, 1, NOW)).by(ada()).at(LATER).then_refused(pending(1, LATER, false));
}

#[test]
fn a_reservation_that_was_renewed_since_its_holder_was_asked_is_not_taken_over_even_when_it_expired_again() {
    let much_later = LATER.plus_millis(LEASE_MS);
    let events = || [reserved(1, NOW), reserved(1, LATER)];
    let expired = pending(1, LATER, true);
    given::<Posts>(events()).when(take_over(2, 1, NOW)).by(ada()).at(much_later).then_refused(expired);
    given::<Posts>(events()).when(take_over(2, 1, LATER)).by(ada()).at(much_later).then(reserved(2, much_later));
}

#[test]
fn a_confirmed_reservation_is_for_good() {
    let taken = || Rejection::Taken { holder_id: post_id(1) };
    given::<Posts>([confirmed(1)]).when(reserve(2)).by(ada()).then_refused(taken());
    given::<Posts>([confirmed(1)]).when(take_over(2, 1, NOW)).by(ada()).at(LATER).then_refused(taken());
}

#[test]
fn the_holder_confirms_once_even_after_the_reservation_expired() {
    given::<Posts>([reserved(1, NOW)]).when(confirm(1)).by(ada()).then(confirmed(1));
    given::<Posts>([reserved(1, NOW)]).when(confirm(1)).by(ada()).at(LATER).then(confirmed(1));
    given::<Posts>([confirmed(1)]).when(confirm(1)).by(ada()).then_nothing();
}

#[test]
fn only_the_holder_confirms() {
    given::<Posts>([]).when(confirm(1)).by(ada()).then_refused(Rejection::Lost);
    given::<Posts>([reserved(2, NOW)]).when(confirm(1)).by(ada()).then_refused(Rejection::Lost);
    given::<Posts>([confirmed(2)]).when(confirm(1)).by(ada()).then_refused(Rejection::Lost);
}

#[test]
fn a_confirmation_says_nothing_of_a_reservation_that_was_made_since() {
    given::<Posts>([reserved(1, NOW), reserved(1, LATER)]).when(confirm(1)).by(ada()).then_refused(Rejection::Lost);
}

#[test]
fn a_lease_allows_acting_until_half_its_life_before_it_expires() {
    let lease = Lease { expires_at: Some(LATER) };
    assert!(lease.may_act(NOW));
    assert!(lease.may_act(NOW.plus_millis(LEASE_MS / 2 - 1)));
    assert!(!lease.may_act(NOW.plus_millis(LEASE_MS / 2)));
    assert!(Lease::CONFIRMED.may_act(Timestamp(i64::MAX)));
    assert!(!Lease::OVER.may_act(NOW));
}

#[test]
fn a_confirmed_reservation_to_what_can_be_given_up_is_not_good_for_ever() {
    let lease = Lease::CONFIRMED.asked_for_at(NOW);
    assert_eq!(lease, Lease { expires_at: Some(LATER) });
    assert!(!lease.may_act(LATER));
    let sooner = Lease { expires_at: Some(NOW) };
    assert_eq!(sooner.asked_for_at(LATER), sooner);
}

#[test]
fn the_receipt_of_a_reservation_says_until_when_it_is_good() {
    let reserved = Reservation::Reserved { holder_id: post_id(1), expires_at: LATER };
    let confirmed = Reservation::Confirmed { holder_id: post_id(1) };
    let read = |reservation: &Reservation| reservation.receipt().as_deref().and_then(Lease::of_receipt);
    assert_eq!(read(&reserved), Some(Lease { expires_at: Some(LATER) }));
    assert_eq!(read(&confirmed), Some(Lease::CONFIRMED));
    assert_eq!(read(&Reservation::Free), None);
    assert_eq!(Lease::of_receipt("on-engines"), None);
}
