use actix_web::body::to_bytes;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::Bytes;
use actix_web::{App, web};
use domain::values::{Tag, Title};
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only parsed")]
struct Draft {
    title: Title,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    pinned: bool,
}

fn fault(text: &str) -> (u16, Value) {
    let details = parse::<Draft>(text.as_bytes()).unwrap_err().details().clone();
    let shown = if details.errors.is_empty() { json!(details.extensions) } else { json!(details.errors) };
    (details.status, shown)
}

#[test]
fn a_good_body_is_taken() {
    let draft: Draft = parse(br#"{"title": " Terms ", "tags": ["kafka"]} "#).unwrap();
    assert_eq!(draft.title.as_str(), "Terms");
}

#[test]
fn what_is_wrong_is_named() {
    for (text, pointer, detail) in [
        (r#"{"title":"a","titel":"b"}"#, "/titel", "is not known here; expected one of title, tags, pinned"),
        (r#"{"title":"a","a/b~":1}"#, "/a~1b~0", "is not known here; expected one of title, tags, pinned"),
        (r#"{"title":7}"#, "/title", "invalid type: integer `7`, expected a string"),
        (r#"{"title":""}"#, "/title", "must have 1 to 300 characters, has 0"),
        (r#"{}"#, "/title", "is missing"),
        (r#"{"title":"a","title":"b"}"#, "/title", "is given twice"),
        (r#"{"title":"a","tags":["ok",5]}"#, "/tags/1", "invalid type: integer `5`, expected a string"),
        (r#"{"title":"a","pinned":"yes"}"#, "/pinned", "invalid type: string \"yes\", expected a boolean"),
        (r#"[]"#, "", "invalid length 0, expected struct Draft with 3 elements"),
    ] {
        let (status, errors) = fault(text);
        let mut expected = json!([{"pointer": pointer, "detail": detail}]);
        if detail.starts_with("is not known here") {
            expected[0]["code"] = "unknown".into();
        }
        assert_eq!((status, &errors), (422, &expected), "{text}");
    }
}

#[test]
fn what_is_no_json_is_malformed_with_its_place() {
    assert_eq!(fault("{\"title\":\n  oops}"), (400, json!({"line": 2, "column": 3})));
    assert_eq!(fault("{\"title\": \"a\"").0, 400);
    assert_eq!(fault("{\"title\": \"a\"} x").0, 400);
    assert_eq!(fault(" \n").0, 400);
    assert_eq!(parse::<Draft>(b"{\"title\": \"\xff\"}").unwrap_err().details().status, 400);
    assert_eq!(fault(&"[".repeat(200_000)).0, 422);
}

async fn post(request: TestRequest) -> (u16, Value) {
    send(Method::POST, request).await
}

async fn send(method: Method, request: TestRequest) -> (u16, Value) {
    let handler = web::to(async |Json(_): Json<Draft>| "taken");
    let app = init_service(App::new().app_data(JsonLimit(64)).route("/", handler)).await;
    let response = call_service(&app, request.method(method).to_request()).await;
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body()).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

fn typed(media_type: &str) -> TestRequest {
    TestRequest::default().insert_header(("content-type", media_type))
}

#[actix_web::test]
async fn only_json_is_taken() {
    let body = r#"{"title": "a"}"#;
    for good in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(post(typed(good).set_payload(body)).await.0, 200, "{good}");
    }
    for bad in ["text/plain", "application/jsonp", "application/ld+json", "application/x-www-form-urlencoded", ""] {
        assert_eq!(post(typed(bad).set_payload(body)).await.0, 415, "{bad}");
    }
    assert_eq!(post(TestRequest::default().set_payload(body)).await.0, 415);
    let gzipped = typed("application/json").insert_header(("content-encoding", "gzip")).set_payload(body);
    assert_eq!(post(gzipped).await.0, 415);
}

#[actix_web::test]
async fn a_merge_patch_is_taken_where_one_is_meant() {
    let patch = || typed("application/merge-patch+json; charset=utf-8").set_payload(r#"{"title": "a"}"#);
    assert_eq!(send(Method::PATCH, patch()).await.0, 200);
    assert_eq!(send(Method::PUT, patch()).await.0, 415);
    assert_eq!(send(Method::PATCH, typed("application/json-patch+json").set_payload("[]")).await.0, 415);
}

#[actix_web::test]
async fn a_large_body_is_refused_by_its_announced_and_by_its_real_length() {
    let announced = typed("application/json").insert_header(("content-length", "65"));
    assert_eq!(post(announced).await.0, 413);
    let real = typed("application/json").set_payload(format!("{{\"title\": \"{}\"}}", "a".repeat(64)));
    let (status, body) = post(real).await;
    assert_eq!((status, &body["type"]), (413, &json!("urn:inklog:problem:body-too-large")));
}

#[actix_web::test]
async fn bodies_under_way_share_a_budget_that_comes_back_with_the_answer() {
    let handler = web::post().to(async |Json(_): Json<Draft>| "taken");
    let app = init_service(App::new().app_data(BodyBudget::new(50, 20)).route("/", handler)).await;
    let from = |address: &str| {
        let request = typed("application/json").method(actix_web::http::Method::POST).set_payload(r#"{"title": "a"}"#);
        request.peer_addr(format!("{address}:80").parse().unwrap()).to_request()
    };
    let (first, second) = (call_service(&app, from("192.0.2.1")).await, call_service(&app, from("192.0.2.1")).await);
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, 503), "one network has a share");
    assert!(second.headers().contains_key("retry-after"));
    let (other, third) = (call_service(&app, from("192.0.2.2")).await, call_service(&app, from("192.0.2.3")).await);
    assert_eq!((other.status().as_u16(), third.status().as_u16()), (200, 503), "all have no more than there is");
    drop((first, second, other, third));
    assert_eq!(call_service(&app, from("192.0.2.1")).await.status().as_u16(), 200);
}

#[actix_web::test]
async fn a_caller_who_has_yet_to_show_who_they_are_sends_little() {
    let route = crate::Methods::at("/").on(actix_web::http::Method::POST, async |Json(_): Json<Value>| "taken");
    let app = init_service(App::new().service(route.build())).await;
    for (length, status) in [(ANONYMOUS_LIMIT_BYTES - 2, 200), (ANONYMOUS_LIMIT_BYTES - 1, 413)] {
        let body = format!("\"{}\"", "a".repeat(length));
        let request = typed("application/json").method(actix_web::http::Method::POST).set_payload(body).to_request();
        assert_eq!(call_service(&app, request).await.status().as_u16(), status, "{length}");
    }
}

#[test]
fn lines_are_counted_with_the_blank_ones_and_given_without() {
    let lines = Lines::<64>(Bytes::from_static(b"{}\n\n  \r\n{\"a\": 1}\r\n[]"));
    let each: Vec<(usize, Bytes)> = lines.each().collect();
    assert_eq!(each, [(1, Bytes::from("{}")), (4, Bytes::from("{\"a\": 1}")), (5, Bytes::from("[]"))]);
}

#[actix_web::test]
async fn lines_are_lines_of_no_other_type_and_no_more_than_fit() {
    let handler = async |lines: Lines<8>| lines.each().count().to_string();
    let app = init_service(App::new().route("/", web::post().to(handler))).await;
    for (content_type, body, status) in [
        ("application/x-ndjson", "1\n2\n3", 200),
        ("application/x-ndjson; charset=utf-8", "1", 200),
        ("application/json", "1", 415),
        ("application/x-ndjson", "123456789", 413),
    ] {
        let request = TestRequest::post().uri("/").insert_header(("content-type", content_type)).set_payload(body);
        let answer = call_service(&app, request.to_request()).await;
        assert_eq!(answer.status().as_u16(), status, "{content_type} {body}");
    }
}
