//! Rebuilding the lists in Redis beside the live ones.

use projection_services::lists::{CONTEXTS, Keys, LIVE, Listed};
use projection_services::rebuild::{Options, lists};
use redis::AsyncCommands;

use crate::support::history::{drafted, history};
use crate::support::log::MemoryLog;
use crate::support::rows::assert_lists_are;
use crate::support::stores::TestRedis;
use crate::support::{caught_up, config, start};

#[tokio::test(flavor = "multi_thread")]
async fn lists_rebuild_to_the_live_ones_while_events_keep_coming() {
    let redis = TestRedis::create();
    let mut events = history(51, 30, 600);
    let log = MemoryLog::of(&events);
    let running = start(redis.lists(), LIVE, CONTEXTS, &log, config());
    caught_up(&mut redis.lists(), CONTEXTS, &log).await;
    for n in 800..805 {
        let verify = Options { verify: n % 2 == 0, ..Options::default() };
        let event = drafted(n, 1_800_000_000_000);
        log.append(event.clone());
        events.push(event);
        let report = lists::rebuild(&log, Listed, &redis.client, &redis.prefix, verify).await.unwrap();
        assert!(report.swapped && report.rows > 0);
        caught_up(&mut redis.lists(), CONTEXTS, &log).await;
        assert_lists_are(&redis, &events).await;
    }
    let left: Vec<String> = redis.connection().await.keys(format!("{}:lists-rebuild:*", redis.prefix)).await.unwrap();
    assert_eq!(left, Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_lists_that_drifted_and_a_rebuild_mends_them() {
    let redis = TestRedis::create();
    let events = history(52, 30, 600);
    let log = MemoryLog::of(&events);
    let running = start(redis.lists(), LIVE, CONTEXTS, &log, config());
    caught_up(&mut redis.lists(), CONTEXTS, &log).await;
    running.stop().await;
    let keys = Keys::live(&redis.prefix);
    let mut connection = redis.connection().await;
    let _: f64 = connection.zincr(keys.tags(), "rust", 1).await.unwrap();
    let dry = Options { verify: true, dry_run: true, ..Options::default() };
    let refused = lists::rebuild(&log, Listed, &redis.client, &redis.prefix, dry).await.unwrap_err();
    assert!(refused.to_string().contains("differ from the live ones"), "{refused:#}");
    lists::rebuild(&log, Listed, &redis.client, &redis.prefix, Options::default()).await.unwrap();
    lists::rebuild(&log, Listed, &redis.client, &redis.prefix, dry).await.unwrap();
    assert_lists_are(&redis, &events).await;
}
