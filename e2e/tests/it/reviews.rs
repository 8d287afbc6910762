//! An author and an editor: a journey from a draft over its review to its publication.

use serde_json::{Value, json};
use testkit::Answer;

use crate::support::{System, unique};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_draft_over_the_queue_of_editors_to_its_publication() {
    let system = System::behind_gateway(1).await;
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

/// Where the installation demands reviews: what is not approved as it is becomes public by no way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_reviews_are_demanded_a_post_and_its_working_copy_become_public_once_they_are_approved() {
    let mut system = System::start(0).await;
    system.join_with(&["--review", "required"]).await;
    let (author, editor) = (system.author(), system.person(uuid::Uuid::new_v4(), "editor"));
    let token = |id, role: &str| system.scope.keys.token(id, &[role]);
    let as_author = system.reader().with_token(&token(author.id, "author"));
    let as_editor = system.reader().with_token(&token(editor.id, "editor"));
    let queue = async |after: &Answer| {
        let answer = as_editor.get("/v1/review-queue").header("Inklog-Position", &after.position()).send().await;
        answer.expect(200).body["queue"].as_array().unwrap().iter().map(|it| it["what"].clone()).collect::<Vec<_>>()
    };
    let stands = async |after: &Answer| {
        let own = as_author.get("/v1/me/posts").header("Inklog-Position", &after.position()).send().await.expect(200);
        own.body["posts"][0]["review"].clone()
    };
    let slug = unique("demanded");
    let id = author.draft(&slug, &[]).await.id();
    let (review, copy) = (format!("/v1/posts/{id}/review"), format!("/v1/working-copies/{id}"));
    let submit = async |what: &Value| author.api().post(&review).json(what).send().await.expect(200);
    let approve = async |what: &Value, version: u64| {
        editor.api().post(&format!("{review}/approve")).json(what).if_match(version).send().await.expect(200)
    };

    let publish = async || author.api().post(&format!("/v1/posts/{id}/publish")).send().await;
    let _ = publish().await.problem(403, "not-approved");
    let whole = json!({"what": "post"});
    let submitted = submit(&whole).await;
    assert_eq!(queue(&submitted).await, ["post"]);
    let _ = publish().await.problem(403, "not-approved");
    let approved = approve(&whole, submitted.version()).await;
    assert_eq!((queue(&approved).await.len(), stands(&approved).await), (0, json!("approved")));
    let published = publish().await.expect(200);
    let _ = system.read(&slug, &published.position()).await.expect(200);

    // A live post is changed by a copy that an editor has read.
    let change = json!({"title": "Unread"});
    let _ = author.edit(&id, published.version(), change.clone()).await.problem(403, "not-approved");
    let save = json!({"change": change, "base_version": published.version()});
    let saved = author.api().put(&copy).json(&save).send().await.expect(200);
    let release = async |version: u64| author.api().post(&format!("{copy}/release")).if_match(version).send().await;
    let _ = release(saved.version()).await.problem(403, "not-approved");
    let meant = json!({"what": "working-copy", "copy_version": saved.version()});
    let submitted = submit(&meant).await;
    assert_eq!(queue(&submitted).await, ["working-copy"]);
    // Thrown away, it waits no more; the next one has to be submitted itself.
    let _ = author.api().delete(&copy).if_match(saved.version()).send().await.expect(200);
    assert_eq!((queue(&submitted).await.len(), stands(&submitted).await), (0, json!("none")));
    let change = json!({"change": {"title": "As an editor has read it"}, "base_version": submitted.version()});
    let saved = author.api().put(&copy).json(&change).send().await.expect(200);
    let meant = json!({"what": "working-copy", "copy_version": saved.version()});
    let submitted = submit(&meant).await;
    let _ = approve(&meant, submitted.version()).await;
    let released = release(saved.version()).await.expect(200);
    let seen = system.read(&slug, &released.position()).await.expect(200);
    assert_eq!(seen.body["title"], "As an editor has read it");
    assert_eq!((queue(&released).await.len(), stands(&released).await), (0, json!("none")));
}
