//! `/v1/me/following/{id}`: PUT and DELETE.

use testkit::{Answer, Api};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, member};
use crate::support::{Server, author, person};

async fn follow(api: &Api, id: &str) -> Answer {
    api.put(&format!("/v1/me/following/{id}")).send().await
}

async fn unfollow(api: &Api, id: &str) -> Answer {
    api.delete(&format!("/v1/me/following/{id}")).send().await
}

async fn deactivate(member: &Member) {
    let body = serde_json::json!({"current_password": PASSWORD});
    let _ = member.api.post("/v1/me/deactivate").json(&body).send().await.expect(200);
}

#[tokio::test]
async fn one_follows_and_follows_no_more_and_repeating_changes_nothing() {
    let (ada, bob) = (member().await, member().await);
    let first = follow(&ada.api, &bob.id).await.expect(200);
    assert_eq!((first.version(), first.changed(), &first.body["following"]), (1, true, &true.into()));
    assert_eq!(
        (&first.body["follower_id"], &first.body["followee_id"]),
        (&ada.id.clone().into(), &bob.id.clone().into())
    );
    assert!(!first.position().is_empty());
    assert!(!follow(&ada.api, &bob.id).await.expect(200).changed());
    let last = unfollow(&ada.api, &bob.id).await.expect(200);
    assert_eq!((last.version(), last.changed(), &last.body["following"]), (2, true, &false.into()));
    assert!(!unfollow(&ada.api, &bob.id).await.expect(200).changed());
    assert_eq!(follow(&ada.api, &bob.id).await.expect(200).version(), 3);
    let never = unfollow(&bob.api, &ada.id).await.expect(200);
    assert_eq!((never.version(), never.changed()), (0, false));
    let log = Server::shared().await.scope.log("following").await;
    log.assert_whole();
    assert_eq!(log.story(&format!("{}:{}", ada.id, bob.id)), ["Followed", "Unfollowed", "Followed"]);
    assert!(log.story(&format!("{}:{}", bob.id, ada.id)).is_empty());
}

#[tokio::test]
async fn the_same_key_gets_the_first_reply_again() {
    let (ada, bob) = (member().await, member().await);
    let path = format!("/v1/me/following/{}", bob.id);
    let ask = || ada.api.put(&path).key("k-1").send();
    let first = ask().await.expect(200);
    let _ = unfollow(&ada.api, &bob.id).await.expect(200);
    let again = ask().await.expect(200);
    assert_eq!((again.version(), again.changed(), again.position()), (1, true, first.position()));
    let other = ada.api.delete(&path).key("k-1").send().await;
    let _ = other.problem(422, "idempotency-key-reused");
}

#[tokio::test]
async fn the_same_key_gets_the_first_reply_again_whatever_became_of_the_other() {
    let (ada, bob) = (member().await, member().await);
    let ask = |key: &str| ada.api.put(&format!("/v1/me/following/{}", bob.id)).key(key).send();
    let first = ask("k-1").await.expect(200);
    deactivate(&bob).await;
    let _ = ask("k-2").await.problem(404, "not-found");
    let again = ask("k-1").await.expect(200);
    assert_eq!((again.body.clone(), again.position()), (first.body.clone(), first.position()));
}

#[tokio::test]
async fn a_version_that_was_seen_can_be_demanded() {
    let (ada, bob) = (member().await, member().await);
    let path = format!("/v1/me/following/{}", bob.id);
    let _ = ada.api.put(&path).if_match(1).send().await.problem(412, "version-conflict");
    let _ = follow(&ada.api, &bob.id).await.expect(200);
    let _ = ada.api.delete(&path).if_match(7).send().await.problem(412, "version-conflict");
    assert_eq!(ada.api.delete(&path).if_match(1).send().await.expect(200).version(), 2);
}

#[tokio::test]
async fn no_caller_follows_themselves_or_who_is_not_there() {
    let ada = member().await;
    let answer = follow(&ada.api, &ada.id).await.problem(422, "invalid");
    assert_eq!(answer.body["errors"][0]["parameter"], "id");
    let _ = follow(&ada.api, &Uuid::new_v4().to_string()).await.problem(404, "not-found");
    let _ = follow(&ada.api, "not-an-id").await.problem(404, "not-found");
    assert!(!unfollow(&ada.api, &Uuid::new_v4().to_string()).await.expect(200).changed());
}

#[tokio::test]
async fn who_is_deactivated_is_not_followed_and_does_not_follow() {
    let (ada, bob, eve) = (member().await, member().await, member().await);
    let _ = follow(&ada.api, &bob.id).await.expect(200);
    deactivate(&bob).await;
    let _ = follow(&eve.api, &bob.id).await.problem(404, "not-found");
    assert!(unfollow(&ada.api, &bob.id).await.expect(200).changed(), "one can always follow no more");
    // A token of an ended session is not believed; one that is minted beside all sessions is.
    let minted = person(bob.id.parse().unwrap(), &["author"]).await.api;
    let _ = follow(&minted, &ada.id).await.problem(403, "account-deactivated");
    let _ = unfollow(&minted, &ada.id).await.problem(403, "account-deactivated");
}

#[tokio::test]
async fn a_caller_without_an_account_follows_no_one() {
    let (stranger, ada) = (author().await, member().await);
    let _ = follow(&stranger.api, &ada.id).await.problem(404, "not-found");
}
