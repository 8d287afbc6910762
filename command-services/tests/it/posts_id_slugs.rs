//! `DELETE /v1/posts/{id}/slugs/{slug}`: a former slug is given up.

use serde_json::json;

use crate::support::{Server, author, editor, unique};

#[tokio::test]
async fn a_former_slug_is_given_up_and_released() {
    let (ada, bob, slug, other) = (author().await, author().await, unique("given-up"), unique("given-up"));
    let id = ada.draft(&slug).await.expect(201).id();
    let path = format!("/v1/posts/{id}");
    let former = format!("{path}/slugs/{slug}");
    let present = ada.api.delete(&former).send().await.problem(422, "invalid");
    assert_eq!(present.body["version"], 1);
    let _ = ada.api.patch(&path).json(&json!({"slug": other})).if_match(1).send().await.expect(200);
    let _ = bob.api.delete(&former).send().await.problem(404, "not-found");
    let given_up = ada.api.delete(&former).send().await.expect(200);
    assert_eq!((given_up.version(), given_up.changed()), (3, true));
    let again = ada.api.delete(&former).send().await.expect(200);
    assert_eq!((again.version(), again.changed()), (3, false));
    let log = Server::shared().await.posts().await;
    assert_eq!(log.story(&id), ["Drafted", "Edited", "SlugGivenUp"]);
    assert_eq!(log.story(&format!("slug:{slug}")), ["SlugClaimed", "SlugConfirmed", "SlugReleased"]);
    // It is kept for its former bearer for a minute.
    let _ = bob.draft(&slug).await.problem(409, "slug-taken");
    let back = ada.api.patch(&path).json(&json!({"slug": slug})).if_match(3).send().await.expect(200);
    assert_eq!(back.version(), 4);
}

#[tokio::test]
async fn a_request_that_comes_again_takes_nothing_that_the_post_has_again() {
    let (ada, slug, other) = (editor().await, unique("given-up"), unique("given-up"));
    let id = ada.draft(&slug).await.expect(201).id();
    let (path, key) = (format!("/v1/posts/{id}"), unique("key"));
    let renamed = async |slug: &str, version: u64| {
        ada.api.patch(&path).json(&json!({"slug": slug})).if_match(version).send().await.expect(200)
    };
    let give_up = async || {
        let former = format!("{path}/slugs/{slug}");
        ada.api.delete(&former).header("Idempotency-Key", &key).send().await.expect(200)
    };
    let _ = renamed(&other, 1).await;
    assert_eq!(give_up().await.version(), 3);
    let _ = renamed(&slug, 3).await;
    let _ = renamed(&other, 4).await;
    assert_eq!(give_up().await.version(), 3, "the answer of the first time");
    let log = Server::shared().await.posts().await;
    assert_eq!(log.story(&id), ["Drafted", "Edited", "SlugGivenUp", "Edited", "Edited"]);
    let story = log.story(&format!("slug:{slug}"));
    assert_eq!(story.iter().filter(|event| **event == "SlugReleased").count(), 1, "{story:?}");
}
