//! `/api`, before services that are the test's.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::support::{Body, Door, Service, text};

const ADA: &str = "00000000-0000-0000-0000-000000000001";
const POST: &str = "00000000-0000-0000-0000-000000000002";

/// A request as a service got it.
#[derive(Clone, Debug)]
struct Got {
    asked: String,
    headers: http::HeaderMap,
    body: Value,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// All that was asked, in order.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<Got>>>);

impl Heard {
    fn all(&self) -> Vec<Got> {
        self.0.lock().unwrap().clone()
    }

    fn asked(&self) -> Vec<String> {
        self.all().into_iter().map(|got| got.asked).collect()
    }
}

fn session_token() -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = json!({"alg": "EdDSA", "typ": "session+jwt"});
    format!("{}.{}.{}", part(&head), part(&json!({"sub": ADA, "jti": "secret"})), "c2ln")
}

fn person() -> Value {
    json!({"id": ADA, "user_name": "ada", "display_name": "", "bio": "", "image_url": "", "followed": false})
}

fn card() -> Value {
    json!({"id": POST, "slug": "a-title", "title": "A title", "summary": "About.", "tags": ["b", "a"],
        "published_at": "2026-01-02T03:04:05.000Z", "updated_at": "2026-01-02T03:04:05.120Z", "version": 2,
        "reactions": 3, "reacted": true, "author": person()})
}

fn problem(status: u16, name: &str) -> (u16, Value) {
    (status, json!({"type": format!("urn:inklog:problem:{name}"), "status": status, "detail": "No."}))
}

/// What the services say.
fn said(asked: &str, body: &Value) -> (u16, Value) {
    let path = asked.split('?').next().unwrap();
    match path {
        "POST /v1/sessions/access" if body["session_token"] == session_token() => {
            (200, json!({"access_token": "access", "account_id": ADA}))
        }
        "POST /v1/sessions/access" => problem(401, "invalid-credentials"),
        "GET /v1/me/email" => (200, json!({"email": "ada@mail.example", "confirmed": false})),
        "GET /v1/people" => (200, json!({"people": [person()]})),
        "GET /v1/cards" if asked.contains("author=nobody") => problem(404, "not-found"),
        "GET /v1/cards" => (200, json!({"cards": [card()], "total": 7})),
        "GET /v1/cards/a-title" => {
            let mut card = card();
            card["body_markdown"] = "*Text.*".into();
            (200, card)
        }
        "POST /v1/posts" => (201, json!({"id": POST, "slug": "a-title"})),
        _ if path == format!("POST /v1/posts/{POST}/publish") => (200, json!({"id": POST, "slug": "a-title"})),
        _ if path == format!("PATCH /v1/posts/{POST}") => problem(403, "not-the-author"),
        "POST /v1/register" => problem(409, "email-taken"),
        _ => problem(404, "not-found"),
    }
}

async fn answer(heard: Heard, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap_or_default();
    let asked = format!("{} {}", parts.method, parts.uri.path_and_query().unwrap());
    let (status, reply) = said(&asked, &body);
    heard.0.lock().unwrap().push(Got { asked, headers: parts.headers, body });
    let mut response = text(status, &reply.to_string());
    if parts.method != http::Method::GET && status < 300 {
        response.headers_mut().insert("inklog-position", "written".parse().unwrap());
    }
    response
}

async fn door(more: &[&str]) -> (Service, Heard, Door) {
    let heard = Heard::default();
    let listening = heard.clone();
    let service = Service::start(move |request| answer(listening.clone(), request)).await;
    let door = Door::start(&service.url(), more).await;
    (service, heard, door)
}

async fn asked(door: &Door, method: &str, path: &str, token: bool, body: &str) -> (u16, Value, http::HeaderMap) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = door.client.request(method, door.url(path)).body(body.to_owned());
    if token {
        request = request.header("authorization", format!("Token {}", session_token()));
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default(), headers)
}

#[tokio::test]
async fn what_was_written_is_waited_for_before_it_is_answered() {
    let (_service, heard, door) = door(&[]).await;
    let article =
        json!({"article": {"title": "A title", "description": "About.", "body": "*Text.*", "tagList": ["b", "a"]}});
    let (status, body, _) = asked(&door, "POST", "/api/articles", true, &article.to_string()).await;
    assert_eq!(status, 201, "{body}");
    let article = &body["article"];
    assert_eq!((&article["createdAt"], &article["tagList"]), (&json!("2026-01-02T03:04:05.000Z"), &json!(["a", "b"])));
    assert_eq!((&article["favorited"], &article["favoritesCount"]), (&json!(true), &json!(3)));
    assert_eq!(article["author"], json!({"username": "ada", "bio": null, "image": null, "following": false}));
    let got = heard.all();
    assert_eq!(heard.asked()[0], "POST /v1/sessions/access");
    assert_eq!((got[1].asked.as_str(), &got[1].body["tags"]), ("POST /v1/posts", &json!(["b", "a"])));
    assert_eq!(got[1].header("authorization"), "Bearer access");
    let keys = [got[1].header("idempotency-key"), got[2].header("idempotency-key")];
    assert!(keys[0].ends_with("/0") && keys[1].ends_with("/1") && keys[0][..30] == keys[1][..30], "{keys:?}");
    let last = got.last().unwrap();
    assert_eq!((last.asked.as_str(), last.header("inklog-position")), ("GET /v1/cards/a-title", "written"));
    // The access token is kept.
    let _ = asked(&door, "GET", "/api/user", true, "").await;
    assert_eq!(heard.asked().iter().filter(|asked| asked.ends_with("/access")).count(), 1);
}

#[tokio::test]
async fn lists_are_pages_by_number_and_nobody_has_none() {
    let (_service, heard, door) = door(&[]).await;
    let (status, body, _) = asked(&door, "GET", "/api/articles?tag=Two%20words&limit=500&offset=3", false, "").await;
    assert_eq!((status, &body["articlesCount"]), (200, &json!(7)));
    assert!(body["articles"][0].get("body").is_none(), "{body}");
    assert_eq!(heard.asked(), ["GET /v1/cards?tag=two-words&limit=100&offset=3"]);
    let (status, body, _) = asked(&door, "GET", "/api/articles?author=nobody", false, "").await;
    assert_eq!((status, body), (200, json!({"articles": [], "articlesCount": 0})));
    let (status, body, _) = asked(&door, "GET", "/api/articles/feed", false, "").await;
    assert_eq!((status, body), (401, json!({"errors": {"token": ["is missing"]}})));
}

#[tokio::test]
async fn refusals_are_said_in_the_words_of_the_interface() {
    let (_service, heard, door) = door(&[]).await;
    let no = async |method: &str, path: &str, token: bool, body: &str| {
        let (status, body, _) = asked(&door, method, path, token, body).await;
        (status, body["errors"].to_string())
    };
    let user = json!({"user": {"username": "ada", "email": "ada@mail.example", "password": "p4ssw0rd!"}}).to_string();
    let taken = no("POST", "/api/users", false, &user).await;
    assert_eq!(taken, (409, r#"{"email":["has already been taken"]}"#.into()));
    let blank = no("POST", "/api/users/login", false, r#"{"user": {"email": "", "password": "x"}}"#).await;
    assert_eq!(blank, (422, r#"{"email":["can't be blank"]}"#.into()));
    // Who may not change it is told that first.
    let forbidden = (403, r#"{"article":["forbidden"]}"#.to_owned());
    assert_eq!(no("PUT", "/api/articles/a-title", true, r#"{"article": {"title": "T"}}"#).await, forbidden);
    let missing = (404, r#"{"article":["not found"]}"#.to_owned());
    assert_eq!(no("GET", "/api/articles/nowhere", false, "").await, missing);
    assert_eq!(no("DELETE", "/api/articles/nowhere", true, "").await, missing);
    let heard_before = heard.asked().len();
    assert_eq!(no("DELETE", "/api/articles/a-title", false, "").await.0, 401);
    assert_eq!(heard.asked().len(), heard_before, "no service is asked for who shows no token");
    let (status, body, headers) = asked(&door, "PATCH", "/api/user", false, "").await;
    assert_eq!((status, headers["allow"].to_str().unwrap()), (405, "GET, HEAD, OPTIONS, PUT"));
    assert!(body["errors"]["method-not-allowed"].is_array(), "{body}");
    assert!(no("GET", "/api/nothing", false, "").await.1.contains("no-such-address"));
}

#[tokio::test]
async fn a_bad_token_is_shown_once_and_pages_of_other_origins_may_ask() {
    let (_service, heard, door) = door(&["--cors-origins=https://app.example"]).await;
    let bad = session_token().replace(".c2ln", ".c2lu");
    for _ in 0..3 {
        let request = door.client.get(door.url("/api/user")).header("authorization", format!("Token {bad}"));
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    assert_eq!(heard.asked().len(), 1);
    let preflight = door.client.request(reqwest::Method::OPTIONS, door.url("/api/articles"));
    let preflight = preflight.header("origin", "https://app.example").header("access-control-request-method", "POST");
    let response = preflight.send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-methods"], "GET, HEAD, OPTIONS, POST");
    let allowed = response.headers()["access-control-allow-headers"].to_str().unwrap();
    assert!(allowed.contains("Authorization") && allowed.contains("X-Requested-With"), "{allowed}");
}

#[tokio::test]
async fn a_service_that_is_away_is_said_with_when_to_come_back() {
    let nobody = crate::support::Nobody::new();
    let door = Door::start(&nobody.url(), &[]).await;
    let (status, body, headers) = asked(&door, "GET", "/api/tags", false, "").await;
    assert_eq!(status, 503, "{body}");
    assert!(headers.contains_key("retry-after") && body["errors"].is_object(), "{body}");
}
