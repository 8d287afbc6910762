use serde_json::{Value, json};

use super::*;
use crate::testing::{happened, state};

/// When everything happens.
const AT: i64 = 1_000;

/// An event of the case of Bob's comment.
fn event(verb: &str, actor: &str, more: &Value) -> Event {
    let mut fields = json!({"target_kind": "comment", "target_id": "c", "post_id": "p", "number": 1,
        "subject_id": "bob"});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Event { actor_id: actor.into(), ..happened("inklog.moderation", verb, AT, fields) }
}

/// A ruling that someone makes by a role.
fn ruling(verb: &str, number: i64, (by, role): (&str, &str), more: &Value) -> Event {
    let mut fields = json!({"ruling": number, "ruled_at": AT, "moderator_id": by, "moderator_role": role});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event(verb, by, &fields)
}

fn hide(number: i64, by: (&str, &str)) -> Event {
    ruling("Decided", number, by, &json!({"measure": "hide"}))
}

fn lift(number: i64, by: (&str, &str), former: i64) -> Event {
    ruling("Lifted", number, by, &json!({"former_ruling": former}))
}

fn answer(number: i64, by: (&str, &str), upheld: bool) -> Event {
    ruling("AppealAnswered", number, by, &json!({"former_ruling": 1, "upheld": upheld}))
}

fn appeal(by: &str) -> Event {
    event("Appealed", by, &json!({"former_ruling": 1}))
}

/// Whether an event may follow on these.
fn may(before: &[Event], event: &Event) -> bool {
    let role = event.fields.get("moderator_role").and_then(Value::as_str);
    Moderation.forbids(&state(before), event, role).is_none()
}

const MO: (&str, &str) = ("mo", "moderator");
const EL: (&str, &str) = ("el", "moderator");
const ED: (&str, &str) = ("ed", "editor");
const AD: (&str, &str) = ("ad", "admin");

#[test]
fn only_moderators_rule_in_their_own_name_and_order() {
    let right = hide(1, MO);
    assert!(may(&[], &right));
    assert!(!may(&[], &hide(1, ("ann", "author"))), "an author");
    assert!(!may(&[], &hide(2, MO)), "not the next");
    assert!(!may(&[], &hide(1, ("bob", "moderator"))), "about themselves");
    assert!(!may(&[], &Event { actor_id: "el".into(), ..right.clone() }), "in the name of another");
    for role in ["author", "editor"] {
        assert!(Moderation.forbids(&State::new(), &right, Some(role)).is_some(), "it is asked by an {role}");
    }
    let mute = ruling("Decided", 1, MO, &json!({"measure": "mute"}));
    assert!(!may(&[], &mute), "a comment is not muted");
    for verb in ["Claimed", "ClaimReleased"] {
        let claim = event(verb, "ann", &json!({"moderator_id": "ann"}));
        assert!(Moderation.forbids(&State::new(), &claim, Some("author")).is_some(), "{verb}");
    }
}

#[test]
fn who_was_told_something_of_a_post_does_not_rule_on_it() {
    let told = hide(1, MO);
    let later = |by: &str| {
        let mut event = lift(2, (by, "admin"), 1);
        event.fields.insert("subject_id".into(), json!("eve"));
        event
    };
    assert!(!may(std::slice::from_ref(&told), &later("bob")));
    assert!(may(std::slice::from_ref(&told), &later("ad")));
    let forgotten = event("Erased", "bob", &json!({"ruling": 1}));
    assert!(may(&[told, forgotten], &later("bob")));
}

#[test]
fn of_two_moderators_who_moderate_each_other_none_hides_what_the_other_lifted() {
    let lifted = [hide(1, MO), lift(2, EL, 1)];
    for (by, is_right) in [(MO, false), (EL, true), (ED, true), (AD, true)] {
        assert_eq!(may(&lifted, &hide(3, by)), is_right, "{by:?}");
    }
    let by_an_admin = [hide(1, MO), lift(2, AD, 1)];
    for (by, is_right) in [(ED, false), (("another", "admin"), true)] {
        assert_eq!(may(&by_an_admin, &hide(3, by)), is_right, "{by:?}");
    }
    assert!(may(&[hide(1, MO), lift(2, MO, 1)], &hide(3, EL)), "their own");
}

#[test]
fn what_a_higher_role_decided_a_lesser_one_neither_lifts_nor_replaces() {
    let decided = [hide(1, ED)];
    let replace = |by| ruling("Decided", 2, by, &json!({"measure": "hide", "former_ruling": 1}));
    for (by, is_right) in [(MO, false), (ED, true), (("edna", "editor"), true), (AD, true)] {
        assert_eq!(may(&decided, &lift(2, by, 1)), is_right, "{by:?} lifts");
        assert_eq!(may(&decided, &replace(by)), is_right, "{by:?} replaces");
    }
    assert!(!may(&[hide(1, ED), lift(2, ED, 1)], &lift(3, ED, 1)), "it is not in force");
}

#[test]
fn appeals_are_of_whom_it_concerns_once_and_answered_by_another() {
    let decided = [hide(1, ED)];
    assert!(may(&decided, &appeal("bob")));
    assert!(!may(&decided, &appeal("eve")), "another's");
    assert!(!may(&[], &appeal("bob")), "of nothing");
    assert!(!may(&decided, &answer(2, AD, true)), "before there is one");
    let appealed = [hide(1, ED), appeal("bob")];
    assert!(!may(&appealed, &appeal("bob")), "twice");
    for (by, is_right) in [(MO, false), (ED, false), (("edna", "editor"), true), (AD, true)] {
        assert_eq!(may(&appealed, &answer(2, by, false)), is_right, "{by:?}");
    }
    assert!(may(&[hide(1, AD), appeal("bob")], &answer(2, AD, true)), "an admin may be the only one");
    let replaced = ruling("Decided", 2, ED, &json!({"measure": "hide", "former_ruling": 1}));
    assert!(!may(&appealed, &replaced), "the appeal would be over");
    assert!(!may(&[hide(1, ED), appeal("bob"), answer(2, AD, true)], &appeal("bob")), "after the answer");
}

#[test]
fn where_another_has_claimed_the_case_no_one_else_decides() {
    let claimed = event("Claimed", "mo", &json!({"moderator_id": "mo", "claimed_until_at": AT + 1}));
    let over = event("Claimed", "mo", &json!({"moderator_id": "mo", "claimed_until_at": AT}));
    let dismissed = ruling("Dismissed", 1, EL, &json!({}));
    for event in [hide(1, EL), dismissed, event("Claimed", "el", &json!({"moderator_id": "el"}))] {
        assert!(!may(std::slice::from_ref(&claimed), &event), "{}", event.event_type);
        assert!(may(std::slice::from_ref(&over), &event), "{}", event.event_type);
    }
    assert!(may(std::slice::from_ref(&claimed), &hide(1, MO)));
    let release = event("ClaimReleased", "el", &json!({"moderator_id": "mo"}));
    for (role, is_right) in [("moderator", false), ("editor", true)] {
        let wrong = Moderation.forbids(&state(std::slice::from_ref(&claimed)), &release, Some(role));
        assert_eq!(wrong.is_none(), is_right, "{role}");
    }
}

#[test]
fn reports_blocks_and_filters_are_of_who_may() {
    assert!(may(&[], &event("Reported", "eve", &json!({"reporter_id": "eve"}))));
    assert!(!may(&[], &event("Reported", "eve", &json!({"reporter_id": "mo"}))));
    assert!(!may(&[], &event("Reported", "bob", &json!({"reporter_id": "bob"}))), "about themselves");
    assert!(!may(&[], &event("PersonBlocked", "eve", &json!({"blocker_id": "bob", "blocked_id": "eve"}))));
    let filters = event("FiltersChanged", "ed", &json!({}));
    assert!(Moderation.forbids(&State::new(), &filters, Some("editor")).is_some());
    let carried = |ruling| event("CarriedOut", "mo", &json!({"ruling": ruling}));
    assert!(may(&[hide(1, MO)], &carried(1)));
    assert!(!may(&[hide(1, MO)], &carried(2)), "there is none");
    assert!(!may(&[hide(1, MO), carried(1)], &carried(1)), "again");
}
