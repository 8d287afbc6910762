//! Any instance takes any command, whichever of them comes and goes.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::load::{Load, Summary, assert_kept};
use crate::support::{PATIENCE, System, unique};

/// What instances in a scope are told: after so long they are taken for dead.
const SESSION: Duration = Duration::from_secs(1);
const WRITERS: usize = 8;
/// How long writers wait for one answer: longer than any command may take.
const ANSWER: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_instance_takes_any_command() {
    let system = System::writing(2).await;
    let author = system.author();
    let mut ids = Vec::new();
    // The instance that came second gets its share of the partitions with the group's next rebalance, a second or so
    // later.
    let until = Instant::now() + Duration::from_secs(15);
    while ids.len() < 12 || (forwarding(&system).await < 2 && Instant::now() < until) {
        let (here, there) = (&author.apis[ids.len() % 2], &author.apis[(ids.len() + 1) % 2]);
        let body = json!({"title": "T", "slug": unique("any")});
        let id = here.post("/v1/posts").json(&body).send().await.expect(201).id();
        let path = format!("/v1/posts/{id}");
        for version in 1..4 {
            let api = if version % 2 == 0 { here } else { there };
            let title = json!({"title": format!("Version {version}")});
            assert_eq!(api.patch(&path).json(&title).if_match(version).send().await.expect(200).version(), version + 1);
        }
        ids.push(id);
    }
    let log = system.scope.log("posts").await;
    log.assert_whole();
    assert!(ids.iter().all(|id| log.version(id) == 4));
    assert_eq!(forwarding(&system).await, 2, "both had something to do for the other");
}

/// How many instances have forwarded a command on a post.
async fn forwarding(system: &System) -> usize {
    let mut count = 0;
    for process in &system.commands {
        let metrics = testkit::Api::new(process.metrics_url()).get("/metrics").send().await.text;
        let forwarded = |line: &str| line.starts_with("inklog_commands_forwarded_total{") && line.contains("posts");
        count += usize::from(metrics.lines().any(forwarded));
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_asked_to_end_hands_over_and_loses_nothing() {
    let mut system = System::writing(2).await;
    let load = Load::begin(&system, WRITERS, ANSWER).await;
    load.goes_on().await;
    let (status, _) = system.commands[0].end(PATIENCE).await;
    assert!(status.success(), "{status}");
    load.goes_on().await;
    let written = load.end().await;
    assert_kept(&written, &system.scope.log("posts").await);
    let Summary { slowest, troubles, .. } = Summary::of(&written);
    assert!(slowest < Duration::from_secs(1), "handing over took {slowest:?}");
    // A caller who was turned away was told so, or was not let in. The one exception is HTTP/1.1's own: a connection
    // that was idle is closed while its next request is under way; that can happen to each writer once.
    let broken = troubles.get("broken").copied().unwrap_or_default();
    assert!(broken <= WRITERS as u32, "{troubles:?}");
    assert!(troubles.keys().all(|trouble| ["503", "refused", "broken"].contains(&trouble.as_str())), "{troubles:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_joins_takes_over_its_part_and_nothing_is_lost() {
    let mut system = System::writing(1).await;
    let load = Load::begin(&system, WRITERS, ANSWER).await;
    load.goes_on().await;
    system.join().await;
    load.goes_on().await;
    let written = load.end().await;
    assert_kept(&written, &system.scope.log("posts").await);
    let Summary { slowest, troubles, .. } = Summary::of(&written);
    // The client library lets a newcomer join a second time, for what the others have given up, only a second after
    // the first.
    assert!(slowest < Duration::from_secs(2), "handing over took {slowest:?}");
    assert!(troubles.keys().all(|trouble| trouble == "503"), "{troubles:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_killed_is_replaced_within_its_session() {
    let mut system = System::writing(2).await;
    let load = Load::begin(&system, WRITERS, ANSWER).await;
    load.goes_on().await;
    system.commands[0].kill();
    load.goes_on().await;
    let written = load.end().await;
    assert_kept(&written, &system.scope.log("posts").await);
    let Summary { slowest, .. } = Summary::of(&written);
    assert!(slowest < SESSION + Duration::from_secs(1), "it took {slowest:?}");
}
