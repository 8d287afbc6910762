use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::join_all;
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt as _, Empty, StreamBody};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{Door, Endless, Service, text};

/// A client that begins with HTTP/2, without TLS.
fn client() -> Client<HttpConnector, Empty<Bytes>> {
    Client::builder(TokioExecutor::new()).http2_only(true).build_http()
}

async fn get(client: &Client<HttpConnector, Empty<Bytes>>, door: &Door) -> Result<http::Response<Incoming>, Error> {
    client.request(Request::get(door.url("/v1/posts")).body(Empty::new()).unwrap()).await
}

#[tokio::test]
async fn one_connection_has_many_requests_and_is_closed_after_the_last() {
    let service = Service::start(|request| async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        text(200, request.headers()["host"].to_str().unwrap())
    })
    .await;
    let (door, client) = (Door::start(&service.url(), &[]).await, client());
    let asking = join_all((0..20).map(|_| get(&client, &door)));
    let closing = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        door.shutdown.request();
    };
    let (answers, ()) = tokio::join!(asking, closing);
    for answer in answers {
        let body = answer.unwrap().into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, door.address.to_string());
    }
    tokio::time::timeout(Duration::from_secs(5), door.running).await.unwrap().unwrap().unwrap();
    assert!(
        client
            .request(Request::get(format!("http://{}/v1/posts", door.address)).body(Empty::new()).unwrap())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_stream_that_its_client_does_not_read_is_given_up_and_others_go_on() {
    let mut endless = Endless::start().await;
    let (door, client) = (Door::start(&endless.service.url(), &["--take-timeout=1s"]).await, client());
    let unread = get(&client, &door).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let taken = endless.taken();
    assert!((1..800).contains(&taken), "{taken} of 16000 frames were taken");
    endless.given_up().await;
    drop(unread);
    assert_eq!(get(&client, &door).await.unwrap().status(), 200);
}

#[tokio::test]
async fn who_reads_one_stream_and_leaves_the_others_loses_the_connection() {
    let alive = Arc::new(());
    let held = Arc::clone(&alive);
    let service = Service::start(move |_| {
        let held = Arc::clone(&held);
        async move {
            let frame = move || {
                let _still = &held;
                Ok::<_, Infallible>(Frame::data(Bytes::from(vec![b'a'; 64 * 1024])))
            };
            http::Response::new(StreamBody::new(futures::stream::repeat_with(frame)).boxed_unsync())
        }
    })
    .await;
    let door = Door::start(&service.url(), &["--take-timeout=1s", "--upstream-concurrency=512"]).await;
    // Each stream has room for a little; the connection for all of them, and for the one that goes on.
    let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .http2_initial_stream_window_size(16 * 1024)
        .http2_initial_connection_window_size(16 * 1024 * 1024)
        .build_http();
    let left = join_all((0..20).map(|_| get(&client, &door))).await;
    let mut going = get(&client, &door).await.unwrap().into_body();
    let (began, mut frames) = (Instant::now(), 0);
    while going.frame().await.is_some_and(|frame| frame.is_ok()) {
        frames += 1;
        assert!(began.elapsed() < Duration::from_secs(10), "the others are held for as long as one goes");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(frames > 10 && began.elapsed() >= Duration::from_millis(500), "{frames} in {:?}", began.elapsed());
    drop(left);
    let began = Instant::now();
    // The service's own and the test's.
    while Arc::strong_count(&alive) > 2 {
        assert!(began.elapsed() < Duration::from_secs(10), "answers are held that nobody takes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn who_takes_nothing_at_all_is_dropped_however_small_the_answer() {
    let service = Service::named("all").await;
    let door = Door::start(&service.url(), &["--take-timeout=500ms"]).await;
    let shut: Client<HttpConnector, Empty<Bytes>> =
        Client::builder(TokioExecutor::new()).http2_only(true).http2_initial_stream_window_size(0_u32).build_http();
    for path in ["/v1/posts", "/healthz"] {
        let answer = shut.request(Request::get(door.url(path)).body(Empty::new()).unwrap()).await.unwrap();
        let took = tokio::time::timeout(Duration::from_secs(5), answer.into_body().collect()).await;
        assert!(took.expect("the connection ends").is_err(), "{path}");
    }
}

#[tokio::test]
async fn a_connection_without_requests_is_closed() {
    let service = Service::named("all").await;
    let door = Door::start(&service.url(), &["--head-timeout=500ms", "--take-timeout=1s"]).await;
    let mut stream = door.connect().await;
    // The preface and empty settings; and the settings of the gateway are not even acknowledged.
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut told = Vec::new();
    let ending = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut told));
    ending.await.expect("the connection ends").ok();
}
