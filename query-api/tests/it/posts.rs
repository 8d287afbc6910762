use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, Author, Post, Server};

fn slugs(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["posts"].as_array().unwrap().iter().map(|post| post["slug"].as_str().unwrap()).collect()
}

/// Posts a, b, … published at 1000, 2000, … seconds.
async fn write(server: &Server, slugs: &[&str]) {
    for (n, slug) in (1..).zip(slugs) {
        Post { published_at: Some(n * 1000), ..Post::called(slug) }.write(server.pool()).await;
    }
}

#[tokio::test]
async fn a_post_is_listed_with_its_people() {
    let server = Server::start().await;
    Author::write(server.pool(), Uuid::from_u128(1), "Ada", 1).await;
    let post = Post { co_authors: vec![Uuid::from_u128(2)], tags: vec!["kafka"], ..Post::called("terms") };
    let post = post.write(server.pool()).await;
    let answer = server.get("/v1/posts").await;
    assert_eq!(
        answer.body,
        json!({
            "posts": [{
                "id": post.id, "slug": "terms", "title": "Title of terms", "summary": "A summary.", "tags": ["kafka"],
                "categories": [],
                "author": {"id": Uuid::from_u128(1), "user_name": "Ada", "display_name": "Ada v1"},
                "co_authors": [{"id": Uuid::from_u128(2), "user_name": null, "display_name": null}],
                "cover": null, "language": null, "visibility": "public", "featured": false, "archived": false,
                "published_at": "2023-11-14T22:13:20.000Z", "updated_at": "2023-01-02T00:00:00.000Z", "version": 2,
                "reactions": {}, "shares": {}, "comments_count": 0,
            }],
            "next": null,
        })
    );
    assert_eq!(answer.header("cache-control"), "public, no-cache");
    assert_eq!(answer.header("content-type"), "application/json");
    server.close().await;
}

#[tokio::test]
async fn only_published_posts_are_listed_newest_first() {
    let server = Server::start().await;
    write(&server, &["a", "b", "c"]).await;
    Post::draft("draft").write(server.pool()).await;
    Post { deleted: true, tags: vec!["x"], ..Post::called("deleted") }.write(server.pool()).await;
    Post { published: false, tags: vec!["x"], ..Post::called("unpublished") }.write(server.pool()).await;
    assert_eq!(slugs(&server.get("/v1/posts").await), ["c", "b", "a"]);
    assert_eq!(slugs(&server.get("/v1/posts?tag=x").await), [""; 0]);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let server = Server::start().await;
    write(&server, &["a", "b", "c", "d", "e"]).await;
    // Two that only their ids tell apart.
    Post { published_at: Some(3000), ..Post::called("c-twin") }.write(server.pool()).await;
    let (mut path, mut seen) = ("/v1/posts?limit=2".to_owned(), Vec::new());
    loop {
        let answer = server.get(&path).await;
        seen.extend(slugs(&answer).into_iter().map(str::to_owned));
        let link = answer.header("link");
        let Some(next) = answer.body["next"].as_str() else {
            assert_eq!(link, "");
            break;
        };
        assert_eq!(link, format!("</v1/posts?limit=2&cursor={next}>; rel=\"next\""));
        path = format!("/v1/posts?limit=2&cursor={next}");
        // What is published meanwhile does not shift the pages.
        Post { published_at: Some(9000), ..Post::called(&format!("new-{}", seen.len())) }.write(server.pool()).await;
    }
    seen[2..4].sort();
    assert_eq!(seen, ["e", "d", "c", "c-twin", "b", "a"]);
}

#[tokio::test]
async fn filters_narrow_the_list_and_combine() {
    let server = Server::start().await;
    let (ada, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
    Author::write(server.pool(), ada, "Ada", 1).await;
    Author::write(server.pool(), bob, "bob", 1).await;
    for (slug, author, co_authors, tags, at) in [
        ("one", ada, vec![], vec!["kafka"], 86_400),
        ("two", bob, vec![ada], vec!["kafka", "redis"], 2 * 86_400),
        ("three", bob, vec![], vec!["redis"], 3 * 86_400),
    ] {
        Post { author, co_authors, tags, published_at: Some(at), ..Post::called(slug) }.write(server.pool()).await;
    }
    for (query, expected) in [
        ("tag=kafka", vec!["two", "one"]),
        ("author=ADA", vec!["two", "one"]),
        ("author=bob", vec!["three", "two"]),
        ("author=bob&tag=kafka", vec!["two"]),
        ("from=1970-01-03", vec!["three", "two"]),
        ("until=1970-01-03T00:00:00Z", vec!["one"]),
        ("from=1970-01-02T01:00:00%2B01:00&until=1970-01-04&tag=redis", vec!["two"]),
        ("tag=Kafka", vec!["two", "one"]),
        ("tag=unknown", vec![]),
    ] {
        assert_eq!(slugs(&server.get(&format!("/v1/posts?{query}")).await), expected, "{query}");
    }
}

#[tokio::test]
async fn a_cursor_fits_only_its_own_list() {
    let server = Server::start().await;
    for slug in ["a", "b", "c"] {
        Post { tags: vec!["kafka"], ..Post::called(slug) }.write(server.pool()).await;
    }
    let next = server.get("/v1/posts?tag=kafka&limit=1").await.body["next"].as_str().unwrap().to_owned();
    assert_eq!(slugs(&server.get(&format!("/v1/posts?limit=2&tag=kafka&cursor={next}")).await).len(), 2);
    for query in [format!("cursor={next}"), format!("tag=redis&cursor={next}"), "cursor=nonsense".into()] {
        let answer = server.get(&format!("/v1/posts?{query}")).await;
        assert_eq!(answer.problem(), (422, "invalid"));
        assert_eq!(answer.body["errors"][0]["parameter"], "cursor");
    }
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let server = Server::start().await;
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("from=yesterday", "from"),
        ("until=2026-02-30", "until"),
        ("tga=x", "tga"),
        ("tag=No%20Tag%00", "tag"),
        ("tag=", "tag"),
        ("tag=a&tag=b", "tag"),
        ("position=nonsense", "position"),
    ] {
        let answer = server.get(&format!("/v1/posts?{query}")).await;
        assert_eq!(answer.problem(), (422, "invalid"), "{query}");
        assert_eq!(answer.body["errors"][0]["parameter"], parameter, "{query}");
    }
}

#[tokio::test]
async fn who_has_the_list_gets_304_until_it_changes() {
    let server = Server::start().await;
    write(&server, &["a"]).await;
    let etag = server.get("/v1/posts").await.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.len() > 10, "{etag}");
    let answer = server.get_with("/v1/posts", &[("if-none-match", &etag)]).await;
    assert_eq!((answer.status, answer.bytes, answer.header("etag")), (304, 0, etag.as_str()));
    write(&server, &["b"]).await;
    let answer = server.get_with("/v1/posts", &[("if-none-match", &etag)]).await;
    assert_eq!(answer.status, 200);
    assert_ne!(answer.header("etag"), etag);
}

#[tokio::test]
async fn head_is_get_without_the_body_and_other_methods_are_refused() {
    let server = Server::start().await;
    write(&server, &["a"]).await;
    let (get, head) = (server.get("/v1/posts").await, server.ask(Method::HEAD, "/v1/posts", &[]).await);
    assert_eq!((head.status, head.bytes), (200, 0));
    assert_eq!(head.header("etag"), get.header("etag"));
    assert_eq!(head.header("content-length"), get.bytes.to_string());
    let answer = server.ask(Method::POST, "/v1/posts", &[]).await;
    assert_eq!(answer.problem(), (405, "method-not-allowed"));
    assert_eq!(answer.header("allow"), "GET, HEAD");
    assert_eq!(server.get("/v1/nothing").await.problem(), (404, "no-such-address"));
}
