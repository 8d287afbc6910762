//! What an operator sets: keys that are rotated, who may write; and what is finished after a crash.

use std::time::Duration;

use serde_json::json;
use testkit::{Api, Process, eventually};
use uuid::Uuid;

use crate::members::{PASSWORD, anyone, application, letter, log_in, member, refresh, with_token, writes};
use crate::support::{Server, unique};

const PATIENCE: Duration = Duration::from_secs(20);

fn key_id(access_token: &str) -> String {
    use base64::Engine as _;
    let header = access_token.split('.').next().unwrap();
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn keys_are_rotated_and_no_client_notices() {
    let server = Server::shared().await;
    let member = member().await;
    let before = log_in(&member.name, PASSWORD).await.expect(201);
    let old = key_id(before.body["access_token"].as_str().unwrap());
    let printed = server.scope.succeed("command-services", &["token", "rotate", "--lead", "4s"]);
    let new = printed.trim();
    let after = eventually("the new key signs", PATIENCE, async || {
        let session = log_in(&member.name, PASSWORD).await.expect(201);
        (key_id(session.body["access_token"].as_str().unwrap()) == new).then_some(session)
    })
    .await;
    assert_ne!(old, new);
    assert!(writes(&with_token(&before).await).await && writes(&with_token(&after).await).await);
    let jwks = server.api().get("/.well-known/jwks.json").send().await.expect(200);
    let keys = jwks.body["keys"].as_array().unwrap();
    assert!([old.as_str(), new].iter().all(|kid| keys.iter().any(|key| key["kid"] == **kid)), "{}", jwks.body);
}

#[tokio::test]
async fn where_an_address_must_be_verified_only_its_owner_writes() {
    let scope = &Server::shared().await.scope;
    let mut environment = scope.environment();
    environment.push(("INKLOG_UNVERIFIED_MAY_WRITE".into(), "false".into()));
    let mut process = Process::start("command-services", &["all"], &environment);
    process.ready().await;
    let (api, member) = (Api::new(process.url()), member().await);
    let log_in = async || {
        let body = json!({"login": member.name, "password": PASSWORD});
        let session = api.post("/v1/sessions").json(&body).send().await.expect(201);
        (session.body["roles"].clone(), api.with_token(session.body["access_token"].as_str().unwrap()))
    };
    let draft = async |api: &Api| api.post("/v1/posts").json(&json!({"title": "T", "slug": unique("p")})).send().await;
    let (roles, unverified) = log_in().await;
    assert_eq!(roles, json!(["reader"]));
    let _ = draft(&unverified).await.problem(403, "forbidden");
    let token = letter(&member.email, "Please confirm your address").await.token();
    let _ = api.post("/v1/email/confirm").json(&json!({"token": token})).send().await.expect(200);
    let (roles, verified) = log_in().await;
    assert_eq!(roles, json!(["author"]));
    let _ = draft(&verified).await.expect(201);
}

#[tokio::test]
async fn what_is_over_is_not_refreshed() {
    let mut vault = Server::shared().await.scope.postgres().await;
    for what in ["refresh_tokens SET expires_at", "sessions SET expires_at"] {
        let member = member().await;
        let session: Uuid = member.session.parse().unwrap();
        let sql = sqlx::AssertSqlSafe(format!("UPDATE vault.{what} = now() WHERE session_id = $1"));
        sqlx::query(sql).bind(session).execute(&mut vault).await.unwrap();
        let _ = refresh(&member.refresh_token).await.problem(401, "invalid-credentials");
    }
}

#[tokio::test]
async fn what_a_crash_left_between_vault_and_log_is_finished_or_forgotten() {
    let scope = &Server::shared().await.scope;
    let (member, stranger) = (member().await, Uuid::new_v4());
    let id: Uuid = member.id.parse().unwrap();
    letter(&member.email, "Please confirm your address").await;
    let mut vault = scope.postgres().await;
    // As if the process had died after the account's event, and another one before it.
    let sql =
        "UPDATE vault.people SET registered = false, created_at = now() - interval '1 hour' WHERE account_id = $1";
    sqlx::query(sql).bind(id).execute(&mut vault).await.unwrap();
    let sql = "INSERT INTO vault.people (account_id, email, password_hash, created_at)
        VALUES ($1, 'left@example.org', 'x', now() - interval '1 hour')";
    sqlx::query(sql).bind(stranger).execute(&mut vault).await.unwrap();
    let mut process = scope.start("command-services", &["identity"]);
    process.ready().await;
    eventually("the vault is swept", PATIENCE, async || {
        let sql = "SELECT (SELECT registered FROM vault.people WHERE account_id = $1),
            EXISTS (SELECT FROM vault.people WHERE account_id = $2)";
        let (registered, left): (bool, bool) =
            sqlx::query_as(sql).bind(id).bind(stranger).fetch_one(&mut vault).await.unwrap();
        (registered && !left).then_some(())
    })
    .await;
    let _ = log_in(&member.name, PASSWORD).await.expect(201);
}

/// A row takes a millisecond here, and a statement may take two seconds.
#[tokio::test]
async fn a_backlog_that_no_statement_could_delete_is_swept() {
    let scope = testkit::Scope::with_vault().await;
    let mut vault = scope.postgres().await;
    for sql in [
        "CREATE FUNCTION vault.slowly() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_sleep(0.001); RETURN OLD; END $$",
        "CREATE TRIGGER slowly BEFORE DELETE ON vault.attempts FOR EACH ROW EXECUTE FUNCTION vault.slowly()",
        "INSERT INTO vault.attempts (subject, tried, window_ends_at)
            SELECT decode(lpad(to_hex(n), 8, '0'), 'hex'), 1, now() - interval '1 second'
            FROM generate_series(1, 4000) AS n",
        "INSERT INTO vault.attempts (subject, tried, window_ends_at)
            VALUES (decode('ff', 'hex'), 1, now() + interval '1 hour')",
    ] {
        sqlx::query(sql).execute(&mut vault).await.unwrap();
    }
    let mut process = scope.start("command-services", &["identity"]);
    process.ready().await;
    eventually("what is over is forgotten, and no more", PATIENCE, async || {
        let sql = "SELECT count(*) FROM vault.attempts";
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&mut vault).await.unwrap();
        (left == 1).then_some(())
    })
    .await;
}

/// Its command may be under way.
#[tokio::test]
async fn what_a_repeated_registration_needs_is_not_swept() {
    let scope = &Server::shared().await.scope;
    let (mut vault, name) = (scope.postgres().await, unique("again"));
    let body = application(&name);
    let api = anyone().await;
    let id = api.post("/v1/register").key(&name).json(&body).send().await.expect(201).id();
    let id: Uuid = id.parse().unwrap();
    let sql =
        "UPDATE vault.people SET registered = false, created_at = now() - interval '1 hour' WHERE account_id = $1";
    sqlx::query(sql).bind(id).execute(&mut vault).await.unwrap();
    let _ = api.post("/v1/register").key(&name).json(&body).send().await.expect(201);
    let sql = "SELECT created_at > now() - interval '1 minute' FROM vault.people WHERE account_id = $1";
    assert!(sqlx::query_scalar::<_, bool>(sql).bind(id).fetch_one(&mut vault).await.unwrap());
}
