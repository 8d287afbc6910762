//! `POST /v1/bulk`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use testkit::{Answer, Api};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::support::{Server, author, editor, person, unique};

const PATH: &str = "/v1/bulk";
const LINES: &str = "application/x-ndjson";

async fn send(api: &Api, body: String) -> Answer {
    api.post(PATH).header("Content-Type", LINES).body(body).send().await
}

fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn outcomes(answer: &Answer) -> Vec<Value> {
    assert_eq!((answer.status, answer.header("content-type")), (200, LINES), "{answer:?}");
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

/// The outcomes by the ids of their lines.
async fn all(api: &Api, lines: &[Value]) -> BTreeMap<String, Value> {
    let outcomes = outcomes(&send(api, text(lines)).await);
    outcomes.into_iter().map(|outcome| (outcome["id"].as_str().unwrap().to_owned(), outcome)).collect()
}

fn draft(id: &str, slug: &str) -> Value {
    json!({"id": id, "method": "POST", "path": "/v1/posts", "body": {"title": "In bulk", "slug": slug}})
}

/// The end of a problem's type.
fn problem(outcome: &Value) -> (u64, &str) {
    let kind = outcome["body"]["type"].as_str().unwrap_or_else(|| panic!("{outcome}"));
    (outcome["status"].as_u64().unwrap(), kind.rsplit(':').next().unwrap())
}

#[tokio::test]
async fn each_line_has_the_outcome_that_it_would_have_by_itself() {
    let (ada, other) = (author().await, author().await);
    let (slug, taken, theirs) = (unique("bulk"), unique("taken"), other.post().await);
    let _ = other.draft(&taken).await.expect(201);
    let mine = ada.post().await;
    let lines = [
        draft("made", &slug),
        draft("taken", &taken),
        json!({"id": "theirs", "method": "POST", "path": format!("/v1/posts/{theirs}/publish")}),
        json!({"id": "published", "method": "POST", "path": format!("/v1/posts/{mine}/publish"), "if_match": "\"1\""}),
        json!({"id": "unsaid", "method": "PATCH", "path": format!("/v1/posts/{mine}"), "body": {"title": "T"}}),
        json!({"id": "wrong", "method": "POST", "path": "/v1/posts", "body": {"title": ""}}),
        json!({"id": "role", "method": "POST", "path": "/v1/categories", "body": {"name": "N"}}),
        json!({"id": "nowhere", "method": "POST", "path": "/v1/nowhere"}),
        json!({"id": "method", "method": "PATCH", "path": format!("/v1/posts/{mine}/publish")}),
        json!({"id": "series", "method": "POST", "path": "/v1/series", "body": {"title": "A series"}}),
    ];
    let outcomes = all(&ada.api, &lines).await;
    assert_eq!(outcomes.len(), lines.len());
    let made = &outcomes["made"];
    assert_eq!((&made["status"], &made["body"]["slug"], &made["line"]), (&json!(201), &json!(slug), &json!(1)));
    assert_eq!((&made["etag"], &made["location"]), (&json!("\"1\""), &json!(format!("/v1/posts/{slug}"))));
    assert!(made["position"].as_str().is_some_and(|position| !position.is_empty()), "{made}");
    assert_eq!(problem(&outcomes["taken"]), (409, "slug-taken"));
    assert_eq!(problem(&outcomes["theirs"]), (404, "not-found"), "a draft of another");
    assert_eq!(outcomes["published"]["body"]["version"], 2);
    assert!(matches!(problem(&outcomes["unsaid"]), (428, "precondition-required")), "{}", outcomes["unsaid"]);
    assert_eq!(problem(&outcomes["wrong"]), (422, "invalid"));
    assert_eq!(outcomes["wrong"]["body"]["errors"][0]["pointer"], "/title");
    assert_eq!(problem(&outcomes["role"]), (403, "forbidden"));
    assert_eq!(problem(&outcomes["nowhere"]), (404, "no-such-address"));
    assert_eq!(problem(&outcomes["method"]), (405, "method-not-allowed"));
    assert_eq!(outcomes["series"]["status"], 201);
}

#[tokio::test]
async fn a_line_that_cannot_be_read_has_a_problem_and_the_others_go_on() {
    let (ada, slug) = (author().await, unique("bulk"));
    let wrong = [
        ("{".to_owned(), 400),
        ("[]".to_owned(), 422),
        ("null".to_owned(), 422),
        ("\u{0}\u{7f}".to_owned(), 400),
        (json!({"id": "a"}).to_string(), 422),
        (json!({"id": "", "method": "POST", "path": "/v1/posts"}).to_string(), 422),
        (json!({"id": "é", "method": "POST", "path": "/v1/posts"}).to_string(), 422),
        (json!({"id": "b", "method": "GET", "path": "/v1/me/export"}).to_string(), 422),
        (json!({"id": "c", "method": "POST", "path": "http://elsewhere/v1/posts"}).to_string(), 422),
        (json!({"id": "d", "method": "POST", "path": "/v1/ x"}).to_string(), 422),
        (json!({"id": "e", "method": "POST", "path": "/v1/posts", "if_match": "a\nb"}).to_string(), 422),
        (json!({"id": "f", "method": "POST", "path": "/v1/posts", "colour": "red"}).to_string(), 422),
        (json!({"id": "g", "method": "POST", "path": "/v1/bulk", "body": {}}).to_string(), 415),
        (json!({"id": "h", "method": "POST", "path": "/v1/sessions", "body": {}}).to_string(), 400),
        (json!({"id": "i", "method": "POST", "path": "/v1/posts", "body": []}).to_string(), 422),
        (draft("good", &unique("again")).to_string(), 422),
    ];
    let mut body = format!("\n  \r\n{}\r\n", draft("good", &slug));
    wrong.iter().for_each(|(line, _)| body.push_str(&format!("{line}\n")));
    let outcomes = outcomes(&send(&ada.api, body).await);
    let by_line: BTreeMap<u64, &Value> = outcomes.iter().map(|it| (it["line"].as_u64().unwrap(), it)).collect();
    assert_eq!(by_line.len(), 1 + wrong.len());
    assert_eq!((&by_line[&3]["status"], &by_line[&3]["body"]["slug"]), (&json!(201), &json!(slug)));
    for (number, (line, status)) in (4..).zip(&wrong) {
        assert_eq!(problem(by_line[&number]).0, *status, "{line}: {}", by_line[&number]);
    }
    assert_eq!((&by_line[&4]["id"], &by_line[&8]["id"]), (&Value::Null, &json!("a")));
    assert_eq!(by_line[&19]["body"]["errors"][0]["pointer"], "/id", "its id is that of a line before");
}

#[tokio::test]
async fn what_is_no_bulk_request_is_refused_whole() {
    let ada = author().await;
    let _ = ada.api.post(PATH).json(&json!({})).send().await.problem(415, "unsupported-media-type");
    let _ = send(&ada.api, " \n\n".to_owned()).await.problem(400, "malformed");
    let many: Vec<Value> = (0..501).map(|n| json!({"id": n.to_string()})).collect();
    let _ = send(&ada.api, text(&many)).await.problem(422, "invalid");
    let _ = send(&ada.api, "x".repeat(4 * 1024 * 1024 + 1)).await.problem(413, "body-too-large");
    let _ = send(&Server::shared().await.api(), text(&[draft("a", "a")])).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn five_hundred_commands_are_done_once_however_often_they_are_sent() {
    let ada = editor().await;
    let slugs: Vec<String> = (0..500).map(|_| unique("many")).collect();
    let lines: Vec<Value> = slugs.iter().map(|slug| draft(slug, slug)).collect();
    let first = all(&ada.api, &lines).await;
    assert_eq!(first.len(), 500);
    assert!(first.values().all(|outcome| outcome["status"] == 201), "{first:?}");
    let again = all(&ada.api, &lines).await;
    for (id, outcome) in &first {
        assert_eq!((&outcome["body"], &outcome["position"]), (&again[id]["body"], &again[id]["position"]), "{id}");
    }
    // By itself, too, a line is repeated by its id.
    let body = json!({"title": "In bulk", "slug": slugs[0]});
    let single = ada.api.post("/v1/posts").header("Idempotency-Key", &slugs[0]).json(&body).send().await.expect(201);
    assert_eq!(single.body, first[&slugs[0]]["body"]);
    let log = Server::shared().await.posts().await;
    assert_eq!(log.story(&single.id()), ["Drafted"]);
}

/// Sends a request by hand, and reads nothing.
async fn begin(token: &str, body: &str) -> TcpStream {
    let address = Server::shared().await.address().to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: {LINES}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_client_that_hangs_up_finds_what_was_begun_done_and_sends_the_rest_again() {
    let id = Uuid::new_v4();
    let ada = person(id, &["editor"]).await;
    let token = Server::shared().await.scope.keys.token(id, &["editor"]);
    let slugs: Vec<String> = (0..300).map(|_| unique("hung")).collect();
    let lines: Vec<Value> = slugs.iter().map(|slug| draft(slug, slug)).collect();
    let mut stream = begin(&token, &text(&lines)).await;
    let mut some = [0; 200];
    assert!(stream.read(&mut some).await.unwrap() > 0, "it has begun");
    drop(stream);
    let again = all(&ada.api, &lines).await;
    assert!(again.values().all(|outcome| outcome["status"] == 201), "{again:?}");
    let ids: BTreeSet<&str> = again.values().map(|outcome| outcome["body"]["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 300);
    let log = Server::shared().await.posts().await;
    assert!(ids.iter().all(|id| log.story(id) == ["Drafted"]), "each was done once");
}
