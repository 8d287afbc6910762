//! Tags whose names stand for each other: `/v1/tags`, and posts with them.

use serde_json::{Value, json};

use crate::support::{Post, Server, TagName};

/// `js` and `ecmascript` are `javascript`; `rust` is described, and `tea` is not.
async fn server() -> Server {
    let server = Server::start().await;
    for (name, tag, description) in [
        ("javascript", "javascript", "Runs in browsers."),
        ("js", "javascript", ""),
        ("ecmascript", "javascript", ""),
        ("rust", "rust", "Does not."),
        ("unused", "unused", "Said of no post."),
    ] {
        TagName::write(server.pool(), name, tag, description).await;
    }
    let posts = [
        ("one", 1, vec!["js", "javascript", "tea"]),
        ("two", 2, vec!["ecmascript", "rust"]),
        ("three", 3, vec!["tea", "rust", "other"]),
        ("four", 4, vec!["rust"]),
    ];
    for (slug, at, tags) in posts {
        Post { tags, published_at: Some(at), ..Post::called(slug) }.write(server.pool()).await;
    }
    server
}

fn slugs(body: &Value) -> Vec<&str> {
    body["posts"].as_array().unwrap().iter().map(|post| post["slug"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_names_of_a_tag_are_counted_together_and_each_post_once() {
    let server = server().await;
    let answer = server.get("/v1/tags").await;
    let tags = answer.body["tags"].as_array().unwrap();
    let count = |tag: &Value| (tag["tag"].as_str().unwrap().to_owned(), tag["posts"].as_u64().unwrap());
    let counts: Vec<_> = tags.iter().map(count).collect();
    let expected = [("rust", 3), ("javascript", 2), ("tea", 2), ("other", 1)];
    assert_eq!(counts, expected.map(|(tag, posts)| (tag.to_owned(), posts)));
    let first = json!({"tag": "javascript", "posts": 2, "description": "Runs in browsers.",
        "synonyms": ["ecmascript", "js"]});
    assert_eq!(tags[1], first);
    assert_eq!(tags[2], json!({"tag": "tea", "posts": 2, "description": "", "synonyms": []}));
    let few = server.get("/v1/tags?limit=2").await;
    assert_eq!(few.body["tags"].as_array().unwrap().len(), 2);
    assert_eq!(few.body["tags"][0]["tag"], "rust");
    server.close().await;
}

#[tokio::test]
async fn a_tag_is_read_by_its_present_name() {
    let server = server().await;
    let tag = server.get("/v1/tags/javascript").await;
    assert_eq!((tag.status, &tag.body["posts"], &tag.body["synonyms"]), (200, &json!(2), &json!(["ecmascript", "js"])));
    assert_eq!(server.get("/v1/tags/unused").await.body["posts"], 0);
    for (asked, present) in [("js", "javascript"), ("JS", "javascript"), ("RUST", "rust")] {
        let answer = server.get(&format!("/v1/tags/{asked}")).await;
        assert_eq!((answer.status, answer.header("location")), (301, &*format!("/v1/tags/{present}")));
    }
    for nothing in ["never", "no--tag"] {
        assert_eq!(server.get(&format!("/v1/tags/{nothing}")).await.problem(), (404, "not-found"));
    }
}

#[tokio::test]
async fn posts_are_listed_by_all_names_of_a_tag() {
    let server = server().await;
    let all = server.get("/v1/posts?tag=javascript&limit=1").await;
    assert_eq!(slugs(&all.body), ["two"]);
    let next = all.body["next"].as_str().unwrap();
    assert_eq!(slugs(&server.get(&format!("/v1/posts?tag=JavaScript&cursor={next}")).await.body), ["one"]);
    assert_eq!(slugs(&server.get("/v1/posts?tag=rust").await.body), ["four", "three", "two"]);
    let moved = server.get("/v1/posts?tag=js&limit=5").await;
    assert_eq!((moved.status, moved.header("location")), (301, "/v1/posts?limit=5&tag=javascript"));
    assert!(slugs(&server.get("/v1/posts?tag=never").await.body).is_empty());
}

#[tokio::test]
async fn a_post_shows_what_its_tags_stand_for_by_now() {
    let server = server().await;
    let answer = server.get("/v1/posts/one").await;
    assert_eq!(answer.body["tags"], json!(["javascript", "tea"]), "each once, in the author's order");
    TagName::write(server.pool(), "tea", "drinks", "").await;
    let again = server.get_with("/v1/posts/one", &[("if-none-match", answer.header("etag"))]).await;
    assert_eq!((again.status, &again.body["tags"]), (200, &json!(["javascript", "drinks"])));
    assert_eq!(server.get("/v1/posts?limit=1").await.body["posts"][0]["tags"], json!(["rust"]));
}
