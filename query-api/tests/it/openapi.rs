use std::path::Path;

use serde_json::Value;

use crate::support::Server;

const GOLDEN: &str = "openapi.json";
const SCHEMA: &str = "/v1/me/preferences/schema";

#[test]
fn the_description_is_the_golden_file() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, query_api::openapi::text()).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(golden == query_api::openapi::text(), "the interface changed: if on purpose, run with UPDATE_GOLDEN=1");
}

#[test]
fn what_is_referred_to_is_there() {
    let text = query_api::openapi::text();
    let document: Value = serde_json::from_str(&text).unwrap();
    for reference in text.split("\"$ref\":\"#").skip(1).chain(text.split("\"$ref\": \"#").skip(1)) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn the_description_is_served_and_says_how_every_route_fails() {
    let server = Server::start().await;
    let answer = server.get("/openapi.json").await;
    assert_eq!(answer.body["openapi"], "3.1.0");
    let golden: Value = serde_json::from_str(&query_api::openapi::text()).unwrap();
    assert_eq!(answer.body, golden);
    let paths = answer.body["paths"].as_object().unwrap();
    for (path, item) in paths {
        let responses = item["get"]["responses"].as_object().unwrap();
        // What is the same for all waits for no position and asks no database.
        let of_rows: &[&str] = if path == SCHEMA { &[] } else { &["409", "422", "503"] };
        for status in ["200", "304", "400", "405", "500"].iter().chain(of_rows) {
            assert!(responses.contains_key(*status), "{path} {status}");
        }
        let problem = &responses["500"]["content"]["application/problem+json"]["schema"]["$ref"];
        assert_eq!(problem, "#/components/schemas/ProblemDetails", "{path}");
    }
    server.close().await;
}
