//! `/v1/posts`: drafting.

use futures::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Server, author, editor, unique};

#[tokio::test]
async fn a_draft_is_answered_with_all_that_is_needed_to_go_on() {
    let (person, slug) = (editor().await, unique("first"));
    let body = json!({
        "title": "First", "summary": "What it is about", "body": "# Hello", "tags": ["news"], "slug": slug,
        "co_author_ids": [Uuid::new_v4()], "originally_published_at": "2020-01-02T03:04:05Z",
    });
    let answer = person.api.post("/v1/posts").json(&body).send().await.expect(201);
    assert_eq!((answer.version(), answer.changed()), (1, true));
    assert_eq!(answer.body["slug"], slug);
    assert_eq!(answer.header("location"), format!("/v1/posts/{slug}"));
    let position: service_kit::PositionToken = answer.position().parse().unwrap();
    let log = Server::shared().await.posts().await;
    let at = (position.partition, position.offset);
    let drafted = log.events().find(|seen| (seen.partition, seen.offset) == at).unwrap();
    assert_eq!((drafted.key.as_str(), drafted.kind()), (answer.id().as_str(), "inklog.posts.Drafted"));
}

#[tokio::test]
async fn a_slug_is_made_from_the_title_and_made_unique() {
    let (person, title) = (author().await, unique("Élan vital"));
    let body = json!({"title": title});
    let drafts = join_all((0..6).map(|_| person.api.post("/v1/posts").json(&body).send())).await;
    let mut slugs: Vec<String> =
        drafts.into_iter().map(|draft| draft.expect(201).body["slug"].as_str().unwrap().to_owned()).collect();
    assert!(slugs.iter().all(|slug| slug.starts_with("elan-vital-")), "{slugs:?}");
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), 6, "{slugs:?}");
}

#[tokio::test]
async fn a_slug_that_is_taken_is_refused() {
    let slug = unique("taken");
    let _ = author().await.draft(&slug).await.expect(201);
    let _ = author().await.draft(&slug).await.problem(409, "slug-taken");
}

#[tokio::test]
async fn of_simultaneous_claimants_one_wins() {
    let people = [author().await, author().await, author().await];
    for _ in 0..25 {
        let slug = unique("race");
        let drafts = join_all(people.iter().map(|person| person.draft(&slug))).await;
        let (won, lost): (Vec<_>, Vec<_>) = drafts.into_iter().partition(|draft| draft.status == 201);
        assert_eq!((won.len(), lost.len()), (1, 2));
        lost.into_iter().for_each(|draft| drop(draft.problem(409, "slug-taken")));
    }
}

#[tokio::test]
async fn only_editors_write_in_the_name_of_others() {
    let (other, slug) = (Uuid::new_v4(), unique("by-another"));
    let body = json!({"title": "T", "slug": slug, "author_id": other});
    let _ = author().await.api.post("/v1/posts").json(&body).send().await.problem(403, "not-the-author");
    // A refused draft has not taken the slug.
    let _ = editor().await.api.post("/v1/posts").json(&body).send().await.expect(201);
}
