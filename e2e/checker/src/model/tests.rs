use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

fn event(name: &str, at: i64, fields: Value) -> Event {
    Event {
        event_type: format!("inklog.posts.{name}"),
        aggregate_id: "p".into(),
        version: 1,
        occurred_at: at,
        actor_id: String::new(),
        term: 1,
        seq: 1,
        command_id: Uuid::nil(),
        correlation_id: Uuid::nil(),
        digest: None,
        fields: fields.as_object().unwrap().clone(),
    }
}

fn state(events: &[Event]) -> State {
    let mut state = State::new();
    events.iter().for_each(|event| fold(&mut state, event));
    state
}

#[test]
fn null_means_stayed_as_it_was() {
    let drafted = event("Drafted", 1, json!({"title": "a", "body": "b"}));
    let edited = event("Edited", 2, json!({"title": "c", "body": null}));
    let state = state(&[drafted, edited]);
    assert_eq!((&state["title"], &state["body"]), (&json!("c"), &json!("b")));
    assert_eq!((&state["created_at"], &state["updated_at"]), (&json!(1), &json!(2)));
}

#[test]
fn a_post_is_dated_by_when_it_was_first_published_anywhere() {
    let drafted = || event("Drafted", 1, json!({"title": "a"}));
    let publish = |at| event("Published", at, json!({}));
    let elsewhere = |at: i64| event("Edited", 9, json!({"originally_published_at": at}));
    let date = |events: &[Event]| state(events).get("published_at").cloned().unwrap_or(Value::Null);
    assert_eq!(date(&[drafted(), elsewhere(5)]), Value::Null);
    assert_eq!(date(&[drafted(), publish(7)]), json!(7));
    assert_eq!(date(&[drafted(), publish(7), event("Unpublished", 8, json!({})), publish(9)]), json!(7));
    assert_eq!(date(&[drafted(), elsewhere(5), publish(7)]), json!(5));
    assert_eq!(date(&[drafted(), publish(7), elsewhere(5)]), json!(5));
}

#[test]
fn what_was_left_out_of_a_whole_is_empty_and_of_a_change_stays() {
    let state = state(&[event(
        "Drafted",
        1,
        json!({"title": "a", "summary": "s", "body": "", "tags": [], "co_author_ids": []}),
    )]);
    assert!(holds("posts.put", &json!({"title": "a"}), &state).is_err(), "the summary differs");
    assert_eq!(holds("posts.put", &json!({"title": "a", "summary": "s"}), &state), Ok(()));
    assert_eq!(holds("posts.edit", &json!({"title": "a"}), &state), Ok(()));
    assert!(holds("posts.edit", &json!({"title": "b"}), &state).is_err());
    assert!(holds("posts.publish", &json!({}), &state).is_err());
    assert_eq!(holds("posts.restore", &json!({}), &state), Ok(()));
}

#[test]
fn an_event_changes_what_was_asked() {
    let edited = event("Edited", 1, json!({"title": "b", "body": null}));
    assert_eq!(unasked("posts.edit", &json!({"title": "b", "body": "x"}), &edited), None);
    assert!(unasked("posts.edit", &json!({"title": "c"}), &edited).is_some());
    assert!(unasked("posts.edit", &json!({}), &edited).is_some());
    let drafted = event("Drafted", 1, json!({"title": "b", "slug": "b-1", "author_id": "x", "summary": ""}));
    assert_eq!(unasked("posts.draft", &json!({"title": "b"}), &drafted), None, "slug and author are left to us");
    assert!(unasked("posts.draft", &json!({"title": "b", "slug": "b"}), &drafted).is_some());
}

#[test]
fn a_kind_leads_to_its_own_events() {
    assert_eq!(may_lead_to("posts.publish", "inklog.posts.Published"), Some(true));
    assert_eq!(may_lead_to("posts.publish", "inklog.posts.Deleted"), Some(false));
    assert_eq!(may_lead_to("cells.set", "inklog.posts.Set"), Some(false));
    assert_eq!(may_lead_to("comments.post", "inklog.comments.Posted"), None);
}

#[test]
fn former_names_are_those_of_before_the_last_one_last() {
    let named = |name: &str, verb: &str| {
        let mut event = event(verb, 1, json!({"user_name": name}));
        event.event_type = format!("inklog.accounts.{verb}");
        event
    };
    let changed = |name: &str| named(name, "UserNameChanged");
    let names = |events: &[Event]| state(events)["former_user_names"].clone();
    assert_eq!(names(&[named("Ann", "Registered")]), json!([]));
    assert_eq!(names(&[named("Ann", "Registered"), changed("ann")]), json!([]));
    let events = [named("Ann", "Registered"), changed("Bea"), changed("Cat")];
    assert_eq!(names(&events), json!(["ann", "bea"]));
    assert_eq!(names(&[&events[..], &[changed("ann")]].concat()), json!(["bea", "cat"]));
}

#[test]
fn an_account_has_the_roles_that_were_granted_and_not_taken_away() {
    let role = |verb: &str, role: &str| {
        let mut event = event(verb, 1, json!({"role_name": role}));
        event.event_type = format!("inklog.accounts.{verb}");
        event
    };
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
    assert_eq!((shown(&chosen, "theme"), shown(&chosen, "posts_per_page")), (json!("dark"), json!(20)));
    let back = [
        event("PreferencesChanged", 1, json!({"theme": "dark"})),
        event("PreferencesChanged", 2, json!({"reset_fields": ["theme"]})),
    ];
    assert_eq!(shown(&state(&back), "theme"), json!("system"));
    assert_eq!(shown(&chosen, "title"), Value::Null);
}
