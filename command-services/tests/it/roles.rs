//! `/v1/accounts/{id}/roles`.

use serde_json::json;
use sqlx::Connection as _;
use uuid::Uuid;

use crate::members::{PASSWORD, log_in, member, refresh, with_token, writes};
use crate::support::{Server, author, editor, person, unique};

#[tokio::test]
async fn a_role_is_given_and_taken_by_an_admin_and_is_in_the_tokens() {
    let (member, admin) = (member().await, person(Uuid::new_v4(), &["admin"]).await);
    let path = format!("/v1/accounts/{}/roles/editor", member.id);
    let granted = admin.api.put(&path).send().await.expect(200);
    assert!(granted.changed() && !admin.api.put(&path).send().await.expect(200).changed());
    let next = refresh(&member.refresh_token).await.expect(200);
    assert_eq!(next.body["roles"], json!(["author", "editor"]));
    let api = with_token(&next).await;
    let other = author().await;
    let post = format!("/v1/posts/{}/publish", other.post().await);
    let _ = api.post(&post).send().await.expect(200);
    let _ = admin.api.delete(&path).send().await.expect(200);
    assert!(!writes(&api).await, "the tokens that have the role are void");
    let session = log_in(&member.name, PASSWORD).await.expect(201);
    assert_eq!(session.body["roles"], json!(["author"]));
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&member.id), ["Registered", "RoleGranted", "RoleRevoked"]);
}

#[tokio::test]
async fn only_an_admin_gives_and_takes_roles() {
    let member = member().await;
    let path = format!("/v1/accounts/{}/roles/admin", member.id);
    for api in [&member.api, &author().await.api, &editor().await.api] {
        assert_eq!(api.put(&path).send().await.status, 403);
        assert_eq!(api.delete(&path).send().await.status, 403);
    }
}

#[tokio::test]
async fn there_is_no_other_role_and_none_without_an_account() {
    let (member, admin) = (member().await, person(Uuid::new_v4(), &["admin"]).await);
    let _ = admin.api.put(&format!("/v1/accounts/{}/roles/emperor", member.id)).send().await.problem(404, "not-found");
    let path = format!("/v1/accounts/{}/roles/editor", Uuid::new_v4());
    let _ = admin.api.put(&path).send().await.problem(404, "not-found");
}

#[tokio::test]
async fn a_role_that_is_gone_is_not_said_to_be_there_because_sessions_could_not_be_ended() {
    let (member, admin) = (member().await, person(Uuid::new_v4(), &["admin"]).await);
    let path = format!("/v1/accounts/{}/roles/editor", member.id);
    let _ = admin.api.put(&path).send().await.expect(200);
    let mut vault = Server::shared().await.scope.postgres().await;
    // Another transaction is at the sessions for longer than the vault waits.
    let mut busy = vault.begin().await.unwrap();
    let sql = "SELECT session_id FROM vault.sessions WHERE account_id = $1 FOR UPDATE";
    let id = member.id.parse::<Uuid>().unwrap();
    assert_eq!(sqlx::query(sql).bind(id).fetch_all(&mut *busy).await.unwrap().len(), 1);
    let key = unique("revoke");
    let revoke = || admin.api.delete(&path).header("idempotency-key", &key);
    let problem = revoke().send().await.problem(504, "outcome-unknown");
    assert_eq!(problem.body["command_id"], key);
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&member.id), ["Registered", "RoleGranted", "RoleRevoked"]);
    busy.rollback().await.unwrap();
    assert!(revoke().send().await.expect(200).changed(), "it was done then");
    assert!(!writes(&member.api).await, "and is whole now");
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&member.id).len(), 3);
}
