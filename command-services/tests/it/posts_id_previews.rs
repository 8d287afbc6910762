//! `/v1/posts/{id}/previews`: giving and revoking links.

use serde_json::{Value, json};
use service_kit::times;
use sha2::{Digest as _, Sha256};
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::support::{Server, author, editor, unique};

fn until(hours: i64) -> String {
    times::format(times::now().plus_millis(hours * 3_600_000))
}

async fn give(api: &Api, post: &str, expires_at: &str) -> Answer {
    api.post(&format!("/v1/posts/{post}/previews")).json(&json!({"expires_at": expires_at})).send().await
}

async fn revoke(api: &Api, post: &str, link: &Value) -> Answer {
    api.delete(&format!("/v1/posts/{post}/previews/{}", link.as_str().unwrap())).send().await
}

#[tokio::test]
async fn a_link_is_given_once_and_its_token_is_in_no_event() {
    let (author, key, at) = (author().await, unique("key"), until(24));
    let post = author.post().await;
    let body = json!({"expires_at": at});
    let ask = || author.api.post(&format!("/v1/posts/{post}/previews")).json(&body).key(&key).send();
    let given = ask().await.expect(201);
    let token = given.body["token"].as_str().unwrap().to_owned();
    assert_eq!((given.version(), given.changed(), &given.body["expires_at"]), (2, true, &json!(at)));
    assert_eq!(given.header("location"), format!("/v1/previews/{token}"));
    assert_eq!((given.header("cache-control"), token.len()), ("no-store", 43));
    let again = ask().await.expect(201);
    assert_eq!((&again.body, again.position()), (&given.body, given.position()), "the same link");
    let other = give(&author.api, &post, &at).await.expect(201);
    assert_ne!(other.body["token"], given.body["token"]);

    let log = Server::shared().await.posts().await;
    assert_eq!(log.story(&post), ["Drafted", "PreviewGiven", "PreviewGiven"]);
    let found = |text: &str| log.records.iter().any(|record| String::from_utf8_lossy(&record.value).contains(text));
    let digest: String = Sha256::digest(&token).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(found(&digest) && !found(&token));
}

#[tokio::test]
async fn a_link_is_revoked_and_doing_so_again_changes_nothing() {
    let author = author().await;
    let post = author.post().await;
    let link = give(&author.api, &post, &until(1)).await.expect(201).body["preview_id"].clone();
    let revoked = revoke(&author.api, &post, &link).await.expect(200);
    assert_eq!((revoked.version(), revoked.changed(), &revoked.body["preview_id"]), (3, true, &link));
    assert!(!revoke(&author.api, &post, &link).await.expect(200).changed());
    assert_eq!(Server::shared().await.posts().await.story(&post), ["Drafted", "PreviewGiven", "PreviewRevoked"]);
}

#[tokio::test]
async fn what_is_no_time_to_come_within_90_days_is_refused_where_it_is_wrong() {
    let author = author().await;
    let post = author.post().await;
    for at in [until(-1), until(91 * 24), "tomorrow".to_owned()] {
        assert_eq!(give(&author.api, &post, &at).await.problem(422, "invalid").pointer(), "/expires_at", "{at}");
    }
    let none = author.api.post(&format!("/v1/posts/{post}/previews")).json(&json!({})).send().await;
    let _ = none.problem(422, "invalid");
}

#[tokio::test]
async fn a_post_has_twenty_links_at_most() {
    let author = author().await;
    let post = author.post().await;
    for _ in 0..20 {
        let _ = give(&author.api, &post, &until(1)).await.expect(201);
    }
    let _ = give(&author.api, &post, &until(1)).await.problem(409, "too-many");
}

#[tokio::test]
async fn only_who_may_edit_a_post_gives_and_revokes_links() {
    let (author, stranger) = (author().await, self::author().await);
    let post = author.post().await;
    let link = give(&author.api, &post, &until(1)).await.expect(201).body["preview_id"].clone();
    let _ = give(&stranger.api, &post, &until(1)).await.problem(404, "not-found");
    let _ = revoke(&stranger.api, &post, &link).await.problem(404, "not-found");
    let _ = author.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    let _ = give(&stranger.api, &post, &until(1)).await.problem(403, "not-the-author");
    let _ = revoke(&stranger.api, &post, &link).await.problem(403, "not-the-author");
    let _ = give(&editor().await.api, &post, &until(1)).await.expect(201);
    let _ = give(&author.api, &Uuid::new_v4().to_string(), &until(1)).await.problem(404, "not-found");
    let _ = author.api.delete(&format!("/v1/posts/{post}")).send().await.expect(200);
    let _ = give(&author.api, &post, &until(1)).await.problem(409, "deleted");
    assert!(revoke(&author.api, &post, &link).await.expect(200).changed());
}
