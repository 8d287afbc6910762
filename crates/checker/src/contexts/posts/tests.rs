use serde_json::{Value, json};

use crate::context::Context as _;
use crate::contexts::{holds, unasked};
use crate::history::Event;
use crate::testing::{happened, state};

fn event(verb: &str, at: i64, fields: Value) -> Event {
    happened("inklog.posts", verb, at, fields)
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
fn without_a_date_elsewhere_a_post_is_dated_by_its_publication_here() {
    let edited = |fields| event("Edited", 9, fields);
    let undated = || edited(json!({"originally_published_at": null, "reset_fields": ["originally_published_at"]}));
    let events = [
        event("Drafted", 1, json!({"title": "a", "originally_published_at": 5})),
        event("Published", 7, json!({})),
        undated(),
    ];
    let state = state(&events);
    assert_eq!((state.get("originally_published_at"), &state["published_at"]), (None, &json!(7)));
    assert_eq!(holds("posts.edit", &json!({"originally_published_at": null}), &state), Ok(()));
    assert!(holds("posts.edit", &json!({"originally_published_at": 5}), &state).is_err());
    assert_eq!(unasked("posts.edit", &json!({"originally_published_at": null}), &undated()), None);
    assert!(unasked("posts.edit", &json!({"title": "b"}), &undated()).is_some());
    assert_eq!(unasked("posts.edit", &json!({"title": "b"}), &edited(json!({"title": "b", "reset_fields": []}))), None);
}

#[test]
fn null_empties_what_is_always_there() {
    let emptied = event("Edited", 2, json!({"summary": "", "tags": []}));
    let asked = json!({"summary": null, "tags": null});
    assert_eq!(unasked("posts.edit", &asked, &emptied), None);
    assert!(unasked("posts.edit", &json!({"tags": null}), &emptied).is_some(), "the summary was not asked");
    let drafted = event("Drafted", 1, json!({"summary": "s", "tags": ["t"]}));
    assert!(holds("posts.edit", &asked, &state(&[event("Drafted", 1, json!({"summary": "s", "tags": []}))])).is_err());
    assert_eq!(holds("posts.edit", &asked, &state(&[drafted, emptied])), Ok(()));
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

fn with_co_author() -> Vec<Event> {
    vec![
        event("Drafted", 1, json!({"author_id": "a", "co_author_ids": ["n"]})),
        event("CoAuthorInvited", 2, json!({"account_id": "c"})),
        event("CoAuthorJoined", 3, json!({"account_id": "c"})),
    ]
}

#[test]
fn who_accepts_an_invitation_is_the_last_co_author() {
    let found = state(&with_co_author());
    assert_eq!((&found["co_author_ids"], &found["agreed"]), (&json!(["n", "c"]), &json!(["c"])));
    assert_eq!(holds("posts.accept", &json!({"account_id": "c"}), &found), Ok(()));
    assert!(holds("posts.accept", &json!({"account_id": "n"}), &found).is_err());
}

#[test]
fn no_account_is_a_co_author_that_was_not_invited() {
    let found = state(&[with_co_author().remove(0), event("CoAuthorJoined", 2, json!({"account_id": "c"}))]);
    assert_eq!(found["co_author_ids"], json!(["n"]));
}

#[test]
fn who_hands_a_post_over_is_its_last_co_author() {
    let handed_over =
        |from: &str, to: &str| event("HandedOver", 4, json!({"from_account_id": from, "to_account_id": to}));
    let after = |event| state(&[with_co_author(), vec![event]].concat());
    let found = after(handed_over("a", "c"));
    assert_eq!((&found["author_id"], &found["co_author_ids"]), (&json!("c"), &json!(["n", "a"])));
    assert_eq!(holds("posts.hand_over", &json!({"account_id": "c"}), &found), Ok(()));
    assert_eq!(after(handed_over("a", "n"))["author_id"], "a", "who did not agree gets no post");
    assert_eq!(after(handed_over("n", "c"))["author_id"], "a", "what is another's is not handed over");
}

#[test]
fn a_post_names_whom_an_import_names_but_for_who_left_and_with_those_who_agreed() {
    let left = event("CoAuthorLeft", 4, json!({"account_id": "n"}));
    let found = state(&[with_co_author(), vec![left]].concat());
    let put = |names: &[&str]| json!({"author_id": "a", "co_author_ids": names});
    let holds = |names: &[&str]| super::co_authors::named_as_asked(&put(names), &found, true);
    assert_eq!(holds(&["n"]), Ok(()));
    assert_eq!(holds(&["c"]), Ok(()));
    assert!(holds(&["o"]).is_err(), "o is not named");
}

#[test]
fn an_event_is_about_the_account_that_was_asked() {
    let invited = event("CoAuthorInvited", 2, json!({"account_id": "c"}));
    assert_eq!(unasked("posts.invite", &json!({"account_id": "c"}), &invited), None);
    assert!(unasked("posts.invite", &json!({"account_id": "d"}), &invited).is_some());
}

#[test]
fn a_post_is_counted_in_the_month_of_its_publication_in_utc() {
    let march = 1_772_323_200_000;
    let months = [march - 1, march, 0, -1, 951_782_400_000].map(super::about::month_of);
    assert_eq!(months, [202_602, 202_603, 197_001, 196_912, 200_002]);
}

#[test]
fn what_a_caller_asks_of_a_cover_a_language_and_custom_fields_is_in_the_log_by_other_names() {
    let asked = json!({"cover": {"url": "https://a.org/a", "focal_x": 10}, "language": "he",
        "custom_fields": {"b": 1, "a": "x"}});
    let edited = event(
        "Edited",
        2,
        json!({"cover_image": "https://a.org/a", "cover_alt": "", "cover_focal_x": 10, "cover_focal_y": 50,
            "language_tag": "he", "custom_fields": r#"{"a":"x","b":1}"#}),
    );
    assert_eq!(unasked("posts.edit", &asked, &edited), None);
    assert!(unasked("posts.edit", &json!({"language": "he"}), &edited).is_some(), "no cover was asked");
    let drafted = || event("Drafted", 1, json!({"title": "a"}));
    let found = state(&[drafted(), edited.clone()]);
    assert_eq!(holds("posts.edit", &asked, &found), Ok(()));
    assert!(holds("posts.edit", &json!({"cover": null}), &found).is_err());
    let taken = ["cover_image", "cover_alt", "cover_focal_x", "cover_focal_y", "visibility"];
    let reset = event("Edited", 3, json!({"reset_fields": taken}));
    assert_eq!(unasked("posts.edit", &json!({"cover": null, "visibility": null}), &reset), None);
    assert!(unasked("posts.edit", &json!({"cover": null}), &reset).is_some(), "the visibility was not asked");
    assert_eq!(holds("posts.edit", &json!({"cover": null}), &state(&[drafted(), edited, reset])), Ok(()));
}

#[test]
fn a_post_that_is_only_for_who_has_its_address_is_not_listed() {
    let shown = |visibility: &str| {
        let edited = event("Edited", 2, json!({"visibility": visibility}));
        let found = state(&[event("Drafted", 1, json!({"title": "a"})), edited, event("Published", 3, json!({}))]);
        super::is_shown(&found)
    };
    assert_eq!(["public", "members", "unlisted"].map(shown), [true, true, false]);
}

#[test]
fn what_is_unpublished_is_in_the_archive_no_more() {
    let with = |verbs: &[&str]| {
        let mut events = vec![event("Drafted", 1, json!({"title": "a"})), event("Published", 2, json!({}))];
        events.extend((3..).zip(verbs).map(|(version, verb)| event(verb, version, json!({}))));
        state(&events)["archived"] == true
    };
    assert!(!with(&[]));
    assert!(with(&["Archived"]));
    assert!(with(&["Archived", "Deleted", "Restored"]));
    assert!(!with(&["Archived", "Unarchived"]));
    assert!(!with(&["Archived", "Unpublished", "Published"]));
    let archived = state(&[event("Drafted", 1, json!({"title": "a"})), event("Archived", 2, json!({}))]);
    assert_eq!(holds("posts.archive", &json!({}), &archived), Ok(()));
    assert!(holds("posts.unarchive", &json!({}), &archived).is_err());
}

#[test]
fn what_no_reader_sees_moves_no_date() {
    let events =
        [event("Drafted", 1, json!({})), event("Published", 2, json!({})), event("PreviewGiven", 3, json!({}))];
    let after = |verb: &str| {
        let named = ["Drafted", "Published", verb].into_iter().zip(&events);
        super::about::updated_at(&named.collect::<Vec<_>>())
    };
    for verb in ["PreviewGiven", "ExpirySet", "CoAuthorInvited", "SubmittedForReview", "SlugGivenUp"] {
        assert_eq!(after(verb), Some(2), "{verb}");
    }
    for verb in ["Edited", "CoAuthorJoined", "Archived", "Deleted"] {
        assert_eq!(after(verb), Some(3), "{verb}");
    }
}

#[test]
fn what_is_submitted_waits_until_it_is_public() {
    let submitted = |copy: Value| event("SubmittedForReview", 2, json!({"copy_sha256": copy}));
    let edited = || event("Edited", 3, json!({"title": "b"}));
    let waits = |what: Value, events: &[Event]| holds("posts.submit", &json!({"what": what}), &state(events)).is_ok();
    assert!(waits(Value::Null, &[submitted(Value::Null), edited()]));
    assert!(!waits(Value::Null, &[submitted(Value::Null), event("Published", 3, json!({}))]));
    let copy = || Value::from("working-copy");
    assert!(!waits(copy(), &[submitted("c0".into()), edited()]));
    assert!(waits(copy(), &[submitted("c0".into()), event("Published", 3, json!({}))]));
    assert!(!waits(Value::Null, &[submitted("c0".into())]), "it is the working copy that waits");
}

#[test]
fn what_a_moderator_hides_is_a_draft_to_others_until_a_later_ruling_whatever_its_author_does() {
    let drafted = || event("Drafted", 1, json!({"title": "a"}));
    let hidden =
        |at: i64, ruling: i64, removed: bool| event("Hidden", at, json!({"ruling": ruling, "from_author": removed}));
    let shown = |at: i64, ruling: i64| event("Shown", at, json!({"ruling": ruling}));
    let publish = |at: i64| event("Published", at, json!({}));
    let seen = |events: &[Event]| {
        let state = state(events);
        (state["visible"].clone(), super::Posts.visibility(&state).draft)
    };
    assert_eq!(seen(&[drafted(), publish(2)]), (json!("all"), false));
    assert_eq!(seen(&[drafted(), hidden(2, 1, false), publish(3)]), (json!("author"), true));
    assert_eq!(seen(&[drafted(), publish(2), hidden(3, 2, true), shown(4, 1)]), (json!("moderators"), true));
    assert_eq!(seen(&[drafted(), publish(2), hidden(3, 2, true), shown(4, 3)]), (json!("all"), false));
}
