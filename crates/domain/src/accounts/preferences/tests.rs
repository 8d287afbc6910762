use super::super::{Accounts, Change, Command, Deactivated, Erased, Event, Rejection};
use super::*;
use crate::Decider;
use crate::testing::{ada, ada_id, admin, bob, editor, given, registered, text};

fn an_account() -> Event {
    Event::Registered(registered())
}

fn prefer(change: PreferencesChange) -> Command {
    Command::Change { account_id: ada_id(), change: Change::Preferences(Box::new(change)) }
}

fn theme(patch: Patch<Theme>) -> PreferencesChange {
    PreferencesChange { theme: patch, ..PreferencesChange::default() }
}

fn dark() -> Event {
    Event::PreferencesChanged(PreferencesChanged { theme: Some("dark".into()), ..PreferencesChanged::default() })
}

fn reset(fields: &[&str]) -> Event {
    let reset_fields = fields.iter().map(|&field| field.to_owned()).collect();
    Event::PreferencesChanged(PreferencesChanged { reset_fields, ..PreferencesChanged::default() })
}

/// What holds after these events.
fn after(events: impl IntoIterator<Item = Event>) -> Preferences {
    let chosen = events.into_iter().fold(Chosen::default(), |chosen, event| {
        if let Event::PreferencesChanged(changed) = event { chosen.after(&changed) } else { chosen }
    });
    Preferences::of(&chosen)
}

#[test]
fn a_preference_is_changed_once() {
    let to_dark = || prefer(theme(Patch::Set(Theme::Dark)));
    given::<Accounts>([an_account()]).when(to_dark()).by(ada()).then(dark());
    given::<Accounts>([an_account(), dark()]).when(to_dark()).by(ada()).then_nothing();
    given::<Accounts>([an_account()]).when(prefer(PreferencesChange::default())).by(ada()).then_nothing();
}

#[test]
fn a_preference_goes_back_to_its_default() {
    let back = || prefer(theme(Patch::Default));
    given::<Accounts>([an_account(), dark()]).when(back()).by(ada()).then(reset(&["theme"]));
    given::<Accounts>([an_account()]).when(back()).by(ada()).then_nothing();
    given::<Accounts>([an_account(), dark(), reset(&["theme"])]).when(back()).by(ada()).then_nothing();
    assert_eq!(after([dark()]).theme, Theme::Dark);
    assert_eq!(after([dark(), reset(&["theme"])]), Preferences::default());
}

#[test]
fn what_is_chosen_stays_even_if_it_is_the_default() {
    let chosen =
        Event::PreferencesChanged(PreferencesChanged { theme: Some("system".into()), ..PreferencesChanged::default() });
    given::<Accounts>([an_account()]).when(prefer(theme(Patch::Set(Theme::System)))).by(ada()).then(chosen);
}

#[test]
fn a_change_says_only_what_differs() {
    let change = PreferencesChange {
        locale: Patch::Set(text("PT-br")),
        posts_per_page: Patch::Set(PostsPerPage(50)),
        email_comment: Patch::Default,
        ..theme(Patch::Set(Theme::Dark))
    };
    let changed =
        PreferencesChanged { locale: Some("pt-BR".into()), posts_per_page: Some(50), ..PreferencesChanged::default() };
    let changed = Event::PreferencesChanged(changed);
    given::<Accounts>([an_account(), dark()]).when(prefer(change)).by(ada()).then(changed);
}

#[test]
fn only_the_owner_and_admins_change_preferences() {
    let to_dark = || prefer(theme(Patch::Set(Theme::Dark)));
    given::<Accounts>([an_account()]).when(to_dark()).by(admin()).then(dark());
    for other in [bob(), editor()] {
        given::<Accounts>([an_account()]).when(to_dark()).by(other).then_refused(Rejection::NotTheOwner);
    }
    given::<Accounts>([]).when(to_dark()).by(ada()).then_refused(Rejection::NotFound);
    given::<Accounts>([an_account(), Event::Deactivated(Deactivated {})])
        .when(to_dark())
        .by(ada())
        .then_refused(Rejection::Deactivated);
}

#[test]
fn a_value_of_a_newer_version_counts_as_none_and_is_kept() {
    let newer = PreferencesChanged {
        theme: Some("sepia".into()),
        posts_per_page: Some(1_000),
        reset_fields: vec!["mood".into()],
        ..PreferencesChanged::default()
    };
    let chosen = Chosen::default().after(&newer);
    assert_eq!(Preferences::of(&chosen), Preferences::default());
    assert_eq!(chosen.theme.as_deref(), Some("sepia"));
}

#[test]
fn an_account_that_prefers_something_is_registered_as_before() {
    let lease = crate::reservations::Lease::CONFIRMED;
    let again = Command::Register { account_id: ada_id(), profile: registered(), lease, email_lease: lease };
    given::<Accounts>([an_account(), dark()]).when(again).by(ada()).then_nothing();
}

#[test]
fn choices_have_names_and_no_others() {
    assert_eq!("weekly".parse::<EmailDigest>(), Ok(EmailDigest::Weekly));
    assert_eq!("private".parse::<Visibility>(), Ok(Visibility::Private));
    assert!("Dark".parse::<Theme>().is_err());
    let least_and_most = [9, 10, 100, 101].map(|number| PostsPerPage::try_from(number).is_ok());
    assert_eq!(least_and_most, [false, true, true, false]);
}

#[test]
fn a_state_without_preferences_is_as_one_that_went_back() {
    let states = [vec![an_account()], vec![an_account(), dark(), reset(&["theme"])]];
    let states = states.map(|events| events.iter().fold(Default::default(), Accounts::evolve));
    assert_eq!(states[0], states[1]);
}

#[test]
fn who_is_forgotten_prefers_nothing_any_more() {
    let prefer = prefer(theme(Patch::Set(Theme::Dark)));
    given::<Accounts>([an_account(), Event::Erased(Erased {})]).when(prefer).by(ada()).then_refused(Rejection::Erased);
}

/// During an upgrade it may be of a version that refuses what it does not know, though nothing is asked of it.
#[test]
fn another_instance_is_told_of_a_newer_preference_only_where_it_is_asked_for() {
    let told = |change: &PreferencesChange| {
        let told = serde_json::to_value(change).unwrap();
        let names: Vec<String> = told.as_object().unwrap().keys().cloned().collect();
        assert_eq!(&serde_json::from_value::<PreferencesChange>(told).unwrap(), change);
        names
    };
    // The names that version 2026-11-29 knows: it refuses where one of them is missing, too.
    let known = [
        "email_comment",
        "email_digest",
        "email_new_follower",
        "following_list",
        "locale",
        "posts_per_page",
        "theme",
        "time_zone",
    ];
    let sorted = |mut names: Vec<String>| {
        names.sort_unstable();
        names
    };
    assert_eq!(sorted(told(&theme(Patch::Set(Theme::Dark)))), known);
    for patch in [Patch::Set(Visibility::Private), Patch::Default] {
        let reactions = PreferencesChange { reactions_list: patch.clone(), ..PreferencesChange::default() };
        assert!(told(&reactions).contains(&"reactions_list".to_owned()), "{patch:?}");
        let comments = PreferencesChange { comments_list: patch, ..PreferencesChange::default() };
        assert!(!told(&comments).contains(&"reactions_list".to_owned()));
    }
}
