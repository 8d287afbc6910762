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
async fn the_document_is_served_and_has_every_command() {
    let answer = Server::shared().await.api().get("/openapi.json").send().await.expect(200);
    assert_eq!(answer.body["openapi"], "3.1.0");
    let paths = answer.body["paths"].as_object().unwrap();
    let operations: Vec<String> = paths
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| format!("{method} {path}")))
        .collect();
    let expected = [
        "get /.well-known/jwks.json",
        "post /v1/register",
        "get /v1/sessions",
        "post /v1/sessions",
        "delete /v1/sessions",
        "post /v1/sessions/refresh",
        "post /v1/sessions/second-factor",
        "delete /v1/sessions/current",
        "delete /v1/sessions/{id}",
        "post /v1/email/confirm",
        "post /v1/password/forgot",
        "post /v1/password/reset",
        "post /v1/me/password",
        "post /v1/me/email",
        "post /v1/me/email/verification",
        "get /v1/me/second-factor",
        "post /v1/me/second-factor",
        "post /v1/me/second-factor/confirm",
        "post /v1/me/second-factor/recovery-codes",
        "post /v1/me/second-factor/remove",
        "post /v1/me/user-name",
        "post /v1/me/deactivate",
        "delete /v1/accounts/{id}/second-factor",
        "patch /v1/me/preferences",
        "put /v1/me/following/{id}",
        "delete /v1/me/following/{id}",
        "put /v1/accounts/{id}/roles/{role}",
        "delete /v1/accounts/{id}",
        "delete /v1/accounts/{id}/roles/{role}",
        "delete /v1/me",
        "get /v1/me/export",
        "post /v1/accounts/{id}/reactivate",
        "post /v1/accounts",
        "put /v1/accounts/{id}",
        "patch /v1/accounts/{id}",
        "post /v1/posts",
        "put /v1/posts/{id}",
        "delete /v1/posts/{id}",
        "patch /v1/posts/{id}",
        "post /v1/posts/{id}/publish",
        "post /v1/posts/{id}/restore",
        "post /v1/posts/{id}/unpublish",
    ];
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    assert_eq!(sorted(operations), sorted(expected.map(str::to_owned).to_vec()));
}
