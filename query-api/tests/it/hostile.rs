use serde_json::Value;
use uuid::Uuid;

use crate::support::{Author, Category, Post, Series, Server};

#[tokio::test]
async fn no_request_makes_a_500() {
    let server = Server::start().await;
    Post { tags: vec!["terms"], ..Post::called("terms") }.write(server.pool()).await;
    Category::called("terms").write(server.pool()).await;
    Series::called("terms").write(server.pool()).await;
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

/// No parameter of any route, in its path or behind it, has a value that is answered in a way that is not described.
#[tokio::test]
async fn whatever_a_parameter_says_the_answer_is_one_that_is_described() {
    let server = Server::start().await;
    Post { tags: vec!["terms"], ..Post::called("terms") }.write(server.pool()).await;
    Category::called("terms").write(server.pool()).await;
    Series::called("terms").write(server.pool()).await;
    Author::write(server.pool(), Uuid::from_u128(1), "ada", 1).await;
    let token = server.token(Uuid::from_u128(1), &[]);
    let description: Value = serde_json::from_str(&query_api::openapi::text()).unwrap();
    let long = "x".repeat(3000);
    let mut asked = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        for parameter in parameters.iter().filter(|parameter| parameter["in"] != "header") {
            let name = parameter["name"].as_str().unwrap();
            for value in [
                "",
                "%00",
                "a%00b",
                "%ff%fe",
                "-1",
                "0",
                "-9223372036854775808",
                "9223372036854775808",
                "1e999",
                "null",
                "%F0%9F%92%A9",
                "%27%3B--",
                "..%2f..",
                "0000-01-01",
                "-0001-01-01T00:00:00Z",
                "0000-01-01T00:00:00%2B23:59",
                "9999-12-31T23:59:59-23:59",
                "+292278994-08-17T07:12:55.807Z",
                &long,
            ] {
                let in_path = path.replace(&format!("{{{name}}}"), value);
                let address = if in_path == *path { format!("{path}?{name}={value}") } else { in_path };
                let address = crate::support::filled(&address);
                let answer = server.get_with(&address, &[("authorization", &token)]).await;
                let described = item["get"]["responses"].as_object().unwrap();
                let is_described = described.contains_key(&answer.status.to_string()) && answer.status < 500;
                assert!(is_described || address.ends_with('/'), "{address}: {answer:?}");
                asked += 1;
            }
        }
    }
    assert!(asked > 300, "{asked}");
}
