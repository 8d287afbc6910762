use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue, Request};
use serde_json::json;
use service_kit::auth::{KeyPair, KeySet, PrivateKey, PublicKey, TokenNames, mint};
use service_kit::{ProblemDetails, TokenVerifier};
use uuid::Uuid;

use super::*;
use crate::routes::{DOCUMENTS, Found, Routes};

static VALIDATION: LazyLock<Validation> = LazyLock::new(|| Validation::of_services().unwrap());
static ROUTES: LazyLock<Routes> = LazyLock::new(|| Routes::of_services().unwrap());
static ADMIN: LazyLock<Verified> = LazyLock::new(|| caller("admin"));

const ID: &str = "0190a1b2-0000-7000-8000-000000000001";

/// What a token of this role says.
fn caller(role: &str) -> Verified {
    let KeyPair { private_pem, public_pem } = KeyPair::generate().unwrap();
    let (key, public) = (PrivateKey::from_pem(&private_pem).unwrap(), PublicKey::from_pem(&public_pem).unwrap());
    let names = TokenNames { token_issuer: "inklog".into(), token_audience: "inklog".into() };
    let verifier = TokenVerifier::new(KeySet::new(Some(public)), &names);
    let role = serde_json::from_value(json!([role])).unwrap();
    let token = mint(&key, Uuid::from_u128(1), &role, Duration::from_secs(60), &names).unwrap();
    verifier.verify(&token).unwrap()
}

fn route(method: &str, path: &str) -> &'static Route {
    match ROUTES.find(&method.parse().unwrap(), path.split('?').next().unwrap()) {
        Found::Route(route) => route,
        other => panic!("{method} {path}: {other:?}"),
    }
}

/// What is said of a request of an admin's.
fn judged(method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Result<(), Refusal> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        let (name, value) = (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap());
        request = request.header(name, value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let judge = VALIDATION.judge(route(method, path), Some(&ADMIN)).unwrap();
    judge.head(&parts)?;
    judge.body(&parts.headers, body.unwrap_or_default())
}

fn json_of(method: &str, path: &str, body: &Value) -> Result<(), Refusal> {
    judged(method, path, &[("content-type", "application/json")], Some(body.to_string().as_bytes()))
}

/// The details of a refusal, which must be one.
#[track_caller]
fn details(outcome: Result<(), Refusal>) -> ProblemDetails {
    *outcome.unwrap_err().details.unwrap()
}

/// Status, end of the type, and where the request is wrong.
#[track_caller]
fn told(outcome: Result<(), Refusal>) -> (u16, String, Vec<String>) {
    let details = details(outcome);
    let places = details.errors.into_iter().map(|error| error.pointer.or(error.parameter).unwrap());
    (details.status, details.kind.rsplit(':').next().unwrap().to_owned(), places.collect())
}

#[track_caller]
fn is_invalid(outcome: Result<(), Refusal>, places: &[&str]) {
    assert_eq!(told(outcome), (422, "invalid".into(), places.iter().map(ToString::to_string).collect()));
}

#[test]
fn every_operation_is_known_and_each_json_body_is_judged() {
    let documents = DOCUMENTS.map(|text| serde_json::from_str::<Value>(text).unwrap());
    let mut unjudged = BTreeSet::new();
    for ((method, pattern), operation) in &VALIDATION.operations {
        let name = method.as_str().to_ascii_lowercase();
        let takes_a_body = documents.iter().any(|document| !document["paths"][pattern][&name]["requestBody"].is_null());
        if takes_a_body && operation.body.is_none() {
            unjudged.insert(*pattern);
        }
    }
    assert!(VALIDATION.operations.len() > 150);
    assert_eq!(unjudged, BTreeSet::from(["/v1/bulk", "/v1/media"]), "these are streams");
}

#[test]
fn a_document_says_which_role_an_operation_needs() {
    let access = |method: Method, pattern| &VALIDATION.operations[&(method, pattern)].access;
    assert_eq!(*access(Method::POST, "/v1/posts"), Access::AtLeast("author".into()));
    assert_eq!(*access(Method::POST, "/v1/register"), Access::Anyone);
    assert_eq!(*access(Method::PUT, "/v1/me/following/{id}"), Access::Account);
    assert_eq!(*access(Method::GET, "/v1/posts"), Access::Anyone);
    assert_eq!(*access(Method::PUT, "/v1/moderation/filters"), Access::AtLeast("admin".into()));
}

#[test]
fn no_caller_learns_what_is_wrong_with_a_request_that_is_not_theirs_to_make() {
    let (posts, register) = (route("POST", "/v1/posts"), route("POST", "/v1/register"));
    assert!(VALIDATION.judge(posts, None).is_none());
    assert!(VALIDATION.judge(posts, Some(&caller("reader"))).is_none());
    for role in ["author", "editor"] {
        assert!(VALIDATION.judge(posts, Some(&caller(role))).is_some());
    }
    assert!(VALIDATION.judge(register, None).is_some());
}

#[test]
fn good_requests_pass() {
    let post = json!({"title": "Hello", "body": "*Hi*", "tags": ["a", "b-c"], "cover": null, "slug": null,
                      "category_ids": [ID, "0190a1b2000070008000000000000002"],
                      "custom_fields": {"any": [{"thing": 1e300}]}});
    json_of("POST", "/v1/posts", &post).unwrap();
    json_of("PATCH", &format!("/v1/posts/{ID}"), &json!({"cover": {"url": "https://a.example/b.png", "alt": "B"}}))
        .unwrap();
    let padded = json!({"title": format!("{}\n", "a".repeat(300)), "summary": format!(" {}", "b".repeat(2_000))});
    json_of("PATCH", &format!("/v1/posts/{ID}"), &padded).unwrap();
    let medium = json!({"cover": {"url": null, "sha256": "5a".repeat(32)}});
    json_of("PATCH", &format!("/v1/posts/{ID}"), &medium).unwrap();
    json_of("PUT", &format!("/v1/posts/{ID}/schedule"), &json!({"at": "2030-01-01T00:00:00Z"})).unwrap();
    let merge = [
        ("content-type", "Application/Merge-Patch+JSON; charset=utf-8"),
        ("idempotency-key", "a b".split(' ').next().unwrap()),
    ];
    judged("PATCH", &format!("/v1/posts/{ID}"), &merge, Some(b" {\"title\": \"A\"} ")).unwrap();
    for path in
        ["/v1/posts?limit=100&tag=A-b", "/v1/posts?limit=%2B5", "/v1/tags/Rust", "/v1/authors/ada/followers?limit=1"]
    {
        judged("GET", path, &[], None).unwrap();
    }
}

#[test]
fn an_operation_without_a_body_takes_any() {
    for (media_type, body) in
        [("application/json", ""), ("application/json", "{}"), ("application/json", "no"), ("text/plain", "?")]
    {
        let publish = format!("/v1/posts/{ID}/publish");
        judged("POST", &publish, &[("content-type", media_type)], Some(body.as_bytes())).unwrap();
        judged("GET", "/v1/posts", &[("content-type", media_type)], Some(body.as_bytes())).unwrap();
    }
}

#[test]
fn a_fault_of_a_body_is_named_by_its_pointer() {
    is_invalid(json_of("POST", "/v1/posts", &json!({})), &["/title"]);
    is_invalid(json_of("POST", "/v1/posts", &json!({"title": ""})), &["/title"]);
    is_invalid(json_of("POST", "/v1/posts", &json!([])), &[""]);
    is_invalid(json_of("POST", "/v1/posts", &json!({"title": "A", "tags": ["a", "B c"]})), &["/tags/1"]);
    is_invalid(json_of("POST", "/v1/posts", &json!({"title": "A", "a/b~c": 1})), &["/a~1b~0c"]);
    is_invalid(json_of("POST", "/v1/posts", &json!({"title": "A", "author_id": "me"})), &["/author_id"]);
    is_invalid(json_of("POST", "/v1/posts", &json!({"title": "A", "language": 7})), &["/language"]);
    is_invalid(
        json_of("POST", "/v1/posts", &json!({"title": "A", "cover": {"url": "https://a.example/b", "focal_x": 200}})),
        &["/cover/focal_x"],
    );
    let unknown = details(json_of("POST", "/v1/posts", &json!({"title": "A", "visibility": "secret"})));
    assert_eq!(unknown.errors[0].code.as_deref(), Some("unknown"));
    assert_eq!(unknown.detail, format!("/visibility: {}", unknown.errors[0].detail));
    let password = json!({"user_name": "ada", "email": "ada@example.org", "password": "short"});
    let short = details(json_of("POST", "/v1/register", &password));
    assert!(!format!("{short:?}").contains("\"short\""), "what was sent is not repeated: {short:?}");
}

#[test]
fn faults_of_parameters_headers_and_media_types_are_told_as_services_do() {
    is_invalid(judged("GET", "/v1/posts?limit=0&cursor=!", &[], None), &["limit", "cursor"]);
    is_invalid(judged("GET", "/v1/posts?limit=many", &[], None), &["limit"]);
    is_invalid(judged("GET", "/v1/posts?featured=1", &[], None), &["featured"]);
    assert_eq!(told(judged("DELETE", "/v1/posts/mine", &[], None)), (404, "not-found".into(), vec![]));
    let key = judged("DELETE", &format!("/v1/posts/{ID}"), &[("idempotency-key", "a b")], None);
    assert_eq!(told(key), (400, "malformed".into(), vec![]));
    for headers in [&[][..], &[("content-type", "text/plain")], &[("content-type", "application/merge-patch+json")]] {
        let refused = told(judged("POST", "/v1/posts", headers, Some(b"{}")));
        assert_eq!(refused, (415, "unsupported-media-type".into(), vec![]));
    }
    for (body, detail) in [("", "empty"), (" \n", "empty"), ("{", "not JSON"), ("{\"title\": \"A\"} x", "not JSON")] {
        let refused =
            details(judged("POST", "/v1/posts", &[("content-type", "application/json")], Some(body.as_bytes())));
        assert!(refused.status == 400 && refused.detail.contains(detail), "{body}: {refused:?}");
    }
}

#[test]
fn what_a_service_may_read_otherwise_is_left_to_it() {
    let asked = |headers: &[(&str, &str)], body: &str| judged("POST", "/v1/posts", headers, Some(body.as_bytes()));
    let json = [("content-type", "application/json")];
    asked(&json, &format!(r#"{{"title": "A", "custom_fields": {{"deep": {}1{}}}}}"#, "[".repeat(200), "]".repeat(200)))
        .unwrap();
    asked(&json, r#"{"title": "A", "custom_fields": {"large": 1e999}}"#).unwrap();
    asked(&[("content-type", "application/json"), ("content-encoding", "gzip")], "?").unwrap();
    judged("GET", "/v1/posts?unknown=1&limit=5", &[], None).unwrap();
    // It says 401.
    json_of("POST", "/v1/sessions/refresh", &json!({"refresh_token": "no such token"})).unwrap();
    json_of("POST", "/v1/sessions", &json!({"login": "", "password": "any"})).unwrap();
    // It says that so much is too large.
    let large = format!("{{\"token\": \"{}\"}}", "a".repeat(20_000));
    judged("POST", "/v1/email/confirm", &json, Some(large.as_bytes())).unwrap();
}

/// Bodies that cost a reader as much as they can, of about so many bytes.
fn hostile(bytes: usize) -> Vec<(&'static str, String)> {
    let filled = |start: &str, part: &str, end: &str| format!("{start}{}{end}", part.repeat(bytes / part.len()));
    let members: Vec<String> = (0..bytes / 10).map(|at| format!("\"{at:05}\":0,")).collect();
    vec![
        ("unknown members", format!("{{{}\"z\":0}}", members.concat())),
        ("wrong tags", filled(r#"{"title":"A","tags":["#, "0,", "0]}")),
        ("equal tags", filled(r#"{"title":"A","tags":["#, r#""a","#, r#""a"]}"#)),
        ("nesting", filled(r#"{"title":"A","custom_fields":{"a":"#, "[", "")),
        ("digits", filled(r#"{"title":"A","custom_fields":{"a":"#, "9", "}}")),
        ("one key", filled("{", r#""title":"A","#, r#""title":"A"}"#)),
        ("escapes", filled(r#"{"title":""#, r"\u0041", r#""}"#)),
    ]
}

#[test]
fn a_hostile_body_costs_little() {
    const KIB: usize = 64;
    for (what, body) in hostile(KIB * 1024) {
        let judge = || judged("POST", "/v1/posts", &[("content-type", "application/json")], Some(body.as_bytes()));
        let began = Instant::now();
        let _ = judge();
        let took = began.elapsed();
        println!("{what}: {:.1} ms for {KIB} KiB, {:?} per MiB", took.as_secs_f64() * 1e3, took * 16);
        // Measured: a twentieth of it, without optimisation.
        assert!(took < Duration::from_millis(500), "{what}: {took:?}");
        if let Err(refusal) = judge() {
            assert!(details(Err(refusal)).errors.len() <= fault::MOST, "{what}");
        }
    }
}
