//! `/v1/posts/{id}/publish`, `…/unpublish` and `…/restore`.

use uuid::Uuid;

use crate::support::{author, editor};

#[tokio::test]
async fn a_post_is_published_and_unpublished_as_often_as_one_likes() {
    let person = author().await;
    let id = person.post().await;
    let after = async |verb: &str| {
        let answer = person.api.post(&format!("/v1/posts/{id}/{verb}")).send().await.expect(200);
        (answer.version(), answer.changed())
    };
    assert_eq!(after("unpublish").await, (1, false));
    assert_eq!(after("publish").await, (2, true));
    assert_eq!(after("publish").await, (2, false));
    assert_eq!(after("unpublish").await, (3, true));
    assert_eq!(after("publish").await, (4, true));
    assert_eq!(after("restore").await, (4, false));
}

#[tokio::test]
async fn a_version_is_heeded_where_one_is_named() {
    let person = author().await;
    let path = format!("/v1/posts/{}/publish", person.post().await);
    let _ = person.api.post(&path).if_match(7).send().await.problem(412, "version-conflict");
    let _ = person.api.post(&path).if_match(1).send().await.expect(200);
}

#[tokio::test]
async fn only_the_author_publishes() {
    let id = author().await.post().await;
    let other = author().await.api;
    let verbs = ["publish", "unpublish", "restore"];
    for verb in verbs {
        let _ = other.post(&format!("/v1/posts/{id}/{verb}")).send().await.problem(404, "not-found");
    }
    let _ = editor().await.api.post(&format!("/v1/posts/{id}/publish")).send().await.expect(200);
    for verb in verbs {
        let _ = other.post(&format!("/v1/posts/{id}/{verb}")).send().await.problem(403, "not-the-author");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_published() {
    let person = author().await;
    for verb in ["publish", "unpublish", "restore"] {
        let path = format!("/v1/posts/{}/{verb}", Uuid::new_v4());
        let _ = person.api.post(&path).send().await.problem(404, "not-found");
        let _ = person.api.post(&path).if_match(1).send().await.problem(412, "version-conflict");
    }
}
