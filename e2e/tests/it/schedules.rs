//! What is planned happens once, and not early, whichever instance dies meanwhile.

use std::time::{Duration, Instant};

use serde_json::json;
use service_kit::times;
use testkit::Log;

use crate::support::{System, unique};

/// Posts of which the time comes while instances die.
const POSTS: i64 = 60;
/// Between the times of two of them, in milliseconds.
const APART_MS: i64 = 200;
/// From the first request until the first of them is due.
const AHEAD_MS: i64 = 6_000;
/// By then a leader is replaced, and another has carried out what came meanwhile.
const LATEST: Duration = Duration::from_secs(20);

/// Posts that are to be released one after the other: their ids, and when.
async fn scheduled(system: &System, begin: i64) -> Vec<(String, i64)> {
    let author = system.person(uuid::Uuid::new_v4(), "editor");
    let mut posts = Vec::new();
    for number in 0..POSTS {
        let id = author.draft(&unique("planned"), &[]).await.id();
        let at = begin + number * APART_MS;
        let body = json!({"at": times::format(domain::Timestamp(at))});
        let _ = author.api().put(&format!("/v1/posts/{id}/schedule")).json(&body).send().await.expect(200);
        posts.push((id, at));
    }
    posts
}

/// What happened to the posts, once all of them are published.
async fn all_published(system: &System, posts: &[(String, i64)]) -> Log {
    let until = Instant::now() + LATEST;
    loop {
        let log = system.scope.log("posts").await;
        if posts.iter().all(|(id, _)| log.version(id) >= 3) || Instant::now() > until {
            return log;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Each happened once, and not early; how late the latest was, in milliseconds.
fn assert_once(log: &Log, posts: &[(String, i64)]) -> i64 {
    log.assert_whole();
    let mut latest = 0;
    for (id, at) in posts {
        assert_eq!(log.story(id), ["Drafted", "Scheduled", "Published"], "{id}");
        let published = log.events().find(|seen| seen.key == *id && seen.kind().ends_with("Published")).unwrap();
        let late = times::parse(published.header("ce_time")).unwrap().0 - at;
        assert!(late >= 0, "{id} was released {} ms early", -late);
        latest = latest.max(late);
    }
    latest
}

async fn sleep_until(ms: i64) {
    let ms = u64::try_from(ms - times::now().0).unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_schedule_is_carried_out_once_though_leaders_are_killed_around_its_time() {
    let mut system = System::writing(2).await;
    let begin = times::now().0 + AHEAD_MS;
    let posts = scheduled(&system, begin).await;
    // As one's time comes an instance is killed, and another takes its place.
    for kill in 0..6 {
        sleep_until(begin + kill * POSTS * APART_MS / 6).await;
        system.commands[0].kill();
        drop(system.commands.remove(0));
        system.join().await;
    }
    let log = all_published(&system, &posts).await;
    let latest = assert_once(&log, &posts);
    println!("the latest was {latest} ms late");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_while_the_system_was_down_is_carried_out_at_once() {
    let mut system = System::writing(1).await;
    let begin = times::now().0 + AHEAD_MS;
    let posts = scheduled(&system, begin).await;
    system.commands[0].kill();
    sleep_until(begin + POSTS * APART_MS).await;
    drop(system.commands.remove(0));
    system.join().await;
    let up = Instant::now();
    let log = all_published(&system, &posts).await;
    assert!(up.elapsed() < Duration::from_secs(8), "it took {:?}", up.elapsed());
    assert_once(&log, &posts);
}
