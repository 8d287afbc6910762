mod properties;

use super::*;
use crate::claims::CLAIM_MS;
use crate::testing::{NOW, ada, ada_id, bob, bob_id, editor, given, registered, text};

fn an_account() -> Event {
    Event::Registered(registered())
}

fn put(profile: Registered) -> Command {
    Command::Put { account_id: ada_id(), profile, overwrite: false, grant: Grant::CONFIRMED }
}

fn overwrite(profile: Registered) -> Command {
    Command::Put { account_id: ada_id(), profile, overwrite: true, grant: Grant::CONFIRMED }
}

fn change(change: ProfileChanged) -> Command {
    Command::ChangeProfile { account_id: ada_id(), change }
}

fn new_bio() -> ProfileChanged {
    ProfileChanged { bio: Some(text("Countess.")), ..ProfileChanged::default() }
}

#[test]
fn an_account_is_registered_once() {
    given::<Accounts>([]).when(put(registered())).by(ada()).then(an_account());
    given::<Accounts>([an_account()]).when(put(registered())).by(ada()).then_nothing();
}

#[test]
fn whoever_overwrites_has_to_say_so() {
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
fn registering_needs_a_claim_that_is_not_near_its_end() {
    let put = |millis| {
        let grant = Grant { expires_at: Some(NOW.plus_millis(millis)) };
        Command::Put { account_id: ada_id(), profile: registered(), overwrite: false, grant }
    };
    given::<Accounts>([]).when(put(CLAIM_MS)).by(ada()).then(an_account());
    given::<Accounts>([]).when(put(CLAIM_MS / 2)).by(ada()).then_refused(Rejection::GrantLapsed);
}

#[test]
fn a_profile_is_changed_without_a_claim() {
    let lapsed = Grant { expires_at: Some(NOW) };
    let profile = Registered { bio: text("Countess."), ..registered() };
    let command = Command::Put { account_id: ada_id(), profile, overwrite: true, grant: lapsed };
    given::<Accounts>([an_account()]).when(command).by(ada()).then(Event::ProfileChanged(new_bio()));
}

#[test]
fn a_user_name_is_claimed_without_regard_to_case() {
    assert_eq!(user_name_claim_id(&text("Ada.L")), user_name_claim_id(&text("ada.l")));
}

#[test]
fn a_user_name_goes_to_the_first_who_claims_it() {
    let claim =
        |holder_id| Command::UserName(claims::Command::Claim { value: "ada.l".into(), holder_id, instead_of: None });
    let claimed = Event::UserNameClaimed(claims::Claimed {
        claimed_value: "ada.l".into(),
        holder_id: ada_id(),
        expires_at: NOW.plus_millis(CLAIM_MS),
    });
    let pending = claims::Rejection::Pending { holder_id: ada_id(), lapsed: false };
    given::<Accounts>([]).when(claim(ada_id())).by(ada()).then(claimed.clone());
    given::<Accounts>([claimed]).when(claim(bob_id())).by(bob()).then_refused(pending);
}

#[test]
fn a_user_name_is_confirmed_by_its_holder() {
    let held = claims::Held { claimed_value: "ada.l".into(), holder_id: ada_id() };
    let expires_at = NOW.plus_millis(CLAIM_MS);
    let claimed =
        Event::UserNameClaimed(claims::Claimed { claimed_value: "ada.l".into(), holder_id: ada_id(), expires_at });
    let confirm = Command::UserName(claims::Command::Confirm { value: "ada.l".into(), holder_id: ada_id() });
    given::<Accounts>([claimed]).when(confirm).by(ada()).then(Event::UserNameConfirmed(held));
}

#[test]
fn an_account_vouches_for_its_user_name_without_regard_to_case() {
    let vouch = |name| Command::Vouch { user_name: text(name) };
    given::<Accounts>([an_account()]).when(vouch("ada.l")).by(bob()).then_nothing();
    given::<Accounts>([an_account()]).when(vouch("bob")).by(bob()).then_refused(Rejection::DoesNotBear);
    given::<Accounts>([]).when(vouch("ada.l")).by(bob()).then_refused(Rejection::DoesNotBear);
}

#[test]
fn commands_go_to_the_aggregate_they_are_for() {
    let claimed = || Event::UserNameConfirmed(claims::Held { claimed_value: "a".into(), holder_id: bob_id() });
    let confirm = Command::UserName(claims::Command::Confirm { value: "a".into(), holder_id: bob_id() });
    given::<Accounts>([an_account()]).when(confirm).by(ada()).then_refused(Rejection::WrongAggregate);
    given::<Accounts>([claimed()]).when(put(registered())).by(ada()).then_refused(Rejection::WrongAggregate);
    given::<Accounts>([claimed()]).when(change(new_bio())).by(ada()).then_refused(Rejection::WrongAggregate);
}

#[test]
fn the_receipt_says_the_user_name_as_it_was_typed() {
    let receipt = |events: &[Event]| Accounts::receipt(&events.iter().fold(State::default(), Accounts::evolve));
    assert_eq!(receipt(&[]), None);
    assert_eq!(receipt(&[an_account(), Event::ProfileChanged(new_bio())]).as_deref(), Some("Ada.L"));
}
