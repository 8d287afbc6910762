//! Histories as views see them, and the view of authors.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::{
    Author, Authors, Follow, Follows, Gap, Post, Posts, Preferences, Preferred, View, ViewEvent, deleted_user_name,
};
use crate::accounts::{
    self, Chosen, Deactivated, Erased, PreferencesChanged, ProfileChanged, Reactivated, RoleGranted, RoleRevoked,
};
use crate::following::{self, Followed, Unfollowed};
use crate::reservations::Held;
use crate::testing::{NOW, ada_id, bob_id, post_id, registered, text};
use crate::values::UserName;
use crate::{AnyEvent, Recorded, posts};

/// One aggregate's events, a millisecond apart.
pub(super) fn history_of<E: Into<AnyEvent>>(id: Uuid, events: impl IntoIterator<Item = E>) -> Vec<ViewEvent> {
    let recorded = |(version, event): (u64, E)| Recorded {
        aggregate_id: id.to_string(),
        version,
        occurred_at: NOW.plus_millis(version.cast_signed()),
        actor_id: ada_id(),
        event: event.into(),
    };
    (1..).zip(events).map(recorded).collect()
}

/// The history of post 1.
pub(super) fn history(events: impl IntoIterator<Item = posts::Event>) -> Vec<ViewEvent> {
    history_of(post_id(1), events)
}

/// All rows that a history gives.
pub(super) fn rows<V: View>(events: &[ViewEvent]) -> HashMap<V::Key, V::Row> {
    V::fold_all(events).unwrap()
}

/// The row of post 1 after these events.
pub(super) fn post(events: impl IntoIterator<Item = posts::Event>) -> Post {
    rows::<Posts>(&history(events)).remove(&post_id(1)).unwrap()
}

fn changed() -> accounts::Event {
    accounts::Event::ProfileChanged(ProfileChanged { bio: Some(text("")), ..ProfileChanged::default() })
}

#[test]
fn an_author_is_who_registered_with_every_change_since() {
    let events = history_of(ada_id(), [accounts::Event::Registered(registered()), changed()]);
    let expected = Author {
        account_id: ada_id(),
        user_name: "Ada.L".into(),
        display_name: "Ada Lovelace".into(),
        bio: String::new(),
        image_url: "https://example.org/ada.png".into(),
        former_user_names: vec![],
        registered_at: NOW.plus_millis(1),
        roles: vec![],
        deactivated: false,
        version: 2,
    };
    assert_eq!(rows::<Authors>(&events), HashMap::from([(ada_id(), expected)]));
}

#[test]
fn an_author_has_the_roles_that_were_not_taken_away_since() {
    let granted = |role: &str| accounts::Event::RoleGranted(RoleGranted { role_name: role.into() });
    let revoked = |role: &str| accounts::Event::RoleRevoked(RoleRevoked { role_name: role.into() });
    let standing = |more: Vec<accounts::Event>| {
        let events = [vec![accounts::Event::Registered(registered())], more].concat();
        let row = rows::<Authors>(&history_of(ada_id(), events)).remove(&ada_id()).unwrap();
        (row.roles.join(" "), row.deactivated)
    };
    let all = vec![granted("editor"), granted("admin"), granted("editor"), revoked("admin")];
    assert_eq!(standing(all[..2].to_vec()), ("editor admin".into(), false));
    assert_eq!(standing(all[..3].to_vec()), ("admin editor".into(), false));
    assert_eq!(standing(all.clone()), ("editor".into(), false));
    let out = accounts::Event::Deactivated(Deactivated {});
    assert_eq!(standing([all.clone(), vec![out.clone()]].concat()), ("editor".into(), true));
    let back = accounts::Event::Reactivated(Reactivated {});
    assert_eq!(standing([all.clone(), vec![out.clone(), back]].concat()), ("editor".into(), false));
    let erased = accounts::Event::Erased(Erased {});
    assert_eq!(standing([all, vec![out, erased]].concat()), (String::new(), true));
}

#[test]
fn a_skipped_or_repeated_change_of_a_profile_is_a_gap() {
    let events = history_of(ada_id(), [accounts::Event::Registered(registered()), changed(), changed()]);
    let gap = |seen, found| Err(Gap { aggregate_id: ada_id().to_string(), seen, found });
    assert_eq!(Authors::fold_all([&events[0], &events[2]]), gap(1, 3));
    assert_eq!(Authors::fold_all([&events[0], &events[0]]), gap(1, 1));
}

#[test]
fn reservations_have_no_rows() {
    let held = || Held { claimed_value: "a".into(), holder_id: post_id(1) };
    let events = history_of(post_id(1), [posts::Event::from(posts::ReservationEvent::SlugConfirmed(held()))]);
    assert!(rows::<Posts>(&events).is_empty());
    let events = history_of(ada_id(), [accounts::Event::from(accounts::ReservationEvent::UserNameConfirmed(held()))]);
    assert!(rows::<Authors>(&events).is_empty());
}

#[test]
fn an_author_is_known_by_every_name_they_had() {
    let renamed = |name: &&str| accounts::Event::UserNameChanged(accounts::UserNameChanged { user_name: text(name) });
    let former = |names: &[&str]| {
        let events = history_of(
            ada_id(),
            std::iter::once(accounts::Event::Registered(registered())).chain(names.iter().map(renamed)),
        );
        let row = rows::<Authors>(&events).remove(&ada_id()).unwrap();
        (row.user_name, row.former_user_names)
    };
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(former(&["Countess"]), ("Countess".into(), names(&["ada.l"])));
    assert_eq!(former(&["Countess", "ADA.L"]), ("ADA.L".into(), names(&["countess"])));
    assert_eq!(former(&["ada.L"]), ("ada.L".into(), names(&[])));
    assert_eq!(former(&["b", "c", "b", "d"]), ("d".into(), names(&["ada.l", "c", "b"])));
}

#[test]
fn what_is_not_for_readers_is_seen_all_the_same() {
    let deactivated = accounts::Event::Deactivated(accounts::Deactivated {});
    let events = history_of(ada_id(), [accounts::Event::Registered(registered()), deactivated]);
    assert_eq!(rows::<Authors>(&events)[&ada_id()].version, 2);
}

#[test]
fn of_a_person_who_was_forgotten_only_the_account_is_left() {
    let renamed = accounts::Event::UserNameChanged(accounts::UserNameChanged { user_name: text("Countess") });
    let erased = accounts::Event::Erased(accounts::Erased {});
    let events = history_of(ada_id(), [accounts::Event::Registered(registered()), renamed, erased]);
    let row = rows::<Authors>(&events).remove(&ada_id()).unwrap();
    assert_eq!(row.user_name, deleted_user_name(ada_id()));
    assert!(row.user_name.parse::<UserName>().is_err(), "an account could have that name");
    assert_eq!([row.display_name, row.bio, row.image_url], ["", "", ""]);
    assert_eq!((row.former_user_names, row.version), (vec![], 3));
}

#[test]
fn what_is_sealed_shows_as_nothing() {
    let sealed = accounts::Registered { bio: text("sealed.v1.a"), ..registered() };
    let events = history_of(ada_id(), [accounts::Event::Registered(sealed)]);
    assert_eq!(rows::<Authors>(&events)[&ada_id()].bio, "");
}

/// The history of Ada's following Bob.
fn ada_to_bob(follows: &[bool]) -> Vec<ViewEvent> {
    let (follower_id, followee_id) = (ada_id(), bob_id());
    let event = |follows: &bool| match follows {
        true => following::Event::Followed(Followed { follower_id, followee_id }),
        false => following::Event::Unfollowed(Unfollowed { follower_id, followee_id }),
    };
    history_of(ada_id(), follows.iter().map(event))
}

#[test]
fn a_pair_is_as_its_last_event_says_since_then() {
    let pair = |version, active| Follow {
        follower_id: ada_id(),
        followee_id: bob_id(),
        active,
        since: NOW.plus_millis(version),
        version: version.cast_unsigned(),
    };
    let key = (ada_id(), bob_id());
    assert_eq!(rows::<Follows>(&ada_to_bob(&[true]))[&key], pair(1, true));
    assert_eq!(rows::<Follows>(&ada_to_bob(&[true, false]))[&key], pair(2, false));
    assert_eq!(rows::<Follows>(&ada_to_bob(&[true, false, true]))[&key], pair(3, true));
    let events = ada_to_bob(&[true, false, true]);
    let gap = Gap { aggregate_id: ada_id().to_string(), seen: 1, found: 3 };
    assert_eq!(Follows::fold_all([&events[0], &events[2]]), Err(gap));
}

#[test]
fn preferences_are_all_that_was_chosen_whatever_else_happened_between() {
    let prefers = |changed| accounts::Event::PreferencesChanged(changed);
    let dark = PreferencesChanged { theme: Some("dark".into()), ..PreferencesChanged::default() };
    let french = PreferencesChanged {
        locale: Some("fr".into()),
        reset_fields: vec!["theme".into()],
        ..PreferencesChanged::default()
    };
    let events = [accounts::Event::Registered(registered()), prefers(dark), changed(), prefers(french)];
    let events = history_of(ada_id(), events);
    let chosen = Chosen { locale: Some("fr".into()), ..Chosen::default() };
    let expected = Preferred { account_id: ada_id(), chosen, version: 4 };
    assert_eq!(rows::<Preferences>(&events), HashMap::from([(ada_id(), expected)]));
    assert_eq!(rows::<Authors>(&events)[&ada_id()].version, 4);
    let again = Preferences::fold_all([&events[1], &events[1]]);
    assert_eq!(again, Err(Gap { aggregate_id: ada_id().to_string(), seen: 2, found: 2 }));
}
