//! What becomes of an address that is not confirmed: the account gives it up, and another can have it.

use std::time::Duration;

use serde_json::json;
use sqlx::PgConnection;
use testkit::{Process, eventually};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, anyone, application, letter, log_in, member};
use crate::support::{Server, unique};

const PATIENCE: Duration = Duration::from_secs(20);
/// A reservation that was given up is kept for its holder for a minute.
const KEPT: Duration = Duration::from_secs(90);

/// As if the account had had its address for so long, and the vault did not know that it was confirmed.
async fn unconfirmed_for(vault: &mut PgConnection, member: &Member, days: i32) {
    let sql = "UPDATE vault.people SET unconfirmed_since = now() - make_interval(days => $2), email = $3
        WHERE account_id = $1";
    let id: Uuid = member.id.parse().unwrap();
    sqlx::query(sql).bind(id).bind(days).bind(&member.email).execute(vault).await.unwrap();
}

/// The address that the vault has, and whether it waits to be confirmed.
async fn address(vault: &mut PgConnection, member: &Member) -> (String, bool) {
    let sql = "SELECT email, unconfirmed_since IS NOT NULL FROM vault.people WHERE account_id = $1";
    sqlx::query_as(sql).bind(member.id.parse::<Uuid>().unwrap()).fetch_one(vault).await.unwrap()
}

/// An instance that sweeps as soon as it is ready.
async fn sweeper() -> Process {
    let mut process = Server::shared().await.scope.start("command-services", &["identity"]);
    process.ready().await;
    process
}

async fn confirm(token: &str) -> testkit::Answer {
    anyone().await.post("/v1/email/confirm").json(&json!({"token": token})).send().await
}

/// A person registers with an address as soon as it is free.
async fn registers_in_time(email: &str) {
    let mut owner = application(&unique("owner"));
    owner["email"] = json!(email);
    let api = anyone().await;
    eventually("its owner registers with it", KEPT, async || {
        // With one key: else the user name would be reserved by the attempt before.
        let answer = api.post("/v1/register").key("an-owner").json(&owner).send().await;
        if answer.status != 201 {
            let _ = answer.problem(409, "email-taken");
            tokio::time::sleep(Duration::from_secs(1)).await;
            return None;
        }
        Some(())
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_not_confirmed_is_given_up_and_another_can_have_it() {
    let scope = &Server::shared().await.scope;
    let (mut vault, squatter, fresh) = (scope.postgres().await, member().await, member().await);
    let old_letter = letter(&squatter.email, "Please confirm your address").await.token();
    unconfirmed_for(&mut vault, &squatter, 8).await;
    unconfirmed_for(&mut vault, &fresh, 6).await;
    let _sweeper = sweeper().await;
    let given_up =
        async |vault: &mut PgConnection| (address(vault, &squatter).await == (String::new(), false)).then_some(());
    eventually("the address is given up", PATIENCE, async || given_up(&mut vault).await).await;
    assert_eq!(address(&mut vault, &fresh).await, (fresh.email.clone(), true), "it has a day left");

    let log = scope.log("accounts").await;
    assert_eq!(log.story(&squatter.id), ["Registered", "EmailGivenUp"]);
    let _ = log_in(&squatter.name, PASSWORD).await.expect(201);
    let _ = log_in(&squatter.email, PASSWORD).await.problem(401, "invalid-credentials");
    assert_eq!(confirm(&old_letter).await.problem(422, "invalid").pointer(), "/token");
    let again = squatter.api.post("/v1/me/email/verification").send().await;
    let _ = again.problem(404, "not-found");

    // As if the process had died before the vault forgot it: the next one does, and nothing is in the log twice.
    unconfirmed_for(&mut vault, &squatter, 8).await;
    let _sweeper = sweeper().await;
    eventually("what was left is finished", PATIENCE, async || given_up(&mut vault).await).await;
    assert_eq!(scope.log("accounts").await.story(&squatter.id), ["Registered", "EmailGivenUp"]);

    registers_in_time(&squatter.email).await;
    let _ = log_in(&squatter.email, PASSWORD).await.expect(201);
    scope.log("accounts").await.assert_whole();
}

#[tokio::test]
async fn an_address_that_was_confirmed_stays_whatever_the_vault_missed() {
    let scope = &Server::shared().await.scope;
    let (mut vault, member) = (scope.postgres().await, member().await);
    let token = letter(&member.email, "Please confirm your address").await.token();
    assert_eq!(address(&mut vault, &member).await, (member.email.clone(), true));
    let _ = confirm(&token).await.expect(200);
    assert_eq!(address(&mut vault, &member).await, (member.email.clone(), false));
    // As if the process had died between the event and the vault.
    unconfirmed_for(&mut vault, &member, 8).await;
    let _sweeper = sweeper().await;
    let settled = (member.email.clone(), false);
    eventually("the vault is told", PATIENCE, async || (address(&mut vault, &member).await == settled).then_some(()))
        .await;
    assert_eq!(scope.log("accounts").await.story(&member.id), ["Registered", "EmailVerified"]);
}

#[tokio::test]
async fn an_account_without_an_address_can_have_another() {
    let scope = &Server::shared().await.scope;
    let (mut vault, member) = (scope.postgres().await, member().await);
    unconfirmed_for(&mut vault, &member, 8).await;
    let _sweeper = sweeper().await;
    let none = (String::new(), false);
    eventually("it is given up", PATIENCE, async || (address(&mut vault, &member).await == none).then_some(())).await;
    let email = format!("{}@example.org", unique("new"));
    let body = json!({"email": email, "current_password": PASSWORD});
    let _ = member.api.post("/v1/me/email").json(&body).send().await.expect(202);
    let _ = confirm(&letter(&email, "Please confirm your new address").await.token()).await.expect(200);
    let _ = log_in(&email, PASSWORD).await.expect(201);
    assert_eq!(address(&mut vault, &member).await, (email, false));
}
