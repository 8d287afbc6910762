use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{Door, Nobody, Service, by_hand, problem, text};

#[tokio::test]
async fn a_dead_service_is_said_to_be_unavailable() {
    let nobody = Nobody::new();
    let door = Door::start(&nobody.url(), &[]).await;
    let response = door.get("/v1/posts").await;
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(problem(response).await, (503, "unavailable".into()));
    // After some failures it is not even asked.
    for _ in 0..20 {
        assert_eq!(door.get("/v1/posts").await.status(), 503);
    }
    let response = door.get("/v1/posts").await.text().await.unwrap();
    assert!(response.contains("left alone"), "{response}");
}

#[tokio::test]
async fn a_service_that_comes_back_is_asked_again() {
    let nobody = Nobody::new();
    let door = Door::start(&nobody.url(), &[]).await;
    for _ in 0..15 {
        assert_eq!(door.get("/v1/posts").await.status(), 503);
    }
    let listener = nobody.comes();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        }
    });
    let began = Instant::now();
    while door.get("/v1/posts").await.status() != 200 {
        assert!(began.elapsed() < Duration::from_secs(10), "it is still left alone");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_service_that_hangs_is_not_waited_for() {
    let service = Service::start(|_| std::future::pending()).await;
    let door = Door::start(&service.url(), &["--answer-timeout=300ms"]).await;
    let began = Instant::now();
    assert_eq!(problem(door.get("/v1/posts").await).await, (504, "timed-out".into()));
    assert!(began.elapsed() < Duration::from_secs(2));
    let hurried = door.client.get(door.url("/v1/posts")).header("inklog-timeout-ms", "50");
    let began = Instant::now();
    assert_eq!(hurried.send().await.unwrap().status(), 504);
    assert!(began.elapsed() < Duration::from_millis(250), "{:?}", began.elapsed());
}

#[tokio::test]
async fn garbage_is_said_to_be_garbage() {
    let garbage = by_hand(|mut stream| async move {
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await;
        let _ = stream.write_all(b"\x00\x01 this is no HTTP\r\n\r\n").await;
    })
    .await;
    let door = Door::start(&garbage, &[]).await;
    assert_eq!(problem(door.get("/v1/posts").await).await, (502, "bad-gateway".into()));
}

/// A service that takes a request and breaks off, and how many it took.
async fn breaks_off() -> (String, Arc<AtomicU32>) {
    let taken = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&taken);
    let url = by_hand(move |mut stream| {
        let counted = Arc::clone(&counted);
        async move {
            let mut head = [0; 4096];
            let read = stream.read(&mut head).await.unwrap_or_default();
            if !head[..read].starts_with(b"GET /readyz") {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        }
    })
    .await;
    (url, taken)
}

#[tokio::test]
async fn what_changes_nothing_is_asked_again_and_what_may_is_not() {
    let (url, taken) = breaks_off().await;
    let door = Door::start(&url, &[]).await;
    assert_eq!(door.get("/v1/posts").await.status(), 503);
    assert_eq!(taken.swap(0, Ordering::SeqCst), 3);
    let post = door.client.post(door.url("/v1/posts")).body("{}").send().await.unwrap();
    assert!(post.headers().contains_key("retry-after"));
    assert_eq!(problem(post).await, (503, "unavailable".into()));
    assert_eq!(taken.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_was_not_sent_goes_to_another_replica() {
    let good = Service::start(|request| async move {
        use http_body_util::BodyExt as _;
        let body = request.into_body().collect().await.unwrap().to_bytes();
        text(200, &String::from_utf8_lossy(&body))
    })
    .await;
    let nobody = Nobody::new();
    let door = Door::start(&format!("{},{}", nobody.url(), good.url()), &["--upstream-check=1h"]).await;
    for _ in 0..40 {
        let post = door.client.post(door.url("/v1/posts")).body("whole").send().await.unwrap();
        assert_eq!((post.status().as_u16(), post.text().await.unwrap().as_str()), (200, "whole"));
    }
}

#[tokio::test]
async fn replicas_that_are_not_ready_are_not_asked_until_they_are() {
    let (one, two) = (Service::named("one").await, Service::named("two").await);
    let door = Door::start(&format!("{},{}", one.url(), two.url()), &[]).await;
    let names = async || {
        let mut names: Vec<String> = Vec::new();
        for _ in 0..40 {
            names.push(door.get("/v1/posts").await.text().await.unwrap()[..3].to_owned());
        }
        names.sort();
        names.dedup();
        names
    };
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(names().await, ["one", "two"]);
    one.ready.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(names().await, ["two"]);
    one.ready.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(names().await, ["one", "two"]);
    two.stop();
    assert_eq!(names().await, ["one"], "and none was lost");
}

#[tokio::test]
async fn what_cannot_be_answered_in_time_is_refused_at_once() {
    let service = Service::start(|_| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        text(200, "late")
    })
    .await;
    let door = Door::start(&service.url(), &["--upstream-concurrency=4"]).await;
    let began = Instant::now();
    let answers = join_all((0..64).map(|_| door.get("/v1/posts"))).await;
    let good = answers.iter().filter(|answer| answer.status() == 200).count();
    assert!((4..=44).contains(&good), "{good}");
    for refused in answers.into_iter().filter(|answer| answer.status() != 200) {
        assert!(refused.headers().contains_key("retry-after"));
        assert_eq!(problem(refused).await, (503, "overloaded".into()));
    }
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

/// Waits for a position, as query-api does, and answers all else at once.
async fn behind() -> Service {
    Service::start(|request| async move {
        if request.uri().query().is_none() {
            return text(200, "at once");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        text(503, "behind")
    })
    .await
}

#[tokio::test]
async fn who_waits_for_a_position_holds_up_nobody() {
    let service = behind().await;
    let door = Door::start(&service.url(), &["--upstream-concurrency=160"]).await;
    let waiting = join_all((0..200).map(|_| door.get("/v1/posts?p%6Fsition=zzz")));
    let others = async {
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let began = Instant::now();
            assert_eq!(door.get("/v1/posts").await.status(), 200);
            assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
        }
    };
    let (waited, ()) = tokio::join!(waiting, others);
    let mut answers = Vec::new();
    for answer in waited {
        assert_eq!(answer.status(), 503);
        answers.push(answer.text().await.unwrap());
    }
    let asked = answers.iter().filter(|answer| *answer == "behind").count();
    // An eighth of what the service may have, at a time.
    assert!((20..100).contains(&asked), "{asked}");
}

#[tokio::test]
async fn the_page_of_the_gateway_asks_once_for_all_and_like_all_others() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let service = Service::start(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            text(200, r#"{"posts": []}"#)
        }
    })
    .await;
    let door = Door::start(&service.url(), &[]).await;
    let pages = join_all((0..100).map(|_| door.get("/"))).await;
    assert!(pages.iter().all(|page| page.status() == 200));
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    let (url, taken) = breaks_off().await;
    let door = Door::start(&url, &["--upstream-check=1h"]).await;
    for _ in 0..5 {
        door.get("/v1/posts").await;
    }
    taken.store(0, Ordering::SeqCst);
    assert_eq!(door.get("/").await.status(), 200);
    assert_eq!(taken.load(Ordering::SeqCst), 0, "it is left alone");
}
