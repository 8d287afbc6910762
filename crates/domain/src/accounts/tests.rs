use super::*;
use crate::reservations::Rejection::{DoesNotBear, LeaseExpired, WrongAggregate};
use crate::reservations::{Held, Reserved, UniqueValue as _};
use crate::testing::{NOW, ada, ada_id, admin, bob, bob_id, editor, email_key, given, registered, text};
use crate::{Role, Timestamp};

crate::testing::properties!(Accounts);

fn an_account() -> Event {
    Event::Registered(registered())
}

fn put(profile: Registered) -> Command {
    Command::Put { account_id: ada_id(), profile, overwrite: false, lease: Lease::CONFIRMED }
}

fn overwrite(profile: Registered) -> Command {
    Command::Put { account_id: ada_id(), profile, overwrite: true, lease: Lease::CONFIRMED }
}

fn change(change: ProfileChanged) -> Command {
    to_ada(Change::Profile(change))
}

fn to_ada(change: Change) -> Command {
    Command::Change { account_id: ada_id(), change }
}

fn register() -> Command {
    let (lease, email_lease) = (Lease::CONFIRMED, Lease::CONFIRMED);
    Command::Register { account_id: ada_id(), profile: registered(), lease, email_lease }
}

fn user_name(name: &str) -> Unique {
    Unique::UserName(text(name))
}

fn vouch(value: Unique) -> Command {
    reservations::Command::Vouch { value }.into()
}

fn reserve(holder_id: Uuid, instead_of: Option<reservations::Expired>) -> Command {
    reservations::Command::Reserve { value: user_name("Ada.L"), holder_id, instead_of }.into()
}

fn reserved_name(holder_id: Uuid) -> Reserved {
    Reserved { claimed_value: "ada.l".into(), holder_id, expires_at: NOW }
}

fn reserved(holder_id: Uuid, expires_at: Timestamp) -> Event {
    ReservationEvent::UserNameClaimed(Reserved { expires_at, ..reserved_name(holder_id) }).into()
}

fn held(claimed_value: &str) -> Held {
    Held { claimed_value: claimed_value.into(), holder_id: ada_id() }
}

fn renamed(name: &str) -> Event {
    Event::UserNameChanged(UserNameChanged { user_name: text(name) })
}

fn rename(name: &str) -> Command {
    to_ada(Change::UserName { user_name: text(name), lease: Lease::CONFIRMED })
}

fn granted(role: &str) -> Event {
    Event::RoleGranted(RoleGranted { role_name: role.into() })
}

const DEACTIVATED: Event = Event::Deactivated(Deactivated {});
const ERASED: Event = Event::Erased(Erased {});
const REACTIVATED: Event = Event::Reactivated(Reactivated {});

fn new_bio() -> ProfileChanged {
    ProfileChanged { bio: Some(text("Countess.")), ..ProfileChanged::default() }
}

#[test]
fn an_account_is_registered_once() {
    given::<Accounts>([]).when(put(registered())).by(ada()).then(an_account());
    given::<Accounts>([an_account()]).when(put(registered())).by(ada()).then_nothing();
}

#[test]
fn a_caller_who_overwrites_has_to_say_so() {
    let other = Registered { bio: text("Countess."), ..registered() };
    given::<Accounts>([an_account()]).when(put(other.clone())).by(ada()).then_refused(Rejection::Differs);
    given::<Accounts>([an_account()]).when(overwrite(other)).by(ada()).then(Event::ProfileChanged(new_bio()));
}

#[test]
fn only_the_owner_registers_and_changes() {
    given::<Accounts>([]).when(put(registered())).by(bob()).then_refused(Rejection::NotTheOwner);
    given::<Accounts>([an_account()]).when(change(new_bio())).by(bob()).then_refused(Rejection::NotTheOwner);
}

#[test]
fn an_editor_registers_and_changes_for_anyone() {
    given::<Accounts>([]).when(put(registered())).by(editor()).then(an_account());
    given::<Accounts>([an_account()]).when(change(new_bio())).by(editor()).then(Event::ProfileChanged(new_bio()));
}

#[test]
fn a_change_says_only_what_differs() {
    let same_name = ProfileChanged { display_name: Some(registered().display_name), ..new_bio() };
    given::<Accounts>([an_account()]).when(change(same_name)).by(ada()).then(Event::ProfileChanged(new_bio()));
}

#[test]
fn every_field_of_a_profile_can_be_changed() {
    let emptied = ProfileChanged { display_name: Some(text("")), bio: Some(text("")), image_url: Some(text("")) };
    given::<Accounts>([an_account()]).when(change(emptied.clone())).by(ada()).then(Event::ProfileChanged(emptied));
}

#[test]
fn a_change_of_nothing_is_no_event() {
    given::<Accounts>([an_account()]).when(change(ProfileChanged::default())).by(ada()).then_nothing();
    let changed = [an_account(), Event::ProfileChanged(new_bio())];
    given::<Accounts>(changed).when(change(new_bio())).by(ada()).then_nothing();
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    given::<Accounts>([]).when(change(new_bio())).by(ada()).then_refused(Rejection::NotFound);
}

#[test]
fn the_user_name_of_an_account_is_fixed() {
    let renamed = Registered { user_name: text("Countess"), ..registered() };
    given::<Accounts>([an_account()]).when(overwrite(renamed)).by(ada()).then_refused(Rejection::UserNameIsFixed);
}

#[test]
fn registering_needs_a_reservation_that_is_not_near_its_end() {
    let put = |millis| {
        let lease = Lease { expires_at: Some(NOW.plus_millis(millis)) };
        Command::Put { account_id: ada_id(), profile: registered(), overwrite: false, lease }
    };
    given::<Accounts>([]).when(put(LEASE_MS)).by(ada()).then(an_account());
    given::<Accounts>([]).when(put(LEASE_MS / 2)).by(ada()).then_refused(LeaseExpired);
}

#[test]
fn a_profile_is_changed_without_a_reservation() {
    let expired = Lease { expires_at: Some(NOW) };
    let profile = Registered { bio: text("Countess."), ..registered() };
    let command = Command::Put { account_id: ada_id(), profile, overwrite: true, lease: expired };
    given::<Accounts>([an_account()]).when(command).by(ada()).then(Event::ProfileChanged(new_bio()));
}

#[test]
fn a_user_name_is_reserved_without_regard_to_case() {
    assert_eq!(user_name("Ada.L").reservation_id(), user_name("ada.l").reservation_id());
}

#[test]
fn a_user_name_goes_to_the_first_who_reserves_it() {
    let expires_at = NOW.plus_millis(LEASE_MS);
    let pending = reservations::Rejection::Pending { holder_id: ada_id(), expires_at, expired: false };
    given::<Accounts>([]).when(reserve(ada_id(), None)).by(ada()).then(reserved(ada_id(), expires_at));
    given::<Accounts>([reserved(ada_id(), expires_at)]).when(reserve(bob_id(), None)).by(bob()).then_refused(pending);
}

#[test]
fn a_user_name_is_confirmed_by_its_holder() {
    let (value, expires_at) = (user_name("Ada.L"), NOW.plus_millis(LEASE_MS));
    let confirm = reservations::Command::Confirm { value, holder_id: ada_id(), expires_at };
    given::<Accounts>([reserved(ada_id(), expires_at)])
        .when(confirm.into())
        .by(ada())
        .then(ReservationEvent::UserNameConfirmed(held("ada.l")).into());
}

/// It may have been on its way since the name was borne.
#[test]
fn a_confirmation_says_nothing_of_a_user_name_that_was_given_up_since() {
    let (value, expires_at) = (user_name("Ada.L"), NOW.plus_millis(LEASE_MS));
    let kept =
        Reserved { claimed_value: "ada.l".into(), holder_id: ada_id(), expires_at: NOW.plus_millis(USER_NAME_KEPT_MS) };
    let confirmed = ReservationEvent::UserNameConfirmed(held("ada.l")).into();
    let released = ReservationEvent::UserNameReleased(kept).into();
    given::<Accounts>([reserved(ada_id(), expires_at), confirmed, released])
        .when(reservations::Command::Confirm { value, holder_id: ada_id(), expires_at }.into())
        .by(ada())
        .then_refused(reservations::Rejection::Lost);
}

#[test]
fn an_account_vouches_for_its_user_name_without_regard_to_case() {
    let vouch = |name| self::vouch(user_name(name));
    given::<Accounts>([an_account()]).when(vouch("ada.l")).by(bob()).then_nothing();
    given::<Accounts>([an_account()]).when(vouch("bob")).by(bob()).then_refused(DoesNotBear);
    given::<Accounts>([]).when(vouch("ada.l")).by(bob()).then_refused(DoesNotBear);
}

#[test]
fn commands_go_to_the_aggregate_they_are_for() {
    let reserved = || Event::Reservation(ReservationEvent::UserNameConfirmed(held("ada.l")));
    let confirm =
        reservations::Command::Confirm { value: user_name("ada.l"), holder_id: ada_id(), expires_at: NOW }.into();
    given::<Accounts>([an_account()]).when(confirm).by(ada()).then_refused(WrongAggregate);
    given::<Accounts>([reserved()]).when(put(registered())).by(ada()).then_refused(WrongAggregate);
    given::<Accounts>([reserved()]).when(change(new_bio())).by(ada()).then_refused(WrongAggregate);
}

#[test]
fn the_receipt_says_the_user_name_as_it_was_typed() {
    let receipt = |events: &[Event]| Accounts::receipt(&events.iter().fold(State::default(), Accounts::evolve));
    assert_eq!(receipt(&[]), None);
    assert_eq!(receipt(&[an_account(), Event::ProfileChanged(new_bio())]).as_deref(), Some("Ada.L"));
}

#[test]
fn an_account_that_logs_in_is_registered_once() {
    given::<Accounts>([]).when(register()).by(ada()).then(an_account());
    given::<Accounts>([an_account()]).when(register()).by(ada()).then_nothing();
    given::<Accounts>([an_account(), renamed("Countess")]).when(register()).by(ada()).then_refused(Rejection::Differs);
    given::<Accounts>([]).when(register()).by(bob()).then_refused(Rejection::NotTheOwner);
}

#[test]
fn registering_needs_both_reservations() {
    let expired = Lease { expires_at: Some(NOW) };
    for (lease, email_lease) in [(expired, Lease::CONFIRMED), (Lease::CONFIRMED, expired)] {
        let command = Command::Register { account_id: ada_id(), profile: registered(), lease, email_lease };
        given::<Accounts>([]).when(command).by(ada()).then_refused(LeaseExpired);
    }
}

#[test]
fn a_user_name_is_changed_by_its_owner_or_an_admin_who_reserved_the_new_one() {
    given::<Accounts>([an_account()]).when(rename("Countess")).by(ada()).then(renamed("Countess"));
    given::<Accounts>([an_account()]).when(rename("Countess")).by(admin()).then(renamed("Countess"));
    given::<Accounts>([an_account()]).when(rename("Countess")).by(editor()).then_refused(Rejection::NotTheOwner);
    given::<Accounts>([an_account()]).when(rename("Ada.L")).by(ada()).then_nothing();
    given::<Accounts>([]).when(rename("Countess")).by(ada()).then_refused(Rejection::NotFound);
    let unclaimed = to_ada(Change::UserName { user_name: text("x"), lease: Lease { expires_at: Some(NOW) } });
    given::<Accounts>([an_account()]).when(unclaimed).by(ada()).then_refused(LeaseExpired);
}

#[test]
fn an_account_does_not_vouch_for_a_name_or_an_address_it_gave_up() {
    let vouch = |name| self::vouch(user_name(name));
    let events = || [an_account(), renamed("Countess")];
    given::<Accounts>(events()).when(vouch("countess")).by(bob()).then_nothing();
    given::<Accounts>(events()).when(vouch("Ada.L")).by(bob()).then_refused(DoesNotBear);
    let vouch = |number| self::vouch(Unique::Email(email_key(number)));
    let events = || [an_account(), Event::EmailChanged(EmailChanged { email_key: email_key(2), verified: true })];
    given::<Accounts>(events()).when(vouch(2)).by(bob()).then_nothing();
    given::<Accounts>(events()).when(vouch(1)).by(bob()).then_refused(DoesNotBear);
}

#[test]
fn a_user_name_that_is_given_up_is_kept_for_its_holder_and_then_free() {
    let expires_at = NOW.plus_millis(USER_NAME_KEPT_MS);
    let confirmed = || Event::Reservation(ReservationEvent::UserNameConfirmed(held("ada.l")));
    let released = || {
        let released = Reserved { expires_at, ..reserved_name(ada_id()) };
        Event::Reservation(ReservationEvent::UserNameReleased(released))
    };
    let release = || reservations::Command::Release { value: user_name("Ada.L"), holder_id: ada_id() }.into();
    let events = || [confirmed(), released()];
    given::<Accounts>([confirmed()]).when(release()).by(ada()).then(released());
    given::<Accounts>(events()).when(release()).by(ada()).then_nothing();
    given::<Accounts>(events()).when(reserve(ada_id(), None)).by(ada()).then_nothing();
    let pending = reservations::Rejection::Pending { holder_id: ada_id(), expires_at, expired: false };
    let expired = reservations::Expired { holder_id: ada_id(), expires_at };
    let by_bob = || given::<Accounts>(events()).when(reserve(bob_id(), Some(expired))).by(bob());
    by_bob().at(expires_at.plus_millis(-1)).then_refused(pending);
    by_bob().at(expires_at).then(reserved(bob_id(), expires_at.plus_millis(LEASE_MS)));
}

#[test]
fn an_address_that_is_given_up_is_kept_for_a_reservations_life() {
    let (value, key) = (Unique::Email(email_key(1)), email_key(1));
    let released =
        Reserved { claimed_value: key.to_string(), holder_id: ada_id(), expires_at: NOW.plus_millis(LEASE_MS) };
    given::<Accounts>([ReservationEvent::EmailConfirmed(held(key.as_str())).into()])
        .when(reservations::Command::Release { value, holder_id: ada_id() }.into())
        .by(ada())
        .then(ReservationEvent::EmailReleased(released).into());
}

#[test]
fn a_command_about_an_address_is_not_for_the_reservation_of_a_user_name() {
    let value = Unique::Email(email_key(1));
    let confirm = reservations::Command::Confirm { value, holder_id: ada_id(), expires_at: NOW };
    given::<Accounts>([reserved(ada_id(), NOW)]).when(confirm.into()).by(ada()).then_refused(WrongAggregate);
}

#[test]
fn an_address_is_verified_once_and_only_the_present_one() {
    let verify = |number| to_ada(Change::VerifyEmail { email_key: email_key(number) });
    let verified = || Event::EmailVerified(EmailVerified { email_key: email_key(1) });
    given::<Accounts>([an_account()]).when(verify(1)).by(ada()).then(verified());
    given::<Accounts>([an_account(), verified()]).when(verify(1)).by(ada()).then_nothing();
    given::<Accounts>([an_account()]).when(verify(2)).by(ada()).then_refused(DoesNotBear);
}

#[test]
fn an_address_is_given_up_only_if_its_owner_was_not_shown_to_answer_to_it() {
    let give_up = |number| to_ada(Change::GiveUpEmail { email_key: email_key(number) });
    let given_up = || Event::EmailGivenUp(EmailGivenUp { email_key: email_key(1) });
    let verified = || Event::EmailVerified(EmailVerified { email_key: email_key(1) });
    given::<Accounts>([an_account()]).when(give_up(1)).by(ada()).then(given_up());
    given::<Accounts>([an_account(), DEACTIVATED]).when(give_up(1)).by(ada()).then(given_up());
    given::<Accounts>([an_account(), given_up()]).when(give_up(1)).by(ada()).then_nothing();
    given::<Accounts>([an_account()]).when(give_up(2)).by(ada()).then_nothing();
    given::<Accounts>([an_account(), verified()]).when(give_up(1)).by(ada()).then_refused(Rejection::Verified);
    given::<Accounts>([an_account()]).when(give_up(1)).by(bob()).then_refused(Rejection::NotTheOwner);
}

#[test]
fn an_account_does_not_vouch_for_an_address_it_gave_up_and_can_have_another() {
    let given_up = || Event::EmailGivenUp(EmailGivenUp { email_key: email_key(1) });
    let vouch = vouch(Unique::Email(email_key(1)));
    given::<Accounts>([an_account(), given_up()]).when(vouch).by(bob()).then_refused(DoesNotBear);
    let verify = to_ada(Change::VerifyEmail { email_key: email_key(1) });
    given::<Accounts>([an_account(), given_up()]).when(verify).by(ada()).then_refused(DoesNotBear);
    let to = to_ada(Change::Email { email_key: email_key(2), verified: true, lease: Lease::CONFIRMED });
    let changed = Event::EmailChanged(EmailChanged { email_key: email_key(2), verified: true });
    given::<Accounts>([an_account(), given_up()]).when(to).by(ada()).then(changed);
}

#[test]
fn an_address_is_not_changed_to_none() {
    let to_none = to_ada(Change::Email { email_key: EmailKey::none(), verified: true, lease: Lease::CONFIRMED });
    given::<Accounts>([an_account()]).when(to_none).by(ada()).then_refused(DoesNotBear);
}

#[test]
fn an_address_changed_to_is_a_verified_one() {
    let to = |number| to_ada(Change::Email { email_key: email_key(number), verified: true, lease: Lease::CONFIRMED });
    let changed = || Event::EmailChanged(EmailChanged { email_key: email_key(2), verified: true });
    given::<Accounts>([an_account()]).when(to(2)).by(ada()).then(changed());
    given::<Accounts>([an_account(), changed()]).when(to(2)).by(ada()).then_nothing();
    given::<Accounts>([an_account()]).when(to(2)).by(editor()).then_refused(Rejection::NotTheOwner);
}

#[test]
fn an_address_that_was_not_shown_to_be_the_owners_is_one_to_be_verified() {
    let to = |number| to_ada(Change::Email { email_key: email_key(number), verified: false, lease: Lease::CONFIRMED });
    let changed = || Event::EmailChanged(EmailChanged { email_key: email_key(2), verified: false });
    let verify = || to_ada(Change::VerifyEmail { email_key: email_key(2) });
    let verified = || Event::EmailVerified(EmailVerified { email_key: email_key(2) });
    given::<Accounts>([an_account()]).when(to(2)).by(ada()).then(changed());
    given::<Accounts>([an_account(), changed()]).when(to(2)).by(ada()).then_nothing();
    given::<Accounts>([an_account(), changed()]).when(verify()).by(ada()).then(verified());
    given::<Accounts>([an_account(), changed(), verified()]).when(to(2)).by(ada()).then_nothing();
}

#[test]
fn only_an_admin_gives_and_takes_roles() {
    let grant = || to_ada(Change::GrantRole(Role::Editor));
    let revoke = || to_ada(Change::RevokeRole(Role::Editor));
    let revoked = Event::RoleRevoked(RoleRevoked { role_name: "editor".into() });
    given::<Accounts>([an_account()]).when(grant()).by(admin()).then(granted("editor"));
    given::<Accounts>([an_account(), granted("editor")]).when(grant()).by(admin()).then_nothing();
    given::<Accounts>([an_account(), granted("editor")]).when(revoke()).by(admin()).then(revoked);
    given::<Accounts>([an_account()]).when(revoke()).by(admin()).then_nothing();
    for actor in [ada(), editor()] {
        given::<Accounts>([an_account()]).when(grant()).by(actor.clone()).then_refused(Rejection::NotTheOwner);
        given::<Accounts>([an_account()]).when(revoke()).by(actor).then_refused(Rejection::NotTheOwner);
    }
}

#[test]
fn a_role_of_a_newer_version_gives_nothing() {
    given::<Accounts>([an_account(), granted("emperor")])
        .when(to_ada(Change::RevokeRole(Role::Admin)))
        .by(admin())
        .then_nothing();
}

#[test]
fn a_deactivated_account_does_not_change_until_an_admin_reactivates_it() {
    let reactivate = || to_ada(Change::Reactivate);
    given::<Accounts>([an_account()]).when(to_ada(Change::Deactivate)).by(ada()).then(DEACTIVATED);
    let events = || [an_account(), DEACTIVATED];
    given::<Accounts>(events()).when(to_ada(Change::Deactivate)).by(ada()).then_nothing();
    for command in [change(new_bio()), rename("Countess"), to_ada(Change::VerifyEmail { email_key: email_key(1) })] {
        given::<Accounts>(events()).when(command).by(ada()).then_refused(Rejection::Deactivated);
    }
    given::<Accounts>(events()).when(reactivate()).by(ada()).then_refused(Rejection::NotTheOwner);
    given::<Accounts>(events()).when(reactivate()).by(admin()).then(REACTIVATED);
    given::<Accounts>([an_account(), DEACTIVATED, REACTIVATED]).when(reactivate()).by(admin()).then_nothing();
}

#[test]
fn sealed_text_is_compared_without_being_opened() {
    let sealed = |text_of| Registered { bio: text(text_of), ..registered() };
    let registered = Event::Registered(sealed("sealed.v1.a"));
    given::<Accounts>([registered.clone()]).when(overwrite(sealed("sealed.v1.a"))).by(ada()).then_nothing();
    let changed = ProfileChanged { bio: Some(text("sealed.v1.b")), ..ProfileChanged::default() };
    let overwritten = overwrite(sealed("sealed.v1.b"));
    given::<Accounts>([registered]).when(overwritten).by(ada()).then(Event::ProfileChanged(changed));
}

#[test]
fn an_account_is_erased_once_by_its_owner_or_an_admin() {
    let erase = || to_ada(Change::Erase);
    for actor in [ada(), admin()] {
        given::<Accounts>([an_account()]).when(erase()).by(actor.clone()).then(ERASED);
        given::<Accounts>([an_account(), DEACTIVATED]).when(erase()).by(actor.clone()).then(ERASED);
        given::<Accounts>([an_account(), ERASED]).when(erase()).by(actor).then_nothing();
    }
    for actor in [bob(), editor()] {
        given::<Accounts>([an_account()]).when(erase()).by(actor).then_refused(Rejection::NotTheOwner);
    }
    given::<Accounts>([]).when(erase()).by(ada()).then_refused(Rejection::NotFound);
}

#[test]
fn nothing_happens_to_an_erased_account() {
    let commands = [
        put(registered()),
        overwrite(registered()),
        register(),
        change(new_bio()),
        rename("Countess"),
        to_ada(Change::VerifyEmail { email_key: email_key(1) }),
        to_ada(Change::GrantRole(Role::Editor)),
        to_ada(Change::RevokeRole(Role::Editor)),
        to_ada(Change::Deactivate),
        to_ada(Change::Reactivate),
    ];
    for command in commands {
        given::<Accounts>([an_account(), ERASED]).when(command).by(admin()).then_refused(Rejection::Erased);
    }
}

#[test]
fn an_erased_account_keeps_its_name_and_gives_up_its_address() {
    let events = || [an_account(), ERASED];
    given::<Accounts>(events()).when(vouch(user_name("ada.l"))).by(bob()).then_nothing();
    let address = vouch(Unique::Email(email_key(1)));
    given::<Accounts>(events()).when(address).by(bob()).then_refused(DoesNotBear);
}
