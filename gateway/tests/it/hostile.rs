use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Door, Service, rest, text, until};

/// Answers once the body is there.
async fn whole() -> Service {
    Service::start(|request| async move {
        let path = request.uri().path().to_owned();
        match request.into_body().collect().await {
            Ok(body) => text(200, &format!("{path} {}", body.to_bytes().len())),
            Err(_) => text(400, "broken"),
        }
    })
    .await
}

#[tokio::test]
async fn requests_that_could_be_two_are_refused() {
    let service = whole().await;
    let door = Door::start(&service.url(), &[]).await;
    let refused = [
        "POST /v1/posts HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST /v1/posts HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
        "POST /v1/posts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /v1/posts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/posts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/posts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        "GET /v1/posts HTTP/1.1\r\nHost: a\r\nX-Folded: a\r\n b\r\n\r\n",
        "GET /v1/posts HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /v1/posts HTTP/1.1\r\n\r\n",
        "GET /v1/%FF HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /v1/\u{0}posts HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /v1/../v1/posts HTTP/1.1\r\nHost: a\r\n\r\n",
        "GE(T /v1/posts HTTP/1.1\r\nHost: a\r\n\r\n",
    ];
    for request in refused {
        let told = door.raw(request).await;
        assert!(told.starts_with("HTTP/1.1 400") || told.starts_with("HTTP/1.1 501"), "{request:?}: {told}");
        assert_eq!(told.matches("HTTP/1.1 ").count(), 1, "{request:?}: {told}");
    }
}

#[tokio::test]
async fn nothing_is_read_of_a_connection_after_a_request_whose_length_is_said_twice() {
    let service = whole().await;
    let door = Door::start(&service.url(), &[]).await;
    let hidden = "GET /v1/tags HTTP/1.1\r\nHost: a\r\n\r\n";
    for lengths in [
        "Content-Length: 6\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 6",
        "Transfer-Encoding: chunked",
    ] {
        let told = door.raw(format!("POST /v1/posts HTTP/1.1\r\nHost: a\r\n{lengths}\r\n\r\n0\r\n\r\n{hidden}")).await;
        assert_eq!(told.matches("HTTP/1.1 ").count(), 1, "{lengths}: {told}");
        assert!(!told.contains("/v1/tags"), "{lengths}: {told}");
    }
}

#[tokio::test]
async fn heads_have_limits_and_forms() {
    let service = whole().await;
    let door = Door::start(&service.url(), &[]).await;
    let long = "a".repeat(100_000);
    let told = door.raw(format!("GET /v1/posts HTTP/1.1\r\nHost: a\r\nX-Long: {long}\r\n\r\n")).await;
    assert!(told.starts_with("HTTP/1.1 431"), "{told}");
    let many: String = (0..200).map(|number| format!("X-{number}: 1\r\n")).collect();
    let told = door.raw(format!("GET /v1/posts HTTP/1.1\r\nHost: a\r\n{many}\r\n")).await;
    assert!(told.starts_with("HTTP/1.1 431"), "{told}");
    let told = door.raw("CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\nConnection: close\r\n\r\n").await;
    assert!(told.starts_with("HTTP/1.1 405"), "{told}");
    let told = door.raw("GET http://blog.example/v1/posts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(told.starts_with("HTTP/1.1 200") && told.contains("/v1/posts 0"), "{told}");
}

#[tokio::test]
async fn who_does_not_send_a_head_is_dropped() {
    let service = whole().await;
    let door = Door::start(&service.url(), &["--head-timeout=300ms"]).await;
    for part in ["", "P", "PRI * HTTP", "GET /v1/posts HTTP/1.1\r\nHo"] {
        let mut stream = door.connect().await;
        stream.write_all(part.as_bytes()).await.unwrap();
        let (began, mut end) = (Instant::now(), Vec::new());
        tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut end)).await.expect(part).ok();
        assert!(began.elapsed() >= Duration::from_millis(200), "{part:?}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn who_stops_sending_a_body_is_told_so_and_holds_up_nobody() {
    let service = whole().await;
    let more = ["--body-timeout=2s", "--upstream-concurrency=8"];
    let door = Door::start(&service.url(), &more).await;
    let mut slow = Vec::new();
    for _ in 0..64 {
        let mut stream = door.connect().await;
        stream.write_all(b"POST /v1/posts HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf").await.unwrap();
        slow.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    let began = Instant::now();
    assert_eq!(door.get("/v1/posts").await.status(), 200);
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
    let told = rest(&mut slow[0]).await;
    assert!(told.starts_with("HTTP/1.1 408") && told.contains("body-too-slow"), "{told}");
}

/// Opens a connection, and says whether it is answered.
async fn another(door: &Door, kept: &mut Vec<TcpStream>) -> bool {
    let mut stream = door.connect().await;
    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let is_let_in = matches!(stream.read(&mut [0; 1]).await, Ok(1));
    kept.push(stream);
    is_let_in
}

#[tokio::test]
async fn one_address_has_a_part_of_the_connections() {
    let service = whole().await;
    let (door, mut kept) = (Door::start(&service.url(), &["--connections=160"]).await, Vec::new());
    for number in 0..10 {
        assert!(another(&door, &mut kept).await, "{number}");
    }
    assert!(!another(&door, &mut kept).await);
    kept.clear();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(another(&door, &mut kept).await, "there is room again");
    let ours = Door::start(&service.url(), &["--connections=160", "--trusted-proxies=127.0.0.1"]).await;
    for number in 0..40 {
        assert!(another(&ours, &mut kept).await, "{number} of a proxy of ours");
    }
}

#[tokio::test]
async fn a_service_is_asked_once_a_small_body_is_there() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let service = Service::start(move |request| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            let trailers = request.headers().contains_key("transfer-encoding");
            let body = request.into_body().collect().await.unwrap();
            let sum = body.trailers().map_or("none", |trailers| trailers["x-sum"].to_str().unwrap()).to_owned();
            text(200, &format!("{} {trailers} {sum}", String::from_utf8_lossy(&body.to_bytes())))
        }
    })
    .await;
    let door = Door::start(&service.url(), &[]).await;
    for (head, rest, told) in [
        ("Content-Length: 9\r\n\r\nhalf", " more", "half more false none"),
        ("Transfer-Encoding: chunked\r\n\r\n4\r\nhalf", "\r\n0\r\nx-sum: 7\r\n\r\n", "half true 7"),
    ] {
        asked.store(0, Ordering::SeqCst);
        let mut stream = door.connect().await;
        let head = format!("POST /v1/posts HTTP/1.1\r\nHost: a\r\nTrailer: x-sum\r\n{head}");
        stream.write_all(head.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(asked.load(Ordering::SeqCst), 0);
        stream.write_all(rest.as_bytes()).await.unwrap();
        until(&mut stream, told).await;
    }
}
