//! Log-ins that are under way while something changes that would have kept the caller out.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::careful::{careful, meet, shown};
use crate::members::{Member, PASSWORD, log_in, member, refresh, with_token, writes};
use crate::support::{Server, person};

const NEW: &str = "another horse entirely";
/// Log-ins that are under way at once; more would be taken for guesses.
const AT_ONCE: u32 = 8;
const ROUNDS: usize = 6;

/// Answers what is asked while the person's row is being changed so, by a transaction that ends a while later.
pub(crate) async fn while_changing(
    member: &Member,
    change: &'static str,
    asked: impl Future<Output = Answer>,
) -> Answer {
    let mut vault = Server::shared().await.scope.postgres().await;
    let mut changing = vault.begin().await.unwrap();
    for statement in [change, "DELETE FROM vault.challenges WHERE account_id = $1"] {
        sqlx::query(statement).bind(id(member)).execute(&mut *changing).await.unwrap();
    }
    let (answer, ()) = tokio::join!(asked, async {
        tokio::time::sleep(Duration::from_millis(800)).await;
        changing.commit().await.unwrap();
    });
    answer
}

/// Sets a password that no caller knows.
const SET_PASSWORD: &str = "UPDATE vault.people SET password_hash = overlay(password_hash placing
    CASE substr(password_hash, length(password_hash) - 9, 1) WHEN 'A' THEN 'B' ELSE 'A' END
    from length(password_hash) - 9) WHERE account_id = $1";

fn id(member: &Member) -> Uuid {
    member.id.parse().unwrap()
}

async fn open_sessions(vault: &mut PgConnection, member: &Member) -> i64 {
    let sql = "SELECT count(*) FROM vault.sessions WHERE account_id = $1 AND ended_at IS NULL";
    sqlx::query_scalar(sql).bind(id(member)).fetch_one(vault).await.unwrap()
}

#[tokio::test]
async fn a_log_in_finds_the_password_that_was_set_while_it_was_under_way() {
    let member = member().await;
    let answer = while_changing(&member, SET_PASSWORD, log_in(&member.name, PASSWORD)).await;
    let _ = answer.problem(401, "invalid-credentials");
    let mut vault = Server::shared().await.scope.postgres().await;
    assert_eq!(open_sessions(&mut vault, &member).await, 1, "the first one, which this test does not end");
}

#[tokio::test]
async fn so_does_one_that_would_be_asked_for_a_code() {
    let careful = careful().await;
    let answer = while_changing(&careful.member, SET_PASSWORD, log_in(&careful.member.name, PASSWORD)).await;
    let _ = answer.problem(401, "invalid-credentials");
}

#[tokio::test]
async fn a_code_is_no_good_after_a_password_that_was_set_while_it_was_looked_at() {
    let mut careful = careful().await;
    let (challenge, code) = (careful.challenged().await, careful.authenticator.next().await);
    let answer = while_changing(&careful.member, SET_PASSWORD, meet(&challenge, &code)).await;
    let _ = answer.problem(401, "invalid-credentials");
}

#[tokio::test]
async fn what_an_owner_shows_again_must_hold_until_it_is_done() {
    let shows = json!({"current_password": PASSWORD});
    let mut moves = shows.clone();
    moves["email"] = json!(format!("{}@example.org", crate::support::unique("thief")));
    for (path, body) in [("/v1/me/email", &moves), ("/v1/me/second-factor", &shows)] {
        let member = member().await;
        let call = member.api.post(path).json(body);
        let _ = while_changing(&member, SET_PASSWORD, call.send()).await.problem(503, "unavailable");
    }
    for method in [Method::DELETE, Method::POST] {
        let member = member().await;
        let call = match method {
            Method::DELETE => member.api.delete("/v1/me"),
            _ => member.api.post("/v1/me/deactivate"),
        };
        let call = call.json(&shows);
        let _ = while_changing(&member, SET_PASSWORD, call.send()).await.problem(503, "unavailable");
        let log = Server::shared().await.scope.log("accounts").await;
        assert_eq!(log.story(&member.id), ["Registered"], "{method}");
    }
    let mut vault = Server::shared().await.scope.postgres().await;
    let sql = "SELECT EXISTS (SELECT FROM vault.one_time_tokens WHERE email = $1)";
    let sent: bool = sqlx::query_scalar(sql).bind(moves["email"].as_str()).fetch_one(&mut vault).await.unwrap();
    assert!(!sent, "a change of address that was asked for with the former password");
    for path in ["remove", "recovery-codes"] {
        let mut careful = careful().await;
        let body = shown(&careful.authenticator.next().await);
        let call = careful.member.api.post(&format!("/v1/me/second-factor/{path}")).json(&body);
        let _ = while_changing(&careful.member, SET_PASSWORD, call.send()).await.problem(503, "unavailable");
    }
}

#[tokio::test]
async fn an_instance_that_has_not_read_why_sessions_ended_begins_none() {
    let member = member().await;
    let mut vault = Server::shared().await.scope.postgres().await;
    let mut least = async |version: i64| {
        let sql = "UPDATE vault.people SET least_version = $2 WHERE account_id = $1";
        sqlx::query(sql).bind(id(&member)).bind(version).execute(&mut vault).await.unwrap();
    };
    least(9).await;
    let _ = log_in(&member.name, PASSWORD).await.problem(503, "unavailable");
    let _ = refresh(&member.refresh_token).await.problem(503, "moving");
    least(1).await;
    let _ = log_in(&member.name, PASSWORD).await.expect(201);
    let _ = refresh(&member.refresh_token).await.expect(200);
}

/// Those who got in of many whose log-ins were begun a little before and after something happened.
async fn who_log_in_meanwhile(member: &Member, happens: impl Future<Output = Answer>) -> Vec<Answer> {
    let log_ins = (0..AT_ONCE).map(async |number| {
        tokio::time::sleep(Duration::from_millis(12) * number).await;
        log_in(&member.name, PASSWORD).await
    });
    let happens = async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        happens.await
    };
    let (answers, happened) = tokio::join!(join_all(log_ins), happens);
    assert!([200, 204].contains(&happened.status), "{}", happened.text);
    answers.into_iter().filter(|answer| answer.status == 201).collect()
}

async fn is_out(began: &Answer) {
    let _ = refresh(began.body["refresh_token"].as_str().unwrap()).await.problem(401, "invalid-credentials");
    assert!(!writes(&with_token(began).await).await, "a session outlives what ended all others");
}

#[tokio::test]
async fn no_log_in_outlives_a_change_of_the_password() {
    for _ in 0..ROUNDS {
        let member = member().await;
        let body = json!({"current_password": PASSWORD, "new_password": NEW});
        let change = member.api.post("/v1/me/password").json(&body);
        for began in who_log_in_meanwhile(&member, change.send()).await {
            is_out(&began).await;
        }
        assert!(writes(&member.api).await);
    }
}

#[tokio::test]
async fn no_log_in_outlives_a_deactivation() {
    for _ in 0..ROUNDS {
        let member = member().await;
        let deactivate = member.api.post("/v1/me/deactivate").json(&json!({"current_password": PASSWORD}));
        for began in who_log_in_meanwhile(&member, deactivate.send()).await {
            is_out(&began).await;
        }
    }
}

#[tokio::test]
async fn no_log_in_outlives_the_role_that_it_began_with() {
    let admin: Api = person(Uuid::new_v4(), &["admin"]).await.api;
    for _ in 0..ROUNDS {
        let member = member().await;
        let path = format!("/v1/accounts/{}/roles/editor", member.id);
        let _ = admin.put(&path).send().await.expect(200);
        for began in who_log_in_meanwhile(&member, admin.delete(&path).send()).await {
            if began.body["roles"].as_array().unwrap().contains(&json!("editor")) {
                is_out(&began).await;
            }
        }
    }
}
