//! What a caller may not see is not there for them, whatever they ask of it; what they see, and may not do, is refused.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::members::member;
use crate::support::{author, unique};

/// All that an author can ask of a post, as it should be and with what is wrong before anything is decided: a slug that
/// is another's, fields that are none here, an account that is not there, a working copy.
fn requests(post: &str, taken: &str, account: &str) -> Vec<(Method, String, Value)> {
    let of = |method: Method, rest: &str, body: Value| (method, format!("/v1/posts/{post}{rest}"), body);
    let copy = |method: Method, rest: &str, body: Value| (method, format!("/v1/working-copies/{post}{rest}"), body);
    let (none, at) = (Value::Null, json!({"at": "2099-01-01T00:00:00Z"}));
    vec![
        of(Method::PATCH, "", json!({"title": "X"})),
        of(Method::PATCH, "", json!({"title": "X", "slug": unique("hidden")})),
        of(Method::PATCH, "", json!({"slug": taken})),
        of(Method::PATCH, "", json!({"custom_fields": {"none": 1}})),
        of(Method::PATCH, "", json!({"translation_of": post})),
        of(Method::PATCH, "", json!({"translation_of": Uuid::new_v4()})),
        of(Method::PATCH, "", json!({"co_author_ids": [account]})),
        of(Method::PATCH, "", json!({"body": format!("![](/media/{})", "5a".repeat(32))})),
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
        of(Method::POST, "/review", json!({"what": "working-copy", "copy_version": 1})),
        of(Method::POST, "/review", json!({"what": "working-copy", "copy_version": 9})),
        of(Method::DELETE, "/review", none.clone()),
        of(Method::POST, "/previews", json!({"expires_at": "2026-12-31T00:00:00Z"})),
        of(Method::DELETE, &format!("/previews/{account}"), none.clone()),
        of(Method::POST, "/invitations", json!({"account_id": account})),
        of(Method::DELETE, &format!("/invitations/{account}"), none.clone()),
        of(Method::DELETE, &format!("/co-authors/{account}"), none.clone()),
        of(Method::POST, "/hand-over", json!({"account_id": account})),
        of(Method::POST, "/hand-over", json!({"user_name": unique("no-one")})),
        (Method::POST, format!("/v1/me/invitations/{post}/accept"), none.clone()),
        (Method::POST, format!("/v1/me/invitations/{post}/decline"), none.clone()),
        copy(Method::GET, "", none.clone()),
        copy(Method::PUT, "", json!({"change": {"title": "X"}})),
        copy(Method::PUT, "", json!({"change": {"custom_fields": {"none": 1}}})),
        copy(Method::PUT, "", json!({"change": {"title": "X"}, "base_version": 7})),
        copy(Method::DELETE, "", none.clone()),
        copy(Method::POST, "/release", none),
    ]
}

/// What is wrong with a PUT, each by itself: what is right makes a post where there is none.
fn wrong_puts(post: &str, owner: &str) -> Vec<(Method, String, Value)> {
    let put = |slug: &str, wrong: Value| {
        let mut body = json!({"title": "X", "body": "Y", "slug": slug});
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        (Method::PUT, format!("/v1/posts/{post}"), body)
    };
    let free = unique("hidden");
    vec![
        put(&free, json!({"author_id": owner})),
        put(&free, json!({"co_author_ids": [owner]})),
        put(&free, json!({"custom_fields": {"none": 1}})),
        put(&free, json!({"translation_of": post})),
        put(&free, json!({"featured": true, "author_id": owner})),
    ]
}

/// The answers to requests, each with a condition or without.
async fn answers(api: &Api, asked: Vec<(Method, String, Value)>, version: Option<u64>) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for (method, path, body) in asked {
        let call = api.call(method.clone(), &path);
        let call = if body.is_null() { call } else { call.json(&body) };
        let call = version.into_iter().fold(call, |call, version| call.if_match(version));
        answers.push((format!("{method} {path} {body}"), call.send().await));
    }
    answers
}

#[tokio::test]
async fn to_who_may_not_see_a_post_it_is_not_there_whatever_is_asked() {
    let (ada, eve) = (author().await, member().await);
    let hidden = ada.post().await;
    let copy = json!({"change": {"title": "To be"}, "base_version": 1});
    let _ = ada.api.put(&format!("/v1/working-copies/{hidden}")).json(&copy).send().await.expect(200);
    let deleted = ada.post().await;
    let _ = ada.api.post(&format!("/v1/posts/{deleted}/publish")).send().await.expect(200);
    let _ = ada.api.delete(&format!("/v1/posts/{deleted}")).send().await.expect(200);
    let (nothing, taken, account) = (Uuid::new_v4().to_string(), unique("taken"), Uuid::new_v4().to_string());
    let _ = ada.api.post("/v1/posts").json(&json!({"title": "Mine", "slug": taken})).send().await.expect(201);
    let owner = ada.id.to_string();
    let all = |post: &str| [requests(post, &taken, &account), wrong_puts(post, &owner)].concat();
    let asked = [(&hidden, None), (&hidden, Some(1)), (&hidden, Some(7)), (&deleted, None), (&deleted, Some(3))];
    for (post, version) in asked {
        let found = answers(&eve.api, all(post), version).await;
        for ((asked, there), (_, not_there)) in found.into_iter().zip(answers(&eve.api, all(&nothing), version).await) {
            assert_eq!((there.status, &there.body), (not_there.status, &not_there.body), "{asked}, {version:?}");
            assert!((400..500).contains(&there.status) && there.status != 429, "{asked}: {there:?}");
        }
    }
}

#[tokio::test]
async fn what_is_hidden_is_not_made_anew_and_keeps_its_text() {
    let (ada, eve) = (author().await, member().await);
    let hidden = ada.post().await;
    let body = json!({"title": "Mine", "body": "X", "slug": unique("hidden")});
    let put = eve.api.put(&format!("/v1/posts/{hidden}")).json(&body).send().await;
    let _ = put.problem(404, "not-found");
    // Nor does it keep the slug from those who write.
    let _ = author().await.api.post("/v1/posts").json(&body).send().await.expect(201);
    let change = json!({"title": "Still"});
    let edited = ada.api.patch(&format!("/v1/posts/{hidden}")).if_match(1).json(&change).send().await.expect(200);
    assert_eq!(edited.version(), 2);
}

/// Who asks for a post that is not there keeps no slug from those who write.
#[tokio::test]
async fn an_edit_of_nothing_reserves_no_slug() {
    let (ada, eve) = (author().await, member().await);
    let slug = unique("free");
    let nothing = format!("/v1/posts/{}", Uuid::new_v4());
    let edit = eve.api.patch(&nothing).header("If-Match", "*").json(&json!({"slug": slug})).send().await;
    let _ = edit.problem(412, "version-conflict");
    let _ = ada.api.post("/v1/posts").json(&json!({"title": "Mine", "slug": slug})).send().await.expect(201);
}

#[tokio::test]
async fn what_is_seen_and_not_theirs_is_refused() {
    let (ada, eve) = (author().await, member().await);
    let post = ada.post().await;
    let _ = ada.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    let asked = requests(&post, "any", &Uuid::new_v4().to_string());
    for (asked, answer) in answers(&eve.api, asked, Some(2)).await {
        // Whether there is an invitation is nothing that who is not invited is told.
        let expected = if asked.contains("/v1/me/invitations/") { 412 } else { 403 };
        assert_eq!(answer.status, expected, "{asked}: {answer:?}");
    }
}
