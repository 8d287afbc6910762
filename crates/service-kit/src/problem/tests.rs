use std::collections::HashSet;

use actix_web::body::to_bytes;
use serde_json::{Value, json};

use super::*;

async fn rendered(problem: Problem) -> (HttpResponse<()>, Value) {
    let (head, body) = problem.error_response().into_parts();
    let body = to_bytes(body).await.unwrap();
    (head, serde_json::from_slice(&body).unwrap())
}

#[actix_web::test]
async fn a_problem_is_rfc_9457() {
    let (head, body) = rendered(Problem::version_conflict(7)).await;
    assert_eq!(head.status(), 412);
    assert_eq!(head.headers().get("content-type").unwrap(), "application/problem+json");
    assert_eq!(
        body,
        json!({
            "type": "urn:inklog:problem:version-conflict",
            "title": "It changed meanwhile",
            "status": 412,
            "detail": "it is at version 7 by now: what If-Match names as \"7\"",
            "version": 7,
        })
    );
}

#[actix_web::test]
async fn an_invalid_request_names_its_fields() {
    let (head, body) =
        rendered(Problem::invalid(vec![FieldError::at("/title", "must have 1 to 300 characters")])).await;
    assert_eq!(head.status(), 422);
    assert_eq!(body["detail"], "/title: must have 1 to 300 characters");
    assert_eq!(body["errors"], json!([{"pointer": "/title", "detail": "must have 1 to 300 characters"}]));
}

#[actix_web::test]
async fn headers_go_with_the_kind() {
    let (head, _) = rendered(Problem::unauthorized("no token")).await;
    assert_eq!(head.headers().get("www-authenticate").unwrap(), "Bearer");
    let (head, _) = rendered(Problem::moving(1)).await;
    assert_eq!((head.status().as_u16(), head.headers().get("retry-after").unwrap().as_bytes()), (503, &b"1"[..]));
    let (head, _) = rendered(Problem::method_not_allowed("GET, HEAD")).await;
    assert_eq!(head.headers().get("allow").unwrap(), "GET, HEAD");
}

#[actix_web::test]
async fn an_internal_error_shows_an_incident_and_nothing_else() {
    let (head, body) = rendered(Problem::internal("password of the database is hunter2")).await;
    assert_eq!(head.status(), 500);
    assert!(!body.to_string().contains("hunter2"));
    assert!(body["incident"].as_str().unwrap().parse::<Uuid>().is_ok());
}

#[actix_web::test]
async fn an_unknown_outcome_says_what_to_ask_with() {
    let (head, body) = rendered(Problem::outcome_unknown("abc").with("waited_ms", 5000)).await;
    assert_eq!(head.status(), 504);
    assert_eq!((&body["command_id"], &body["waited_ms"]), (&json!("abc"), &json!(5000)));
}

#[test]
fn kinds_have_names_of_their_own() {
    let names: HashSet<_> = Kind::ALL.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), Kind::ALL.len());
}

#[test]
fn what_is_wrong_with_a_part_is_told_by_where_the_part_is() {
    let one = Problem::invalid(vec![FieldError::at("/title", "is empty")]).within("/change");
    assert_eq!(one.details.errors, [FieldError::at("/change/title", "is empty")]);
    assert_eq!(one.details.detail, "/change/title: is empty");
    let whole =
        Problem::invalid(vec![FieldError::at("", "is none"), FieldError::parameter("a", "b")]).within("/change");
    assert_eq!(whole.details.errors, [FieldError::at("/change", "is none"), FieldError::parameter("a", "b")]);
    assert_eq!(Problem::not_found("it is gone").within("/change").details.detail, "it is gone");
}
