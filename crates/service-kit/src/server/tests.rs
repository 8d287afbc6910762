use std::time::Instant;

use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_and_read_body_json, call_service, init_service};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use crate::in_process::Asked;
use crate::json::BodyPace;
use crate::{Json, Methods, TraceContext};

fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            Methods::at("/slow")
                .get(async || {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    "done"
                })
                .build(),
        )
        .app_data(BodyPace { grace: Duration::from_millis(100), bytes_per_second: 20, ..BodyPace::default() })
        .service(Methods::at("/body").on(Method::POST, async |_: Json<Value>| "whole").build())
        .service(Methods::at("/trace").get(async |trace: TraceContext| trace.traceparent()).build())
        .service(Methods::at("/within").get(within).build())
        .service(Methods::at("/numbers/{n}").get(async |n: web::Path<u8>| n.to_string()).build());
}

/// What another address answers to a request from within.
async fn within(request: HttpRequest) -> HttpResponse {
    let Some(application) = request.app_data::<InProcess>() else { return HttpResponse::Gone().finish() };
    let asked = Asked {
        method: Method::GET,
        uri: request.query_string().parse().unwrap(),
        headers: HeaderMap::new(),
        body: web::Bytes::new(),
        peer_addr: request.peer_addr(),
    };
    application.answer(asked).await.unwrap()
}

fn running() -> (SocketAddr, Shutdown, tokio::task::JoinHandle<io::Result<()>>) {
    let listener = bind("127.0.0.1:0".parse().unwrap(), None).unwrap();
    let (address, shutdown) = (listener.address().unwrap(), Shutdown::new());
    (address, shutdown.clone(), tokio::spawn(serve(listener, 1, shutdown, routes)))
}

async fn request(stream: &mut TcpStream, head: &str) -> String {
    stream.write_all(format!("{head}\r\nHost: x\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test]
async fn a_shutdown_finishes_what_is_under_way_and_drops_the_idle() {
    let (address, shutdown, server) = running();
    let mut idle = TcpStream::connect(address).await.unwrap();
    assert!(request(&mut idle, "GET /trace HTTP/1.1").await.starts_with("HTTP/1.1 200"));
    let mut busy = TcpStream::connect(address).await.unwrap();
    let answer = tokio::spawn(async move { request(&mut busy, "GET /slow HTTP/1.1").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    shutdown.request();
    assert!(answer.await.unwrap().ends_with("done"));
    server.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "an idle connection held it up");
}

#[tokio::test]
async fn a_request_gets_ids_and_keeps_those_it_has() {
    let (address, shutdown, server) = running();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "GET /trace HTTP/1.1\r\nX-Request-Id: abc-1\r\n\
                traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let answer = request(&mut stream, head).await;
    assert!(answer.contains("x-request-id: abc-1"), "{answer}");
    assert!(answer.contains("00-0af7651916cd43dd8448eb211c80319c-"), "{answer}");
    let answer = request(&mut stream, "GET /trace HTTP/1.1\r\nX-Request-Id: a b\"").await;
    assert!(!answer.contains("a b") && answer.contains("x-request-id: "), "{answer}");
    shutdown.request();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn head_has_the_length_but_not_the_body() {
    let (address, shutdown, server) = running();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let answer = request(&mut stream, "HEAD /trace HTTP/1.1").await;
    assert!(answer.contains("content-length: 55") && answer.ends_with("\r\n\r\n"), "{answer}");
    shutdown.request();
    server.await.unwrap().unwrap();
}

#[actix_web::test]
async fn what_no_handler_answers_is_a_problem_too() {
    let app = init_service(App::new().configure(routes).configure(configure_defaults)).await;
    for (method, path, status, kind) in [
        (Method::GET, "/nowhere", 404, "no-such-address"),
        (Method::GET, "/numbers/many", 404, "not-found"),
        (Method::POST, "/slow", 405, "method-not-allowed"),
    ] {
        let request = || TestRequest::with_uri(path).method(method.clone()).to_request();
        assert_eq!(call_service(&app, request()).await.status(), status);
        let body: Value = call_and_read_body_json(&app, request()).await;
        assert_eq!(body["type"], format!("urn:inklog:problem:{kind}"));
    }
}

#[test]
fn a_taken_address_is_named() {
    let free = "127.0.0.1:0".parse().unwrap();
    let held = bind(free, None).unwrap();
    let taken = held.address().unwrap();
    for (listen, metrics, variable) in [(taken, None, "INKLOG_LISTEN"), (free, Some(taken), "INKLOG_METRICS_LISTEN")] {
        let error = bind(listen, metrics).unwrap_err();
        assert!(error.to_string().contains(variable), "{error}");
    }
}

#[tokio::test]
async fn metrics_are_answered_at_an_address_of_their_own() {
    let free = "127.0.0.1:0".parse().unwrap();
    let listeners = bind(free, Some(free)).unwrap();
    let (http, metrics) = (listeners.address().unwrap(), listeners.metrics.as_ref().unwrap().local_addr().unwrap());
    let shutdown = Shutdown::new();
    let server = tokio::spawn(serve(listeners, 1, shutdown.clone(), routes));
    for (address, path, status) in
        [(http, "/trace", 200), (http, "/metrics", 404), (metrics, "/metrics", 200), (metrics, "/trace", 404)]
    {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let answer = request(&mut stream, &format!("GET {path} HTTP/1.1")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
        assert!(answer.contains("x-content-type-options: nosniff"), "{path}: {answer}");
    }
    shutdown.request();
    server.await.unwrap().unwrap();
}

/// Sends the head and the beginning of a body to `/body`.
async fn begin(address: SocketAddr, length: &str, beginning: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{length}\r\n\r\n");
    stream.write_all((head + beginning).as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_body_that_does_not_come_to_an_end_is_given_up() {
    let (address, shutdown, server) = running();
    let mut stream = begin(address, "Content-Length: 100", "{\"a\":").await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("urn:inklog:problem:body-too-slow"), "{answer}");
    shutdown.request();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_body_that_arrives_at_the_least_rate_has_its_time_and_a_slower_one_has_not() {
    let (address, shutdown, server) = running();
    for (pieces, pause, status) in [(12, 20, "HTTP/1.1 200"), (4, 600, "HTTP/1.1 408")] {
        let mut stream = begin(address, &format!("Content-Length: {}", 2 + 5 * pieces), "\"").await;
        for _ in 0..pieces {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            // It may be given up before its end.
            let _ = stream.write_all(b"aaaaa").await;
        }
        let _ = stream.write_all(b"\"").await;
        let mut answer = [0; 12];
        let _ = stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), status, "five bytes each {pause} ms");
    }
    shutdown.request();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn bodies_that_are_only_announced_are_in_no_other_callers_way() {
    let listener = bind("127.0.0.1:0".parse().unwrap(), None).unwrap();
    let (address, shutdown) = (listener.address().unwrap(), Shutdown::new());
    let server = tokio::spawn(serve(listener, 1, shutdown.clone(), |config: &mut web::ServiceConfig| {
        // As services have it, with all the patience there is.
        config.route("/body", web::post().to(async |_: Json<Value>| "whole"));
    }));
    let mut slow = Vec::new();
    for number in 0..70 {
        let length = if number % 2 == 0 { "Content-Length: 1048576" } else { "Transfer-Encoding: chunked" };
        slow.push(begin(address, length, if number % 2 == 0 { "{" } else { "1\r\n{\r\n" }).await);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut stream = begin(address, "Content-Length: 2", "{}").await;
    let mut answer = [0; 12];
    let _ = stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 200");
    drop(slow);
    shutdown.request();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_application_is_asked_from_within_where_a_token_says_who_asks() {
    let (address, shutdown, server) = running();
    let mut stream = TcpStream::connect(address).await.unwrap();
    for (asked, status) in [("/nowhere", 404), ("/trace", 400), ("/within?/trace", 400)] {
        let answer = request(&mut stream, &format!("GET /within?{asked} HTTP/1.1")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{asked}: {answer}");
    }
    shutdown.request();
    drop(stream);
    server.await.unwrap().unwrap();
}
