//! `Idempotency-Key`: the same command again gets the same reply, and nothing is done twice.

use futures::future::join_all;
use serde_json::json;

use crate::support::{Server, author, unique};

#[tokio::test]
async fn a_repeated_draft_gets_the_same_reply_and_is_one_event() {
    let (person, slug, key) = (author().await, unique("repeated"), unique("key"));
    let draft = || person.api.post("/v1/posts").json(&json!({"title": "T", "slug": slug})).key(&key).send();
    let first = draft().await.expect(201);
    for again in join_all((0..8).map(|_| draft())).await {
        let again = again.expect(201);
        assert_eq!(again.body, first.body);
        assert_eq!((again.position(), again.header("location")), (first.position(), first.header("location")));
    }
    let log = Server::shared().await.posts().await;
    assert_eq!(log.story(&first.id()), ["Drafted"]);
    assert_eq!(log.story(&format!("slug:{slug}")), ["SlugClaimed", "SlugConfirmed"]);
}

#[tokio::test]
async fn commands_that_arrive_together_under_one_key_are_one() {
    let (person, title, key) = (author().await, unique("together"), unique("key"));
    let draft = || person.api.post("/v1/posts").json(&json!({"title": title})).key(&key).send();
    let replies: Vec<_> = join_all((0..8).map(|_| draft())).await.into_iter().map(|it| it.expect(201)).collect();
    assert!(replies.iter().all(|reply| reply.body == replies[0].body));
    assert_eq!(Server::shared().await.posts().await.story(&replies[0].id()), ["Drafted"]);
}

#[tokio::test]
async fn a_repeated_edit_gets_its_first_reply_whatever_happened_since() {
    let (person, key) = (author().await, unique("key"));
    let id = person.post().await;
    let path = format!("/v1/posts/{id}");
    let edit = |title: &str| person.api.patch(&path).json(&json!({"title": title}));
    let first = edit("One").if_match(1).key(&key).send().await.expect(200);
    let _ = edit("Two").if_match(2).send().await.expect(200);
    let again = edit("One").if_match(1).key(&key).send().await.expect(200);
    assert_eq!((again.body.clone(), again.position()), (first.body.clone(), first.position()));
    assert_eq!(Server::shared().await.posts().await.story(&id), ["Drafted", "Edited", "Edited"]);
}

#[tokio::test]
async fn a_key_that_came_with_something_else_is_refused() {
    let (person, slug, key) = (author().await, unique("reused"), unique("key"));
    let draft =
        |title: &str| person.api.post("/v1/posts").json(&json!({"title": title, "slug": slug})).key(&key).send();
    let first = draft("One").await.expect(201);
    let _ = draft("Two").await.problem(422, "idempotency-key-reused");
    let path = format!("/v1/posts/{}", first.id());
    let edit = |title: &str| person.api.patch(&path).json(&json!({"title": title})).if_match(1).key("edit").send();
    let _ = edit("Two").await.expect(200);
    let _ = edit("Three").await.problem(422, "idempotency-key-reused");
    assert_eq!(Server::shared().await.posts().await.story(&first.id()), ["Drafted", "Edited"]);
}

#[tokio::test]
async fn keys_are_each_persons_own() {
    let key = unique("key");
    let draft = |slug: String| {
        let key = key.clone();
        async move {
            let body = json!({"title": "T", "slug": slug});
            author().await.api.post("/v1/posts").json(&body).key(&key).send().await.expect(201).id()
        }
    };
    assert_ne!(draft(unique("a")).await, draft(unique("b")).await);
}
