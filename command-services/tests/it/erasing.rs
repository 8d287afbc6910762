//! Forgetting people: `DELETE /v1/me`, `DELETE /v1/accounts/{id}`, and what finishes that after a crash.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::PgConnection;
use testkit::{Answer, Api, eventually};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, letter, log_in, member, refresh, register, writes};
use crate::support::{Server, author, editor, person, unique};

const PATIENCE: Duration = Duration::from_secs(40);

async fn erase(api: &Api, password: &str) -> Answer {
    api.delete("/v1/me").json(&json!({"current_password": password})).send().await
}

async fn admin() -> Api {
    person(Uuid::new_v4(), &["admin"]).await.api
}

/// How many rows of the vault are about an account: key, person, letters.
async fn held(vault: &mut PgConnection, id: &str) -> i64 {
    let sql = "SELECT (SELECT count(*) FROM vault.data_keys WHERE account_id = $1)
        + (SELECT count(*) FROM vault.people WHERE account_id = $1)
        + (SELECT count(*) FROM vault.sessions WHERE account_id = $1)
        + (SELECT count(*) FROM vault.one_time_tokens WHERE account_id = $1)
        + (SELECT count(*) FROM vault.outbox WHERE account_id = $1)";
    sqlx::query_scalar(sql).bind(id.parse::<Uuid>().unwrap()).fetch_one(vault).await.unwrap()
}

async fn story(id: &str) -> Vec<String> {
    Server::shared().await.scope.log("accounts").await.story(id).iter().map(ToString::to_string).collect()
}

/// The account is erased once, nothing is held of it, and its address is free to be another's.
async fn assert_forgotten(member: &Member) {
    let mut vault = Server::shared().await.scope.postgres().await;
    eventually("nothing is held", PATIENCE, async || (held(&mut vault, &member.id).await == 0).then_some(())).await;
    let story = story(&member.id).await;
    assert_eq!(story.iter().filter(|event| *event == "Erased").count(), 1, "{story:?}");
    let log = Server::shared().await.scope.log("accounts").await;
    let released = log.records.iter().filter(|record| record.kind().ends_with("EmailReleased"));
    assert_eq!(released.filter(|record| String::from_utf8_lossy(&record.value).contains(&member.id)).count(), 1);
}

#[tokio::test]
async fn who_erases_themselves_shows_the_password_and_is_gone() {
    let (member, mut vault) = (member().await, Server::shared().await.scope.postgres().await);
    letter(&member.email, "Please confirm your address").await;
    assert_eq!(erase(&member.api, "not the password").await.problem(422, "invalid").pointer(), "/current_password");
    assert!(held(&mut vault, &member.id).await > 2 && writes(&member.api).await);
    assert!(!erase(&member.api, PASSWORD).await.expect(204).position().is_empty());
    assert_forgotten(&member).await;
    assert!(!writes(&member.api).await);
    let _ = erase(&member.api, PASSWORD).await.problem(401, "unauthorized");
    let _ = refresh(&member.refresh_token).await.problem(401, "invalid-credentials");
    for login in [&member.name, &member.email] {
        let _ = log_in(login, PASSWORD).await.problem(401, "invalid-credentials");
    }
    let _ = register(&member.name).await.problem(409, "user-name-taken");
}

#[tokio::test]
async fn nothing_can_be_done_to_an_erased_account_and_erasing_it_again_does_no_harm() {
    let (member, admin) = (member().await, admin().await);
    let path = format!("/v1/accounts/{}", member.id);
    let _ = admin.delete(&path).send().await.expect(204);
    assert!(!writes(&member.api).await);
    let put = json!({"user_name": member.name, "bio": "x"});
    let editor = editor().await.api;
    let answers = [
        editor.put(&path).json(&put).send().await,
        editor.patch(&path).json(&json!({"bio": "x"})).if_match(1).send().await,
        admin.put(&format!("{path}/roles/editor")).send().await,
        admin.delete(&format!("{path}/roles/editor")).send().await,
        admin.post(&format!("{path}/reactivate")).send().await,
    ];
    answers.into_iter().for_each(|answer| drop(answer.problem(410, "account-erased")));
    let _ = admin.delete(&path).send().await.expect(204);
    assert_forgotten(&member).await;
}

#[tokio::test]
async fn an_account_that_cannot_log_in_is_erased_by_an_admin_only() {
    let (id, name) = (Uuid::new_v4(), unique("imported"));
    let path = format!("/v1/accounts/{id}");
    let _ = editor().await.api.put(&path).json(&json!({"user_name": name, "bio": "x"})).send().await.expect(201);
    let _ = author().await.api.delete(&path).send().await.problem(403, "forbidden");
    let _ = editor().await.api.delete(&path).send().await.problem(403, "forbidden");
    let _ = admin().await.delete(&format!("/v1/accounts/{}", Uuid::new_v4())).send().await.problem(404, "not-found");
    let _ = admin().await.delete(&path).send().await.expect(204);
    assert_eq!(story(&id.to_string()).await, ["Registered", "Erased"]);
    assert_eq!(held(&mut Server::shared().await.scope.postgres().await, &id.to_string()).await, 0);
}

#[tokio::test]
async fn an_application_repeated_with_its_key_brings_no_account_back() {
    let (name, key) = (unique("mem"), unique("key"));
    let body = crate::members::application(&name);
    let apply = async || Server::shared().await.api().post("/v1/register").json(&body).key(&key).send().await;
    let id = apply().await.expect(201).id();
    let _ = admin().await.delete(&format!("/v1/accounts/{id}")).send().await.expect(204);
    let _ = apply().await.problem(410, "account-erased");
    assert_eq!(held(&mut Server::shared().await.scope.postgres().await, &id).await, 0);
}

#[tokio::test]
async fn what_was_noted_before_a_crash_is_finished() {
    let (member, mut vault) = (member().await, Server::shared().await.scope.postgres().await);
    // As if the process had died right after noting it.
    let sql = "INSERT INTO vault.erasures (account_id, requested_by) VALUES ($1, $1)";
    sqlx::query(sql).bind(member.id.parse::<Uuid>().unwrap()).execute(&mut vault).await.unwrap();
    assert_forgotten(&member).await;
    assert!(!writes(&member.api).await, "its session is over, too");
}

#[tokio::test]
async fn what_postgres_does_not_do_in_time_is_done_later() {
    let (member, scope) = (member().await, &Server::shared().await.scope);
    let (id, mut other) = (member.id.parse::<Uuid>().unwrap(), scope.postgres().await);
    // Another transaction has the key's row, so that nothing can be deleted: after the event, before the end.
    let mut holding = sqlx::Connection::begin(&mut other).await.unwrap();
    let sql = "SELECT FROM vault.data_keys WHERE account_id = $1 FOR UPDATE";
    sqlx::query(sql).bind(id).execute(&mut *holding).await.unwrap();
    let _ = erase(&member.api, PASSWORD).await.expect(202);
    assert!(held(&mut scope.postgres().await, &member.id).await > 0);
    assert_eq!(story(&member.id).await.last().unwrap(), "Erased");
    let _ = log_in(&member.name, PASSWORD).await.problem(401, "invalid-credentials");
    holding.rollback().await.unwrap();
    assert_forgotten(&member).await;
}

#[tokio::test]
async fn an_erasure_that_is_not_noted_in_time_is_not_said_to_be_nothing() {
    let (member, scope) = (member().await, &Server::shared().await.scope);
    let mut other = scope.postgres().await;
    // Another transaction is about to note it, so that identity cannot.
    let mut holding = sqlx::Connection::begin(&mut other).await.unwrap();
    let sql = "INSERT INTO vault.erasures (account_id, requested_by) VALUES ($1, $1)";
    sqlx::query(sql).bind(member.id.parse::<Uuid>().unwrap()).execute(&mut *holding).await.unwrap();
    let _ = erase(&member.api, PASSWORD).await.problem(504, "outcome-unknown");
    holding.rollback().await.unwrap();
    assert_eq!(erase(&member.api, PASSWORD).await.status, 204);
    assert_forgotten(&member).await;
}

#[tokio::test]
async fn a_vault_from_before_an_erasure_forgets_again() {
    let (member, scope) = (member().await, &Server::shared().await.scope);
    let (id, mut vault) = (member.id.parse::<Uuid>().unwrap(), scope.postgres().await);
    let kept: Vec<Value> = {
        let sql = "SELECT to_jsonb(t)::text FROM vault.data_keys t WHERE account_id = $1
            UNION ALL SELECT to_jsonb(t)::text FROM vault.people t WHERE account_id = $1";
        let rows: Vec<String> = sqlx::query_scalar(sql).bind(id).fetch_all(&mut vault).await.unwrap();
        rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
    };
    assert_eq!(kept.len(), 2);
    assert_eq!(erase(&member.api, PASSWORD).await.status, 204);
    for (table, row) in ["data_keys", "people"].into_iter().zip(&kept) {
        let sql =
            format!("INSERT INTO vault.{table} SELECT * FROM jsonb_populate_record(NULL::vault.{table}, $1::jsonb)");
        let insert = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(row.to_string());
        insert.execute(&mut vault).await.unwrap();
    }
    let sql = "DELETE FROM vault.erasures WHERE account_id = $1";
    sqlx::query(sql).bind(id).execute(&mut vault).await.unwrap();
    let mut process = scope.start("command-services", &["identity"]);
    process.ready().await;
    assert_forgotten(&member).await;
}

#[tokio::test]
async fn what_goes_with_a_person_is_found_without_reading_what_is_others() {
    // Deleting a row reads all of a table that refers to it, unless an index of that table begins with the reference.
    let sql = "SELECT conname::text FROM pg_constraint AS c
        WHERE contype = 'f' AND connamespace = 'vault'::regnamespace AND NOT EXISTS (SELECT FROM pg_index AS i
            WHERE i.indrelid = c.conrelid AND i.indpred IS NULL AND i.indkey[0] = c.conkey[1])";
    let mut vault = Server::shared().await.scope.postgres().await;
    let unfound: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut vault).await.unwrap();
    assert_eq!(unfound, Vec::<String>::new());
}
