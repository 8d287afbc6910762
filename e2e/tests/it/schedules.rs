//! What is planned happens once, and not early, whichever instance dies meanwhile, and whichever has a wrong clock.

use std::time::{Duration, Instant};

use serde_json::json;
use service_kit::times;
use testkit::{Log, eventually};

use crate::support::{PATIENCE, System, unique};

/// Posts of which the time comes while an instance dies, and another takes its place.
const POSTS_A_KILL: i64 = 12;
/// Between the times of two of them, in milliseconds.
const APART_MS: i64 = 200;
/// From a time, in milliseconds: when instances are killed, in turn. What is due is looked for ten times a second.
const AROUND_MS: [i64; 8] = [-30, 0, 5, 15, 40, 70, 100, 130];
/// How often an instance is killed; `make kills` says more.
const KILLS: &str = "INKLOG_KILLS";
/// Posts whose times come while something else happens.
const POSTS: i64 = 60;
/// From the first request until the first of them is due, and beside that for each post.
const AHEAD_MS: i64 = 5_000;
const AHEAD_MS_A_POST: i64 = 25;
/// By then a leader is replaced, and another has carried out what came meanwhile.
const LATEST: Duration = Duration::from_secs(20);

/// When the first of so many posts is due, if they are scheduled now.
fn first_of(count: i64) -> i64 {
    times::now().0 + AHEAD_MS + count * AHEAD_MS_A_POST
}

/// Posts that are to be released one after the other: their ids, and when.
async fn scheduled(system: &System, begin: i64, count: i64) -> Vec<(String, i64)> {
    let author = system.person(uuid::Uuid::new_v4(), "editor");
    let mut posts = Vec::new();
    for number in 0..count {
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
    let kills = std::env::var(KILLS).ok().map_or(6, |kills| kills.parse().expect("INKLOG_KILLS is a number"));
    let count = kills * POSTS_A_KILL;
    let mut system = System::writing(2).await;
    let begin = first_of(count);
    let posts = scheduled(&system, begin, count).await;
    for (kill, around) in (0..kills).zip(AROUND_MS.into_iter().cycle()) {
        // About the next time of a post, be it later than planned: where it takes long to start an instance.
        let planned = begin + kill * POSTS_A_KILL * APART_MS;
        let passed = (times::now().0 - AROUND_MS[0] - planned).max(0);
        sleep_until(planned + (passed + APART_MS - 1) / APART_MS * APART_MS + around).await;
        system.commands[0].kill();
        drop(system.commands.remove(0));
        system.join().await;
    }
    sleep_until(posts.last().map_or(begin, |(_, at)| *at)).await;
    let log = all_published(&system, &posts).await;
    let latest = assert_once(&log, &posts);
    println!("{kills} kills around the times of {count} posts; the latest was {latest} ms late");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_planned_comes_into_the_lists_of_readers_and_goes_from_them() {
    let system = System::behind_gateway(1).await;
    let (author, slug, tag) = (system.author(), unique("planned"), unique("tag"));
    let (id, page, list) =
        (author.draft(&slug, &[&tag]).await.id(), format!("/v1/posts/{slug}"), format!("/v1/posts?tag={tag}"));
    let plan = async |what: &str, ms: i64| {
        let body = json!({"at": times::format(times::now().plus_millis(ms))});
        author.api().put(&format!("/v1/posts/{id}/{what}")).json(&body).send().await.expect(200)
    };
    let planned = plan("schedule", 4_000).await;
    assert_eq!(system.read(&slug, &planned.position()).await.status, 404, "it is a draft until then");
    let reader = system.reader();
    let listed = async || reader.get(&list).send().await.expect(200).body["posts"].as_array().unwrap().len();
    assert_eq!(listed().await, 0);
    eventually("it is in the list", PATIENCE, async || (listed().await == 1).then_some(())).await;
    let seen = reader.get(&page).send().await.expect(200);
    assert!(!seen.body["published_at"].is_null());
    let _ = plan("expiry", 1_500).await;
    eventually("it is in the list no more", PATIENCE, async || (listed().await == 0).then_some(())).await;
    eventually("it is read no more", PATIENCE, async || (reader.get(&page).send().await.status == 404).then_some(()))
        .await;
    let log = system.scope.log("posts").await;
    assert_eq!(log.story(&id), ["Drafted", "Scheduled", "Published", "ExpirySet", "Unpublished"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_while_the_system_was_down_is_carried_out_at_once() {
    let mut system = System::writing(1).await;
    let begin = first_of(POSTS);
    let posts = scheduled(&system, begin, POSTS).await;
    system.commands[0].kill();
    sleep_until(begin + POSTS * APART_MS).await;
    drop(system.commands.remove(0));
    system.join().await;
    let up = Instant::now();
    let log = all_published(&system, &posts).await;
    assert!(up.elapsed() < Duration::from_secs(8), "it took {:?}", up.elapsed());
    assert_once(&log, &posts);
}

fn is_published(log: &Log, id: &str) -> bool {
    log.events().any(|seen| seen.key == id && seen.kind().ends_with(".Published"))
}

/// None is published whose time has yet to come by the clock of this test: the log is read first, so what is in it
/// happened before that clock was looked at. How many have yet to come.
async fn assert_none_early(system: &System, posts: &[(String, i64)]) -> usize {
    let log = system.scope.log("posts").await;
    let now = times::now().0;
    let to_come: Vec<_> = posts.iter().filter(|(_, at)| *at > now).collect();
    let early: Vec<_> = to_come.iter().filter(|(id, _)| is_published(&log, id)).collect();
    assert!(early.is_empty(), "at {now} these were released already: {early:?}");
    to_come.len()
}

/// One of two instances has a clock that is off by so many seconds when posts come due: what it leads is not released
/// too early, and not at an hour that it made up, but by another as soon as that takes its place. The other partition
/// does not wait.
async fn with_a_clock_off_by(seconds: i64) {
    let mut system = System::writing(1).await;
    let begin = first_of(POSTS) + 4 * AHEAD_MS;
    let posts = scheduled(&system, begin, POSTS).await;
    system.join_with_clock(seconds).await;
    // Where it takes long to start an instance some are due by now; most are not.
    let end = begin + POSTS * APART_MS;
    for (looked_at, at_least) in [(begin - 500, 1), (end - POSTS * APART_MS / 2, 0)] {
        sleep_until(looked_at).await;
        assert!(assert_none_early(&system, &posts).await >= at_least, "all were due before it was looked");
    }
    sleep_until(end + 2_000).await;
    let log = system.scope.log("posts").await;
    let done = posts.iter().filter(|(id, _)| is_published(&log, id)).count();
    assert!(done > 0 && done < posts.len(), "of {} posts {done} were released", posts.len());
    let mut wrong = system.commands.remove(1);
    wrong.kill();
    drop(wrong);
    let replaced = times::now().0;
    let log = all_published(&system, &posts).await;
    let latest = assert_once(&log, &posts);
    assert!(latest < replaced + 8_000 - begin, "the latest was {latest} ms late");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_an_hour_ahead_releases_nothing_early() {
    with_a_clock_off_by(3_600).await;
}

/// By its own clock nothing is due for an hour: it makes wait what it leads, and only that, and only while it leads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_an_hour_behind_makes_late_only_what_it_leads_and_for_no_longer() {
    with_a_clock_off_by(-3_600).await;
}
