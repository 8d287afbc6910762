//! Readers who react to posts and share them: a journey, and many at once.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::join_all;
use futures::stream;
use serde_json::{Value, json};
use testkit::{Answer, Api, eventually};
use uuid::Uuid;

use crate::support::members::{Member, PASSWORD};
use crate::support::{PATIENCE, System, unique};

/// So many press at once.
const CROWD: usize = 500;

impl Member {
    async fn like(&self, post: &str) -> Answer {
        self.commands.put(&format!("/v1/me/reactions/post/{post}/like")).send().await
    }

    async fn share(&self, post: &str, place: &str) -> Answer {
        self.commands.put(&format!("/v1/me/shares/post/{post}/{place}")).send().await
    }
}

/// An answer that reflects what was replied at this position.
async fn read(api: &Api, path: &str, position: &str) -> Answer {
    api.get(path).header("Inklog-Position", position).send().await.expect(200)
}

/// An answer as it is now.
async fn now(api: &Api, path: &str) -> Answer {
    api.get(path).send().await.expect(200)
}

fn numbers(post: &Answer) -> (Value, Value) {
    (post.body["reactions"].clone(), post.body["shares"].clone())
}

fn people(answer: &Answer) -> Vec<&str> {
    let people = answer.body["people"].as_array().unwrap();
    people.iter().map(|person| person["user_name"].as_str().unwrap()).collect()
}

fn slugs(answer: &Answer) -> Vec<&str> {
    let entries = answer.body["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["post"]["slug"].as_str().unwrap()).collect()
}

/// A post that everyone can read, which the read model knows: its id, its slug, and the path at which it is read.
async fn published(system: &System) -> (String, String, String) {
    let (author, slug) = (system.author(), unique("liked"));
    let id = author.draft(&slug, &[]).await.id();
    let position = author.publish(&id).await.position();
    let _ = system.read(&slug, &position).await.expect(200);
    let path = format!("/v1/posts/{slug}");
    (id, slug, path)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_first_like_to_a_reader_who_is_forgotten() {
    let system = System::behind_gateway(1).await;
    let (ada, bob) = (Member::join(&system, "ada").await, Member::join(&system, "bob").await);
    for member in [&ada, &bob] {
        let wish = member.commands.patch("/v1/me/preferences").json(&json!({"theme": "dark"})).send().await.expect(200);
        let _ = read(&member.queries, "/v1/me/preferences", &wish.position()).await;
    }
    let (post, slug, path) = published(&system).await;
    let reader = system.reader();
    assert_eq!(numbers(&now(&reader, &path).await), (json!({}), json!({})));

    let first = ada.like(&post).await.expect(200);
    assert_eq!(numbers(&read(&reader, &path, &first.position()).await), (json!({"like": 1}), json!({})));
    let second = bob.like(&post).await.expect(200);
    let shared = bob.share(&post, "mastodon").await.expect(200);
    for answer in [&first, &second] {
        let _ = read(&reader, &path, &answer.position()).await;
    }
    assert!(!bob.like(&post).await.expect(200).changed());
    let both = read(&reader, &path, &shared.position()).await;
    assert_eq!(numbers(&both), (json!({"like": 2}), json!({"mastodon": 1})));
    let who = read(&reader, &format!("{path}/reactions/like"), &second.position()).await;
    assert_eq!(people(&who), [bob.name.as_str(), ada.name.as_str()]);
    assert_eq!(slugs(&read(&bob.queries, "/v1/me/reactions/post/like", &second.position()).await), [slug.as_str()]);
    assert_eq!(slugs(&read(&bob.queries, "/v1/me/shares/post/mastodon", &shared.position()).await), [slug.as_str()]);

    // A comment, too; its numbers are its own.
    let comment = json!({"text": "Well said."});
    let comment = ada.commands.post(&format!("/v1/comments/{post}")).json(&comment).send().await.expect(201);
    let liked = bob.commands.put(&format!("/v1/me/reactions/comment/{post}/1/like")).send().await.expect(200);
    let _ = read(&reader, &path, &comment.position()).await;
    let thread = read(&reader, &format!("{path}/comments?sort=liked"), &liked.position()).await;
    assert_eq!(thread.body["comments"][0]["reactions"], json!({"like": 1}));
    let who = read(&reader, &format!("{path}/comments/1/reactions/like"), &liked.position()).await;
    assert_eq!(people(&who), [bob.name.as_str()]);
    let mine = read(&bob.queries, "/v1/me/reactions/comment/like", &liked.position()).await;
    let newest = &mine.body["comments"][0];
    assert_eq!((&newest["post_slug"], &newest["comment"]["number"]), (&json!(slug), &json!(1)));
    // What one reacted to is shown to others, unless one keeps it to oneself.
    let theirs = ["post", "comment"].map(|kind| format!("/v1/authors/{}/reactions/{kind}/like", bob.name));
    for path in &theirs {
        let _ = read(&reader, path, &liked.position()).await;
    }
    let wish = json!({"reactions_list": "private"});
    let wish = bob.commands.patch("/v1/me/preferences").json(&wish).send().await.expect(200);
    for path in &theirs {
        let hidden = reader.get(path).header("Inklog-Position", &wish.position()).send().await;
        let _ = hidden.problem(403, "private");
    }
    let wish = json!({"reactions_list": null});
    let wish = bob.commands.patch("/v1/me/preferences").json(&wish).send().await.expect(200);
    let _ = read(&reader, &theirs[0], &wish.position()).await;

    let back = ada.commands.delete(&format!("/v1/me/reactions/post/{post}/like")).send().await.expect(200);
    let one = read(&reader, &path, &back.position()).await;
    assert_eq!(numbers(&one), (json!({"like": 1}), json!({"mastodon": 1})));
    assert!(slugs(&read(&ada.queries, "/v1/me/reactions/post/like", &back.position()).await).is_empty());

    let _ = bob.commands.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    eventually("what was Bob's is not counted any more", PATIENCE, async || {
        (numbers(&now(&reader, &path).await) == (json!({}), json!({}))).then_some(())
    })
    .await;
    eventually("nor beside the comment", PATIENCE, async || {
        let thread = now(&reader, &format!("{path}/comments")).await;
        (thread.body["comments"][0]["reactions"] == json!({})).then_some(())
    })
    .await;
    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--verify"]);
    let log = system.scope.log("reactions").await;
    log.assert_whole();
    assert_eq!(log.story(&format!("{}:reaction:like:post:{post}", bob.id)), ["Given", "Withdrawn"]);
    assert_eq!(log.story(&format!("{}:share:mastodon:post:{post}", bob.id)), ["Shared", "Unshared"]);
}

/// Accounts that editors made, each with a token at each instance.
async fn crowd(system: &System) -> Vec<Vec<Api>> {
    let editor = system.person(Uuid::new_v4(), "editor");
    let one = async |number: usize| {
        let (id, body) = (Uuid::new_v4(), json!({"user_name": unique(&format!("c{number}"))}));
        let _ = editor.api().put(&format!("/v1/accounts/{id}")).json(&body).send().await.expect(201);
        system.person(id, "reader").apis
    };
    // A few at a time: it is not they who are to press at once.
    stream::iter((0..CROWD).map(one)).buffer_unordered(16).collect().await
}

/// The last position in each partition: a reader that has passed all of them has seen all that was answered.
fn last(answers: &[Answer]) -> Vec<String> {
    let mut last: BTreeMap<String, (i64, String)> = BTreeMap::new();
    for token in answers.iter().map(Answer::position) {
        let position: service_kit::PositionToken = token.parse().unwrap();
        let entry = last.entry(format!("{}/{}", position.context, position.partition)).or_default();
        *entry = entry.clone().max((position.offset, token));
    }
    last.into_values().map(|(_, token)| token).collect()
}

/// How many like a post, and its first comment, once all of these answers are seen.
async fn likes(system: &System, path: &str, answers: &[Answer]) -> [i64; 2] {
    let mut likes = [0, 0];
    for position in last(answers) {
        for (likes, path) in likes.iter_mut().zip([path.to_owned(), format!("{path}/comments/1")]) {
            *likes = read(&system.reader(), &path, &position).await.body["reactions"]["like"].as_i64().unwrap_or(0);
        }
    }
    likes
}

/// The same, counted in the rows.
async fn recount(system: &System, post: &str) -> [i64; 2] {
    let mut database = system.scope.postgres().await;
    let post: Uuid = post.parse().unwrap();
    let mut counted: Vec<i64> = Vec::new();
    for (kind, id) in [("post", post), ("comment", domain::comments::comment_id(post, 1))] {
        let sql = "SELECT count(*) FROM content.reactions WHERE active AND target_kind = $1 AND target_id = $2";
        counted.push(sqlx::query_scalar(sql).bind(kind).bind(id).fetch_one(&mut database).await.unwrap());
    }
    counted.try_into().unwrap()
}

/// While five hundred press, at the post and at a comment on it, some of them twice, the post is a draft for a moment,
/// and its views are made anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_people_at_once_are_counted_exactly() {
    let system = System::start(2).await;
    let author = system.author();
    let (slug, crowd) = (unique("crowd"), crowd(&system).await);
    let post = author.draft(&slug, &[]).await.id();
    let position = author.publish(&post).await.position();
    let _ = system.read(&slug, &position).await.expect(200);
    let comment = crowd[0][0].post(&format!("/v1/comments/{post}")).json(&json!({"text": "First."})).send().await;
    let comment = comment.expect(201);
    let path = format!("/v1/posts/{slug}");
    let marks = [format!("post/{post}"), format!("comment/{post}/1")].map(|at| format!("/v1/me/reactions/{at}/like"));
    let press = async |(number, person): (usize, &Vec<Api>)| {
        let mut answers = Vec::new();
        for mark in &marks {
            let first = person[number % 2].put(mark).send().await;
            // Some press again, at the other instance.
            let again = number % 5 == 0;
            answers.push(if again { person[1 - number % 2].put(mark).send().await } else { first });
        }
        answers
    };
    let blink = async {
        let _ = author.api().post(&format!("/v1/posts/{post}/unpublish")).send().await.expect(200);
        author.publish(&post).await
    };
    let rebuild = async {
        let mut rebuild = system.scope.start("projection-services", &["rebuild", "reactions"]);
        while rebuild.is_running() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let (answers, shown, ()) = tokio::join!(join_all(crowd.iter().enumerate().map(press)), blink, rebuild);
    // Who pressed while it was a draft was told so, and presses again.
    let mut accepted = Vec::new();
    for (answers, person) in answers.into_iter().zip(&crowd) {
        for (answer, mark) in answers.into_iter().zip(&marks) {
            accepted.push(match answer.status {
                404 => person[0].put(mark).send().await.expect(200),
                _ => answer.expect(200),
            });
        }
    }
    for position in [shown.position(), comment.position()] {
        let _ = read(&system.reader(), &path, &position).await;
    }
    let all = CROWD as i64;
    assert_eq!(likes(&system, &path, &accepted).await, [all, all]);

    let half = crowd.iter().step_by(2).flat_map(|person| marks.iter().map(move |mark| (person, mark)));
    let back = join_all(half.map(async |(person, mark)| person[1].delete(mark).send().await.expect(200))).await;
    assert_eq!(likes(&system, &path, &back).await, [all / 2, all / 2]);
    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--verify"]);
    assert_eq!(likes(&system, &path, &back).await, [all / 2, all / 2]);
    assert_eq!(recount(&system, &post).await, [all / 2, all / 2]);
    system.scope.log("reactions").await.assert_whole();
}
