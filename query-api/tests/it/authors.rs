use serde_json::json;
use uuid::Uuid;

use crate::support::{Author, Post, Server};

#[tokio::test]
async fn an_author_is_read_whatever_the_case() {
    let server = Server::start().await;
    let (ada, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
    Author::write(server.pool(), ada, "Ada.L", 3).await;
    Post { author: ada, ..Post::called("own") }.write(server.pool()).await;
    Post { author: bob, co_authors: vec![ada], ..Post::called("shared") }.write(server.pool()).await;
    Post { author: ada, ..Post::draft("draft") }.write(server.pool()).await;
    for name in ["Ada.L", "ada.l", "ADA.L"] {
        let answer = server.get(&format!("/v1/authors/{name}")).await;
        assert_eq!(
            answer.body,
            json!({
                "id": ada, "user_name": "Ada.L", "display_name": "Ada.L v3", "bio": "A bio.", "image_url": "",
                "registered_at": "2022-03-04T05:06:07.089Z", "posts": 2,
                "followers_count": 0, "following_count": 0, "series_count": 0, "comments_count": 0, "version": 3,
            })
        );
        let again = server.get_with("/v1/authors/ada.l", &[("if-none-match", answer.header("etag"))]).await;
        assert_eq!(again.status, 304);
    }
    server.close().await;
}

#[tokio::test]
async fn authors_are_listed_by_name_in_pages() {
    let server = Server::start().await;
    for (n, name) in (1..).zip(["Carl", "ada", "Bob", "dora", "Eve"]) {
        Author::write(server.pool(), Uuid::from_u128(n), name, 1).await;
    }
    Post { author: Uuid::from_u128(2), ..Post::called("own") }.write(server.pool()).await;
    let (mut path, mut seen) = ("/v1/authors?limit=2".to_owned(), Vec::new());
    loop {
        let answer = server.get(&path).await;
        for author in answer.body["authors"].as_array().unwrap() {
            seen.push((author["user_name"].as_str().unwrap().to_owned(), author["posts"].as_u64().unwrap()));
        }
        let Some(next) = answer.body["next"].as_str() else { break };
        path = format!("/v1/authors?limit=2&cursor={next}");
        assert_eq!(answer.header("link"), format!("<{path}>; rel=\"next\""));
    }
    let expected = [("ada", 1), ("Bob", 0), ("Carl", 0), ("dora", 0), ("Eve", 0)];
    assert_eq!(seen, expected.map(|(name, posts)| (name.to_owned(), posts)));
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let server = Server::start().await;
    for slug in ["a", "b"] {
        Post::called(slug).write(server.pool()).await;
    }
    let next = server.get("/v1/posts?limit=1").await.body["next"].as_str().unwrap().to_owned();
    assert_eq!(server.get(&format!("/v1/authors?cursor={next}")).await.problem(), (422, "invalid"));
    assert_eq!(server.get("/v1/authors?name=x").await.body["errors"][0]["parameter"], "name");
}
