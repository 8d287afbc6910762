//! The projector in Redis.

use std::collections::HashMap;

use domain::views::ViewEvent;
use projection_services::lists::{CONTEXTS, Keys, LIVE};
use projection_services::log::{Log, Source};
use projection_services::projector::{Failed, Projector};
use projection_services::work::Work;
use redis::AsyncCommands;

use crate::content::batches;
use crate::support::history::{drafted, history, published};
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
    let more = drafted(900, 1_800_000_000_000);
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

/// What a set of lists is made of, and what is parked of it.
fn with_parked(seed: u64, log: &MemoryLog) -> Vec<ViewEvent> {
    let mut events = history(seed, 20, 400);
    events.push(drafted(500, 1_700_000_000_000));
    // Whatever became of the others, one tag has a post.
    events.extend([drafted(501, 1_700_000_000_000), published(501, 2, 1_700_000_000_001)]);
    events.iter().for_each(|event| log.append(event.clone()));
    log.append_garbage(&published(500, 2, 1_700_000_000_001));
    log.append(published(500, 3, 1_700_000_000_002));
    events
}

async fn assert_whole(redis: &TestRedis, events: &[ViewEvent], lost: &str) {
    assert_lists_are(redis, events).await;
    let (mut store, keys) = (redis.store(), Keys::live(&redis.prefix));
    let parked = store.parked(&keys).await.unwrap();
    assert_eq!(parked.len(), 2, "{lost}");
    assert_eq!(store.parked_keys(&keys, &[parked[0].key.as_bytes()]).await.unwrap().len(), 1, "{lost}");
}

/// Each kind of key.
fn each_key(redis: &TestRedis) -> Vec<String> {
    let keys = Keys::live(&redis.prefix);
    keys.all().into_iter().chain([keys.tag("rust")]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_key_redis_loses_the_lists_are_soon_whole_again() {
    let redis = TestRedis::create();
    let log = MemoryLog::new();
    let events = with_parked(25, &log);
    let running = start(redis.lists(), LIVE, CONTEXTS, &log, config());
    caught_up(&mut redis.lists(), CONTEXTS, &log).await;
    for key in each_key(&redis) {
        let gone: i64 = redis.connection().await.del(&key).await.unwrap();
        assert_eq!(gone, 1, "{key}");
        // No event comes. Who looks on finds the projector at the end only where nothing is lost.
        caught_up(&mut redis.lists(), CONTEXTS, &log).await;
        assert_whole(&redis, &events, &key).await;
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_lists_that_lost_a_key_is_not_written_to() {
    for number in 0..8 {
        let redis = TestRedis::create();
        let log = MemoryLog::new();
        let mut events = with_parked(26, &log);
        let running = start(redis.lists(), LIVE, CONTEXTS, &log, config());
        caught_up(&mut redis.lists(), CONTEXTS, &log).await;
        running.stop().await;
        let mut lists = redis.lists();
        let at = lists.resume().await.unwrap();
        let lost = each_key(&redis).swap_remove(number);
        let gone: i64 = redis.connection().await.del(&lost).await.unwrap();
        assert_eq!(gone, 1, "{lost}");
        for n in 600..640 {
            events.extend([drafted(n, 1_800_000_000_000), published(n, 2, 1_800_000_000_001)]);
        }
        events[events.len() - 80..].iter().for_each(|event| log.append(event.clone()));
        let mut source = log.open(CONTEXTS, at, 500).await.unwrap();
        let refused = loop {
            match lists.commit(&Work::of(source.next().await.unwrap())).await {
                // Drafts are on no tag's list.
                Ok(_) => assert!(lost.ends_with(":rust"), "{lost}"),
                Err(refused) => break refused,
            }
        };
        assert!(matches!(refused, Failed::Unavailable(_) | Failed::Moved), "{lost}: {refused:?}");
        let running = start(redis.lists(), LIVE, CONTEXTS, &log, config());
        caught_up(&mut redis.lists(), CONTEXTS, &log).await;
        running.stop().await;
        assert_whole(&redis, &events, &lost).await;
    }
}

/// It notes no sizes: what this version noted is of former positions then, and no reason to begin anew again and again.
#[tokio::test(flavor = "multi_thread")]
async fn a_writer_of_the_version_before_is_left_in_peace() {
    let redis = TestRedis::create();
    let events = history(27, 20, 400);
    let log = MemoryLog::of(&events);
    let running = start(redis.lists(), LIVE, CONTEXTS, &log, config());
    caught_up(&mut redis.lists(), CONTEXTS, &log).await;
    running.stop().await;
    let keys = Keys::live(&redis.prefix);
    let mut connection = redis.connection().await;
    let noted: HashMap<String, String> = connection.hgetall(keys.sizes()).await.unwrap();
    // As it leaves them: rows and positions have gone on.
    let _: () = connection.hset(keys.sizes(), "at", "7").await.unwrap();
    let _: i64 = connection.hincr(keys.sizes(), "posts", -1).await.unwrap();
    let at = redis.lists().resume().await.unwrap();
    assert!(!at.is_empty());
    assert_lists_are(&redis, &events).await;
    // The next commit of this version notes what it finds.
    let more = drafted(900, 1_800_000_000_000);
    log.append(more.clone());
    let running = start(redis.lists(), LIVE, CONTEXTS, &log, config());
    caught_up(&mut redis.lists(), CONTEXTS, &log).await;
    running.stop().await;
    assert_lists_are(&redis, &events.into_iter().chain([more]).collect::<Vec<_>>()).await;
    let again: HashMap<String, String> = connection.hgetall(keys.sizes()).await.unwrap();
    let number = |sizes: &HashMap<String, String>, name: &str| sizes[name].parse::<u64>().unwrap();
    assert_eq!(number(&again, "posts"), number(&noted, "posts") + 1);
    assert_eq!(number(&again, "at"), number(&noted, "at") + 1);
}
