//! The projector in Postgres.

use domain::views::ViewEvent;
use event_log::subscription::Batch;
use projection_services::content::{CONTEXTS, LIVE, VIEWS};
use projection_services::log::{Log, Source};
use projection_services::projector::{Failed, Projector};
use projection_services::runner::RunnerConfig;
use projection_services::work::Work;
use proptest::prelude::{ProptestConfig, any};
use proptest::test_runner::TestRunner;
use sqlx::AssertSqlSafe;

use crate::support::history::{Dice, drafted, history, impossible};
use crate::support::log::MemoryLog;
use crate::support::rows::assert_tables_are;
use crate::support::stores::TestDatabase;
use crate::support::{caught_up, config, start};

/// All batches of a log, cut as its seed says.
pub(crate) async fn batches(log: &MemoryLog, contexts: &[&str]) -> Vec<Batch> {
    let mut source = log.open(contexts, Default::default(), 40).await.unwrap();
    let end: i64 = source.ends().await.unwrap().values().sum();
    let (mut batches, mut read) = (Vec::new(), 0);
    while read < end {
        let batch = source.next().await.unwrap();
        read += batch.to.next_offset - batch.from.next_offset;
        batches.push(batch);
    }
    batches
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_equal_the_fold() {
    let database = TestDatabase::create().await;
    let events = history(1, 30, 600);
    let log = MemoryLog::of(&events);
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    assert_tables_are(&database, &events).await;
    assert!(running.status.is_ready());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_later_is_projected_too_and_records_that_are_no_events_move_the_position() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::new();
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    let mut events = Vec::new();
    for event in history(2, 5, 60) {
        log.append_void(&crate::support::log::partition_of(&event));
        log.append(event.clone());
        events.push(event);
        tokio::task::yield_now().await;
    }
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    assert_tables_are(&database, &events).await;
    running.stop().await;
}

#[tokio::test]
async fn a_batch_that_is_delivered_again_changes_nothing() {
    let database = TestDatabase::create().await;
    let events = history(3, 10, 100);
    let log = MemoryLog::of(&events);
    let mut content = database.content(&log);
    content.resume().await.unwrap();
    for batch in batches(&log, &CONTEXTS).await {
        let work = Work::of(batch);
        content.commit(&work).await.unwrap();
        assert!(matches!(content.commit(&work).await, Err(Failed::Moved)));
    }
    assert_tables_are(&database, &events).await;
    assert_eq!(database.count("SELECT count(*) FROM projection.parked_events").await, 0);
}

#[tokio::test]
async fn a_commit_that_is_cut_short_changes_nothing() {
    let database = TestDatabase::create().await;
    let events: Vec<ViewEvent> = (0..500).map(|n| drafted(n, 1_700_000_000_000)).collect();
    let log = MemoryLog::of(&events);
    let mut work = Work::default();
    batches(&log, &CONTEXTS).await.into_iter().for_each(|batch| work.add(batch));
    let mut content = database.content(&log);
    let start = content.resume().await.unwrap();
    // Wherever it is cut: rows and positions are both there or both not.
    for patience in 1..40 {
        let deadline = std::time::Duration::from_millis(patience);
        if matches!(tokio::time::timeout(deadline, content.commit(&work)).await, Ok(Ok(_))) {
            break;
        }
        let positions = content.positions().await.unwrap();
        let rows = database.count("SELECT count(*) FROM content.posts").await;
        match rows {
            0 => assert_eq!(positions, start),
            _ => assert_ne!(positions, start),
        }
    }
}

#[tokio::test]
async fn rows_and_positions_that_commit_are_announced() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::of(&[drafted(1, 1_700_000_000_000)]);
    let mut listener = sqlx::postgres::PgListener::connect_with(
        &sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_with(database.options()).await.unwrap(),
    )
    .await
    .unwrap();
    listener.listen("inklog_positions").await.unwrap();
    let mut content = database.content(&log);
    content.resume().await.unwrap();
    let batch = batches(&log, &CONTEXTS).await.remove(0);
    content.commit(&Work::of(batch.clone())).await.unwrap();
    let notification = listener.recv().await.unwrap();
    let announced: serde_json::Value = serde_json::from_str(notification.payload()).unwrap();
    let positions = serde_json::json!([{
        "context": "posts",
        "partition": batch.partition.partition,
        "next_offset": 1,
        "log_id": batch.to.log_id,
    }]);
    assert_eq!(announced, serde_json::json!({"projector": "content", "positions": positions}));
}

#[tokio::test]
async fn a_writer_that_is_wrong_about_a_position_writes_nothing_and_can_go_on_from_the_right_one() {
    let database = TestDatabase::create().await;
    let events = history(4, 10, 200);
    let log = MemoryLog::of(&events);
    let (mut one, mut zombie) = (database.content(&log), database.content(&log));
    one.resume().await.unwrap();
    let stale = zombie.resume().await.unwrap();
    let batches = batches(&log, &CONTEXTS).await;
    let (first, rest) = batches.split_first().unwrap();
    one.commit(&Work::of(first.clone())).await.unwrap();
    assert!(matches!(zombie.commit(&Work::of(first.clone())).await, Err(Failed::Moved)));
    let fresh = zombie.resume().await.unwrap();
    assert_ne!(stale, fresh);
    for batch in rest {
        zombie.commit(&Work::of(batch.clone())).await.unwrap();
    }
    assert_tables_are(&database, &events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_projectors_at_once_are_as_good_as_one() {
    let database = TestDatabase::create().await;
    let events = history(5, 20, 500);
    let log = MemoryLog::of(&events);
    let one = start(database.content(&log), LIVE, &CONTEXTS, &log.cut_by(1), config());
    let other = start(database.content(&log), LIVE, &CONTEXTS, &log.cut_by(2), config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    assert_tables_are(&database, &events).await;
    assert_eq!(database.count("SELECT count(*) FROM projection.parked_events").await, 0);
    one.stop().await;
    other.stop().await;
}

#[test]
fn however_the_log_is_cut_the_tables_are_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let database = runtime.block_on(TestDatabase::create());
    let config = ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() };
    let strategy = (any::<u64>(), any::<u64>(), 1_usize..6);
    let property = |(seed, cut, joined)| {
        runtime.block_on(cut_anyhow(&database, seed, cut, joined));
        Ok(())
    };
    TestRunner::new(config).run(&strategy, property).unwrap();
}

async fn cut_anyhow(database: &TestDatabase, seed: u64, cut: u64, joined: usize) {
    let tables = VIEWS.iter().flat_map(|view| view.tables());
    let tables: String = tables.map(|table| format!("content.{}, ", table.name)).collect();
    let empty = format!("TRUNCATE {tables} projection.positions, projection.parked_events");
    database.execute(AssertSqlSafe(empty)).await;
    let mut events = history(seed, 12, 150);
    // One event that Postgres refuses, of a post of its own: the others must not notice.
    let at = Dice::new(cut).below(events.len());
    events.insert(at, drafted(999, 1_700_000_000_000));
    let good = events.clone();
    events.insert(at + 1, impossible(999, 2, 1_700_000_000_001));
    let log = MemoryLog::of(&events).cut_by(cut);
    let config = RunnerConfig { max_events: joined * 30, ..config() };
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config);
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    running.stop().await;
    assert_tables_are(database, &good).await;
    assert_eq!(database.count("SELECT count(*) FROM projection.parked_events").await, 1);
}
