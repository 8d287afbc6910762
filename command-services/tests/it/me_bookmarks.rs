//! `/v1/me/bookmarks/{post_id}`: PUT and DELETE.

use testkit::{Answer, Api};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, member};
use crate::support::{Server, author, person, unique};

async fn keep(api: &Api, post: &str) -> Answer {
    api.put(&format!("/v1/me/bookmarks/{post}")).send().await
}

async fn remove(api: &Api, post: &str) -> Answer {
    api.delete(&format!("/v1/me/bookmarks/{post}")).send().await
}

/// A post that everyone can read.
async fn published() -> String {
    let author = author().await;
    let id = author.draft(&unique("kept")).await.expect(201).id();
    let _ = author.api.post(&format!("/v1/posts/{id}/publish")).send().await.expect(200);
    id
}

async fn story(member: &Member, post: &str) -> Vec<String> {
    let log = Server::shared().await.scope.log("bookmarks").await;
    log.assert_whole();
    log.story(&format!("{}:{post}", member.id)).iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_post_is_kept_and_kept_no_more_and_repeating_changes_nothing() {
    let (ada, post) = (member().await, published().await);
    let first = keep(&ada.api, &post).await.expect(200);
    assert_eq!((first.version(), first.changed(), &first.body["bookmarked"]), (1, true, &true.into()));
    assert_eq!(first.body["post_id"], post);
    assert!(!first.position().is_empty());
    assert!(!keep(&ada.api, &post).await.expect(200).changed());
    let last = remove(&ada.api, &post).await.expect(200);
    assert_eq!((last.version(), last.changed(), &last.body["bookmarked"]), (2, true, &false.into()));
    assert!(!remove(&ada.api, &post).await.expect(200).changed());
    assert_eq!(keep(&ada.api, &post).await.expect(200).version(), 3);
    assert_eq!(story(&ada, &post).await, ["Added", "Removed", "Added"]);
}

#[tokio::test]
async fn the_same_key_gets_the_first_reply_again() {
    let (ada, post) = (member().await, published().await);
    let path = format!("/v1/me/bookmarks/{post}");
    let ask = || ada.api.put(&path).key("k-1").send();
    let first = ask().await.expect(200);
    let _ = remove(&ada.api, &post).await.expect(200);
    let again = ask().await.expect(200);
    assert_eq!((again.version(), again.changed(), again.position()), (1, true, first.position()));
    let _ = ada.api.delete(&path).key("k-1").send().await.problem(422, "idempotency-key-reused");
}

#[tokio::test]
async fn the_same_key_gets_the_first_reply_again_whatever_became_of_the_post() {
    let (ada, author) = (member().await, author().await);
    let post = author.draft(&unique("kept")).await.expect(201).id();
    let _ = author.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    let ask = |key: &str| ada.api.put(&format!("/v1/me/bookmarks/{post}")).key(key).send();
    let first = ask("k-1").await.expect(200);
    let _ = author.api.delete(&format!("/v1/posts/{post}")).send().await.expect(200);
    let _ = ask("k-2").await.problem(404, "not-found");
    let again = ask("k-1").await.expect(200);
    assert_eq!((again.body.clone(), again.position()), (first.body.clone(), first.position()));
}

#[tokio::test]
async fn a_version_that_was_seen_can_be_demanded() {
    let (ada, post) = (member().await, published().await);
    let path = format!("/v1/me/bookmarks/{post}");
    let _ = keep(&ada.api, &post).await.expect(200);
    let _ = ada.api.delete(&path).if_match(7).send().await.problem(412, "version-conflict");
    assert_eq!(ada.api.delete(&path).if_match(1).send().await.expect(200).version(), 2);
}

#[tokio::test]
async fn only_a_post_that_the_caller_can_read_is_kept() {
    let (ada, author) = (member().await, author().await);
    let draft = author.draft(&unique("draft")).await.expect(201).id();
    let _ = keep(&ada.api, &draft).await.problem(404, "not-found");
    assert_eq!(keep(&author.api, &draft).await.expect(200).version(), 1);
    let deleted = published().await;
    let _ = keep(&ada.api, &deleted).await.expect(200);
    for nothing in [Uuid::new_v4().to_string(), "not-an-id".to_owned()] {
        let _ = keep(&ada.api, &nothing).await.problem(404, "not-found");
    }
    assert!(!remove(&ada.api, &Uuid::new_v4().to_string()).await.expect(200).changed());
}

#[tokio::test]
async fn bookmarks_are_in_their_owners_export() {
    let (ada, post) = (member().await, published().await);
    let _ = keep(&ada.api, &post).await.expect(200);
    let export = testkit::eventually("there is room", std::time::Duration::from_secs(60), async || {
        let answer = ada.api.get("/v1/me/export").send().await;
        (answer.status != 503).then_some(answer)
    })
    .await;
    assert!(export.text.contains("inklog.bookmarks.Added") && export.text.contains(&post), "{}", export.text);
}

#[tokio::test]
async fn bookmarks_are_forgotten_with_their_owner() {
    let (ada, posts) = (member().await, [published().await, published().await]);
    for post in &posts {
        let _ = keep(&ada.api, post).await.expect(200);
    }
    let body = serde_json::json!({"current_password": PASSWORD});
    let _ = ada.api.delete("/v1/me").json(&body).send().await.expect(204);
    for post in &posts {
        assert_eq!(story(&ada, post).await, ["Added", "Removed"]);
    }
}

#[tokio::test]
async fn what_was_accepted_after_an_erasure_is_removed_when_it_is_done_again() {
    let (ada, post) = (member().await, published().await);
    let _ = keep(&ada.api, &post).await.expect(200);
    let body = serde_json::json!({"current_password": PASSWORD});
    let _ = ada.api.delete("/v1/me").json(&body).send().await.expect(204);
    let id: Uuid = ada.id.parse().unwrap();
    // Its token is still believed.
    let _ = keep(&person(id, &[]).await.api, &post).await.expect(200);
    let mut vault = Server::shared().await.scope.postgres().await;
    let sql = "UPDATE vault.erasures SET finished_at = NULL WHERE account_id = $1";
    let _ = sqlx::query(sql).bind(id).execute(&mut vault).await.unwrap();
    testkit::eventually("it is removed again", std::time::Duration::from_secs(40), async || {
        (story(&ada, &post).await == ["Added", "Removed", "Added", "Removed"]).then_some(())
    })
    .await;
}
