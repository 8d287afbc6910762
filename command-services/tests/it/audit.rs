//! The context `security`: what happened to accounts, once each, and nothing personal.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use testkit::eventually;
use uuid::Uuid;

use crate::careful::{careful, shown};
use crate::members::{PASSWORD, anyone, letter, log_in, member, refresh};
use crate::support::{Server, person, unique};

const PATIENCE: Duration = Duration::from_secs(40);

/// What is noted of an account, as soon as the last is.
async fn story(id: &str, last: &str) -> Vec<String> {
    eventually("it is noted", PATIENCE, async || {
        let log = Server::shared().await.scope.log("security").await;
        let story: Vec<String> = log.story(id).iter().map(ToString::to_string).collect();
        story.iter().any(|event| event == last).then_some(story)
    })
    .await
}

#[tokio::test]
async fn what_happens_to_an_account_is_noted_once_in_order_and_without_anything_personal() {
    let member = member().await;
    let token = letter(&member.email, "Please confirm your address").await.token();
    let confirm = async || anyone().await.post("/v1/email/confirm").json(&json!({"token": token})).send().await;
    let _ = confirm().await.expect(200);
    let _ = confirm().await.expect(200);
    let _ = log_in(&member.name, "not the password").await.expect(401);
    story(&member.id, "LogInFailed").await;
    let admin = person(Uuid::new_v4(), &["admin"]).await;
    let path = format!("/v1/accounts/{}", member.id);
    for _ in 0..2 {
        let granted = admin.api.put(&format!("{path}/roles/editor")).key(&member.id).send().await;
        let _ = granted.expect(200);
    }
    let used = member.refresh_token.clone();
    let next = refresh(&used).await.expect(200);
    let next = next.body["refresh_token"].as_str().unwrap().to_owned();
    let _ = refresh(&next).await.expect(200);
    let _ = refresh(&used).await.expect(401);
    let _ = admin.api.delete(&path).send().await.expect(204);
    let found = story(&member.id, "Erased").await;
    let expected = [
        "Registered",
        "LoggedIn",
        "EmailConfirmed",
        "LogInFailed",
        "RoleGranted",
        "RefreshReused",
        "SessionEnded",
        "Erased",
    ];
    assert_eq!(found, expected);
    let log = Server::shared().await.scope.log("security").await;
    let about: Vec<_> = log.records.iter().filter(|record| record.key == member.id).collect();
    for record in &about {
        let text = format!("{:?} {}", record.headers, String::from_utf8_lossy(&record.value));
        for personal in [&member.name, &member.email] {
            assert!(!text.contains(personal.as_str()), "{text}");
        }
    }
    let granted = about.iter().find(|record| record.kind().ends_with("RoleGranted")).unwrap();
    assert!(String::from_utf8_lossy(&granted.value).contains(&admin.id.to_string()), "who granted is not said");
}

#[tokio::test]
async fn what_happens_to_a_second_factor_is_noted_with_who_did_it() {
    let mut careful = careful().await;
    let _ = careful.log_in(&careful.authenticator.at(-3)).await.expect(401);
    let _ = careful.log_in(&careful.recovery_codes[0]).await.expect(201);
    let code = careful.authenticator.next().await;
    let renew = careful.member.api.post("/v1/me/second-factor/recovery-codes").json(&shown(&code)).send().await;
    let _ = renew.expect(200);
    let admin = person(Uuid::new_v4(), &["admin"]).await;
    let id = &careful.member.id;
    let _ = admin.api.delete(&format!("/v1/accounts/{id}/second-factor")).send().await.expect(204);
    let mut found = story(id, "SecondFactorRemoved").await;
    found.retain(|event| event.starts_with("SecondFactor") || event.starts_with("Recovery"));
    let expected =
        ["SecondFactorAdded", "SecondFactorFailed", "RecoveryCodeUsed", "RecoveryCodesRenewed", "SecondFactorRemoved"];
    assert_eq!(found, expected);
    let log = Server::shared().await.scope.log("security").await;
    let removed = log.records.iter().find(|record| record.key == *id && record.kind().ends_with("FactorRemoved"));
    assert!(
        String::from_utf8_lossy(&removed.unwrap().value).contains(&admin.id.to_string()),
        "who removed it is not said"
    );
}

#[tokio::test]
async fn a_note_that_is_sent_twice_is_noted_once() {
    let (id, note_id) = (Uuid::new_v4(), Uuid::new_v4());
    let mut vault = Server::shared().await.scope.postgres().await;
    for _ in 0..2 {
        // As if the sender had died between the event and forgetting the note.
        let sql = "INSERT INTO vault.notes (note_id, account_id, actor_id, note) VALUES ($1, $2, $2, $3)";
        let insert = sqlx::query(sql).bind(note_id).bind(id).bind("\"exported\"");
        insert.execute(&mut vault).await.unwrap();
        eventually("it is sent", PATIENCE, async || {
            let sql = "SELECT EXISTS (SELECT FROM vault.notes WHERE note_id = $1)";
            let waits: bool = sqlx::query_scalar(sql).bind(note_id).fetch_one(&mut vault).await.unwrap();
            (!waits).then_some(())
        })
        .await;
    }
    assert_eq!(story(&id.to_string(), "Exported").await, ["Exported"]);
}

#[tokio::test]
async fn failures_of_no_account_are_noted_under_the_nil_id_without_what_was_typed() {
    let typed = unique("stranger");
    let _ = log_in(&typed, PASSWORD).await.expect(401);
    story(&Uuid::nil().to_string(), "LogInFailed").await;
    let log = Server::shared().await.scope.log("security").await;
    assert!(log.records.iter().all(|record| !String::from_utf8_lossy(&record.value).contains(&typed)));
    let keys: BTreeSet<&str> = log.events().map(|record| record.key.as_str()).collect();
    assert!(keys.iter().all(|key| key.parse::<Uuid>().is_ok()));
}
