//! An author and an editor: a journey from a draft over its review to its publication.

use serde_json::json;

use crate::support::{System, unique};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_draft_over_the_queue_of_editors_to_its_publication() {
    let system = System::start(1).await;
    let (author, editor) = (system.author(), system.person(uuid::Uuid::new_v4(), "editor"));
    let token = |id, role: &str| system.scope.keys.token(id, &[role]);
    let (as_author, as_editor) = (
        system.reader().with_token(&token(author.id, "author")),
        system.reader().with_token(&token(editor.id, "editor")),
    );
    let slug = unique("reviewed");
    let id = author.draft(&slug, &[]).await.id();
    let review = format!("/v1/posts/{id}/review");
    let whole = json!({"what": "post"});
    let submitted = author.api().post(&review).json(&whole).send().await.expect(200);
    let queue = async |position: &str| {
        let answer = as_editor.get("/v1/review-queue").header("Inklog-Position", position).send().await.expect(200);
        answer.body["queue"].as_array().unwrap().iter().map(|entry| entry["post"]["slug"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(queue(&submitted.position()).await, [json!(slug)]);
    let read = as_editor.get(&format!("/v1/posts/{slug}")).send().await.expect(200);
    let version = read.body["version"].as_u64().unwrap();

    let wanted = json!({"note": "Name the source."});
    let back = editor.api().post(&format!("{review}/request-changes")).json(&wanted).send().await.expect(200);
    assert!(queue(&back.position()).await.is_empty());
    let own = as_author.get("/v1/me/posts").header("Inklog-Position", &back.position()).send().await.expect(200);
    assert_eq!(own.body["posts"][0]["review_note"], "Name the source.");
    let edited = author.edit(&id, version + 1, json!({"body": "As Ada wrote."})).await.expect(200);
    let submitted = author.api().post(&review).json(&whole).if_match(edited.version()).send().await.expect(200);
    let approve = editor.api().post(&format!("{review}/approve")).json(&whole).if_match(submitted.version());
    let _ = approve.send().await.expect(200);
    let published = author.publish(&id).await;
    let seen = system.read(&slug, &published.position()).await.expect(200);
    assert_eq!(seen.body["body_markdown"], "As Ada wrote.");
    let log = system.scope.log("posts").await;
    let story = log.story(&id);
    assert_eq!(story[1..4], ["SubmittedForReview", "ChangesRequested", "Edited"]);
    assert_eq!(story[4..], ["SubmittedForReview", "Approved", "Published"]);
}
