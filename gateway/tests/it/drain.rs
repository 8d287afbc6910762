use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::{Door, Service, rest, text, until};

#[tokio::test]
async fn requests_under_way_are_finished_and_others_told_to_go() {
    let service = Service::start(|_| async {
        tokio::time::sleep(Duration::from_millis(800)).await;
        text(200, "finished")
    })
    .await;
    let door = Door::start(&service.url(), &[]).await;
    let mut idle = door.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until(&mut idle, "alive").await;
    let mut busy = door.connect().await;
    busy.write_all(b"GET /v1/posts HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    door.shutdown.request();
    tokio::time::sleep(Duration::from_millis(50)).await;
    // New requests are answered for a moment yet, and their connections are the last.
    let ready = door.get("/readyz").await;
    assert_eq!((ready.status().as_u16(), ready.headers()["connection"].as_bytes()), (503, &b"close"[..]));
    let told = rest(&mut busy).await;
    assert!(told.contains("finished") && told.to_lowercase().contains("connection: close"), "{told}");
    assert_eq!(rest(&mut idle).await, "", "an idle connection is closed");
    tokio::time::timeout(Duration::from_secs(5), door.running).await.unwrap().unwrap().unwrap();
    assert!(door.client.get(format!("http://{}/healthz", door.address)).send().await.is_err());
}

#[tokio::test]
async fn a_connection_that_is_idle_is_not_closed_at_once_but_answered_once_more() {
    let service = Service::named("all").await;
    let door = Door::start(&service.url(), &[]).await;
    let mut idle = door.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until(&mut idle, "alive").await;
    door.shutdown.request();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(TcpStream::connect(door.address).await.is_err(), "no others are taken");
    idle.write_all(b"GET /v1/posts HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let told = rest(&mut idle).await;
    assert!(told.contains("all GET /v1/posts") && told.to_lowercase().contains("connection: close"), "{told}");
    tokio::time::timeout(Duration::from_secs(5), door.running).await.unwrap().unwrap().unwrap();
}

/// Asks over one connection, with pauses, until it is told that this was the last answer. Panics where none comes.
async fn ask_until_told_to_go(mut stream: TcpStream, pause: Duration) -> u32 {
    for asked in 1.. {
        stream.write_all(b"GET /v1/posts HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        if until(&mut stream, "all GET /v1/posts").await.to_lowercase().contains("connection: close") {
            return asked;
        }
        tokio::time::sleep(pause).await;
    }
    unreachable!("it is told at some time");
}

#[tokio::test]
async fn who_asks_every_now_and_then_loses_no_request_while_the_gateway_ends() {
    let service = Service::named("all").await;
    let door = Door::start(&service.url(), &[]).await;
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..50 {
        asking.spawn(ask_until_told_to_go(door.connect().await, Duration::from_millis(1 + 30 * number)));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    door.shutdown.request();
    while let Some(asked) = asking.join_next().await {
        assert!(asked.unwrap() > 1);
    }
    tokio::time::timeout(Duration::from_secs(5), door.running).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn what_takes_too_long_is_not_waited_for() {
    let service = Service::start(|_| std::future::pending()).await;
    let door = Door::start(&service.url(), &["--drain=500ms"]).await;
    let mut busy = door.connect().await;
    busy.write_all(b"GET /v1/posts HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    door.shutdown.request();
    tokio::time::timeout(Duration::from_secs(5), door.running).await.unwrap().unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_setting_that_is_wrong_is_named() {
    for bad in ["--upstream-queries=ftp://a", "--cors-origins=blog.example", "--drain=soon", "--trusted-proxies=all"] {
        let usual = ["gateway", bad];
        let error = <gateway::Args as clap::Parser>::try_parse_from(usual).unwrap_err().to_string();
        assert!(error.contains(bad.split('=').next().unwrap()), "{error}");
    }
}
