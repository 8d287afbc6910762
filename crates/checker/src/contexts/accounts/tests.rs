use serde_json::{Value, json};

use super::Accounts;
use crate::context::Context as _;
use crate::contexts::{holds, unasked};
use crate::history::Event;
use crate::testing::{happened, state};

fn event(verb: &str, at: i64, fields: Value) -> Event {
    happened("inklog.accounts", verb, at, fields)
}

#[test]
fn former_names_are_those_of_before_the_last_one_last() {
    let named = |name: &str, verb: &str| event(verb, 1, json!({"user_name": name}));
    let changed = |name: &str| named(name, "UserNameChanged");
    let names = |events: &[Event]| state(events)["former_user_names"].clone();
    assert_eq!(names(&[named("Ann", "Registered")]), json!([]));
    assert_eq!(names(&[named("Ann", "Registered"), changed("ann")]), json!([]));
    let events = [named("Ann", "Registered"), changed("Bea"), changed("Cat")];
    assert_eq!(names(&events), json!(["ann", "bea"]));
    assert_eq!(names(&[&events[..], &[changed("ann")]].concat()), json!(["bea", "cat"]));
}

#[test]
fn who_follows_a_letters_link_has_another_address_that_is_verified() {
    let asked = json!({"email_key": "k"});
    let changed = |verified: bool| event("EmailChanged", 1, json!({"email_key": "k", "verified": verified}));
    assert_eq!(unasked("accounts.confirm", &asked, &changed(true)), None);
    assert!(unasked("accounts.confirm", &asked, &changed(false)).is_some());
    assert_eq!(holds("accounts.confirm", &asked, &state(&[changed(true)])), Ok(()));
    assert!(holds("accounts.confirm", &asked, &state(&[changed(false)])).is_err());
    assert_eq!(holds("accounts.confirm", &asked, &state(&[event("EmailChanged", 1, asked.clone())])), Ok(()));
}

#[test]
fn an_account_has_the_roles_that_were_granted_and_not_taken_away() {
    let role = |verb: &str, role: &str| event(verb, 1, json!({"role_name": role}));
    let events = [role("RoleGranted", "author"), role("RoleGranted", "editor"), role("RoleRevoked", "author")];
    let (before, after) = (state(&events[..2]), state(&events));
    let (author, editor) = (json!({"role_name": "author"}), json!({"role_name": "editor"}));
    assert_eq!(holds("accounts.grant", &author, &before), Ok(()));
    assert!(holds("accounts.revoke", &author, &before).is_err());
    assert!(holds("accounts.grant", &author, &after).is_err());
    assert_eq!(holds("accounts.revoke", &author, &after), Ok(()));
    assert_eq!(holds("accounts.grant", &editor, &after), Ok(()));
    assert_eq!(unasked("accounts.revoke", &author, &events[2]), None);
    assert!(unasked("accounts.revoke", &editor, &events[2]).is_some(), "another role went");
}

#[test]
fn an_account_that_was_never_deactivated_is_active() {
    let happened = |verb: &str| event(verb, 1, json!({}));
    let holds = |events: &[Event]| holds("accounts.reactivate", &json!({}), &state(events));
    assert_eq!(holds(&[happened("Registered")]), Ok(()));
    assert!(holds(&[happened("Registered"), happened("Deactivated")]).is_err());
    assert_eq!(holds(&[happened("Registered"), happened("Deactivated"), happened("Reactivated")]), Ok(()));
}

#[test]
fn a_preference_is_shown_as_it_is_by_default_until_another_is_chosen() {
    let chosen = state(&[event("PreferencesChanged", 1, json!({"theme": "dark", "posts_per_page": null}))]);
    assert_eq!(
        (Accounts.shown(&chosen, "theme"), Accounts.shown(&chosen, "posts_per_page")),
        (json!("dark"), json!(20))
    );
    let back = [
        event("PreferencesChanged", 1, json!({"theme": "dark"})),
        event("PreferencesChanged", 2, json!({"reset_fields": ["theme"]})),
    ];
    assert_eq!(Accounts.shown(&state(&back), "theme"), json!("system"));
    assert_eq!(Accounts.shown(&chosen, "title"), Value::Null);
}
