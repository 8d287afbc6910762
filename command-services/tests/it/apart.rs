//! What people do not do whom a moderator has blocked, and what two do not do with each other who block each other.

use std::time::Duration;

use serde_json::json;
use testkit::eventually;
use uuid::Uuid;

use crate::members::{Member, member, writer};
use crate::support::{Person, person, unique};

async fn status(author: &Person, post: &str, what: &str) -> u16 {
    author.api.post(&format!("/v1/posts/{post}/{what}")).send().await.status
}

async fn invite(author: &Person, post: &str, whom: &str) -> testkit::Answer {
    author.api.post(&format!("/v1/posts/{post}/invitations")).json(&json!({"account_id": whom})).send().await
}

#[tokio::test]
async fn who_is_blocked_puts_nothing_before_readers_and_invites_no_one() {
    let ((account, ada), bob, admin) = (writer().await, member().await, person(Uuid::new_v4(), &["admin"]).await);
    let post = ada.draft(&unique("blocked")).await.expect(201).id();
    let public = ada.draft(&unique("blocked")).await.expect(201).id();
    assert_eq!(status(&ada, &public, "publish").await, 200);
    let archived = ada.draft(&unique("blocked")).await.expect(201).id();
    assert_eq!(status(&ada, &archived, "publish").await, 200);
    let archive = format!("/v1/posts/{archived}/archive");
    let _ = ada.api.put(&archive).send().await.expect(200);
    let scheduled = ada.draft(&unique("blocked")).await.expect(201).id();
    let at = json!({"at": "2099-01-01T00:00:00Z"});
    let _ = ada.api.put(&format!("/v1/posts/{scheduled}/schedule")).json(&at).send().await.expect(200);
    let case = format!("account:{}", account.id);
    let block = json!({"measure": "block", "rule": "spam", "explanation": "Enough."});
    let path = format!("/v1/moderation/{case}/decisions");
    let _ = admin.api.post(&path).json(&block).send().await.expect(200);
    let is_blocked = async || (status(&ada, &post, "publish").await == 403).then_some(());
    eventually("it is blocked", Duration::from_secs(10), is_blocked).await;
    let refused = ada.api.post(&format!("/v1/posts/{post}/publish")).send().await;
    assert_eq!(refused.problem(403, "blocked").body["ruling"], 1);
    let _ = ada.api.put(&format!("/v1/posts/{post}/schedule")).json(&at).send().await.problem(403, "blocked");
    let _ = invite(&ada, &post, &bob.id).await.problem(403, "blocked");
    let change = json!({"title": "Read this"});
    let edit = async |id: &str, version| {
        ada.api.patch(&format!("/v1/posts/{id}")).if_match(version).json(&change).send().await
    };
    // Nor what is to be public by itself, as it was written before.
    for id in [&public, &scheduled] {
        let _ = edit(id, 2).await.problem(403, "blocked");
    }
    let _ = ada.api.delete(&archive).send().await.problem(403, "blocked");
    let link = json!({"expires_at": (jiff::Timestamp::now() + Duration::from_secs(3_600)).to_string()});
    let _ = ada.api.post(&format!("/v1/posts/{post}/previews")).json(&link).send().await.problem(403, "blocked");
    let series = json!({"title": "Read this"});
    let _ = ada.api.post("/v1/series").json(&series).send().await.problem(403, "blocked");
    // What no one else reads is their own, and what is public they take back.
    let _ = edit(&post, 1).await.expect(200);
    assert_eq!(status(&ada, &public, "unpublish").await, 200);
    let lift = json!({"explanation": "It is fine."});
    let _ = admin.api.post(&format!("/v1/moderation/{case}/rulings/1/lift")).json(&lift).send().await.expect(200);
    let publishes = async || (status(&ada, &post, "publish").await == 200).then_some(());
    eventually("it is blocked no more", Duration::from_secs(10), publishes).await;
}

#[tokio::test]
async fn two_who_block_each_other_neither_follow_nor_invite_each_other() {
    let ((ada_member, ada), (bob_member, bob)) = (writer().await, writer().await);
    let post = ada.draft(&unique("apart")).await.expect(201).id();
    let invited = ada.draft(&unique("apart")).await.expect(201).id();
    let _ = invite(&ada, &invited, &bob_member.id).await.expect(200);
    let _ = bob_member.api.put(&format!("/v1/me/blocks/{}", ada_member.id)).send().await.expect(200);
    let follow = async |who: &Member, whom: &Member| who.api.put(&format!("/v1/me/following/{}", whom.id)).send().await;
    let apart = async || (follow(&ada_member, &bob_member).await.status == 404).then_some(());
    eventually("they are apart", Duration::from_secs(10), apart).await;
    let _ = follow(&bob_member, &ada_member).await.problem(404, "not-found");
    let refused = invite(&ada, &post, &bob_member.id).await.problem(404, "not-found");
    // Who is blocked is told as of an account that is not there.
    let none = invite(&ada, &post, &Uuid::new_v4().to_string()).await.problem(404, "not-found");
    assert_eq!(refused.body["detail"], none.body["detail"]);
    let accept = format!("/v1/me/invitations/{invited}/accept");
    let _ = bob.api.post(&accept).send().await.problem(404, "not-found");
    let _ = bob_member.api.delete(&format!("/v1/me/blocks/{}", ada_member.id)).send().await.expect(200);
    let accepted = async || (bob.api.post(&accept).send().await.status == 200).then_some(());
    eventually("they are not apart", Duration::from_secs(10), accepted).await;
    let _ = follow(&ada_member, &bob_member).await.expect(200);
}
