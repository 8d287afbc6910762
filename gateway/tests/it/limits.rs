use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

use crate::support::{Door, Service, by_hand, problem};

/// Asks until it is too much, and says how often.
async fn exhaust(doors: &[&Door]) -> (usize, reqwest::Response) {
    for (number, door) in doors.iter().cycle().take(300).enumerate() {
        let answer = door.get("/v1/me/export").await;
        if answer.status() != 200 {
            return (number, answer);
        }
    }
    panic!("it is never too much");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let service = Service::named("all").await;
    // Redis is away: the gateway counts alone.
    let door = Door::start(&service.url(), &["--rate-factor=1"]).await;
    let first = door.get("/v1/me/export").await;
    assert_eq!(first.headers()["ratelimit-policy"], r#""gateway-exports-per-address";q=60;w=60"#);
    assert_eq!(first.headers()["ratelimit"], r#""gateway-exports-per-address";r=59;t=1"#);
    let (number, last) = exhaust(&[&door]).await;
    assert!(number >= 59, "{number}");
    assert_eq!(last.headers()["retry-after"], "1");
    assert_eq!(problem(last).await, (429, "quota-exceeded".into()));
    assert_eq!(door.get("/v1/posts").await.status(), 200, "other classes are counted by themselves");
}

#[tokio::test]
async fn by_default_a_test_suite_from_one_address_passes() {
    let service = Service::named("all").await;
    let door = Door::start(&service.url(), &["--rate-factor=1"]).await;
    let account =
        serde_json::json!({"user_name": "a", "email": "a@example.org", "password": "correct horse battery staple"});
    for _ in 0..150 {
        assert_eq!(door.client.post(door.url("/v1/register")).json(&account).send().await.unwrap().status(), 200);
    }
    let reads = futures::future::join_all((0..800).map(|_| door.get("/v1/posts"))).await;
    assert!(reads.iter().all(|answer| answer.status() == 200));
}

#[tokio::test]
async fn callers_behind_our_proxies_are_told_apart() {
    let service = Service::named("all").await;
    let door = Door::start(&service.url(), &["--rate-factor=1", "--trusted-proxies=127.0.0.1"]).await;
    exhaust(&[&door]).await;
    let other = door.client.get(door.url("/v1/me/export")).header("x-forwarded-for", "203.0.113.9");
    assert_eq!(other.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_is_refused_is_counted_too() {
    let service = Service::named("all").await;
    let refused = [
        ("GET", "/v1/%FF", 400),
        ("DELETE", "/v1/posts", 405),
        ("OPTIONS", "/v1/posts", 204),
        ("OPTIONS", "/v1/unknown", 404),
    ];
    for (method, path, status) in refused {
        let door = Door::start(&service.url(), &["--rate-factor=1"]).await;
        let answer = door.client.request(method.parse().unwrap(), door.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
        assert_eq!(answer.headers()["ratelimit"], r#""gateway-reads-per-address";r=5999;t=1"#, "{method} {path}");
    }
}

#[tokio::test]
async fn who_is_refused_too_often_is_told_so() {
    let service = Service::named("all").await;
    let door = Door::start(&service.url(), &["--rate-factor=1"]).await;
    let most = async |method: http::Method| {
        let asked = (0..300).map(|_| door.client.request(method.clone(), door.url("/v1/posts")).send());
        let answers = futures::future::join_all(asked).await;
        answers.into_iter().map(|answer| answer.unwrap().status().as_u16()).max().unwrap()
    };
    let mut rounds = 0;
    while most(http::Method::OPTIONS).await != 429 {
        rounds += 1;
        assert!(rounds < 100, "it is never too much");
    }
    assert_eq!(most(http::Method::DELETE).await, 429);
}

/// Answers as Redis does: whatever is counted, seven more are taken.
async fn redis(mut stream: TcpStream, is_silent: impl Fn() -> bool) {
    let mut part = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut part).await {
        let text = String::from_utf8_lossy(&part[..read]).into_owned();
        let is_count = text.contains("EVAL");
        // Commands come whole: each begins with how many words it has.
        let commands = text.matches("\n*").count() + usize::from(text.starts_with('*'));
        let answers = if is_count { "*3\r\n:7\r\n:1000000\r\n:0\r\n".to_owned() } else { "+OK\r\n".repeat(commands) };
        if !is_silent() && stream.write_all(answers.as_bytes()).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_redis_that_vanished_without_a_word_is_connected_to_anew() {
    let (opened, silent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, muted) = (Arc::clone(&opened), Arc::clone(&silent));
    let url = by_hand(move |stream| {
        let (number, muted) = (counted.fetch_add(1, Ordering::SeqCst), Arc::clone(&muted));
        redis(stream, move || number < muted.load(Ordering::SeqCst))
    })
    .await;
    let service = Service::named("all").await;
    let url = format!("--redis-url={}", url.replace("http", "redis"));
    let door = Door::start(&service.url(), &["--rate-factor=1", &url]).await;
    let left = async || door.get("/v1/posts").await.headers()["ratelimit"].to_str().unwrap().to_owned();
    let by_redis = r#""gateway-reads-per-address";r=7;t=1"#;
    assert_eq!(left().await, by_redis);
    silent.store(opened.load(Ordering::SeqCst), Ordering::SeqCst);
    assert_ne!(left().await, by_redis);
    let began = Instant::now();
    while left().await != by_redis {
        assert!(began.elapsed() < Duration::from_secs(10), "the old connection is waited for");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A Redis at this address, until it is aborted; then its connections are closed, and nobody listens.
async fn redis_at(address: SocketAddr) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            connections.spawn(redis(stream, || false));
        }
    };
    (address, tokio::spawn(serving))
}

#[tokio::test]
async fn where_redis_goes_the_gateway_counts_alone_until_it_is_back() {
    let (address, there) = redis_at(([127, 0, 0, 1], 0).into()).await;
    let service = Service::named("all").await;
    let door = Door::start(&service.url(), &["--rate-factor=1", &format!("--redis-url=redis://{address}")]).await;
    let exported = async || door.get("/v1/me/export").await;
    let by_redis = r#""gateway-exports-per-address";r=7;t=1"#;
    // More than the limit: this Redis always says that there is room.
    for _ in 0..80 {
        assert_eq!(exported().await.headers()["ratelimit"], by_redis);
    }
    there.abort();
    let _ = there.await;
    let began = Instant::now();
    assert_eq!(exported().await.headers()["ratelimit"], r#""gateway-exports-per-address";r=59;t=1"#);
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
    let (number, refused) = exhaust(&[&door]).await;
    assert!((58..70).contains(&number), "{number}");
    assert_eq!(problem(refused).await, (429, "quota-exceeded".into()));
    let (_, back) = redis_at(address).await;
    let began = Instant::now();
    while exported().await.headers()["ratelimit"] != by_redis {
        assert!(began.elapsed() < Duration::from_secs(10), "Redis is back, and not asked");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    back.abort();
}

/// Needs a Redis, as `dev/test` has it.
#[tokio::test]
async fn gateways_count_together_where_redis_is() {
    let Ok(redis) = std::env::var("INKLOG_REDIS_URL") else { return eprintln!("skipped: INKLOG_REDIS_URL is not set") };
    let service = Service::named("all").await;
    let (redis, prefix) = (format!("--redis-url={redis}"), format!("--redis-prefix=test-{}", Uuid::new_v4().simple()));
    let more = ["--rate-factor=1", &redis, &prefix];
    let (one, two) = (Door::start(&service.url(), &more).await, Door::start(&service.url(), &more).await);
    let (number, refused) = exhaust(&[&one, &two]).await;
    assert!((60..90).contains(&number), "{number} of both together");
    assert_eq!(problem(refused).await, (429, "quota-exceeded".into()));
}
