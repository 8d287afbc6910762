//! Where a role needs a second factor.

use serde_json::json;
use testkit::{Answer, Api, Process};
use uuid::Uuid;

use crate::careful::{add, shown};
use crate::members::{PASSWORD, member, writes};
use crate::support::{Server, person};

/// An installation in which editors need one.
async fn demanding() -> (Process, Api) {
    let mut environment = Server::shared().await.scope.environment();
    environment.push(("INKLOG_SECOND_FACTOR_REQUIRED".into(), "editor".into()));
    let mut process = Process::start("command-services", &["all"], &environment);
    process.ready().await;
    let api = Api::new(process.url());
    (process, api)
}

async fn log_in(api: &Api, name: &str) -> Answer {
    api.post("/v1/sessions").json(&json!({"login": name, "password": PASSWORD})).send().await.expect(201)
}

async fn grant(id: &str, role: &str) {
    let admin = person(Uuid::new_v4(), &["admin"]).await.api;
    let _ = admin.put(&format!("/v1/accounts/{id}/roles/{role}")).send().await.expect(200);
}

#[tokio::test]
async fn a_role_that_needs_one_is_missing_from_tokens_until_it_is_added() {
    let ((_process, api), member) = (demanding().await, member().await);
    let roles = |answer: &Answer| (answer.body["roles"].clone(), answer.body["second_factor_required"] == true);
    assert_eq!(roles(&log_in(&api, &member.name).await), (json!(["author"]), false));
    grant(&member.id, "admin").await;
    let session = log_in(&api, &member.name).await;
    assert_eq!(roles(&session), (json!(["author"]), true));
    let mine = api.with_token(session.body["access_token"].as_str().unwrap());
    let path = format!("/v1/accounts/{}/roles/editor", Uuid::new_v4());
    let _ = mine.put(&path).send().await.problem(403, "forbidden");
    let (mut authenticator, _) = add(&mine).await;
    let refreshed = api.post("/v1/sessions/refresh").json(&json!({"refresh_token": session.body["refresh_token"]}));
    let refreshed = refreshed.send().await.expect(200);
    assert_eq!(roles(&refreshed), (json!(["author", "admin"]), false));
    let mine = api.with_token(refreshed.body["access_token"].as_str().unwrap());
    let _ = mine.put(&path).send().await.problem(404, "not-found");
    // An owner who removes it does not keep what it was needed for.
    let code = authenticator.next().await;
    let _ = mine.post("/v1/me/second-factor/remove").json(&shown(&code)).send().await.expect(204);
    assert!(!writes(&mine).await);
    assert_eq!(roles(&log_in(&api, &member.name).await), (json!(["author"]), true));
}
