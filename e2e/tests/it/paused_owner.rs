//! An owner that stands still for longer than its session, and does not know it when it wakes up.

use std::time::Duration;

use testkit::process::Signal;

use crate::support::System;
use crate::support::load::{Load, assert_kept};

/// Longer than the session (1 s), and than the others take to take over.
const PAUSE: Duration = Duration::from_secs(3);
/// How long some writers wait for one answer: not long, so that they go elsewhere, and what they asked first is still
/// waiting when its owner wakes up.
const IMPATIENT: Duration = Duration::from_millis(700);
/// The others wait for what the sleeper answers when it wakes up.
const PATIENT: Duration = Duration::from_secs(10);
/// Whether the sleeper still appends depends on what it does first when it wakes up.
const ROUNDS: u32 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_appends_is_void_and_nobody_is_told_otherwise() {
    let system = System::start(2).await;
    let loads = [Load::begin(&system, 5, IMPATIENT).await, Load::begin(&system, 5, PATIENT).await];
    let all_go_on = async || {
        for load in &loads {
            load.goes_on().await;
        }
    };
    all_go_on().await;
    let mut void = 0;
    for round in 0..ROUNDS {
        let sleeper = &system.commands[usize::from(round % 2 == 1)];
        sleeper.signal(Signal::Stop);
        tokio::time::sleep(PAUSE).await;
        sleeper.signal(Signal::Cont);
        all_go_on().await;
        let log = system.scope.log("posts").await;
        log.assert_whole();
        void = log.void_events().count();
        if void > 0 && round > 0 {
            break;
        }
    }
    // A 200 for a void event would have been seen by its writer: the next edit names a version that is not there.
    let mut written = Vec::new();
    for load in loads {
        written.extend(load.end().await);
    }
    assert_kept(&written, &system.scope.log("posts").await);
    // Our own readers skip what is void too: the rows' folds refuse a version that does not follow.
    for post in &written {
        let seen = system.read(&post.slug, &post.position).await.expect(200);
        assert_eq!(seen.body["title"], format!("Version {}", post.version));
    }
    let parked = system.scope.succeed("projection-services", &["parked", "list", "--json"]);
    assert_eq!(parked.trim(), "[]");
    assert!(void > 0, "in {ROUNDS} rounds the sleeper appended nothing: this test has shown nothing");
}
