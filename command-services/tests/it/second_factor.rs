//! `/v1/me/second-factor`: added, used up, renewed, removed.

use serde_json::json;
use testkit::{Answer, Api, Authenticator};
use uuid::Uuid;

use crate::careful::{add, careful, challenge, meet, shown};
use crate::members::{PASSWORD, letter, log_in, member, writes};
use crate::support::{Server, author, person};

const BASE: &str = "/v1/me/second-factor";

async fn begin(api: &Api, password: &str) -> Answer {
    api.post(BASE).json(&json!({"current_password": password})).send().await
}

async fn confirm(api: &Api, code: &str) -> Answer {
    api.post(&format!("{BASE}/confirm")).json(&json!({"code": code})).send().await
}

async fn remove(api: &Api, code: &str) -> Answer {
    api.post(&format!("{BASE}/remove")).json(&shown(code)).send().await
}

#[tokio::test]
async fn it_is_begun_with_the_password_and_asked_for_once_its_first_code_was_shown() {
    let member = member().await;
    let (other, _) = member.elsewhere().await;
    assert_eq!(begin(&member.api, "not it at all").await.problem(422, "invalid").pointer(), "/current_password");
    let _ = confirm(&member.api, "123456").await.problem(404, "not-found");
    let begun = begin(&member.api, PASSWORD).await.expect(201);
    assert_eq!(begun.header("cache-control"), "no-store");
    let secret = begun.body["secret"].as_str().unwrap();
    let uri = format!("otpauth://totp/inklog:{}?secret={secret}&issuer=inklog", member.name);
    assert_eq!(begun.body["otpauth_uri"], uri);
    let _ = log_in(&member.name, PASSWORD).await.expect(201);
    let mut authenticator = Authenticator::of(secret);
    assert_eq!(confirm(&member.api, &authenticator.at(-3)).await.problem(422, "invalid").pointer(), "/code");
    let recovery = "00000-00000-00000-00000-00000";
    assert_eq!(confirm(&member.api, recovery).await.problem(422, "invalid").pointer(), "/code");
    let first = authenticator.next().await;
    let confirmed = confirm(&member.api, &first).await.expect(200);
    assert_eq!(confirmed.header("cache-control"), "no-store");
    assert_eq!(confirmed.body["recovery_codes"].as_array().unwrap().len(), 10);
    assert!(writes(&member.api).await && !writes(&other).await, "the others began without it");
    let due = challenge(&log_in(&member.name, PASSWORD).await);
    let _ = meet(&due, &first).await.problem(401, "invalid-credentials");
    letter(&member.email, "Your account has a second factor").await;
    let seen = member.api.get(BASE).send().await.expect(200);
    assert_eq!((&seen.body["active"], &seen.body["recovery_codes"]), (&json!(true), &json!(10)));
    assert!(seen.body["active_since"].is_string());
    let again = member.api.post(BASE).json(&shown(&authenticator.next().await)).send().await;
    let _ = again.problem(409, "second-factor-exists");
    let _ = confirm(&member.api, &authenticator.next().await).await.problem(409, "second-factor-exists");
}

#[tokio::test]
async fn what_was_begun_is_over_after_an_hour_and_can_be_begun_anew() {
    let member = member().await;
    let begun = async || {
        let begun = begin(&member.api, PASSWORD).await.expect(201);
        Authenticator::of(begun.body["secret"].as_str().unwrap())
    };
    let (former, mut present) = (begun().await, begun().await);
    assert_eq!(confirm(&member.api, &former.at(0)).await.problem(422, "invalid").pointer(), "/code");
    let mut vault = Server::shared().await.scope.postgres().await;
    let sql = "UPDATE vault.second_factors SET began_at = now() - interval '61 minutes' WHERE account_id = $1";
    sqlx::query(sql).bind(member.id.parse::<Uuid>().unwrap()).execute(&mut vault).await.unwrap();
    let _ = confirm(&member.api, &present.next().await).await.problem(404, "not-found");
    add(&member.api).await;
}

#[tokio::test]
async fn neither_secret_nor_codes_are_in_the_vault_as_they_are() {
    let member = member().await;
    let begun = begin(&member.api, PASSWORD).await.expect(201);
    let secret = begun.body["secret"].as_str().unwrap();
    let mut vault = Server::shared().await.scope.postgres().await;
    let sql = "SELECT secret FROM vault.second_factors WHERE account_id = $1";
    let kept: String =
        sqlx::query_scalar(sql).bind(member.id.parse::<Uuid>().unwrap()).fetch_one(&mut vault).await.unwrap();
    assert!(!kept.contains(secret) && kept.starts_with("sealed."), "{kept}");
    // Another's would let a writer to the database log in with a code of their own.
    let careful = careful().await;
    let sql = "UPDATE vault.second_factors SET secret = $2 WHERE account_id = $1";
    let id: Uuid = careful.member.id.parse().unwrap();
    sqlx::query(sql).bind(id).bind(kept).execute(&mut vault).await.unwrap();
    let code = Authenticator::of(secret).at(1);
    let _ = careful.log_in(&code).await.problem(503, "unavailable");
    let _ = careful.log_in(&careful.recovery_codes[0]).await.expect(201);
}

#[tokio::test]
async fn what_changes_how_an_owner_logs_in_needs_a_code_too() {
    let mut careful = careful().await;
    let new = "another horse entirely";
    let change = |code: Option<String>| {
        let body = json!({"current_password": PASSWORD, "new_password": new, "code": code});
        careful.member.api.post("/v1/me/password").json(&body).send()
    };
    assert_eq!(change(None).await.problem(422, "invalid").pointer(), "/code");
    assert_eq!(change(Some(careful.authenticator.at(-3))).await.problem(422, "invalid").pointer(), "/code");
    for path in ["/v1/me/email", "/v1/me/deactivate", BASE, "/v1/me/second-factor/remove"] {
        let mut body = json!({"current_password": PASSWORD});
        if path.ends_with("email") {
            body["email"] = json!("elsewhere@example.org");
        }
        let answer = careful.member.api.post(path).json(&body).send().await;
        assert_eq!(answer.problem(422, "invalid").pointer(), "/code", "{path}");
    }
    let erase = careful.member.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await;
    assert_eq!(erase.problem(422, "invalid").pointer(), "/code");
    let code = careful.authenticator.next().await;
    let body = json!({"current_password": PASSWORD, "new_password": new, "code": code});
    let _ = careful.member.api.post("/v1/me/password").json(&body).send().await.expect(204);
    challenge(&log_in(&careful.member.name, new).await);
}

#[tokio::test]
async fn a_new_password_by_mail_does_not_take_its_place() {
    let mut careful = careful().await;
    let (member, new, former) = (&careful.member, "another horse entirely", careful.challenged().await);
    let api = Server::shared().await.api();
    // Until then it would not count against the reader of the mail.
    let token = letter(&member.email, "Please confirm your address").await.token();
    let _ = api.post("/v1/email/confirm").json(&json!({"token": token})).send().await.expect(200);
    let _ = api.post("/v1/password/forgot").json(&json!({"email": member.email})).send().await.expect(202);
    let token = letter(&member.email, "Your new password").await.token();
    let body = json!({"token": token, "new_password": new});
    let _ = api.post("/v1/password/reset").json(&body).send().await.expect(204);
    let challenge = challenge(&log_in(&member.name, new).await);
    let code = careful.authenticator.next().await;
    // A caller who showed the former password before does not get in with it.
    let _ = meet(&former, &code).await.problem(401, "invalid-credentials");
    let _ = meet(&challenge, &code).await.expect(201);
}

#[tokio::test]
async fn new_recovery_codes_take_the_place_of_the_former() {
    let mut careful = careful().await;
    let code = careful.authenticator.next().await;
    let path = format!("{BASE}/recovery-codes");
    let renewed = careful.member.api.post(&path).json(&shown(&code)).send().await.expect(200);
    let _ = careful.log_in(&careful.recovery_codes[0]).await.problem(401, "invalid-credentials");
    let _ = careful.log_in(renewed.body["recovery_codes"][0].as_str().unwrap()).await.expect(201);
    let (without, body) = (member().await, json!({"current_password": PASSWORD}));
    let _ = without.api.post(&path).json(&body).send().await.problem(404, "not-found");
}

#[tokio::test]
async fn it_is_removed_with_password_and_code_and_the_other_sessions_end() {
    let mut careful = careful().await;
    let other = careful.elsewhere().await;
    let api = careful.member.api.clone();
    assert_eq!(remove(&api, &careful.authenticator.at(-3)).await.problem(422, "invalid").pointer(), "/code");
    let code = careful.authenticator.next().await;
    let _ = remove(&api, &code).await.expect(204);
    assert!(writes(&api).await && !writes(&other).await);
    let _ = log_in(&careful.member.name, PASSWORD).await.expect(201);
    letter(&careful.member.email, "Your account has no second factor any more").await;
    let _ = remove(&api, &code).await.problem(404, "not-found");
    let seen = api.get(BASE).send().await.expect(200);
    assert_eq!(seen.body, json!({"active": false, "active_since": null, "recovery_codes": 0}));
    add(&api).await;
}

#[tokio::test]
async fn an_owner_who_lost_everything_asks_an_admin_or_an_operator() {
    let (one, two) = (careful().await, careful().await);
    let path = format!("/v1/accounts/{}/second-factor", one.member.id);
    let _ = author().await.api.delete(&path).send().await.problem(403, "forbidden");
    let admin = person(Uuid::new_v4(), &["admin"]).await.api;
    let _ = admin.delete(&path).send().await.expect(204);
    assert!(!writes(&one.member.api).await, "a finder of what was lost may be logged in");
    let _ = log_in(&one.member.name, PASSWORD).await.expect(201);
    letter(&one.member.email, "Your account has no second factor any more").await;
    let _ = admin.delete(&path).send().await.problem(404, "not-found");
    let server = Server::shared().await;
    let url = format!("http://{}", server.address());
    let arguments = ["admin", "remove-second-factor", &two.member.id, "--url", &url];
    server.scope.succeed("command-services", &arguments);
    let _ = log_in(&two.member.name, PASSWORD).await.expect(201);
}
