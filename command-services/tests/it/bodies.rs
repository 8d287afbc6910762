//! What every command with a body has in common: what it cannot be.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::support::{Server, author, editor, unique};

/// At most so many bytes of a post are taken.
const LIMIT: usize = 3 * 1024 * 1024;

async fn wrong(body: Value, pointer: &str) {
    let answer = author().await.api.post("/v1/posts").json(&body).send().await.problem(422, "invalid");
    assert_eq!(answer.pointer(), pointer, "{body}: {}", answer.body);
}

#[tokio::test]
async fn an_unknown_field_is_named() {
    wrong(json!({"title": "T", "colour": "red"}), "/colour").await;
    wrong(json!({"title": "T", "a/b~c": 1}), "/a~1b~0c").await;
}

#[tokio::test]
async fn a_missing_field_is_named() {
    wrong(json!({}), "/title").await;
}

#[tokio::test]
async fn a_field_of_a_wrong_type_is_named() {
    wrong(json!({"title": 7}), "/title").await;
    wrong(json!({"title": null}), "/title").await;
    wrong(json!({"title": "T", "summary": ["a"]}), "/summary").await;
    wrong(json!({"title": "T", "tags": "news"}), "/tags").await;
    wrong(json!({"title": "T", "tags": ["news", 7]}), "/tags/1").await;
    wrong(json!({"title": "T", "author_id": "me"}), "/author_id").await;
    wrong(json!({"title": "T", "co_author_ids": ["me"]}), "/co_author_ids/0").await;
    wrong(json!({"title": "T", "originally_published_at": "yesterday"}), "/originally_published_at").await;
}

#[tokio::test]
async fn a_field_that_breaks_its_rule_is_named() {
    wrong(json!({"title": ""}), "/title").await;
    wrong(json!({"title": "two\nlines"}), "/title").await;
    wrong(json!({"title": "x".repeat(301)}), "/title").await;
    wrong(json!({"title": "T", "summary": "x".repeat(2_001)}), "/summary").await;
    wrong(json!({"title": "T", "body": "x".repeat(500_001)}), "/body").await;
    wrong(json!({"title": "T", "body": "nul \u{0} byte"}), "/body").await;
    wrong(json!({"title": "T", "slug": "Not a slug"}), "/slug").await;
    wrong(json!({"title": "T", "tags": ["news", "Not a tag"]}), "/tags/1").await;
    wrong(json!({"title": "T", "tags": vec!["news"; 51]}), "/tags").await;
}

#[tokio::test]
async fn what_is_not_seen_or_turns_the_line_round_is_in_no_title() {
    for title in ["\u{200b}", "a\u{200b}b", "photo\u{202e}gpj", "\u{2066}a", "\u{feff}T", "a\u{378}", "\u{3164}"] {
        wrong(json!({"title": title}), "/title").await;
    }
    wrong(json!({"title": " \u{a0}\u{3000}"}), "/title").await;
    for body in ["a\u{b}b", "\u{1b}[0m", "\u{ffff}"] {
        wrong(json!({"title": "T", "body": body}), "/body").await;
        wrong(json!({"title": "T", "summary": body}), "/summary").await;
    }
}

#[tokio::test]
async fn a_date_is_one_that_every_reader_knows_and_that_has_come() {
    for date in ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "0999-12-31T23:59:59Z", "9999-12-31T00:00:00Z"] {
        wrong(json!({"title": "T", "originally_published_at": date}), "/originally_published_at").await;
    }
    let first = json!({"title": "T", "slug": unique("old"), "originally_published_at": "1000-01-01T00:00:00Z"});
    let _ = author().await.api.post("/v1/posts").json(&first).send().await.expect(201);
}

#[tokio::test]
async fn what_a_list_names_twice_is_said() {
    let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
    wrong(json!({"title": "T", "tags": ["news", "log", "news"]}), "/tags").await;
    wrong(json!({"title": "T", "co_author_ids": [one, other, one]}), "/co_author_ids").await;
    // Editors name co-authors.
    let person = editor().await;
    let post = json!({"title": "T", "co_author_ids": [one, person.id]});
    let answer = person.api.post("/v1/posts").json(&post).send().await.problem(422, "invalid");
    assert_eq!(answer.body["errors"][0]["detail"], format!("names {} twice", person.id));
}

#[tokio::test]
async fn the_largest_body_of_a_post_is_taken() {
    let body = json!({"title": "T", "slug": unique("large"), "body": "x".repeat(500_000)});
    let _ = author().await.api.post("/v1/posts").json(&body).send().await.expect(201);
}

/// The limit is one of the text, and not of what JSON makes of it: `\u0436` has six bytes for two, `\u0061` for one.
#[tokio::test]
async fn the_largest_body_of_a_post_is_taken_however_it_is_escaped() {
    for (escaped, count) in [("\\u0436", 250_000), ("\\u0061", 500_000), ("\\ud83d\\ude00", 125_000)] {
        let text = format!(r#"{{"title": "T", "slug": "{}", "body": "{}"}}"#, unique("large"), escaped.repeat(count));
        let api = author().await.api;
        let post = api.post("/v1/posts").header("Content-Type", "application/json").body(text);
        let _ = post.send().await.expect(201);
        let more = format!(r#"{{"title": "T", "body": "{}"}}"#, escaped.repeat(count + 1));
        let post = api.post("/v1/posts").header("Content-Type", "application/json").body(more);
        assert_eq!(post.send().await.problem(422, "invalid").pointer(), "/body");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read() {
    let body = json!({"title": "T", "body": "x".repeat(LIMIT)}).to_string();
    let call = author().await.api.post("/v1/posts").header("Content-Type", "application/json").body(body);
    let _ = call.send().await.problem(413, "body-too-large");
}

/// A novel with its pictures in it, as some editors paste them.
#[tokio::test]
async fn ten_megabytes_are_refused_whole_wherever_posts_are_written() {
    let author = author().await;
    let post = author.post().await;
    let text = "x".repeat(10_000_000);
    let line = json!({"id": "large", "method": "PATCH", "path": format!("/v1/posts/{post}"), "body": {"body": text}});
    let small = json!({"id": "small", "method": "POST", "path": format!("/v1/posts/{post}/publish")});
    let path = format!("/v1/posts/{post}");
    for call in [
        author.api.post("/v1/posts").json(&json!({"title": "T", "body": text})),
        author.api.patch(&path).if_match(1).json(&json!({"body": text})),
        author.api.put(&path).if_match(1).json(&json!({"title": "T", "slug": unique("large"), "body": text})),
        author.api.put(&format!("/v1/working-copies/{post}")).json(&json!({"change": {"body": text}})),
        author.api.post("/v1/bulk").header("Content-Type", "application/x-ndjson").body(format!("{small}\n{line}\n")),
    ] {
        let _ = call.send().await.problem(413, "body-too-large");
    }
    assert_eq!(Server::shared().await.posts().await.story(&post), ["Drafted"]);
    let _ = author.api.get(&format!("/v1/working-copies/{post}")).send().await.problem(404, "no-working-copy");
}

#[tokio::test]
async fn a_caller_without_a_token_sends_little() {
    let document: Value = serde_json::from_str(&command_services::openapi::document()).unwrap();
    let api = Server::shared().await.api();
    // A registration has a few words about the person, whichever way JSON writes them.
    let most = |path: &str| if path == "/v1/register" { 96 * 1024 } else { 16 * 1024 };
    let mut routes = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let open = |operation: &Value| operation["security"] == json!([{}]) && operation["requestBody"].is_object();
        if open(&item["post"]) {
            let call = api.post(path).header("Content-Type", "application/json");
            let call = call.body(json!("x".repeat(most(path))).to_string());
            let _ = call.send().await.problem(413, "body-too-large");
            routes += 1;
        }
    }
    assert!(routes >= 7, "{routes} routes that answer anyone take a body");
}

#[tokio::test]
async fn a_body_that_does_not_say_its_length_is_not_read_beyond_the_limit() {
    let server = Server::shared().await;
    let address = server.address();
    let token = server.scope.keys.token(Uuid::new_v4(), &["author"]);
    let head = format!(
        "POST /v1/posts HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let chunk = format!("{:x}\r\n{}\r\n", 100_000, " ".repeat(100_000));
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..32 {
        // The server may have had enough before we have sent it all; we never say that it was all.
        let _ = connection.write_all(chunk.as_bytes()).await;
    }
    let mut answer = [0; 12];
    let read = connection.read_exact(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(10), read).await.expect("an answer comes").unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 413");
}

#[tokio::test]
async fn another_content_type_is_refused() {
    let api = author().await.api;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"] {
        let call = api.post("/v1/posts").header("Content-Type", content_type).body(r#"{"title":"T"}"#);
        let _ = call.send().await.problem(415, "unsupported-media-type");
    }
    let _ = api.post("/v1/posts").body(r#"{"title":"T"}"#).send().await.problem(415, "unsupported-media-type");
    let call = api.post("/v1/posts").header("Content-Encoding", "gzip").json(&json!({"title": "T"}));
    let _ = call.send().await.problem(415, "unsupported-media-type");
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let api = author().await.api;
    for body in ["", "{", r#"{"title":"T"} and more"#, "title=T"] {
        let call = api.post("/v1/posts").header("Content-Type", "application/json").body(body);
        let _ = call.send().await.problem(400, "malformed");
    }
}

#[tokio::test]
async fn a_malformed_header_is_refused() {
    let api = author().await.api;
    let command = || api.post("/v1/posts").json(&json!({"title": "T"}));
    let _ = command().key("two words").send().await.problem(400, "malformed");
    let _ = command().key(&"x".repeat(201)).send().await.problem(400, "malformed");
    let _ = command().header("If-Match", "7").send().await.problem(400, "malformed");
}

#[tokio::test]
async fn an_unknown_address_and_an_unknown_method_are_told_apart() {
    let api = author().await.api;
    let _ = api.post("/v1/nothing").send().await.problem(404, "no-such-address");
    let answer = api.get("/v1/posts").send().await.problem(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_no_error_of_ours() {
    let server = Server::shared().await;
    for request in ["nonsense\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"] {
        let mut connection = TcpStream::connect(server.address()).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = connection.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    let logged = server.logged();
    assert!(!logged.lines().any(|line| line.contains("ERROR") && line.contains("actix_http")), "{logged}");
}

#[tokio::test]
async fn the_process_says_that_it_is_alive_and_ready_and_how_it_does() {
    let server = Server::shared().await;
    let api = server.api();
    let answer = api.get("/healthz").send().await.expect(200);
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let ready = api.get("/readyz").send().await.expect(200);
    assert_eq!(ready.body["ready"], true);
    let _ = api.get("/metrics").send().await.problem(404, "no-such-address");
    assert!(server.metrics().get("/metrics").send().await.expect(200).text.contains("http_requests_total"));
}
