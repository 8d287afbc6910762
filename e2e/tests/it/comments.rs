//! Readers who answer a post and each other: a journey. And what comes at the moment at which the post is closed.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, eventually};

use crate::support::members::{Member, PASSWORD};
use crate::support::{Author, PATIENCE, System, unique};

impl Member {
    async fn comment(&self, post: &str, body: Value) -> Answer {
        self.commands.post(&format!("/v1/comments/{post}")).json(&body).send().await
    }

    /// The comments on a post, as an answer says that reflects what was replied at this position.
    async fn thread(&self, slug: &str, position: &str) -> Value {
        let path = format!("/v1/posts/{slug}/comments");
        self.queries.get(&path).header("Inklog-Position", position).send().await.expect(200).body
    }
}

/// A post that readers see: its id.
async fn published(system: &System, author: &Author, slug: &str) -> String {
    let id = author.draft(slug, &[]).await.id();
    let position = author.publish(&id).await.position();
    let _ = system.read(slug, &position).await.expect(200);
    id
}

fn texts(thread: &Value) -> Vec<&str> {
    thread["comments"].as_array().unwrap().iter().map(|it| it["text_markdown"].as_str().unwrap_or("-")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_first_comment_to_one_that_is_only_a_place() {
    let system = System::behind_gateway(1).await;
    let author = system.author();
    let (ada, bob) = (Member::join(&system, "ada").await, Member::join(&system, "bob").await);
    let slug = unique("talked-about");
    let post = published(&system, &author, &slug).await;

    let first = ada.comment(&post, json!({"text": format!("Well, @{}?", bob.name)})).await.expect(201);
    let thread = ada.thread(&slug, &first.position()).await;
    assert_eq!(texts(&thread), [format!("Well, @{}?", bob.name)]);
    assert_eq!(system.read(&slug, &first.position()).await.expect(200).body["comments_count"], 1);
    assert_eq!(thread["comments"][0]["mentions"][0]["id"], json!(bob.id));
    assert_eq!(thread["comments"][0]["author"]["user_name"], json!(ada.name));

    // Who is mentioned changes their name, and the mention follows.
    let name = unique("robert");
    let renamed = bob.commands.post("/v1/me/user-name").json(&json!({"user_name": name})).send().await.expect(200);
    assert_eq!(texts(&ada.thread(&slug, &renamed.position()).await), [format!("Well, @{name}?")]);

    let answer = bob.comment(&post, json!({"text": "**Well.**", "reply_to": 1})).await.expect(201);
    let edit = json!({"text": "Well."});
    let path = format!("/v1/comments/{post}/2");
    let edited = bob.commands.patch(&path).json(&edit).send().await.expect(200);
    let one = format!("/v1/posts/{slug}/comments/2");
    let one = bob.queries.get(&one).header("Inklog-Position", &edited.position()).send().await.expect(200);
    assert_eq!(
        (&one.body["text_markdown"], &one.body["history"][0]["text_html"]),
        (&json!("Well."), &json!("<p><strong>Well.</strong></p>\n"))
    );
    assert_eq!((&one.body["id"], &one.body["reply_to"]), (&json!(answer.id()), &json!(1)));

    // What one has commented, of which the other keeps the list to themselves.
    let hidden = bob.commands.patch("/v1/me/preferences").json(&json!({"comments_list": "private"}));
    let hidden = hidden.send().await.expect(200).position();
    let list = format!("/v1/authors/{name}/comments");
    let _ = ada.queries.get(&list).header("Inklog-Position", &hidden).send().await.problem(403, "private");
    let count =
        async |name: &str| ada.queries.get(&format!("/v1/authors/{name}")).send().await.body["comments_count"].clone();
    assert_eq!((count(&ada.name).await, count(&name).await), (json!(1), Value::Null));
    let own = bob.queries.get("/v1/me/comments").send().await.expect(200);
    assert_eq!(own.body["comments"][0]["post_slug"], json!(slug));

    // A person is forgotten in the middle of the thread: their words go, and the thread stays.
    let last = ada.comment(&post, json!({"text": "Well!", "reply_to": 2})).await.expect(201);
    assert_eq!(ada.thread(&slug, &last.position()).await["total"], 3);
    let gone = bob.commands.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    let thread = ada.thread(&slug, &gone.position()).await;
    assert_eq!(texts(&thread), ["Well, @?", "-", "Well!"].map(|it| it.replace("@?", &shown(&thread))));
    eventually("the sum follows", PATIENCE, async || {
        (ada.thread(&slug, &gone.position()).await["total"] == 2).then_some(())
    })
    .await;
    let log = system.scope.log("comments").await;
    log.assert_whole();
    assert_eq!(log.story(&post), ["Written", "Written", "Edited", "Written", "Erased"]);
}

/// How the one who is mentioned first is called now.
fn shown(thread: &Value) -> String {
    let text = thread["comments"][0]["text_markdown"].as_str().unwrap();
    let name = &text["Well, ".len()..];
    assert!(name.starts_with("@~deleted-"), "{text}");
    name.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_of_a_text_for_members_is_for_members_too_and_what_is_in_the_archive_stays_said() {
    let system = System::behind_gateway(1).await;
    let author = system.author();
    let ada = Member::join(&system, "ada").await;
    let slug = unique("for-some");
    let post = published(&system, &author, &slug).await;
    let first = ada.comment(&post, json!({"text": format!("`@{}`", ada.name)})).await.expect(201);
    assert_eq!(texts(&ada.thread(&slug, &first.position()).await), [format!("`@{}`", ada.name)]);

    let members = author.edit(&post, 2, json!({"visibility": "members"})).await.expect(200);
    let path = format!("/v1/posts/{slug}/comments");
    let position = members.position();
    let _ = ada.queries.get(&path).header("Inklog-Position", &position).send().await.problem(403, "private");
    let _ = ada.comment(&post, json!({"text": "And now?"})).await.problem(403, "private");
    let list = ada.queries.get(&format!("/v1/authors/{}/comments", ada.name)).send().await.expect(200);
    assert_eq!(list.body["comments"][0]["post_slug"], json!(slug), "her own");

    let open = author.edit(&post, 3, json!({"visibility": null})).await.expect(200);
    let archived = author.api().put(&format!("/v1/posts/{post}/archive")).send().await.expect(200);
    let _ = ada.comment(&post, json!({"text": "And now?"})).await.problem(409, "comments-closed");
    let mended = ada.commands.patch(&format!("/v1/comments/{post}/1")).json(&json!({"text": "Well."}));
    let mended = mended.send().await.expect(200).position();
    let thread = ada.thread(&slug, &archived.position()).await;
    assert_eq!(thread["commenters"], "closed");
    assert_eq!(texts(&ada.thread(&slug, &mended).await), ["Well."]);
    assert!(!open.position().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_as_the_post_is_closed_is_refused_or_stays_for_good() {
    let system = System::behind_gateway(2).await;
    let author = system.author();
    let ada = Member::join(&system, "ada").await;
    let slug = unique("closing");
    let post = published(&system, &author, &slug).await;
    let close = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        author.edit(&post, 2, json!({"comments": "closed"})).await.expect(200)
    };
    let write = async {
        let mut accepted = vec![ada.comment(&post, json!({"text": "In time."})).await.expect(201).position()];
        for number in 0..15 {
            let answer = ada.comment(&post, json!({"text": format!("Number {number}")})).await;
            match answer.status {
                201 => accepted.push(answer.position()),
                _ => drop(answer.problem(409, "comments-closed")),
            }
        }
        accepted
    };
    let (closed, accepted) = tokio::join!(close, write);
    // Both topics are read, in whichever order: the same comments are there, one for each that was accepted.
    let _ = system.read(&slug, &closed.position()).await.expect(200);
    let position = accepted.last().unwrap().clone();
    let thread = ada.thread(&slug, &position).await;
    assert_eq!((&thread["total"], &thread["commenters"]), (&json!(accepted.len()), &json!("closed")));
    let _ = ada.comment(&post, json!({"text": "Late."})).await.problem(409, "comments-closed");
    assert_eq!(ada.thread(&slug, &position).await["total"], thread["total"], "closing takes nothing away");
    let _ = system.scope.succeed("projection-services", &["rebuild", "comments", "--verify"]);
}
