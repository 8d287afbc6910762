use redis::AsyncCommands as _;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, LOG, Post, Server};

fn tags(answer: &Answer) -> Vec<(&str, u64)> {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["tag"].as_str().unwrap(), entry["posts"].as_u64().unwrap()))
        .collect()
}

/// In Postgres: b 2, a 1, c 1.
async fn write(server: &Server) {
    Post { tags: vec!["a", "b"], ..Post::called("one") }.write(server.pool()).await;
    Post { tags: vec!["b", "c"], ..Post::called("two") }.write(server.pool()).await;
    Post { tags: vec!["secret"], ..Post::draft("draft") }.write(server.pool()).await;
}

/// In Redis: other numbers, so that it shows who was asked.
async fn list_in_redis(server: &Server, next_offset: i64, log_id: Uuid) {
    let mut redis = server.redis().await;
    let key = |name: &str| format!("{}:lists:{name}", server.redis_prefix);
    let position = json!({"log_id": log_id, "next_offset": next_offset, "term": 1, "next_seq": 1}).to_string();
    let _: () = redis.hset(key("positions"), "posts/0", position).await.unwrap();
    for (tag, posts) in [("b", 20), ("a", 10), ("c", 10)] {
        let _: () = redis.zadd(key("tags"), tag, posts).await.unwrap();
    }
    let sizes = [("at", next_offset), ("tags", 3), ("parked", 0)];
    let _: () = redis.hset_multiple(key("sizes"), &sizes).await.unwrap();
    for name in ["positions", "tags", "sizes"] {
        let _: () = redis.expire(key(name), 60).await.unwrap();
    }
}

/// Waits until the server has heard of a position.
async fn heard(server: &Server, next_offset: i64) {
    server.advance(next_offset, LOG).await;
    let answer = server.get(&format!("/v1/posts?position={}", Server::position(next_offset - 1, LOG))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn tags_are_counted_most_used_first() {
    let server = Server::start().await;
    write(&server).await;
    let answer = server.get("/v1/tags").await;
    assert_eq!(tags(&answer), [("b", 2), ("a", 1), ("c", 1)]);
    assert_eq!(server.get_with("/v1/tags", &[("if-none-match", answer.header("etag"))]).await.status, 304);
    assert_eq!(tags(&server.get("/v1/tags?limit=1").await), [("b", 2)]);
    for query in ["limit=0", "limit=1001", "tag=x"] {
        assert_eq!(server.get(&format!("/v1/tags?{query}")).await.problem(), (422, "invalid"), "{query}");
    }
    server.close().await;
}

#[tokio::test]
async fn redis_answers_when_it_is_as_far_as_postgres() {
    let server = Server::start().await;
    write(&server).await;
    heard(&server, 7).await;
    list_in_redis(&server, 7, LOG).await;
    assert_eq!(tags(&server.get("/v1/tags").await), [("b", 20), ("a", 10), ("c", 10)]);
    assert_eq!(tags(&server.get("/v1/tags?limit=2").await).len(), 2);
}

#[tokio::test]
async fn redis_is_not_believed_when_it_is_behind_or_empty_or_of_another_log() {
    let server = Server::start().await;
    write(&server).await;
    let counted = [("b", 2), ("a", 1), ("c", 1)];
    heard(&server, 7).await;
    assert_eq!(tags(&server.get("/v1/tags").await), counted, "empty");
    list_in_redis(&server, 6, LOG).await;
    assert_eq!(tags(&server.get("/v1/tags").await), counted, "behind");
    list_in_redis(&server, 7, Uuid::from_u128(9)).await;
    assert_eq!(tags(&server.get("/v1/tags").await), counted, "another log");
}

#[tokio::test]
async fn redis_is_not_believed_when_it_has_lost_a_key_or_parked_an_event() {
    let server = Server::start().await;
    write(&server).await;
    heard(&server, 7).await;
    let (counted, listed) = ([("b", 2), ("a", 1), ("c", 1)], [("b", 20), ("a", 10), ("c", 10)]);
    let mut redis = server.redis().await;
    for lost in ["tags", "sizes", "positions"] {
        list_in_redis(&server, 7, LOG).await;
        assert_eq!(tags(&server.get("/v1/tags").await), listed, "{lost} is there");
        let _: () = redis.del(format!("{}:lists:{lost}", server.redis_prefix)).await.unwrap();
        assert_eq!(tags(&server.get("/v1/tags").await), counted, "{lost} is gone");
    }
    list_in_redis(&server, 7, LOG).await;
    let parked = format!("{}:lists:parked", server.redis_prefix);
    let _: () = redis.hset(&parked, "posts/0/3", "{}").await.unwrap();
    let _: () = redis.expire(&parked, 60).await.unwrap();
    assert_eq!(tags(&server.get("/v1/tags").await), counted, "an event is parked");
    let _: () = redis.del(&parked).await.unwrap();
    assert_eq!(tags(&server.get("/v1/tags").await), listed);
    let _: () = redis.hset(format!("{}:lists:sizes", server.redis_prefix), "parked", 1).await.unwrap();
    assert_eq!(tags(&server.get("/v1/tags").await), counted, "what was parked is lost");
}

#[tokio::test]
async fn without_redis_postgres_answers() {
    // Nothing listens at that port.
    let server = Server::with(&["--redis-url", "redis://127.0.0.1:1"]).await;
    write(&server).await;
    heard(&server, 7).await;
    for _ in 0..3 {
        assert_eq!(tags(&server.get("/v1/tags").await), [("b", 2), ("a", 1), ("c", 1)]);
    }
    assert_eq!(server.get("/readyz").await.status, 200);
}
