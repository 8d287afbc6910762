//! Strategies. The alphabets are small: two people, three texts, a few minutes; so that commands meet what is there.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::{NOW, ada, ada_id, admin, bob, bob_id, editor, email_key, post_id, text};
use crate::accounts::{
    self, Change, Deactivated, EmailChanged, EmailGivenUp, EmailVerified, Erased, Patch, PreferencesChange,
    PreferencesChanged, ProfileChanged, Reactivated, Registered, RoleGranted, RoleRevoked, UserNameChanged,
};
use crate::following::{self, Edge, Followed, Unfollowed};
use crate::personal::Personal;
use crate::posts::{self, Deleted, Drafted, Edited, Published, Restored, Unpublished};
use crate::reservations::{self, Held, LEASE_MS, Lease, Reserved, UniqueValue};
use crate::values::{EmailKey, ImageUrl, Invalid, Tag};
use crate::{Actor, DecisionContext, Role, Timestamp};

/// Who, and when: within a few lives of a reservation.
pub(crate) fn decision_context() -> impl Strategy<Value = DecisionContext> {
    (actor(), time()).prop_map(|(actor, now)| DecisionContext { actor, now })
}

fn actor() -> impl Strategy<Value = Actor> {
    select(vec![ada(), bob(), editor(), admin()])
}

fn account_id() -> impl Strategy<Value = Uuid> {
    select(vec![ada_id(), bob_id()])
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0..4 * LEASE_MS).prop_map(|after| NOW.plus_millis(after))
}

fn any_text<T>() -> impl Strategy<Value = T>
where
    T: std::str::FromStr<Err = Invalid> + Clone + std::fmt::Debug + 'static,
{
    select(vec!["a", "b", "c"]).prop_map(text)
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

fn any_tags() -> impl Strategy<Value = Vec<Tag>> {
    vec(any_text(), 0..3)
}

fn lease() -> impl Strategy<Value = Lease> {
    option::of(time()).prop_map(|expires_at| Lease { expires_at })
}

fn post_content() -> impl Strategy<Value = Drafted> {
    let people = (account_id(), vec(account_id(), 0..2));
    let texts = (any_text(), any_text(), any_text(), any_text(), any_tags());
    (people, texts, option::of(time())).prop_map(|((author_id, co_author_ids), texts, originally_published_at)| {
        let (slug, title, summary, body, tags) = texts;
        Drafted { author_id, co_author_ids, slug, title, summary, body, tags, originally_published_at }
    })
}

fn edited() -> impl Strategy<Value = Edited> {
    let texts = (option::of(any_text()), option::of(any_text()), option::of(any_text()), option::of(any_text()));
    let others = (option::of(vec(account_id(), 0..2)), option::of(any_tags()), option::of(time()));
    (texts, others).prop_map(|((slug, title, summary, body), (co_author_ids, tags, originally_published_at))| Edited {
        co_author_ids,
        slug,
        title,
        summary,
        body,
        tags,
        originally_published_at,
    })
}

/// A command on a post.
pub(crate) fn post_command() -> impl Strategy<Value = posts::Command> {
    use posts::Command;
    let put = (post_content(), any::<bool>(), lease());
    prop_oneof![
        3 => put.prop_map(|(content, overwrite, lease)| Command::Put { content, overwrite, lease }),
        3 => (edited(), option::of(lease())).prop_map(|(change, lease)| Command::Edit { change, lease }),
        1 => Just(Command::Publish),
        1 => Just(Command::Unpublish),
        1 => Just(Command::Delete),
        1 => Just(Command::Restore),
        1 => slug().prop_map(|value| reservations::Command::Vouch { value }.into()),
    ]
}

/// A command on a post or on the reservation of a slug.
pub(crate) fn posts_command() -> impl Strategy<Value = posts::Command> {
    prop_oneof![2 => post_command(), 1 => slug_reservation_command().prop_map(posts::Command::from)]
}

/// Anything that can have happened in the context `posts`.
pub(crate) fn posts_event() -> impl Strategy<Value = posts::Event> {
    use posts::Event;
    prop_oneof![
        4 => post_content().prop_map(Event::Drafted),
        2 => edited().prop_map(Event::Edited),
        1 => Just(Event::Published(Published {})),
        1 => Just(Event::Unpublished(Unpublished {})),
        1 => Just(Event::Deleted(Deleted {})),
        1 => Just(Event::Restored(Restored {})),
        1 => reserved().prop_map(|reserved| posts::ReservationEvent::SlugClaimed(reserved).into()),
        1 => held().prop_map(|held| posts::ReservationEvent::SlugConfirmed(held).into()),
    ]
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
        2 => (any_email_key(), lease()).prop_map(|(email_key, lease)| Change::Email { email_key, lease }),
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
    let flag = || prop_oneof![Just(Patch::Keep), Just(Patch::Default), any::<bool>().prop_map(Patch::Set)];
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

/// A command on an account or on the reservation of a user name.
pub(crate) fn accounts_command() -> impl Strategy<Value = accounts::Command> {
    use accounts::Command;
    let put = (account_id(), profile(), any::<bool>(), lease());
    let register = (account_id(), profile(), lease(), lease());
    prop_oneof![
        2 => register.prop_map(|(account_id, profile, lease, email_lease)| {
            Command::Register { account_id, profile, lease, email_lease }
        }),
        4 => (account_id(), change()).prop_map(|(account_id, change)| Command::Change { account_id, change }),
        2 => put.prop_map(|(account_id, profile, overwrite, lease)| Command::Put { account_id, profile, overwrite, lease }),
        2 => borne_value().prop_map(|value| reservations::Command::Vouch { value }.into()),
        2 => reservation_command(borne_value()).prop_map(Command::from),
    ]
}

/// Anything that can have happened in the context `accounts`.
pub(crate) fn accounts_event() -> impl Strategy<Value = accounts::Event> {
    use accounts::Event;
    prop_oneof![
        3 => profile().prop_map(Event::Registered),
        2 => profile_changed().prop_map(Event::ProfileChanged),
        1 => any_text().prop_map(|user_name| Event::UserNameChanged(UserNameChanged { user_name })),
        1 => any_email_key().prop_map(|email_key| Event::EmailVerified(EmailVerified { email_key })),
        1 => any_email_key().prop_map(|email_key| Event::EmailChanged(EmailChanged { email_key })),
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

fn reservation_event() -> impl Strategy<Value = accounts::ReservationEvent> {
    use accounts::ReservationEvent;
    prop_oneof![
        reserved().prop_map(ReservationEvent::UserNameClaimed),
        held().prop_map(ReservationEvent::UserNameConfirmed),
        reserved().prop_map(ReservationEvent::UserNameReleased),
        reserved().prop_map(ReservationEvent::EmailClaimed),
        held().prop_map(ReservationEvent::EmailConfirmed),
        reserved().prop_map(ReservationEvent::EmailReleased),
    ]
}

fn holder_id() -> impl Strategy<Value = Uuid> {
    select(vec![post_id(1), post_id(2)])
}

fn reserved() -> impl Strategy<Value = Reserved> {
    (holder_id(), time()).prop_map(|(holder_id, expires_at)| Reserved {
        claimed_value: "a".into(),
        holder_id,
        expires_at,
    })
}

fn held() -> impl Strategy<Value = Held> {
    holder_id().prop_map(|holder_id| Held { claimed_value: "a".into(), holder_id })
}

fn slug() -> impl Strategy<Value = posts::Unique> {
    any_text().prop_map(posts::Unique::Slug)
}

/// What an account may bear.
fn borne_value() -> impl Strategy<Value = accounts::Unique> {
    prop_oneof![any_text().prop_map(accounts::Unique::UserName), any_email_key().prop_map(accounts::Unique::Email),]
}

/// A command on the reservation of a slug.
pub(crate) fn slug_reservation_command() -> impl Strategy<Value = reservations::Command<posts::Unique>> {
    reservation_command(slug())
}

/// A command on the reservation of one of these values.
fn reservation_command<U: UniqueValue>(
    value: impl Strategy<Value = U>,
) -> impl Strategy<Value = reservations::Command<U>> {
    use reservations::Command;
    let expired =
        holder_id().prop_map(|holder_id| reservations::Expired { holder_id, expires_at: NOW.plus_millis(LEASE_MS) });
    (value, holder_id(), option::of(expired), 0..6).prop_map(|(value, holder_id, instead_of, what)| match what {
        0 => Command::Confirm { value, holder_id },
        1 => Command::Release { value, holder_id },
        _ => Command::Reserve { value, holder_id, instead_of },
    })
}

fn edge() -> impl Strategy<Value = Edge> {
    (account_id(), account_id()).prop_map(|(follower_id, followee_id)| Edge { follower_id, followee_id })
}

/// Whether the one follows the other.
pub(crate) fn follows() -> impl Strategy<Value = bool> {
    any::<bool>()
}

/// A command on a pair of accounts.
pub(crate) fn following_command() -> impl Strategy<Value = following::Command> {
    prop_oneof![edge().prop_map(following::Command::Follow), edge().prop_map(following::Command::Unfollow)]
}

/// Anything that can have happened in the context `following`.
pub(crate) fn following_event() -> impl Strategy<Value = following::Event> {
    use following::Event;
    prop_oneof![
        edge().prop_map(|Edge { follower_id, followee_id }| Event::Followed(Followed { follower_id, followee_id })),
        edge().prop_map(|Edge { follower_id, followee_id }| Event::Unfollowed(Unfollowed { follower_id, followee_id })),
    ]
}
