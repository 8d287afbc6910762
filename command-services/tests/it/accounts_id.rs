//! `/v1/accounts/{id}`: PUT and PATCH.

use serde_json::json;
use uuid::Uuid;

use crate::support::{Person, author, editor, unique};

async fn registered(person: &Person) -> (String, String) {
    let name = unique("dora");
    let body = json!({"user_name": name, "display_name": "Dora"});
    let _ = person.api.post("/v1/accounts").json(&body).send().await.expect(201);
    (format!("/v1/accounts/{}", person.id), name)
}

#[tokio::test]
async fn put_registers_changes_and_leaves_alone() {
    let (person, name) = (author().await, unique("emil"));
    let path = format!("/v1/accounts/{}", person.id);
    let put = |display: &str| person.api.put(&path).json(&json!({"user_name": name, "display_name": display}));
    assert_eq!(put("Emil").send().await.expect(201).version(), 1);
    assert!(!put("Emil").send().await.expect(200).changed());
    let differs = put("E.").send().await.problem(428, "precondition-required");
    assert_eq!(differs.body["version"], 1);
    assert_eq!(put("E.").if_match(1).send().await.expect(200).version(), 2);
    let _ = put("Emil").if_match(1).send().await.problem(412, "version-conflict");
}

#[tokio::test]
async fn a_user_name_does_not_change() {
    let person = author().await;
    let (path, _) = registered(&person).await;
    let other = json!({"user_name": unique("other"), "display_name": "Dora"});
    let answer = person.api.put(&path).json(&other).if_match(1).send().await.problem(422, "invalid");
    assert_eq!(answer.pointer(), "/user_name");
    // And the name is kept from no other account meanwhile.
    let _ = author().await.api.post("/v1/accounts").json(&other).send().await.expect(201);
}

#[tokio::test]
async fn a_profile_changes_in_the_fields_named() {
    let person = author().await;
    let (path, name) = registered(&person).await;
    let change = || person.api.patch(&path).json(&json!({"bio": "Writes."}));
    let required = change().send().await.problem(428, "precondition-required");
    assert_eq!(required.body["version"], 1);
    let _ = change().if_match(7).send().await.problem(412, "version-conflict");
    let changed = change().if_match(1).send().await.expect(200);
    assert_eq!((changed.version(), changed.body["user_name"].as_str()), (2, Some(name.as_str())));
    assert!(!change().if_match(2).send().await.expect(200).changed());
    let renamed = person.api.patch(&path).json(&json!({"user_name": "x"})).if_match(2).send().await;
    assert_eq!(renamed.problem(422, "invalid").pointer(), "/user_name");
}

/// A PATCH is a JSON merge patch (RFC 7396).
#[tokio::test]
async fn null_empties_a_field_of_a_profile() {
    let person = author().await;
    let (path, _) = registered(&person).await;
    let full = json!({"bio": "Writes.", "image_url": "https://example.org/d.png"});
    let _ = person.api.patch(&path).json(&full).if_match(1).send().await.expect(200);
    for (version, field) in (2..).zip(["display_name", "bio", "image_url"]) {
        let change = |version| person.api.patch(&path).json(&json!({field: null})).if_match(version).send();
        let changed = change(version).await.expect(200);
        assert_eq!((changed.version(), changed.changed()), (version + 1, true), "{field}");
        assert!(!change(version + 1).await.expect(200).changed(), "{field}");
    }
}

#[tokio::test]
async fn what_is_not_seen_or_turns_the_line_round_is_in_no_profile() {
    let person = author().await;
    let (path, _) = registered(&person).await;
    let wrongs = [
        ("display_name", "\u{200b}"),
        ("display_name", "Dora\u{202e}"),
        ("display_name", "\u{2800}"),
        ("bio", "a\u{b}b"),
        ("image_url", "http://x\" onerror=a"),
        ("image_url", "https://example.org/\u{202e}gnp"),
    ];
    for (field, text) in wrongs {
        let patched = person.api.patch(&path).json(&json!({field: text})).if_match(1).send().await;
        assert_eq!(patched.problem(422, "invalid").pointer(), format!("/{field}"), "{}", text.escape_unicode());
        let (stranger, body) = (author().await, json!({"user_name": unique("dora"), field: text}));
        let registered = stranger.api.post("/v1/accounts").json(&body).send().await;
        assert_eq!(registered.problem(422, "invalid").pointer(), format!("/{field}"));
    }
}

#[tokio::test]
async fn only_the_owner_and_editors_change_an_account() {
    let person = author().await;
    let (path, name) = registered(&person).await;
    let (other, editor) = (author().await.api, editor().await.api);
    let change = json!({"bio": "Mine now."});
    let _ = other.patch(&path).json(&change).if_match(1).send().await.problem(403, "not-the-author");
    let _ = other.put(&path).json(&json!({"user_name": name})).if_match(1).send().await.problem(403, "not-the-author");
    let _ = editor.patch(&path).json(&change).if_match(1).send().await.expect(200);
    let path = format!("/v1/accounts/{}", Uuid::new_v4());
    let _ = editor.put(&path).json(&json!({"user_name": unique("for-another")})).send().await.expect(201);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let person = author().await;
    let path = format!("/v1/accounts/{}", person.id);
    let edit = |path: &str| person.api.patch(path).json(&json!({"bio": "x"})).if_match(1).send();
    let _ = edit(&path).await.problem(412, "version-conflict");
    let _ = edit("/v1/accounts/not-an-id").await.problem(404, "not-found");
}
