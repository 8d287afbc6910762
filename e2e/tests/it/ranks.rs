//! What readers do makes posts popular and tags trend, and is gone when they take it back: a journey.

use serde_json::json;
use testkit::{Answer, Api, eventually};

use crate::support::members::{Member, PASSWORD};
use crate::support::{Author, PATIENCE, System};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// An answer that reflects what was replied at this position.
async fn after(api: &Api, path: &str, position: &str) -> Answer {
    api.get(path).header("Inklog-Position", position).send().await.expect(200)
}

fn slugs(answer: &Answer) -> Vec<&str> {
    answer.body["posts"].as_array().unwrap().iter().map(|post| post["slug"].as_str().unwrap()).collect()
}

fn tags(answer: &Answer) -> Vec<&str> {
    answer.body["tags"].as_array().unwrap().iter().map(|tag| tag["tag"].as_str().unwrap()).collect()
}

/// A post that everyone can read, which the read model knows: its id.
async fn published(system: &System, author: &Author, slug: &str, title: &str, tags: &[&str]) -> String {
    let body = json!({"title": title, "slug": slug, "tags": tags});
    let id = author.api().post("/v1/posts").json(&body).send().await.expect(201).id();
    let position = author.publish(&id).await.position();
    let _ = system.read(slug, &position).await.expect(200);
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_readers_like_is_popular_until_they_take_it_back() {
    let system = System::behind_gateway(1).await;
    let (author, reader) = (system.author(), system.reader());
    let teapots = published(&system, &author, "teapots", "Teapots of porcelain", &["tea", "china"]).await;
    let cups = published(&system, &author, "cups", "All about cups", &["tea"]).await;
    let _ = published(&system, &author, "porcelain", "A history of porcelain", &["clay"]).await;
    let (ada, bob) = (Member::join(&system, "ada").await, Member::join(&system, "bob").await);

    let like = format!("/v1/me/reactions/post/{cups}/like");
    let liked = ada.commands.put(&like).send().await.expect(200);
    assert_eq!(slugs(&after(&reader, "/v1/popular", &liked.position()).await), ["cups"]);
    let comment = json!({"text": "Well made."});
    let comment = bob.commands.post(&format!("/v1/comments/{teapots}")).json(&comment).send().await.expect(201);
    assert_eq!(slugs(&after(&reader, "/v1/popular", &comment.position()).await), ["teapots", "cups"]);
    let _ = reader.get("/v1/posts/porcelain").header("User-Agent", FIREFOX).send().await.expect(200);
    let all = eventually("who reads is counted, too", PATIENCE, async || {
        let popular = reader.get("/v1/popular").send().await.expect(200);
        (slugs(&popular) == ["teapots", "cups", "porcelain"]).then_some(popular)
    })
    .await;

    assert_eq!(tags(&reader.get("/v1/trending-tags").send().await.expect(200)), ["tea", "clay", "china"]);
    let related = reader.get("/v1/posts/teapots/related").send().await.expect(200);
    // A tag that two of three have tells more than a word of as many.
    assert_eq!(slugs(&related), ["cups", "porcelain"]);

    // A rebuild gives the same order: reads, which are in no log, stay where they are.
    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--verify"]);
    let again = reader.get("/v1/popular").send().await.expect(200);
    assert_eq!(slugs(&again), slugs(&all));
    assert_eq!(slugs(&reader.get("/v1/posts/teapots/related").send().await.expect(200)), slugs(&related));

    let gone = bob.commands.delete(&format!("/v1/comments/{teapots}/1")).send().await.expect(200);
    assert_eq!(slugs(&after(&reader, "/v1/popular", &gone.position()).await), ["cups", "porcelain"]);
    let _ = ada.commands.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    eventually("what a person gave who is forgotten counts no more", PATIENCE, async || {
        let popular = reader.get("/v1/popular").send().await.expect(200);
        (slugs(&popular) == ["porcelain"]).then_some(())
    })
    .await;
    let unpublished = author.api().post(&format!("/v1/posts/{cups}/unpublish")).send().await.expect(200);
    let trending = after(&reader, "/v1/trending-tags", &unpublished.position()).await;
    assert_eq!(tags(&trending)[..2], ["clay", "china"]);
    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--verify"]);
}
