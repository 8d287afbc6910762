//! `/v1/me` and `/v1/email`: what people change about how they are known and how they log in.

use serde_json::json;

use crate::members::{PASSWORD, anyone, application, letter, log_in, member, refresh, register, writes};
use crate::support::{Server, author, unique};

const NEW: &str = "another horse entirely";

async fn confirm(token: &str) -> testkit::Answer {
    anyone().await.post("/v1/email/confirm").json(&json!({"token": token})).send().await
}

#[tokio::test]
async fn a_new_password_keeps_the_session_that_set_it_and_ends_the_others() {
    let member = member().await;
    let (other, _) = member.elsewhere().await;
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        member.api.post("/v1/me/password").json(&body).send()
    };
    let answer = change("not the password", NEW).await.problem(422, "invalid");
    assert_eq!(answer.pointer(), "/current_password");
    let answer = change(PASSWORD, "password123").await.problem(422, "invalid");
    assert_eq!(answer.pointer(), "/new_password");
    let _ = change(PASSWORD, NEW).await.expect(204);
    assert!(writes(&member.api).await && !writes(&other).await);
    let _ = refresh(&member.refresh_token).await.expect(200);
    let _ = log_in(&member.name, PASSWORD).await.problem(401, "invalid-credentials");
    let _ = log_in(&member.name, NEW).await.expect(201);
    let told = letter(&member.email, "Your password was changed").await;
    assert!(!told.text.contains(NEW) && !told.text.contains(PASSWORD));
}

#[tokio::test]
async fn of_two_who_set_another_password_at_once_one_does() {
    let member = member().await;
    let change = |new: &str| {
        let body = json!({"current_password": PASSWORD, "new_password": new});
        member.api.post("/v1/me/password").json(&body).send()
    };
    let other = "no horse at all";
    let (one, two) = tokio::join!(change(NEW), change(other));
    let (set, not_set) = if one.status == 204 { (NEW, other) } else { (other, NEW) };
    let refused = if one.status == 204 { two } else { one };
    assert_eq!(refused.problem(422, "invalid").pointer(), "/current_password");
    let _ = log_in(&member.name, set).await.expect(201);
    for password in [not_set, PASSWORD] {
        let _ = log_in(&member.name, password).await.problem(401, "invalid-credentials");
    }
}

#[tokio::test]
async fn a_confirmation_that_the_vault_does_not_note_in_time_is_not_said_to_be_nothing() {
    let (member, scope) = (member().await, &Server::shared().await.scope);
    let token = letter(&member.email, "Please confirm your address").await.token();
    let (api, key) = (anyone().await, unique("key"));
    let confirm = || api.post("/v1/email/confirm").key(&key).json(&json!({"token": token})).send();
    let mut other = scope.postgres().await;
    let mut holding = sqlx::Connection::begin(&mut other).await.unwrap();
    let sql = "SELECT FROM vault.people WHERE account_id = $1 FOR UPDATE";
    sqlx::query(sql).bind(member.id.parse::<uuid::Uuid>().unwrap()).execute(&mut *holding).await.unwrap();
    let _ = confirm().await.problem(504, "outcome-unknown");
    assert_eq!(scope.log("accounts").await.story(&member.id), ["Registered", "EmailVerified"]);
    holding.rollback().await.unwrap();
    assert!(confirm().await.expect(200).changed(), "it is done whole with the same key");
}

#[tokio::test]
async fn an_address_is_confirmed_with_what_came_by_mail() {
    let member = member().await;
    let token = letter(&member.email, "Please confirm your address").await.token();
    let answer = confirm(&token).await.expect(200);
    assert!(answer.changed());
    assert!(!confirm(&token).await.expect(200).changed(), "a link may be opened twice");
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&member.id), ["Registered", "EmailVerified"]);
    for made_up in ["", "x", &"x".repeat(43), &"x".repeat(9_999)] {
        assert_eq!(confirm(made_up).await.problem(422, "invalid").pointer(), "/token");
    }
}

#[tokio::test]
async fn another_address_is_the_accounts_once_it_is_confirmed_there() {
    let member = member().await;
    let email = format!("{}@example.org", unique("moved"));
    let ask = |password: &str, email: &str| {
        member.api.post("/v1/me/email").json(&json!({"email": email, "current_password": password})).send()
    };
    assert_eq!(ask("not it at all", &email).await.problem(422, "invalid").pointer(), "/current_password");
    let _ = ask(PASSWORD, &email).await.expect(202);
    let _ = log_in(&email, PASSWORD).await.expect(401);
    let token = letter(&email, "Please confirm your new address").await.token();
    let _ = confirm(&token).await.expect(200);
    let _ = log_in(&email, PASSWORD).await.expect(201);
    let _ = log_in(&member.email, PASSWORD).await.problem(401, "invalid-credentials");
    letter(&member.email, "Your address was changed").await;
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&member.id), ["Registered", "EmailChanged"]);
    let claims: Vec<&str> =
        log.events().map(testkit::log::Seen::kind).filter(|kind| kind.contains("EmailReleased")).collect();
    assert!(!claims.is_empty(), "the former address is given up");
    // An old letter does not bring an old address back.
    let next = format!("{}@example.org", unique("moved"));
    let _ = ask(PASSWORD, &next).await.expect(202);
    let _ = confirm(&letter(&next, "Please confirm your new address").await.token()).await.expect(200);
    assert_eq!(confirm(&token).await.problem(422, "invalid").pointer(), "/token");
}

#[tokio::test]
async fn anothers_address_is_not_taken_even_with_a_letter() {
    let (member, other) = (member().await, member().await);
    let body = json!({"email": other.email, "current_password": PASSWORD});
    let _ = member.api.post("/v1/me/email").json(&body).send().await.expect(202);
    let token = letter(&other.email, "Please confirm your new address").await.token();
    let _ = confirm(&token).await.problem(409, "email-taken");
    let _ = log_in(&other.email, PASSWORD).await.expect(201);
}

#[tokio::test]
async fn the_letter_is_sent_again_on_request_and_the_former_is_void() {
    let member = member().await;
    let first = letter(&member.email, "Please confirm your address").await;
    let _ = member.api.post("/v1/me/email/verification").send().await.expect(202);
    let scope = &Server::shared().await.scope;
    let second = testkit::eventually("a second letter", std::time::Duration::from_secs(15), async || {
        scope.letters(&member.email).into_iter().find(|letter| letter.message_id != first.message_id)
    })
    .await;
    assert_eq!(confirm(&first.token()).await.problem(422, "invalid").pointer(), "/token");
    let _ = confirm(&second.token()).await.expect(200);
}

#[tokio::test]
async fn a_new_user_name_is_logged_in_with_and_the_former_is_no_other_accounts() {
    let member = member().await;
    let (name, former) = (unique("Renamed"), member.name.clone());
    let rename = |name: &str| member.api.post("/v1/me/user-name").json(&json!({"user_name": name})).send();
    let answer = rename(&name).await.expect(200);
    assert_eq!((answer.version(), answer.body["user_name"].as_str()), (2, Some(name.as_str())));
    let _ = log_in(&name, PASSWORD).await.expect(201);
    let _ = log_in(&former, PASSWORD).await.problem(401, "invalid-credentials");
    // Before another person wants it: their request would see to its release.
    let log = Server::shared().await.scope.log("accounts").await;
    let claim = log.story(&format!("user-name:{former}"));
    assert_eq!(claim, ["UserNameClaimed", "UserNameConfirmed", "UserNameReleased"]);
    let mut other = application(&former);
    other["email"] = json!(format!("{}@example.org", unique("other")));
    let _ = anyone().await.post("/v1/register").json(&other).send().await.problem(409, "user-name-taken");
    // Its own former name it can have back.
    let _ = rename(&former).await.expect(200);
    let _ = log_in(&former, PASSWORD).await.expect(201);
    let taken = register(&unique("taken")).await.expect(201);
    let _ = rename(taken.body["user_name"].as_str().unwrap()).await.problem(409, "user-name-taken");
}

#[tokio::test]
async fn an_owner_who_deactivates_their_account_is_out_until_an_admin_undoes_it() {
    let member = member().await;
    let ask = |password: &str| member.api.post("/v1/me/deactivate").json(&json!({"current_password": password})).send();
    assert_eq!(ask("not it at all").await.problem(422, "invalid").pointer(), "/current_password");
    let _ = ask(PASSWORD).await.expect(200);
    assert!(!writes(&member.api).await);
    let _ = refresh(&member.refresh_token).await.problem(401, "invalid-credentials");
    let _ = log_in(&member.name, PASSWORD).await.problem(403, "account-deactivated");
    let _ = log_in(&member.name, "not it at all").await.problem(401, "invalid-credentials");
    let path = format!("/v1/accounts/{}/reactivate", member.id);
    let _ = author().await.api.post(&path).send().await.expect(403);
    let admin = crate::support::person(uuid::Uuid::new_v4(), &["admin"]).await;
    let _ = admin.api.post(&path).send().await.expect(200);
    let _ = log_in(&member.name, PASSWORD).await.expect(201);
}

#[tokio::test]
async fn a_caller_without_an_account_that_logs_in_changes_nothing() {
    let api = author().await.api;
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    let _ = api.post("/v1/me/password").json(&body).send().await.problem(404, "not-found");
    let _ = api.delete("/v1/sessions/current").send().await.problem(404, "not-found");
    let _ =
        api.post("/v1/me/user-name").json(&json!({"user_name": unique("x")})).send().await.problem(404, "not-found");
}
