use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
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
