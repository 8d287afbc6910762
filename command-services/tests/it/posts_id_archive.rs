//! `/v1/posts/{id}/archive`.

use serde_json::json;

use crate::support::{Server, author, editor, unique};

#[tokio::test]
async fn a_published_post_is_archived_and_taken_out_again() {
    let (ada, bob, editor) = (author().await, author().await, editor().await);
    let id = ada.draft(&unique("archive")).await.expect(201).id();
    let path = format!("/v1/posts/{id}");
    let archive = format!("{path}/archive");
    let draft = ada.api.put(&archive).send().await.problem(409, "not-published");
    assert_eq!(draft.body["version"], 1);
    let _ = ada.api.post(&format!("{path}/publish")).send().await.expect(200);
    let _ = bob.api.put(&archive).send().await.problem(403, "not-the-author");
    let _ = ada.api.put(&archive).if_match(1).send().await.problem(412, "version-conflict");
    let put_in = ada.api.put(&archive).if_match(2).send().await.expect(200);
    assert_eq!((put_in.version(), put_in.changed()), (3, true));
    assert!(!editor.api.put(&archive).send().await.expect(200).changed(), "it is there");
    let _ = bob.api.delete(&archive).send().await.problem(403, "not-the-author");
    assert!(editor.api.delete(&archive).send().await.expect(200).changed());
    assert!(!ada.api.delete(&archive).send().await.expect(200).changed());
    let log = Server::shared().await.posts().await;
    assert_eq!(log.story(&id), ["Drafted", "Published", "Archived", "Unarchived"]);
}

#[tokio::test]
async fn what_is_archived_is_not_changed_before_it_is_taken_out() {
    let (ada, editor, slug) = (author().await, editor().await, unique("archive"));
    let id = ada.draft(&slug).await.expect(201).id();
    let (path, copy) = (format!("/v1/posts/{id}"), format!("/v1/working-copies/{id}"));
    let _ = ada.api.post(&format!("{path}/publish")).send().await.expect(200);
    let change = json!({"change": {"title": "Saved before"}, "base_version": 2});
    let saved = ada.api.put(&copy).json(&change).send().await.expect(200).version();
    let _ = ada.api.put(&format!("{path}/archive")).send().await.expect(200);
    let title = json!({"title": "Another", "slug": unique("archive-moved")});
    for api in [&ada.api, &editor.api] {
        let refused = api.patch(&path).json(&title).if_match(3).send().await.problem(409, "archived");
        assert_eq!(refused.body["version"], 3);
        let _ = api.put(&path).json(&title).if_match(3).send().await.problem(409, "archived");
        let release = api.post(&format!("{copy}/release")).if_match(saved).send().await;
        let _ = release.problem(409, "archived");
        let other = json!({"change": {"title": "Saved after"}});
        let _ = api.put(&copy).json(&other).if_match(saved).send().await.problem(409, "archived");
        let submitted = api.post(&format!("{path}/review")).json(&json!({"what": "post"})).send().await;
        let _ = submitted.problem(409, "archived");
    }
    let kept = ada.api.get(&copy).send().await.expect(200);
    assert_eq!(kept.body["change"]["title"], "Saved before", "nothing that was typed is lost");
    let _ = ada.api.delete(&format!("{path}/archive")).send().await.expect(200);
    let _ = ada.api.post(&format!("{copy}/release")).if_match(saved).send().await.expect(200);
    let log = Server::shared().await.posts().await;
    assert_eq!(log.story(&id), ["Drafted", "Published", "Archived", "Unarchived", "Edited"]);
}

#[tokio::test]
async fn one_that_is_unpublished_or_deleted_is_as_it_says() {
    let ada = author().await;
    let id = ada.draft(&unique("archive")).await.expect(201).id();
    let path = format!("/v1/posts/{id}");
    let archive = format!("{path}/archive");
    let then = async |verb: &str| ada.api.post(&format!("{path}/{verb}")).send().await.expect(200);
    let _ = then("publish").await;
    let _ = ada.api.put(&archive).send().await.expect(200);
    let _ = ada.api.delete(&path).send().await.expect(200);
    let _ = ada.api.delete(&archive).send().await.problem(409, "deleted");
    let _ = then("restore").await;
    assert!(!ada.api.put(&archive).send().await.expect(200).changed(), "it is restored into the archive");
    let _ = then("unpublish").await;
    let _ = ada.api.put(&archive).send().await.problem(409, "not-published");
    let _ = then("publish").await;
    assert!(!ada.api.delete(&archive).send().await.expect(200).changed(), "it is among the others");
}
