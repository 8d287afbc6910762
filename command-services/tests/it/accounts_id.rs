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
