//! `/v1/me/reactions/post/{post_id}/{kind}` and `/v1/me/shares/post/{post_id}/{place}`: PUT and DELETE.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use testkit::{Answer, Api, Process};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, member};
use crate::support::{Server, author, editor, person, unique};

async fn like(api: &Api, post: &str) -> Answer {
    api.put(&format!("/v1/me/reactions/post/{post}/like")).send().await
}

async fn withdraw(api: &Api, post: &str) -> Answer {
    api.delete(&format!("/v1/me/reactions/post/{post}/like")).send().await
}

async fn share(api: &Api, post: &str, place: &str) -> Answer {
    api.put(&format!("/v1/me/shares/post/{post}/{place}")).send().await
}

/// A post that everyone can read.
async fn published() -> String {
    let author = author().await;
    let id = author.draft(&unique("liked")).await.expect(201).id();
    let _ = author.api.post(&format!("/v1/posts/{id}/publish")).send().await.expect(200);
    id
}

/// What happened to a mark of an account: `reaction:like:post`.
async fn story(member: &Member, mark: &str, post: &str) -> Vec<String> {
    let log = Server::shared().await.scope.log("reactions").await;
    log.assert_whole();
    log.story(&format!("{}:{mark}:{post}", member.id)).iter().map(ToString::to_string).collect()
}

async fn assert_forgotten_again(ada: &Member, post: &str) {
    let mut vault = Server::shared().await.scope.postgres().await;
    let sql = "UPDATE vault.erasures SET finished_at = NULL WHERE account_id = $1";
    let _ = sqlx::query(sql).bind(ada.id.parse::<Uuid>().unwrap()).execute(&mut vault).await.unwrap();
    testkit::eventually("it is taken back", Duration::from_secs(40), async || {
        (story(ada, "reaction:like:post", post).await == ["Given", "Withdrawn"]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_reaction_is_given_and_taken_back_and_repeating_changes_nothing() {
    let (ada, post) = (member().await, published().await);
    let first = like(&ada.api, &post).await.expect(200);
    assert_eq!((first.version(), first.changed(), &first.body["given"]), (1, true, &true.into()));
    assert_eq!((&first.body["target_kind"], &first.body["kind"]), (&"post".into(), &"like".into()));
    assert_eq!(first.body["target_id"], post);
    assert!(!first.position().is_empty());
    assert!(!like(&ada.api, &post).await.expect(200).changed());
    let last = withdraw(&ada.api, &post).await.expect(200);
    assert_eq!((last.version(), last.changed(), &last.body["given"]), (2, true, &false.into()));
    assert!(!withdraw(&ada.api, &post).await.expect(200).changed());
    assert_eq!(like(&ada.api, &post).await.expect(200).version(), 3);
    assert_eq!(story(&ada, "reaction:like:post", &post).await, ["Given", "Withdrawn", "Given"]);
}

#[tokio::test]
async fn a_post_is_shared_once_to_each_place() {
    let (ada, post) = (member().await, published().await);
    let first = share(&ada.api, &post, "mastodon").await.expect(200);
    assert_eq!((first.version(), first.changed(), &first.body["shared"]), (1, true, &true.into()));
    assert_eq!(first.body["place"], "mastodon");
    assert!(!share(&ada.api, &post, "mastodon").await.expect(200).changed());
    assert_eq!(share(&ada.api, &post, "email").await.expect(200).version(), 1);
    let path = format!("/v1/me/shares/post/{post}/mastodon");
    assert_eq!(ada.api.delete(&path).send().await.expect(200).body["shared"], false);
    assert!(!ada.api.delete(&path).send().await.expect(200).changed());
    assert_eq!(story(&ada, "share:mastodon:post", &post).await, ["Shared", "Unshared"]);
    assert_eq!(story(&ada, "share:email:post", &post).await, ["Shared"]);
}

#[tokio::test]
async fn the_same_key_gets_the_first_reply_again() {
    let (ada, post) = (member().await, published().await);
    let path = format!("/v1/me/reactions/post/{post}/like");
    let ask = || ada.api.put(&path).key("k-1").send();
    let first = ask().await.expect(200);
    let _ = withdraw(&ada.api, &post).await.expect(200);
    let again = ask().await.expect(200);
    assert_eq!((again.version(), again.changed(), again.position()), (1, true, first.position()));
    let _ = ada.api.delete(&path).key("k-1").send().await.problem(422, "idempotency-key-reused");
}

#[tokio::test]
async fn the_same_key_gets_the_first_reply_again_whatever_became_of_the_post() {
    let (ada, post) = (member().await, published().await);
    let comment = json!({"text": "First."});
    let _ = ada.api.post(&format!("/v1/comments/{post}")).json(&comment).send().await.expect(201);
    let paths = [
        format!("/v1/me/reactions/post/{post}/like"),
        format!("/v1/me/reactions/comment/{post}/1/like"),
        format!("/v1/me/shares/post/{post}/link"),
    ];
    let ask = |path: &str, key: &str| ada.api.put(path).key(key).send();
    let mut first = Vec::new();
    for path in &paths {
        first.push(ask(path, "k-1").await.expect(200));
    }
    let _ = editor().await.api.delete(&format!("/v1/posts/{post}")).send().await.expect(200);
    for (path, first) in paths.iter().zip(first) {
        let _ = ask(path, "k-2").await.problem(410, "gone");
        let again = ask(path, "k-1").await.expect(200);
        assert_eq!((again.body.clone(), again.position()), (first.body.clone(), first.position()), "{path}");
    }
}

/// What is in the archive is before readers, and what they say of it changes nothing of it.
#[tokio::test]
async fn what_is_in_the_archive_is_reacted_to_and_shared() {
    let (ada, author) = (member().await, author().await);
    let post = author.draft(&unique("archived")).await.expect(201).id();
    let _ = author.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    let comment = json!({"text": "First."});
    let _ = ada.api.post(&format!("/v1/comments/{post}")).json(&comment).send().await.expect(201);
    let archived = author.api.put(&format!("/v1/posts/{post}/archive")).send().await.expect(200);
    assert!(like(&ada.api, &post).await.expect(200).changed());
    assert!(share(&ada.api, &post, "link").await.expect(200).changed());
    let to_comment = format!("/v1/me/reactions/comment/{post}/1/like");
    assert!(ada.api.put(&to_comment).send().await.expect(200).changed());
    let out = author.api.delete(&format!("/v1/posts/{post}/archive")).send().await.expect(200);
    assert_eq!(out.version(), archived.version() + 1, "the post is as it was");
}

#[tokio::test]
async fn what_cannot_be_read_is_not_reacted_to_and_the_answer_says_why() {
    let (ada, author) = (member().await, author().await);
    // Who may not know of a draft is not told that there is one; its author is.
    let as_author = member().await;
    let mine = person(as_author.id.parse().unwrap(), &["author"]).await;
    let draft = mine.draft(&unique("draft")).await.expect(201).id();
    let _ = like(&ada.api, &draft).await.problem(404, "not-found");
    let _ = like(&mine.api, &draft).await.problem(409, "not-published");
    let _ = share(&mine.api, &draft, "link").await.problem(409, "not-published");
    let deleted = published().await;
    let _ = like(&ada.api, &deleted).await.expect(200);
    let _ = editor().await.api.delete(&format!("/v1/posts/{deleted}")).send().await.expect(200);
    let _ = like(&ada.api, &deleted).await.problem(410, "gone");
    assert!(withdraw(&ada.api, &deleted).await.expect(200).changed(), "it can be taken back");
    for (visibility, status) in [("unlisted", 200), ("members", 403)] {
        let body = json!({"title": "For some", "slug": unique("some"), "visibility": visibility});
        let post = author.api.post("/v1/posts").json(&body).send().await.expect(201).id();
        let _ = author.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
        let answer = like(&ada.api, &post).await;
        let _ = if status == 200 { answer.expect(200) } else { answer.problem(403, "private") };
    }
    for nothing in [Uuid::new_v4().to_string(), "not-an-id".to_owned()] {
        let _ = like(&ada.api, &nothing).await.problem(404, "not-found");
    }
    let of_a_tag = format!("/v1/me/reactions/tag/{}/like", Uuid::new_v4());
    let _ = ada.api.put(&of_a_tag).send().await.problem(404, "no-such-address");
    assert!(!withdraw(&ada.api, &Uuid::new_v4().to_string()).await.expect(200).changed());
}

#[tokio::test]
async fn only_an_account_that_is_there_and_active_reacts() {
    let (ada, post) = (member().await, published().await);
    let _ = like(&author().await.api, &post).await.problem(404, "not-found");
    let _ = like(&ada.api, &post).await.expect(200);
    let body = json!({"current_password": PASSWORD});
    let _ = ada.api.post("/v1/me/deactivate").json(&body).send().await.expect(200);
    let believed = person(ada.id.parse().unwrap(), &[]).await.api;
    let _ = share(&believed, &post, "link").await.problem(403, "account-deactivated");
}

#[tokio::test]
async fn a_kind_that_is_taken_out_of_the_set_keeps_what_was_given_and_that_can_be_taken_back() {
    let (ada, post) = (member().await, published().await);
    let mut environment = Server::shared().await.scope.environment();
    environment.push(("INKLOG_REACTION_KINDS".into(), "insightful, made-me-think".into()));
    environment.push(("INKLOG_SHARE_PLACES".into(), String::new()));
    let mut other = Process::start("command-services", &["all"], &environment);
    other.ready().await;
    let token = Server::shared().await.scope.keys.token(ada.id.parse().unwrap(), &[]);
    let there = Api::new(other.url()).with_token(&token);
    let path = format!("/v1/me/reactions/post/{post}/insightful");
    assert!(there.put(&path).send().await.expect(200).changed());
    let refused = like(&there, &post).await.problem(422, "invalid");
    assert_eq!(refused.body["errors"][0]["parameter"], "kind");
    assert_eq!(refused.body["errors"][0]["detail"], "is not one of insightful, made-me-think");
    assert_eq!(share(&there, &post, "link").await.problem(422, "invalid").body["errors"][0]["parameter"], "place");
    // An installation without that kind.
    let _ = ada.api.put(&path).send().await.problem(422, "invalid");
    assert!(ada.api.delete(&path).send().await.expect(200).changed());
    assert_eq!(story(&ada, "reaction:insightful:post", &post).await, ["Given", "Withdrawn"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_in_two_hundred_connections_has_one_reaction_or_none() {
    let (ada, post) = (member().await, published().await);
    let one = async |number: usize| {
        let gives = number.is_multiple_of(2);
        let answer = if gives { like(&ada.api, &post).await } else { withdraw(&ada.api, &post).await };
        let answer = answer.expect(200);
        (answer.changed(), answer.version())
    };
    let mut changes: Vec<_> = join_all((0..200).map(one)).await.into_iter().filter(|(changed, _)| *changed).collect();
    changes.sort_unstable();
    let story = story(&ada, "reaction:like:post", &post).await;
    assert_eq!(changes.len(), story.len(), "each change is one event");
    assert!(changes.iter().zip(1..).all(|((_, version), expected)| *version == expected), "{changes:?}");
    for (event, expected) in story.iter().zip(["Given", "Withdrawn"].iter().cycle()) {
        assert_eq!(event, expected);
    }
}

#[tokio::test]
async fn reactions_are_in_their_owners_export() {
    let (ada, post) = (member().await, published().await);
    let _ = like(&ada.api, &post).await.expect(200);
    let _ = share(&ada.api, &post, "reddit").await.expect(200);
    let export = testkit::eventually("there is room", Duration::from_secs(60), async || {
        let answer = ada.api.get("/v1/me/export").send().await;
        (answer.status != 503).then_some(answer)
    })
    .await;
    for part in ["inklog.reactions.Given", "inklog.reactions.Shared", &post, "reddit"] {
        assert!(export.text.contains(part), "{part}: {}", export.text);
    }
}

#[tokio::test]
async fn reactions_are_taken_back_with_their_owner() {
    let (ada, post) = (member().await, published().await);
    let _ = like(&ada.api, &post).await.expect(200);
    let _ = share(&ada.api, &post, "x").await.expect(200);
    let body = json!({"current_password": PASSWORD});
    let _ = ada.api.delete("/v1/me").json(&body).send().await.expect(204);
    assert_eq!(story(&ada, "reaction:like:post", &post).await, ["Given", "Withdrawn"]);
    assert_eq!(story(&ada, "share:x:post", &post).await, ["Shared", "Unshared"]);
    // Its token is still believed, and its account is not.
    let _ = like(&person(ada.id.parse().unwrap(), &[]).await.api, &post).await.problem(404, "not-found");
    assert_forgotten_again(&ada, &post).await;
}

#[tokio::test]
async fn a_comment_is_reacted_to_while_it_says_something_and_that_is_taken_back_whatever_it_says() {
    let (ada, bob, post) = (member().await, member().await, published().await);
    let comment = json!({"text": "First."});
    let number = &bob.api.post(&format!("/v1/comments/{post}")).json(&comment).send().await.expect(201).body["number"];
    let path = format!("/v1/me/reactions/comment/{post}/{number}/like");
    let first = ada.api.put(&path).send().await.expect(200);
    let id = domain::comments::comment_id(post.parse().unwrap(), 1).to_string();
    assert_eq!((&first.body["target_kind"], &first.body["target_id"]), (&"comment".into(), &id.clone().into()));
    assert!(first.changed() && !ada.api.put(&path).send().await.expect(200).changed());
    let nothing = format!("/v1/me/reactions/comment/{post}/2/like");
    let _ = ada.api.put(&nothing).send().await.problem(404, "not-found");
    assert!(!ada.api.delete(&nothing).send().await.expect(200).changed());
    let _ = bob.api.delete(&format!("/v1/comments/{post}/{number}")).send().await.expect(200);
    let _ = bob.api.put(&path).send().await.problem(410, "gone");
    assert!(ada.api.delete(&path).send().await.expect(200).changed());
    assert_eq!(story(&ada, "reaction:like:comment", &id).await, ["Given", "Withdrawn"]);
    let _ = editor().await.api.delete(&format!("/v1/posts/{post}")).send().await.expect(200);
    let _ = ada.api.put(&path).send().await.problem(410, "gone");
}
