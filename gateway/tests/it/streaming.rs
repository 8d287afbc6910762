use std::convert::Infallible;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Incoming;
use tokio::io::AsyncWriteExt as _;

use crate::support::{Body, Door, Endless, Service, problem, rest, text, until};

/// Sends back what comes, as it comes.
async fn echo(request: Request<Incoming>) -> Response<Body> {
    let trailer = request.headers().get("trailer").cloned();
    let frames = futures::stream::unfold(request.into_body(), |mut body| async move {
        let frame = body.frame().await?.ok()?;
        Some((Ok::<_, Infallible>(frame), body))
    });
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    trailer.into_iter().for_each(|trailer| drop(response.headers_mut().insert("trailer", trailer)));
    response
}

#[tokio::test]
async fn bodies_go_both_ways_as_they_come_with_their_trailers() {
    let service = Service::start(echo).await;
    let door = Door::start(&service.url(), &[]).await;
    let mut stream = door.connect().await;
    let head =
        "POST /v1/bulk HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(b"5\r\nfirst\r\n").await.unwrap();
    until(&mut stream, "first").await;
    stream.write_all(b"6\r\nsecond\r\n").await.unwrap();
    until(&mut stream, "second").await;
    stream.write_all(b"0\r\nx-sum: 7\r\n\r\n").await.unwrap();
    until(&mut stream, "x-sum: 7").await;
}

#[tokio::test]
async fn an_answer_that_its_client_does_not_read_is_not_held_and_given_up() {
    let mut endless = Endless::start().await;
    let door = Door::start(&endless.service.url(), &["--take-timeout=1s"]).await;
    let mut stream = door.connect().await;
    stream.write_all(b"GET /v1/posts HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    let taken = endless.taken();
    assert!((1..800).contains(&taken), "{taken} of 16000 frames were taken");
    endless.given_up().await;
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused_whether_they_say_so_or_not() {
    let service = Service::start(|request| async move {
        let body = request.into_body().collect().await;
        text(200, &body.map_or_else(|_| "broken".to_owned(), |body| body.to_bytes().len().to_string()))
    })
    .await;
    let door = Door::start(&service.url(), &[]).await;
    let told = door.raw("POST /v1/posts HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n").await;
    assert!(told.starts_with("HTTP/1.1 413"), "{told}");
    let mut stream = door.connect().await;
    let head = "POST /v1/posts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = [b"100000\r\n".as_slice(), &vec![b'a'; 1024 * 1024], b"\r\n"].concat();
    let mut taken = 0;
    while taken < 32 && stream.write_all(&chunk).await.is_ok() {
        taken += 1;
    }
    let told = rest(&mut stream).await;
    // The connection may be reset while the client still sends.
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 413"), "{told}");
    assert!(taken < 32, "the gateway stops reading");
    let fits = door.client.post(door.url("/v1/posts")).body(vec![b'a'; 3 * 1024 * 1024]).send().await.unwrap();
    assert_eq!(fits.text().await.unwrap(), (3 * 1024 * 1024).to_string());
}

#[tokio::test]
async fn what_concerns_the_services_connection_is_not_passed_on() {
    let service = Service::start(|_| async {
        let mut response = text(200, "good");
        let headers: &mut HeaderMap = response.headers_mut();
        headers.insert("connection", HeaderValue::from_static("x-hop"));
        headers.insert("x-hop", HeaderValue::from_static("1"));
        headers.insert("etag", HeaderValue::from_static("\"1\""));
        response
    })
    .await;
    let door = Door::start(&service.url(), &[]).await;
    let response = door.get("/v1/posts").await;
    assert!(!response.headers().contains_key("x-hop"));
    assert_eq!(response.headers()["etag"], "\"1\"");
}

#[tokio::test]
async fn one_address_has_so_many_long_answers_at_a_time() {
    let endless = Endless::start().await;
    let door = Door::start(&endless.service.url(), &["--upstream-concurrency=64"]).await;
    let mut untaken = Vec::new();
    for _ in 0..8 {
        let answer = door.get("/v1/posts").await;
        assert_eq!(answer.status(), 200);
        untaken.push(answer);
    }
    assert_eq!(problem(door.get("/v1/posts").await).await, (503, "overloaded".into()));
    assert_eq!(door.get("/healthz").await.status(), 200);
    untaken.clear();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(door.get("/v1/posts").await.status(), 200);
}
