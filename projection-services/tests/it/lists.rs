//! The projector in Redis.

use projection_services::lists::{CONTEXTS, Keys, LIVE};
use projection_services::projector::{Failed, Projector};
use projection_services::work::Work;
use redis::AsyncCommands;

use crate::content::batches;
use crate::support::history::history;
use crate::support::log::MemoryLog;
use crate::support::rows::assert_lists_are;
use crate::support::stores::TestRedis;
use crate::support::{caught_up, config, start};

#[tokio::test(flavor = "multi_thread")]
async fn lists_equal_the_fold_and_a_batch_delivered_again_changes_nothing() {
    let redis = TestRedis::create();
    let events = history(21, 30, 600);
    let log = MemoryLog::of(&events);
    let mut lists = redis.lists();
    lists.resume().await.unwrap();
    for batch in batches(&log, CONTEXTS).await {
        let work = Work::of(batch);
        lists.commit(&work).await.unwrap();
        assert!(matches!(lists.commit(&work).await, Err(Failed::Moved)));
    }
    assert_lists_are(&redis, &events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_that_was_emptied_is_filled_again_without_being_told() {
    let redis = TestRedis::create();
    let mut events = history(22, 20, 400);
    let log = MemoryLog::of(&events);
    let running = start(redis.lists(), LIVE, CONTEXTS, &log, config());
    caught_up(&mut redis.lists(), CONTEXTS, &log).await;
    redis.empty().await;
    caught_up(&mut redis.lists(), CONTEXTS, &log).await;
    assert_lists_are(&redis, &events).await;
    // The same while events keep coming.
    redis.empty().await;
    let more = crate::support::history::drafted(900, 1_800_000_000_000);
    log.append(more.clone());
    events.push(more);
    caught_up(&mut redis.lists(), CONTEXTS, &log).await;
    assert_lists_are(&redis, &events).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_when_only_the_positions_are_gone_is_not_folded_into_twice() {
    let redis = TestRedis::create();
    let events = history(23, 20, 400);
    let log = MemoryLog::of(&events);
    let running = start(redis.lists(), LIVE, CONTEXTS, &log, config());
    caught_up(&mut redis.lists(), CONTEXTS, &log).await;
    let keys = Keys::live(&redis.prefix);
    let _: () = redis.connection().await.del(keys.positions()).await.unwrap();
    caught_up(&mut redis.lists(), CONTEXTS, &log).await;
    assert_lists_are(&redis, &events).await;
    assert_eq!(redis.store().parked(&keys).await.unwrap(), []);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_projectors_at_once_are_as_good_as_one() {
    let redis = TestRedis::create();
    let events = history(24, 20, 500);
    let log = MemoryLog::of(&events);
    let one = start(redis.lists(), LIVE, CONTEXTS, &log.cut_by(1), config());
    let other = start(redis.lists(), LIVE, CONTEXTS, &log.cut_by(2), config());
    caught_up(&mut redis.lists(), CONTEXTS, &log).await;
    assert_lists_are(&redis, &events).await;
    one.stop().await;
    other.stop().await;
}
