//! `/v1/me/preferences`: PATCH.

use serde_json::{Value, json};
use testkit::Answer;

use crate::members::{Member, member};
use crate::support::{Server, author};

async fn prefer(member: &Member, body: Value) -> Answer {
    member.api.patch("/v1/me/preferences").json(&body).send().await
}

#[tokio::test]
async fn a_preference_changes_and_goes_back() {
    let ada = member().await;
    let all = json!({
        "locale": "pt-br", "time_zone": "Europe/Lisbon", "theme": "dark", "posts_per_page": 50,
        "email_new_follower": true, "email_comment": true, "email_digest": "weekly", "following_list": "private",
        "reactions_list": "private",
        "comments_list": "private",
    });
    let changed = prefer(&ada, all.clone()).await.expect(200);
    assert_eq!((changed.version(), changed.changed(), changed.id()), (2, true, ada.id.clone()));
    assert!(!changed.position().is_empty());
    assert!(!prefer(&ada, all).await.expect(200).changed());
    assert!(!prefer(&ada, json!({})).await.expect(200).changed());
    assert!(prefer(&ada, json!({"theme": null})).await.expect(200).changed());
    assert!(!prefer(&ada, json!({"theme": null})).await.expect(200).changed());
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&ada.id), ["Registered", "PreferencesChanged", "PreferencesChanged"]);
}

#[tokio::test]
async fn a_merge_patch_may_say_that_it_is_one() {
    let ada = member().await;
    let call = ada.api.patch("/v1/me/preferences").header("Content-Type", "application/merge-patch+json");
    assert!(call.body(r#"{"theme": "light"}"#).send().await.expect(200).changed());
}

#[tokio::test]
async fn a_bad_value_is_named() {
    let ada = member().await;
    for (body, pointer) in [
        (json!({"mood": "good"}), "/mood"),
        (json!({"locale": "plain English"}), "/locale"),
        (json!({"time_zone": "Europe/Atlantis"}), "/time_zone"),
        (json!({"theme": "sepia"}), "/theme"),
        (json!({"theme": 7}), "/theme"),
        (json!({"posts_per_page": 9}), "/posts_per_page"),
        (json!({"posts_per_page": 101}), "/posts_per_page"),
        (json!({"posts_per_page": "20"}), "/posts_per_page"),
        (json!({"email_comment": "yes"}), "/email_comment"),
        (json!({"email_digest": "hourly"}), "/email_digest"),
        (json!({"following_list": "friends"}), "/following_list"),
        (json!({"reactions_list": "friends"}), "/reactions_list"),
        (json!({"comments_list": "friends"}), "/comments_list"),
    ] {
        let answer = prefer(&ada, body.clone()).await.problem(422, "invalid");
        assert_eq!(answer.pointer(), pointer, "{body}: {}", answer.body);
    }
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&ada.id), ["Registered"]);
}

#[tokio::test]
async fn a_version_that_was_seen_can_be_demanded() {
    let ada = member().await;
    let ask = |version| ada.api.patch("/v1/me/preferences").json(&json!({"theme": "dark"})).if_match(version).send();
    let _ = ask(7).await.problem(412, "version-conflict");
    assert_eq!(ask(1).await.expect(200).version(), 2);
}

#[tokio::test]
async fn a_caller_without_an_account_has_no_preferences() {
    let api = author().await.api;
    let _ = api.patch("/v1/me/preferences").json(&json!({"theme": "dark"})).send().await.problem(404, "not-found");
}
