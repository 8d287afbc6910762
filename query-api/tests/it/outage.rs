use std::time::{Duration, Instant};

use crate::support::{LOG, Post, Server};

#[tokio::test]
async fn without_the_database_queries_are_503_and_recover_by_themselves() {
    let (server, proxy) = Server::behind(&[]).await;
    Post::called("terms").write(server.pool()).await;
    assert_eq!(server.get("/v1/posts/terms").await.status, 200);
    assert_eq!(server.get("/readyz").await.status, 200);
    proxy.cut();
    for path in ["/v1/posts", "/v1/posts/terms", "/v1/authors", "/v1/tags"] {
        let began = Instant::now();
        let answer = server.get(path).await;
        assert_eq!(answer.problem(), (503, "unavailable"), "{path}");
        assert_eq!(answer.header("retry-after"), "1");
        assert!(!answer.body.to_string().contains("127.0.0.1"), "{answer:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
    let ready = server.get("/readyz").await;
    assert_eq!((ready.status, &ready.body["checks"][0]["name"]), (503, &"postgres".into()));
    assert_eq!(server.get("/healthz").await.status, 200);
    proxy.mend();
    let mut answer = server.get("/v1/posts/terms").await;
    for _ in 0..20 {
        if answer.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = server.get("/v1/posts/terms").await;
    }
    assert_eq!(answer.status, 200, "{answer:?}");
    server.close().await;
}

#[tokio::test]
async fn what_was_announced_during_an_outage_is_known_after_it() {
    let (server, proxy) = Server::behind(&["--wait-ms", "5000"]).await;
    server.advance(7, LOG).await;
    assert_eq!(server.get(&format!("/v1/posts?position={}", Server::position(6, LOG))).await.status, 200);
    proxy.cut();
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.advance(8, LOG).await;
    proxy.mend();
    let answer = server.get(&format!("/v1/posts?position={}", Server::position(7, LOG))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// What one reader asks for may be too much: that is said, and nothing of the database.
#[tokio::test]
async fn a_statement_that_takes_too_long_is_not_a_database_that_does_not_answer() {
    let server = Server::start().await;
    let mut slow = server.pool().begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE content.posts IN ACCESS EXCLUSIVE MODE").execute(&mut *slow).await.unwrap();
    let answer = server.get("/v1/posts").await;
    assert_eq!(answer.problem(), (503, "unavailable"));
    assert_eq!(answer.body["detail"], "that takes too long at the moment", "{answer:?}");
    slow.rollback().await.unwrap();
    assert_eq!(server.get("/v1/posts").await.status, 200);
}
