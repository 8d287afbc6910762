//! Lasting sessions: `POST /v1/sessions` with `lasting`, `POST /v1/sessions/access`, and what they may do.

use serde_json::{Value, json};
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, anyone, letter, log_in, member, with_token, writes};
use crate::support::{Server, unique};

const NEW: &str = "another horse entirely";

async fn begin(member: &Member) -> Answer {
    let body = json!({"login": member.name, "password": PASSWORD, "lasting": true});
    anyone().await.post("/v1/sessions").json(&body).send().await.expect(201)
}

fn token(answer: &Answer) -> Value {
    assert!(answer.body["session_token"].is_string(), "{}", answer.text);
    answer.body["session_token"].clone()
}

async fn access(token: &Value) -> Answer {
    anyone().await.post("/v1/sessions/access").json(&json!({"session_token": token})).send().await
}

async fn begun() -> (Member, Value, Api) {
    let member = member().await;
    let session = begin(&member).await;
    let token = token(&session);
    let api = with_token(&access(&token).await.expect(200)).await;
    (member, token, api)
}

#[tokio::test]
async fn its_token_gets_access_tokens_until_it_ends_and_is_none_itself() {
    let (member, token, api) = begun().await;
    assert!(writes(&api).await);
    let again = access(&token).await.expect(200);
    assert_eq!((again.body["account_id"].as_str(), again.header("cache-control")), (Some(&*member.id), "no-store"));
    let itself = anyone().await.with_token(token.as_str().unwrap());
    assert!(!writes(&itself).await);
    let _ = api.delete("/v1/sessions/current").send().await.expect(204);
    let _ = access(&token).await.problem(401, "invalid-credentials");
    for stray in ["", "a.b.c", "nothing"] {
        let answer = access(&json!(stray)).await;
        assert!([401, 422].contains(&answer.status), "{}", answer.text);
    }
    let usual = log_in(&member.name, PASSWORD).await.expect(201);
    assert!(usual.body.get("session_token").is_none(), "{}", usual.text);
}

#[tokio::test]
async fn without_the_password_it_changes_the_password_and_another_session_does_not() {
    let (member, token, api) = begun().await;
    let (_, other) = (&member.api, begin(&member).await);
    let change = json!({"new_password": NEW});
    let refused = member.api.post("/v1/me/password").json(&change).send().await.problem(422, "invalid");
    assert_eq!(refused.pointer(), "/current_password");
    let _ = api.post("/v1/me/password").json(&change).send().await.expect(204);
    assert!(writes(&api).await && !writes(&member.api).await);
    let _ = access(&token).await.expect(200);
    let _ = access(&self::token(&other)).await.problem(401, "invalid-credentials");
    let _ = log_in(&member.name, NEW).await.expect(201);
}

#[tokio::test]
async fn an_address_is_taken_at_once_and_both_are_told() {
    let (member, _, api) = begun().await;
    let _ = letter(&member.email, "Please confirm your address").await;
    let read = async || api.get("/v1/me/email").send().await.expect(200).body;
    assert_eq!(read().await, json!({"email": member.email, "confirmed": false}));
    let email = format!("{}@example.org", unique("new"));
    let take = async |api: &Api, email: &str| api.put("/v1/me/email").json(&json!({"email": email})).send().await;
    let _ = take(&member.api, &email).await.problem(422, "invalid");
    assert!(take(&api, &email).await.expect(200).changed());
    assert!(!take(&api, &email).await.expect(200).changed());
    assert_eq!(read().await, json!({"email": email, "confirmed": false}));
    let _ = log_in(&email, PASSWORD).await.expect(201);
    let _ = log_in(&member.email, PASSWORD).await.problem(401, "invalid-credentials");
    let _ = letter(&member.email, "Your address was changed").await;
    let (_, _, another) = begun().await;
    let _ = take(&another, &email).await.problem(409, "email-taken");
}

#[tokio::test]
async fn addresses_are_not_taken_without_end() {
    let (_, _, api) = begun().await;
    let take = async |email: &str| api.put("/v1/me/email").json(&json!({"email": email})).send().await;
    let mut email = String::new();
    // Each is two of the twenty letters that an account has in an hour.
    for _ in 0..10 {
        email = format!("{}@example.org", unique("taken"));
        assert!(take(&email).await.expect(200).changed());
    }
    let refused = take(&format!("{}@example.org", unique("taken"))).await.problem(429, "too-many-attempts");
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|wait| (1..=3600).contains(&wait)));
    assert!(!take(&email).await.expect(200).changed());
    let read = api.get("/v1/me/email").send().await.expect(200).body;
    assert_eq!(read, json!({"email": email, "confirmed": false}));
}

#[tokio::test]
async fn one_that_was_not_used_for_long_changes_nothing() {
    let (member, token, api) = begun().await;
    let sql = "UPDATE vault.sessions SET last_used_at = now() - interval '31 days' WHERE account_id = $1";
    let age = sqlx::query(sql).bind(member.id.parse::<Uuid>().unwrap());
    age.execute(&mut Server::shared().await.scope.postgres().await).await.unwrap();
    let change = json!({"new_password": NEW});
    let refused = api.post("/v1/me/password").json(&change).send().await.problem(422, "invalid");
    assert_eq!(refused.pointer(), "/current_password");
    let address = json!({"email": format!("{}@example.org", unique("new"))});
    let refused = api.put("/v1/me/email").json(&address).send().await.problem(422, "invalid");
    assert_eq!(refused.pointer(), "/current_password");
    let _ = access(&token).await.problem(401, "invalid-credentials");
    let _ = log_in(&member.name, PASSWORD).await.expect(201);
}
