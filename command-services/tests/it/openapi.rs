//! `/openapi.json`. That every answer seen in any test is in it, `support` checks.

use std::path::Path;

use serde_json::Value;

use crate::support::Server;

const GOLDEN: &str = "openapi.json";

#[test]
fn the_document_is_the_golden_file() {
    let (file, document) = (Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN), command_services::openapi::document());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, format!("{document}\n")).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(golden.trim_end() == document, "the interface changed: if on purpose, run with UPDATE_GOLDEN=1");
}

#[tokio::test]
async fn the_document_is_served() {
    let answer = Server::shared().await.api().get("/openapi.json").send().await.expect(200);
    assert_eq!(answer.text, command_services::openapi::document());
}

/// The operations of the document: each with its method, its path and what it can answer, by status.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let operations = item.as_object().unwrap().clone();
        operations.into_iter().map(|(method, operation)| (format!("{method} {path}"), operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// A response, or the component that stands for it.
fn resolved<'a>(document: &'a Value, response: &'a Value) -> &'a Value {
    match response["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => response,
    }
}

#[test]
fn every_answer_that_can_say_what_is_left_of_a_quota_is_described_so() {
    let document: Value = serde_json::from_str(&command_services::openapi::document()).unwrap();
    for (name, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let headers = &resolved(&document, response)["headers"];
            assert!(headers["RateLimit"].is_object() && headers["RateLimit-Policy"].is_object(), "{name} {status}");
            let comes_again = ["429", "503"].contains(&status.as_str());
            assert_eq!(headers["Retry-After"].is_object(), comes_again, "{name} {status}");
        }
    }
}

#[test]
fn a_patch_is_a_merge_patch_and_nothing_else_is() {
    let document: Value = serde_json::from_str(&command_services::openapi::document()).unwrap();
    for (name, operation) in operations(&document) {
        let Some(bodies) = operation["requestBody"]["content"].as_object() else { continue };
        let types: Vec<&str> = bodies.keys().map(String::as_str).collect();
        let expected: &[&str] = match name.as_str() {
            "post /v1/bulk" => &["application/x-ndjson"],
            // Its body is the bytes of a picture or a file.
            "post /v1/media" => &["application/octet-stream"],
            name if name.starts_with("patch") => &["application/json", "application/merge-patch+json"],
            _ => &["application/json"],
        };
        assert_eq!(types, expected, "{name}");
    }
}
