//! A comment that is reported, hidden, appealed for and shown again: a journey. And a moderator and the author at once.

use futures::future::join;
use serde_json::{Value, json};
use testkit::{Answer, Api, eventually};
use uuid::Uuid;

use crate::support::members::Member;
use crate::support::{PATIENCE, System, unique};

/// Who moderates, at both APIs.
struct Moderator {
    commands: Api,
    queries: Api,
}

impl Moderator {
    fn of(system: &System, role: &str) -> Self {
        let token = system.scope.keys.token(Uuid::new_v4(), &[role]);
        let commands = Api::new(system.door()).with_token(&token).held_to_documents();
        Self { commands, queries: system.reader().with_token(&token) }
    }

    async fn hide(&self, case: &str) -> Answer {
        let body = json!({"measure": "hide", "rule": "spam", "explanation": "It advertises."});
        self.commands.post(&format!("/v1/moderation/{case}/decisions")).json(&body).send().await
    }

    async fn queue(&self, position: &str) -> Vec<String> {
        let answer = self.queries.get("/v1/moderation/queue").header("Inklog-Position", position).send().await;
        let queue = answer.expect(200).body["queue"].as_array().unwrap().clone();
        queue.iter().map(|entry| entry["case_id"].as_str().unwrap().to_owned()).collect()
    }
}

/// A post of a system with a comment of a member's: its id and slug, and the case that the comment would be.
async fn commented(system: &System, writer: &Member) -> (String, String, String) {
    let (author, slug) = (system.author(), unique("moderated"));
    let id = author.draft(&slug, &[]).await.id();
    let position = author.publish(&id).await.position();
    let _ = system.read(&slug, &position).await.expect(200);
    let comment = json!({"text": "Buy this."});
    let written = writer.commands.post(&format!("/v1/comments/{id}")).json(&comment).send().await.expect(201);
    let path = format!("/v1/posts/{slug}/comments");
    let _ = writer.queries.get(&path).header("Inklog-Position", &written.position()).send().await.expect(200);
    let case = format!("comment:{id}:1");
    (id, slug, case)
}

/// How many comments a reader is shown, and how many there are said to be.
async fn shown(api: &Api, slug: &str) -> (usize, Value) {
    let list = api.get(&format!("/v1/posts/{slug}/comments")).send().await.expect(200).body;
    (list["comments"].as_array().unwrap().len(), list["total"].clone())
}

async fn is_shown(api: &Api, slug: &str, comments: usize, total: i64) {
    eventually(&format!("{comments} of {total} comments"), PATIENCE, async || {
        (shown(api, slug).await == (comments, json!(total))).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_report_to_an_appeal_that_is_granted() {
    let system = System::behind_gateway(1).await;
    let (ada, bob) = (Member::join(&system, "ada").await, Member::join(&system, "bob").await);
    let (moderator, editor) = (Moderator::of(&system, "moderator"), Moderator::of(&system, "editor"));
    let (_, slug, case) = commented(&system, &ada).await;
    let anyone = system.reader();

    let report = json!({"rule": "spam", "statement": "Again."});
    let reported = bob.commands.put(&format!("/v1/me/reports/{case}")).json(&report).send().await.expect(200);
    assert_eq!(moderator.queue(&reported.position()).await, [case.as_str()]);
    let one = moderator.queries.get(&format!("/v1/moderation/cases/{case}")).send().await.expect(200);
    assert_eq!(one.body["reports"][0]["statement"], "Again.");
    assert_eq!(one.body["reports"][0]["reporter"]["user_name"], json!(bob.name));

    let hidden = moderator.hide(&case).await.expect(200);
    assert!(moderator.queue(&hidden.position()).await.is_empty());
    // At once, for all who know that it is decided.
    let position = hidden.body["comment_position"].as_str().unwrap();
    let list = anyone.get(&format!("/v1/posts/{slug}/comments")).header("Inklog-Position", position).send().await;
    assert_eq!(list.expect(200).body["comments"], json!([]));
    is_shown(&anyone, &slug, 0, 0).await;
    assert_eq!(shown(&bob.queries, &slug).await, (0, json!(0)));
    assert_eq!(shown(&ada.queries, &slug).await, (1, json!(0)));
    assert_eq!(shown(&moderator.queries, &slug).await, (1, json!(0)));

    // Ada reads why, and appeals; not who reported it.
    let mine = ada.queries.get("/v1/me/rulings").header("Inklog-Position", &hidden.position()).send().await.expect(200);
    assert_eq!(mine.body["rulings"][0]["explanation"], "It advertises.");
    assert!(!mine.text.contains(&bob.id), "{}", mine.text);
    let appeal = json!({"statement": "It was a quotation."});
    let appealed = ada.commands.put(&format!("/v1/me/appeals/{case}/1")).json(&appeal).send().await.expect(200);
    assert_eq!(editor.queue(&appealed.position()).await, [case.as_str()]);
    let granted = json!({"upheld": false, "explanation": "So it was."});
    let answer = format!("/v1/moderation/{case}/rulings/1/answer");
    let _ = moderator.commands.post(&answer).json(&granted).send().await.problem(403, "forbidden");
    let answered = editor.commands.post(&answer).json(&granted).send().await.expect(200);
    is_shown(&anyone, &slug, 1, 1).await;
    assert!(editor.queue(&answered.position()).await.is_empty());
    let _ = moderator.hide(&case).await.problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moderator_and_the_author_at_once_and_two_moderators_who_disagree() {
    let system = System::behind_gateway(2).await;
    let ada = Member::join(&system, "ada").await;
    let (one, other) = (Moderator::of(&system, "moderator"), Moderator::of(&system, "moderator"));
    let (post, slug, case) = commented(&system, &ada).await;
    let edit = json!({"text": "Please buy this."});
    let edit = ada.commands.patch(&format!("/v1/comments/{post}/1")).json(&edit).send();
    let (hidden, edited) = join(one.hide(&case), edit).await;
    let _ = hidden.expect(200);
    let _ = edited.expect(200);
    is_shown(&system.reader(), &slug, 0, 0).await;

    // Two rulings, and the quarrel is over; they were carried out in their order.
    let lift = json!({"explanation": "It is fine."});
    let lift = other.commands.post(&format!("/v1/moderation/{case}/rulings/1/lift")).json(&lift).send().await;
    let _ = lift.expect(200);
    let _ = one.hide(&case).await.problem(403, "forbidden");
    is_shown(&system.reader(), &slug, 1, 1).await;
    let log = system.scope.log("comments").await;
    log.assert_whole();
    let story: Vec<String> = log.story(&post).iter().map(ToString::to_string).collect();
    assert_eq!(story.last().map(String::as_str), Some("Shown"), "{story:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_that_is_hidden_disappears_everywhere_and_is_shown_again() {
    let system = System::start(1).await;
    let (moderator, author, bob) =
        (Moderator::of(&system, "moderator"), system.author(), Member::join(&system, "bob").await);
    let (slug, tag) = (unique("hidden"), unique("tag"));
    let id = author.draft(&slug, &[&tag]).await.id();
    let position = author.publish(&id).await.position();
    let _ = system.read(&slug, &position).await.expect(200);
    let (case, anyone) = (format!("post:{id}"), system.reader());
    let tagged = format!("/v1/posts?tag={tag}");
    let listed = async |position: &str| {
        let list = anyone.get(&tagged).header("Inklog-Position", position).send().await.expect(200);
        list.body["posts"].as_array().unwrap().len()
    };
    assert_eq!(listed(&position).await, 1);

    let report = json!({"rule": "spam", "statement": "Look."});
    let reported = bob.commands.put(&format!("/v1/me/reports/{case}")).json(&report).send().await.expect(200);
    assert_eq!(moderator.queue(&reported.position()).await, [case.as_str()]);
    let hidden = moderator.hide(&case).await.expect(200);
    let position = hidden.body["post_position"].as_str().unwrap().to_owned();
    // At once, for all who know that it is decided.
    assert_eq!(listed(&position).await, 0);
    let path = format!("/v1/posts/{slug}");
    let _ = anyone.get(&path).header("Inklog-Position", &position).send().await.problem(404, "not-found");
    let _ = bob.queries.get(&path).send().await.problem(404, "not-found");
    let seen = moderator.queries.get(&path).send().await.expect(200);
    assert_eq!(seen.body["visible"], "author");
    let _ = anyone.get(&format!("/v1/tags/{tag}")).header("Inklog-Position", &position).send().await.expect(404);

    let lift = json!({"explanation": "It is fine."});
    let lifted = moderator.commands.post(&format!("/v1/moderation/{case}/rulings/1/lift")).json(&lift).send().await;
    let position = lifted.expect(200).body["post_position"].as_str().unwrap().to_owned();
    assert_eq!(listed(&position).await, 1);
    let _ = system.read(&slug, &position).await.expect(200);
}
