//! What a caller may not see is not there for them, whatever they ask of it; what they see, and may not do, is refused.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::members::member;
use crate::support::{author, unique};

/// All that an author can ask of a post.
fn requests(post: &str) -> Vec<(Method, String, Value)> {
    let account = Uuid::new_v4();
    let of = |method: Method, rest: &str, body: Value| (method, format!("/v1/posts/{post}{rest}"), body);
    let copy = |method: Method, rest: &str, body: Value| (method, format!("/v1/working-copies/{post}{rest}"), body);
    let (none, at) = (Value::Null, json!({"at": "2099-01-01T00:00:00Z"}));
    vec![
        of(Method::PATCH, "", json!({"title": "X", "slug": unique("hidden")})),
        of(Method::DELETE, "", none.clone()),
        of(Method::POST, "/publish", none.clone()),
        of(Method::POST, "/unpublish", none.clone()),
        of(Method::POST, "/restore", none.clone()),
        of(Method::PUT, "/archive", none.clone()),
        of(Method::DELETE, "/archive", none.clone()),
        of(Method::PUT, "/schedule", at.clone()),
        of(Method::DELETE, "/schedule", none.clone()),
        of(Method::PUT, "/expiry", at),
        of(Method::DELETE, "/expiry", none.clone()),
        of(Method::DELETE, "/slugs/a-former-one", none.clone()),
        of(Method::POST, "/review", json!({"what": "post"})),
        of(Method::DELETE, "/review", none.clone()),
        of(Method::POST, "/previews", json!({"expires_at": "2026-12-31T00:00:00Z"})),
        of(Method::DELETE, &format!("/previews/{account}"), none.clone()),
        of(Method::POST, "/invitations", json!({"account_id": account})),
        of(Method::DELETE, &format!("/invitations/{account}"), none.clone()),
        of(Method::DELETE, &format!("/co-authors/{account}"), none.clone()),
        of(Method::POST, "/hand-over", json!({"account_id": account})),
        copy(Method::GET, "", none.clone()),
        copy(Method::PUT, "", json!({"change": {"title": "X"}})),
        copy(Method::DELETE, "", none.clone()),
        copy(Method::POST, "/release", none),
    ]
}

/// The answers to all of them, each with a condition or without.
async fn answers(api: &Api, post: &str, version: Option<u64>) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for (method, path, body) in requests(post) {
        let call = api.call(method.clone(), &path);
        let call = if body.is_null() { call } else { call.json(&body) };
        let call = version.into_iter().fold(call, |call, version| call.if_match(version));
        answers.push((format!("{method} {path}"), call.send().await));
    }
    answers
}

#[tokio::test]
async fn to_who_may_not_see_a_post_it_is_not_there_whatever_is_asked() {
    let (ada, eve) = (author().await, member().await);
    let hidden = ada.post().await;
    let deleted = ada.post().await;
    let _ = ada.api.post(&format!("/v1/posts/{deleted}/publish")).send().await.expect(200);
    let _ = ada.api.delete(&format!("/v1/posts/{deleted}")).send().await.expect(200);
    let nothing = Uuid::new_v4().to_string();
    let asked = [(&hidden, None), (&hidden, Some(1)), (&hidden, Some(7)), (&deleted, None), (&deleted, Some(3))];
    for (post, version) in asked {
        let found = answers(&eve.api, post, version).await;
        for ((asked, there), (_, not_there)) in found.into_iter().zip(answers(&eve.api, &nothing, version).await) {
            assert_eq!((there.status, &there.body), (not_there.status, &not_there.body), "{asked}, {version:?}");
            assert_ne!(there.status, 403, "{asked}");
        }
    }
}

#[tokio::test]
async fn what_is_seen_and_not_theirs_is_refused() {
    let (ada, eve) = (author().await, member().await);
    let post = ada.post().await;
    let _ = ada.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    for (asked, answer) in answers(&eve.api, &post, Some(2)).await {
        assert_eq!(answer.status, 403, "{asked}: {answer:?}");
    }
}
