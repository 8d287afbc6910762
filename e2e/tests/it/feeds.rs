//! What is new of what a reader follows: a journey.

use serde_json::{Value, json};
use testkit::eventually;
use uuid::Uuid;

use crate::support::members::{Member, PASSWORD};
use crate::support::{PATIENCE, System, unique};

impl Member {
    async fn publishes(&self, body: Value) -> (String, String) {
        let id = self.commands.post("/v1/posts").json(&body).send().await.expect(201).id();
        let published = self.commands.post(&format!("/v1/posts/{id}/publish")).send().await.expect(200);
        (id, published.position())
    }

    async fn puts(&self, path: &str) -> String {
        self.commands.put(path).send().await.expect(200).position()
    }

    async fn takes_back(&self, path: &str) -> String {
        self.commands.delete(path).send().await.expect(200).position()
    }

    /// The feed, read in pages of one post to its end; the first one waits for a position.
    async fn feed(&self, position: &str) -> Vec<String> {
        let first = self.queries.get("/v1/me/feed?limit=1").header("Inklog-Position", position);
        let (mut page, mut ids) = (first.send().await.expect(200), Vec::new());
        loop {
            let posts = page.body["posts"].as_array().unwrap();
            ids.extend(posts.iter().map(|post| post["id"].as_str().unwrap().to_owned()));
            let Some(next) = page.body["next"].as_str() else { return ids };
            page = self.queries.get(&format!("/v1/me/feed?limit=1&cursor={next}")).send().await.expect(200);
        }
    }

    /// What is followed and what is written are of several partitions, and each position is of one.
    async fn sees(&self, position: &str, expected: &[&str]) {
        let what = format!("a feed of {} posts", expected.len());
        eventually(&what, PATIENCE, async || (self.feed(position).await == expected).then_some(())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_has_what_is_followed_while_it_is_and_while_it_is_there() {
    let system = System::behind_gateway(1).await;
    let (ada, bob) = (Member::join(&system, "ada").await, Member::join(&system, "bob").await);
    let editor = system.person(Uuid::new_v4(), "editor");
    let editor = editor.api();
    let (tag, other) = (unique("feed"), unique("feeds"));
    let (first, _) = bob.publishes(json!({"title": "Before", "slug": unique("before")})).await;
    let followed = ada.puts(&format!("/v1/me/following/{}", bob.id)).await;
    // What was there before is in it.
    ada.sees(&followed, &[&first]).await;
    let (second, position) = bob.publishes(json!({"title": "After", "slug": unique("after")})).await;
    ada.sees(&position, &[&second, &first]).await;

    // A tag is followed under each of its names, and a post that is in it twice is there once.
    let author = system.author();
    let third = author.draft(&unique("tagged"), &[other.as_str()]).await.id();
    let position = author.publish(&third).await.position();
    ada.sees(&position, &[&second, &first]).await;
    let _ = ada.puts(&format!("/v1/me/following/tags/{tag}")).await;
    let merge = editor.put(&format!("/v1/tags/{tag}")).json(&json!({"description": "On feeds."})).send().await;
    let _ = merge.expect(200);
    let merge = editor.post(&format!("/v1/tags/{other}/merge")).json(&json!({"into_tag": tag})).send().await;
    ada.sees(&merge.expect(200).position(), &[&third, &second, &first]).await;

    // A category is followed with what is below it, and a series as it is.
    let category = async |body: Value| editor.post("/v1/categories").json(&body).send().await.expect(201).id();
    let above = category(json!({"name": "Above", "slug": unique("above")})).await;
    let below = category(json!({"name": "Below", "slug": unique("below"), "parent_id": above})).await;
    let draft = json!({"title": "Sorted", "slug": unique("sorted"), "category_ids": [below]});
    let fourth = author.api().post("/v1/posts").json(&draft).send().await.expect(201).id();
    let _ = author.publish(&fourth).await;
    let position = ada.puts(&format!("/v1/me/following/categories/{above}")).await;
    ada.sees(&position, &[&fourth, &third, &second, &first]).await;

    // What is taken back goes, in any way that it can.
    let gone = bob.commands.post(&format!("/v1/posts/{second}/unpublish")).send().await.expect(200).position();
    ada.sees(&gone, &[&fourth, &third, &first]).await;
    let unfollowed = ada.takes_back(&format!("/v1/me/following/{}", bob.id)).await;
    ada.sees(&unfollowed, &[&fourth, &third]).await;
    let moved = editor.post(&format!("/v1/categories/{below}/move")).json(&json!({"parent_id": null})).send().await;
    ada.sees(&moved.expect(200).position(), &[&third]).await;

    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--verify"]);
    let again = ada.puts(&format!("/v1/me/following/{}", bob.id)).await;
    ada.sees(&again, &[&third, &first]).await;
    // A Redis that was flushed is not missed.
    system.scope.empty_redis().await;
    assert_eq!(ada.feed(&again).await, [third.as_str(), &first]);

    // Who is forgotten follows nothing any more, and no one else sees a feed of theirs.
    let _ = system.reader().get("/v1/me/feed").send().await.problem(401, "unauthorized");
    let _ = ada.commands.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    eventually("all that is followed is ended", PATIENCE, async || {
        let answer = ada.queries.get("/v1/me/feed").send().await;
        (answer.status == 401 || answer.body["posts"].as_array().is_some_and(Vec::is_empty)).then_some(())
    })
    .await;
}
