//! `/v1/password`: forgotten and set anew.

use serde_json::json;
use testkit::Answer;

use crate::members::{PASSWORD, anyone, letter, log_in, member, refresh, writes};
use crate::support::{Server, unique};

const NEW: &str = "another horse entirely";

async fn forgot(email: &str) -> Answer {
    anyone().await.post("/v1/password/forgot").json(&json!({"email": email})).send().await.expect(202)
}

async fn reset(token: &str, password: &str) -> Answer {
    anyone().await.post("/v1/password/reset").json(&json!({"token": token, "new_password": password})).send().await
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_once_and_every_session_ends() {
    let member = member().await;
    let _ = forgot(&member.email.to_uppercase()).await;
    let token = letter(&member.email, "Your new password").await.token();
    assert_eq!(reset(&token, "password123").await.problem(422, "invalid").pointer(), "/new_password");
    let _ = reset(&token, NEW).await.expect(204);
    assert!(!writes(&member.api).await);
    let _ = refresh(&member.refresh_token).await.problem(401, "invalid-credentials");
    let _ = log_in(&member.name, PASSWORD).await.problem(401, "invalid-credentials");
    let _ = log_in(&member.name, NEW).await.expect(201);
    assert_eq!(reset(&token, "yet another horse").await.problem(422, "invalid").pointer(), "/token");
    letter(&member.email, "Your password was changed").await;
}

#[tokio::test]
async fn of_two_who_use_a_token_at_once_one_sets_the_password() {
    let member = member().await;
    let _ = forgot(&member.email).await;
    let token = letter(&member.email, "Your new password").await.token();
    let (one, two) = tokio::join!(reset(&token, NEW), reset(&token, "yet another horse"));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422]);
}

#[tokio::test]
async fn no_caller_learns_whether_an_address_has_an_account() {
    let (member, stranger) = (member().await, format!("{}@example.org", unique("stranger")));
    let (known, unknown) = (forgot(&member.email).await, forgot(&stranger).await);
    assert_eq!((known.text, known.status), (unknown.text, unknown.status));
    letter(&member.email, "Your new password").await;
    assert!(Server::shared().await.scope.letters(&stranger).is_empty());
}

#[tokio::test]
async fn a_token_for_one_purpose_or_account_is_good_for_no_other() {
    let (member, other) = (member().await, member().await);
    let verification = letter(&member.email, "Please confirm your address").await.token();
    assert_eq!(reset(&verification, NEW).await.problem(422, "invalid").pointer(), "/token");
    let _ = forgot(&member.email).await;
    let token = letter(&member.email, "Your new password").await.token();
    let confirm = anyone().await.post("/v1/email/confirm").json(&json!({"token": token})).send().await;
    assert_eq!(confirm.problem(422, "invalid").pointer(), "/token");
    let _ = reset(&token, NEW).await.expect(204);
    let _ = log_in(&other.name, NEW).await.problem(401, "invalid-credentials");
    let _ = log_in(&other.name, PASSWORD).await.expect(201);
}

#[tokio::test]
async fn an_expired_token_is_not_good() {
    let member = member().await;
    let _ = forgot(&member.email).await;
    let token = letter(&member.email, "Your new password").await.token();
    let mut vault = Server::shared().await.scope.postgres().await;
    let id: uuid::Uuid = member.id.parse().unwrap();
    let sql = "UPDATE vault.one_time_tokens SET expires_at = now() - interval '1 second' WHERE account_id = $1";
    sqlx::query(sql).bind(id).execute(&mut vault).await.unwrap();
    assert_eq!(reset(&token, NEW).await.problem(422, "invalid").pointer(), "/token");
    let _ = log_in(&member.name, PASSWORD).await.expect(201);
}

#[tokio::test]
async fn an_address_does_not_get_letters_without_end() {
    let member = member().await;
    for _ in 0..9 {
        let _ = forgot(&member.email).await;
    }
    letter(&member.email, "Your new password").await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let letters = Server::shared().await.scope.letters(&member.email);
    let about = letters.iter().filter(|letter| letter.subject == "Your new password").count();
    assert!((1..=5).contains(&about), "{about}");
}
