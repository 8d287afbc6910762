//! Who asks: before anything else is looked at.

use serde_json::{Value, json};
use testkit::Keys;
use testkit::token::Signature;
use uuid::Uuid;

use crate::support::{Server, author, unique};

const HEADER: fn() -> Value = || json!({"alg": "EdDSA", "typ": "at+jwt"});

async fn refused(token: &str, says: &str) {
    let answer =
        Server::shared().await.api().with_token(token).post("/v1/posts").json(&json!({"title": "T"})).send().await;
    let answer = answer.problem(401, "unauthorized");
    assert!(answer.header("www-authenticate").starts_with("Bearer"), "{:?}", answer.headers);
    assert!(answer.header("www-authenticate").contains("invalid_token"), "{:?}", answer.headers);
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains(says), "{detail}");
    assert!(!answer.body.to_string().contains(token), "a token is not repeated");
}

async fn forged(header: Value, change: impl FnOnce(&mut Value), signature: Signature) -> String {
    let mut claims = Keys::claims(Uuid::new_v4());
    change(&mut claims);
    Server::shared().await.scope.keys.forge(&header, &claims, &signature)
}

async fn claiming(change: impl FnOnce(&mut Value)) -> String {
    forged(HEADER(), change, Signature::Right).await
}

#[tokio::test]
async fn what_is_forged_here_would_pass_if_nothing_were_wrong_with_it() {
    let token = claiming(|_| ()).await;
    let api = Server::shared().await.api().with_token(&token);
    let body = json!({"title": "T", "slug": unique("forged")});
    let _ = api.post("/v1/posts").json(&body).send().await.expect(201);
}

#[tokio::test]
async fn a_command_without_a_token_is_refused() {
    let answer = Server::shared().await.api().post("/v1/posts").json(&json!({"title": "T"})).send().await;
    let answer = answer.problem(401, "unauthorized");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn another_scheme_is_refused() {
    let api = Server::shared().await.api();
    let answer = api.post("/v1/posts").header("Authorization", "Basic YTpi").json(&json!({"title": "T"})).send().await;
    let _ = answer.problem(401, "unauthorized");
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    refused(&claiming(|claims| claims["exp"] = json!(claims["iat"].as_u64().unwrap() - 60)).await, "expired").await;
}

#[tokio::test]
async fn a_token_whose_time_has_not_come_is_refused() {
    refused(&claiming(|claims| claims["nbf"] = claims["exp"].clone()).await, "not valid yet").await;
}

#[tokio::test]
async fn a_token_for_another_audience_is_refused() {
    refused(&claiming(|claims| claims["aud"] = json!("another")).await, "another audience").await;
}

#[tokio::test]
async fn a_token_of_another_issuer_is_refused() {
    refused(&claiming(|claims| claims["iss"] = json!("another")).await, "another issuer").await;
}

#[tokio::test]
async fn a_token_without_an_end_or_an_audience_or_a_subject_is_refused() {
    for claim in ["exp", "aud", "iss", "sub"] {
        let token = claiming(|claims| drop(claims.as_object_mut().unwrap().remove(claim))).await;
        refused(&token, "").await;
    }
}

#[tokio::test]
async fn a_token_whose_subject_is_no_account_is_refused() {
    refused(&claiming(|claims| claims["sub"] = json!("root")).await, "sub").await;
}

#[tokio::test]
async fn a_token_that_is_signed_with_none_is_refused() {
    for alg in ["none", "None", "NONE"] {
        let header = json!({"alg": alg, "typ": "at+jwt"});
        refused(&forged(header, |_| (), Signature::None).await, "algorithm").await;
    }
}

#[tokio::test]
async fn a_token_whose_signature_was_taken_off_is_refused() {
    refused(&forged(HEADER(), |_| (), Signature::None).await, "").await;
}

#[tokio::test]
async fn the_public_key_is_no_hmac_secret() {
    let header = json!({"alg": "HS256", "typ": "at+jwt"});
    refused(&forged(header, |_| (), Signature::HmacOfPublicKey).await, "algorithm").await;
    refused(&forged(HEADER(), |_| (), Signature::HmacOfPublicKey).await, "signature").await;
}

#[tokio::test]
async fn another_key_is_not_ours() {
    refused(&forged(HEADER(), |_| (), Signature::OtherKey).await, "signature").await;
}

#[tokio::test]
async fn a_token_that_was_changed_is_refused_even_after_the_true_one_was_seen() {
    let person = author().await;
    let _ = person.draft(&unique("tampered")).await.expect(201);
    let good = Server::shared().await.scope.keys.token(person.id, &["author"]);
    let other = forged(HEADER(), |claims| claims["roles"] = json!(["admin"]), Signature::OtherKey).await;
    let (good, other): (Vec<&str>, Vec<&str>) = (good.split('.').collect(), other.split('.').collect());
    refused(&[good[0], other[1], good[2]].join("."), "signature").await;
}

#[tokio::test]
async fn a_token_of_another_kind_is_refused() {
    refused(&forged(json!({"alg": "EdDSA", "typ": "JWT"}), |_| (), Signature::Right).await, "at+jwt").await;
    refused("not-a-token", "malformed").await;
}

#[tokio::test]
async fn no_caller_learns_what_is_wrong_with_a_request_that_is_not_theirs_to_make() {
    let answer = Server::shared().await.api().post("/v1/posts").json(&json!({"colour": 7})).send().await;
    let _ = answer.problem(401, "unauthorized");
}
