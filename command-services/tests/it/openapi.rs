//! `/openapi.json`. That every answer seen in any test is in it, `support` checks.

use std::path::Path;

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
