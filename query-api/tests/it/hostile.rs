use crate::support::{Post, Server};

#[tokio::test]
async fn no_request_makes_a_500() {
    let server = Server::start().await;
    Post::called("terms").write(server.pool()).await;
    for path in [
        "/v1/posts?tag=%ff%fe",
        "/v1/posts?author=%00",
        "/v1/posts?from=0000-01-01",
        "/v1/posts?from=9999-12-31T23:59:59.999Z&until=0000-01-01T00:00:00Z",
        "/v1/posts?=",
        "/v1/posts?&&&",
        "/v1/posts?limit=%2B5",
        "/v1/posts?limit=99999999999999999999",
        "/v1/posts/%ff",
        "/v1/posts/..%2f..%2fetc",
        "/v1/authors/%ff?position=%00",
        "/v1/authors?cursor=%00",
        "/v1//posts",
        "/%00",
    ] {
        let answer = server.get(path).await;
        assert!(answer.status < 500, "{path}: {answer:?}");
    }
    for value in ["nonsense", "\"", "\"a\" \"b\""] {
        let answer = server.get_with("/v1/posts", &[("if-none-match", value)]).await;
        assert_eq!(answer.problem(), (400, "malformed"), "{value}");
    }
}

#[tokio::test]
async fn ids_are_kept_and_metrics_are_not_for_readers() {
    let server = Server::start().await;
    let answer = server.get_with("/v1/tags", &[("x-request-id", "abc")]).await;
    assert_eq!(answer.header("x-request-id"), "abc");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(server.get("/metrics").await.status, 404);
}
