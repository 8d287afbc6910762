//! `/v1/posts/{id}/review`, where it is optional and where it is demanded.

use serde_json::{Value, json};
use testkit::{Answer, Api, Process, Scope};
use uuid::Uuid;

use crate::support::{Server, author, editor, unique};

async fn submit(api: &Api, post: &str) -> Answer {
    api.post(&format!("/v1/posts/{post}/review")).json(&json!({"what": "post"})).send().await
}

async fn approve(api: &Api, post: &str, version: u64) -> Answer {
    let path = format!("/v1/posts/{post}/review/approve");
    api.post(&path).json(&json!({"what": "post"})).if_match(version).send().await
}

async fn story(post: &str) -> Vec<String> {
    Server::shared().await.posts().await.story(post).iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_post_is_submitted_sent_back_submitted_again_and_approved() {
    let (author, editor) = (author().await, editor().await);
    let post = author.post().await;
    assert_eq!(submit(&author.api, &post).await.expect(200).version(), 2);
    assert!(!submit(&author.api, &post).await.expect(200).changed());
    let wanted = json!({"note": "Who said so?"});
    let path = format!("/v1/posts/{post}/review/request-changes");
    let _ = author.api.post(&path).json(&wanted).send().await.problem(403, "forbidden");
    assert_eq!(editor.api.post(&path).json(&wanted).send().await.expect(200).version(), 3);
    assert!(!editor.api.post(&path).json(&wanted).send().await.expect(200).changed());
    let other = json!({"note": "And when?"});
    let _ = editor.api.post(&path).json(&other).send().await.problem(409, "not-in-review");
    let _ = approve(&editor.api, &post, 3).await.problem(409, "not-in-review");
    assert_eq!(submit(&author.api, &post).await.expect(200).version(), 4);
    let unread = editor.api.post(&format!("/v1/posts/{post}/review/approve")).json(&json!({"what": "post"}));
    let _ = unread.send().await.problem(428, "precondition-required");
    let _ = approve(&editor.api, &post, 3).await.problem(412, "version-conflict");
    assert_eq!(approve(&editor.api, &post, 4).await.expect(200).version(), 5);
    let withdrawn = author.api.delete(&format!("/v1/posts/{post}/review")).send().await.expect(200);
    assert!(withdrawn.changed());
    let story = story(&post).await;
    assert_eq!(story[..3], ["Drafted", "SubmittedForReview", "ChangesRequested"]);
    assert_eq!(story[3..], ["SubmittedForReview", "Approved", "ReviewWithdrawn"]);
}

#[tokio::test]
async fn what_is_meant_is_said_rightly() {
    let author = author().await;
    let post = author.post().await;
    let path = format!("/v1/posts/{post}/review");
    for wrong in [json!({"what": "post", "copy_version": 1}), json!({"what": "working-copy"})] {
        assert_eq!(author.api.post(&path).json(&wrong).send().await.problem(422, "invalid").pointer(), "/copy_version");
    }
    let copy = |version: u64| json!({"what": "working-copy", "copy_version": version});
    let _ = author.api.post(&path).json(&copy(7)).send().await.problem(412, "version-conflict");
    let change = json!({"change": {"title": "To be"}, "base_version": 1});
    let saved = author.api.put(&format!("/v1/working-copies/{post}")).json(&change).send().await.expect(200);
    let _ = author.api.post(&path).json(&copy(saved.version() - 1)).send().await.problem(412, "version-conflict");
    let _ = author.api.post(&path).json(&copy(saved.version())).send().await.expect(200);
}

/// A service of an installation that demands reviews.
struct Demanding {
    process: Process,
    scope: Scope,
}

impl Demanding {
    async fn start() -> Self {
        let scope = Scope::with_vault().await;
        let mut process = scope.start("command-services", &["all", "--review", "required"]);
        process.ready().await;
        Self { process, scope }
    }

    fn api(&self, role: &str) -> Api {
        Api::new(self.process.url()).with_token(&self.scope.keys.token(Uuid::new_v4(), &[role]))
    }
}

async fn draft(api: &Api) -> String {
    let body = json!({"title": "A title", "slug": unique("reviewed")});
    api.post("/v1/posts").json(&body).send().await.expect(201).id()
}

#[tokio::test]
async fn where_it_is_demanded_nothing_is_public_that_no_editor_approved_as_it_is() {
    let demanding = Demanding::start().await;
    let (author, editor) = (demanding.api("author"), demanding.api("editor"));
    let post = draft(&author).await;
    let publish = || author.post(&format!("/v1/posts/{post}/publish")).send();
    let refused = publish().await.problem(403, "not-approved");
    assert_eq!(refused.body["version"], 1);
    let at = json!({"at": "2099-01-01T00:00:00Z"});
    let scheduled = author.put(&format!("/v1/posts/{post}/schedule")).json(&at).send().await;
    let _ = scheduled.problem(403, "not-approved");
    let _ = submit(&author, &post).await.expect(200);
    let _ = approve(&editor, &post, 2).await.expect(200);
    let edit = |change: Value| author.patch(&format!("/v1/posts/{post}")).json(&change).header("If-Match", "*").send();
    let _ = edit(json!({"title": "Another"})).await.expect(200);
    let _ = publish().await.problem(403, "not-approved");
    let version = submit(&author, &post).await.expect(200).version();
    let _ = approve(&editor, &post, version).await.expect(200);
    let published = publish().await.expect(200).version();
    let _ = edit(json!({"title": "Unseen"})).await.problem(403, "not-approved");

    // What is public is changed by a working copy that was approved as it is.
    let copy = format!("/v1/working-copies/{post}");
    let save = |change: Value, version: Option<u64>| {
        let call = |body: Value| author.put(&copy).json(&body);
        match version {
            Some(version) => call(json!({"change": change})).if_match(version).send(),
            None => call(json!({"change": change, "base_version": published})).send(),
        }
    };
    let first = save(json!({"title": "To be"}), None).await.expect(200).version();
    let release = |version: u64| author.post(&format!("{copy}/release")).if_match(version).send();
    let _ = release(first).await.problem(403, "not-approved");
    let what = |version: u64| json!({"what": "working-copy", "copy_version": version});
    let submitted = author.post(&format!("/v1/posts/{post}/review")).json(&what(first)).send().await.expect(200);
    let approve_copy = |version: u64, of: u64| {
        editor.post(&format!("/v1/posts/{post}/review/approve")).json(&what(version)).if_match(of).send()
    };
    let approved = approve_copy(first, submitted.version()).await.expect(200);
    let second = save(json!({"title": "Other than read"}), Some(first)).await.expect(200).version();
    let _ = release(second).await.problem(403, "not-approved");
    let _ = approve_copy(second, approved.version()).await.problem(409, "not-in-review");
    let third = save(json!({"title": "To be"}), Some(second)).await.expect(200).version();
    assert!(release(third).await.expect(200).changed(), "it is what was approved, again");
    let log = demanding.scope.log("posts").await;
    let story = log.story(&post);
    assert_eq!(story.last().map(ToString::to_string), Some("Edited".to_owned()), "{story:?}");
    // An editor needs no other.
    let own = draft(&editor).await;
    let _ = editor.post(&format!("/v1/posts/{own}/publish")).send().await.expect(200);
}
