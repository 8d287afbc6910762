use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{
    Accounts, Change, Command, Deactivated, EmailChanged, EmailGivenUp, EmailVerified, Erased, Event, Patch,
    PreferencesChange, PreferencesChanged, ProfileChanged, Reactivated, Registered, ReservationEvent, RoleGranted,
    RoleRevoked, Unique, UserNameChanged,
};
use crate::Role;
use crate::personal::Personal;
use crate::reservations::{self, UniqueValue as _};
use crate::testing::any::reservations::{held, reserved};
use crate::testing::any::{self, Drawn, account_id, any_text, lease};
use crate::testing::{email_key, text};
use crate::values::{EmailKey, ImageUrl, Invalid};

impl Drawn for Accounts {
    fn command() -> impl Strategy<Value = (String, Command)> {
        command().prop_map(|command| (aggregate_of(&command), command))
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            3 => profile().prop_map(Event::Registered),
            2 => profile_changed().prop_map(Event::ProfileChanged),
            1 => any_text().prop_map(|user_name| Event::UserNameChanged(UserNameChanged { user_name })),
            1 => any_email_key().prop_map(|email_key| Event::EmailVerified(EmailVerified { email_key })),
            1 => (any_email_key(), proptest::bool::ANY)
                .prop_map(|(email_key, verified)| Event::EmailChanged(EmailChanged { email_key, verified })),
            1 => any_email_key().prop_map(|email_key| Event::EmailGivenUp(EmailGivenUp { email_key })),
            1 => role_name().prop_map(|role_name| Event::RoleGranted(RoleGranted { role_name })),
            1 => role_name().prop_map(|role_name| Event::RoleRevoked(RoleRevoked { role_name })),
            1 => preferences_changed().prop_map(Event::PreferencesChanged),
            1 => Just(Event::Deactivated(Deactivated {})),
            1 => Just(Event::Reactivated(Reactivated {})),
            1 => Just(Event::Erased(Erased {})),
            1 => reservation_event().prop_map(Event::from),
        ]
    }
}

fn command() -> impl Strategy<Value = Command> {
    let put = (account_id(), profile(), proptest::bool::ANY, lease());
    let register = (account_id(), profile(), lease(), lease());
    prop_oneof![
        2 => register.prop_map(|(account_id, profile, lease, email_lease)| {
            Command::Register { account_id, profile, lease, email_lease }
        }),
        4 => (account_id(), change()).prop_map(|(account_id, change)| Command::Change { account_id, change }),
        2 => put.prop_map(|(account_id, profile, overwrite, lease)| {
            Command::Put { account_id, profile, overwrite, lease }
        }),
        2 => borne_value().prop_map(|value| reservations::Command::Vouch { value }.into()),
        2 => any::reservations::command(borne_value()).prop_map(Command::from),
    ]
}

fn aggregate_of(command: &Command) -> String {
    match command {
        Command::Put { account_id, .. } | Command::Register { account_id, .. } | Command::Change { account_id, .. } => {
            account_id.to_string()
        }
        Command::Reservation(command) => command.value().reservation_id(),
    }
}

fn profile() -> impl Strategy<Value = Registered> {
    let texts = (any_text(), any_personal(), any_personal(), any_url(), any_email_key());
    texts.prop_map(|(user_name, display_name, bio, image_url, email_key)| Registered {
        user_name,
        display_name,
        bio,
        image_url,
        email_key,
    })
}

fn any_email_key() -> impl Strategy<Value = EmailKey> {
    select(vec![EmailKey::none(), email_key(1), email_key(2)])
}

fn any_role() -> impl Strategy<Value = Role> {
    select(Role::ALL.to_vec())
}

/// A role's name in an event: it may be one that this version does not know.
fn role_name() -> impl Strategy<Value = String> {
    select(vec!["reader".to_owned(), "editor".to_owned(), "emperor".to_owned()])
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => profile_changed().prop_map(Change::Profile),
        2 => (any_text(), lease()).prop_map(|(user_name, lease)| Change::UserName { user_name, lease }),
        2 => (any_email_key(), proptest::bool::ANY, lease())
            .prop_map(|(email_key, verified, lease)| Change::Email { email_key, verified, lease }),
        2 => any_email_key().prop_map(|email_key| Change::VerifyEmail { email_key }),
        1 => any_email_key().prop_map(|email_key| Change::GiveUpEmail { email_key }),
        2 => preferences_change().prop_map(|change| Change::Preferences(Box::new(change))),
        1 => any_role().prop_map(Change::GrantRole),
        1 => any_role().prop_map(Change::RevokeRole),
        1 => Just(Change::Deactivate),
        1 => Just(Change::Reactivate),
        1 => Just(Change::Erase),
    ]
}

fn profile_changed() -> impl Strategy<Value = ProfileChanged> {
    let fields = (option::of(any_personal()), option::of(any_personal()), option::of(any_url()));
    fields.prop_map(|(display_name, bio, image_url)| ProfileChanged { display_name, bio, image_url })
}

fn patch<T>(values: &'static [&'static str]) -> impl Strategy<Value = Patch<T>>
where
    T: std::str::FromStr<Err = Invalid> + Clone + std::fmt::Debug + 'static,
{
    prop_oneof![Just(Patch::Keep), Just(Patch::Default), select(values).prop_map(|value| Patch::Set(text(value)))]
}

fn preferences_change() -> impl Strategy<Value = PreferencesChange> {
    let flag = || prop_oneof![Just(Patch::Keep), Just(Patch::Default), proptest::bool::ANY.prop_map(Patch::Set)];
    (patch(&["en", "pt-BR"]), patch(&["UTC", "Europe/Lisbon"]), patch(&["dark", "light"]), flag()).prop_map(
        |(locale, time_zone, theme, email_comment)| PreferencesChange {
            locale,
            time_zone,
            theme,
            email_comment,
            ..PreferencesChange::default()
        },
    )
}

/// With names and values that this version may not know.
fn preferences_changed() -> impl Strategy<Value = PreferencesChanged> {
    let some = |values: &'static [&'static str]| option::of(select(values).prop_map(str::to_owned));
    let reset = vec(select(vec!["theme", "locale", "mood"]).prop_map(str::to_owned), 0..3);
    (some(&["en", "no tag"]), some(&["dark", "sepia"]), option::of(-1..200_i64), reset).prop_map(
        |(locale, theme, posts_per_page, reset_fields)| PreferencesChanged {
            locale,
            theme,
            posts_per_page,
            reset_fields,
            ..PreferencesChanged::default()
        },
    )
}

fn reservation_event() -> impl Strategy<Value = ReservationEvent> {
    prop_oneof![
        reserved().prop_map(ReservationEvent::UserNameClaimed),
        held().prop_map(ReservationEvent::UserNameConfirmed),
        reserved().prop_map(ReservationEvent::UserNameReleased),
        reserved().prop_map(ReservationEvent::EmailClaimed),
        held().prop_map(ReservationEvent::EmailConfirmed),
        reserved().prop_map(ReservationEvent::EmailReleased),
    ]
}

/// What an account may bear.
fn borne_value() -> impl Strategy<Value = Unique> {
    prop_oneof![any_text().prop_map(Unique::UserName), any_email_key().prop_map(Unique::Email)]
}

fn any_url() -> impl Strategy<Value = Personal<ImageUrl>> {
    select(vec!["", "https://example.org/a.png", "sealed.v1.a"]).prop_map(text)
}

/// As it is in the log: sealed, or from before that.
fn any_personal<T>() -> impl Strategy<Value = Personal<T>>
where
    T: TryFrom<String, Error = Invalid> + Clone + 'static,
{
    select(vec!["a", "sealed.v1.a", "sealed.v1.b"]).prop_map(text)
}
