//! An account that a stranger registered with another's address, and what its owner gets by mail all the same.

use std::time::Duration;

use serde_json::json;
use testkit::{Answer, eventually};
use uuid::Uuid;

use crate::careful::{Careful, careful, challenge};
use crate::members::{Member, PASSWORD, anyone, letter, log_in, refresh, writes};
use crate::support::{Server, unique};

const NEW: &str = "another horse entirely";
const PATIENCE: Duration = Duration::from_secs(90);

async fn confirm(token: &str) -> Answer {
    anyone().await.post("/v1/email/confirm").json(&json!({"token": token})).send().await
}

/// The letter that the owner of the mailbox asks for, used.
async fn reset(member: &Member) -> Answer {
    let api = anyone().await;
    let _ = api.post("/v1/password/forgot").json(&json!({"email": member.email})).send().await.expect(202);
    let token = letter(&member.email, "Your new password").await.token();
    api.post("/v1/password/reset").json(&json!({"token": token, "new_password": NEW})).send().await
}

/// The state of the address in the vault: waits to be confirmed, waits for the log to be told.
async fn address(member: &Member) -> (bool, bool) {
    let sql = "SELECT unconfirmed_since IS NOT NULL, proven_at IS NOT NULL FROM vault.people WHERE account_id = $1";
    let mut vault = Server::shared().await.scope.postgres().await;
    sqlx::query_as(sql).bind(member.id.parse::<Uuid>().unwrap()).fetch_one(&mut vault).await.unwrap()
}

#[tokio::test]
async fn the_owner_of_the_mailbox_gets_the_account_whatever_its_first_user_set_up() {
    let Careful { member: squatter, recovery_codes, .. } = careful().await;
    let waiting = challenge(&log_in(&squatter.name, PASSWORD).await);
    let elsewhere = format!("{}@example.org", unique("squatter"));
    let body = json!({"email": elsewhere, "current_password": PASSWORD, "code": recovery_codes[0]});
    let _ = squatter.api.post("/v1/me/email").json(&body).send().await.expect(202);
    let pending = letter(&elsewhere, "Please confirm your new address").await.token();

    let _ = reset(&squatter).await.expect(204);
    let session = log_in(&squatter.email, NEW).await.expect(201);
    assert_eq!(session.body["account_id"], json!(squatter.id));
    letter(&squatter.email, "Your account has no second factor any more").await;

    assert!(!writes(&squatter.api).await, "a session of the first user's");
    let _ = refresh(&squatter.refresh_token).await.problem(401, "invalid-credentials");
    let _ = log_in(&squatter.name, PASSWORD).await.problem(401, "invalid-credentials");
    let _ = crate::careful::meet(&waiting, &recovery_codes[1]).await.problem(401, "invalid-credentials");
    assert_eq!(confirm(&pending).await.problem(422, "invalid").pointer(), "/token");
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&squatter.id), ["Registered", "EmailVerified"]);
    assert_eq!(address(&squatter).await, (false, false));
}

#[tokio::test]
async fn a_second_factor_that_was_begun_is_not_there_afterwards() {
    let member = crate::members::member().await;
    let begun = member.api.post("/v1/me/second-factor").json(&json!({"current_password": PASSWORD})).send().await;
    let _ = begun.expect(201);
    let _ = reset(&member).await.expect(204);
    let session = log_in(&member.name, NEW).await.expect(201);
    let api = crate::members::with_token(&session).await;
    let confirmed = api.post("/v1/me/second-factor/confirm").json(&json!({"code": "123456"})).send().await;
    let _ = confirmed.problem(404, "not-found");
}

#[tokio::test]
async fn a_second_factor_that_is_added_after_the_first_reset_outlasts_the_second() {
    let member = crate::members::member().await;
    let _ = reset(&member).await.expect(204);
    let api = crate::members::with_token(&log_in(&member.name, NEW).await.expect(201)).await;
    let begun = api.post("/v1/me/second-factor").json(&json!({"current_password": NEW})).send().await.expect(201);
    let code = testkit::Authenticator::of(begun.body["secret"].as_str().unwrap()).next().await;
    let _ = api.post("/v1/me/second-factor/confirm").json(&json!({"code": code})).send().await.expect(200);
    let api = anyone().await;
    let _ = api.post("/v1/password/forgot").json(&json!({"email": member.email})).send().await.expect(202);
    let newest = eventually("a second letter", PATIENCE, async || {
        let mut letters = Server::shared().await.scope.letters(&member.email);
        letters.retain(|letter| letter.subject == "Your new password");
        // In the order in which they were written.
        letters.sort_by(|one, other| one.message_id.cmp(&other.message_id));
        (letters.len() == 2).then(|| letters.pop()).flatten()
    })
    .await;
    let body = json!({"token": newest.token(), "new_password": "yet another horse"});
    let _ = api.post("/v1/password/reset").json(&body).send().await.expect(204);
    let _ = challenge(&log_in(&member.name, "yet another horse").await);
}

#[tokio::test]
async fn the_log_is_told_whatever_crashed_between() {
    let member = crate::members::member().await;
    let mut vault = Server::shared().await.scope.postgres().await;
    // As if the process had died right after the new password was set.
    let sql = "UPDATE vault.people SET proven_at = now() WHERE account_id = $1";
    sqlx::query(sql).bind(member.id.parse::<Uuid>().unwrap()).execute(&mut vault).await.unwrap();
    let mut sweeper = Server::shared().await.scope.start("command-services", &["identity"]);
    sweeper.ready().await;
    eventually("the log is told", PATIENCE, async || (address(&member).await == (false, false)).then_some(())).await;
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&member.id), ["Registered", "EmailVerified"]);
}
