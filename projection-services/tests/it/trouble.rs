//! Bad days.

use std::time::Duration;

use event_log::subscription::SubscribeError;
use projection_services::content::{CONTEXTS, LIVE};
use projection_services::runner::{self, Status};
use service_kit::Shutdown;

use crate::support::history::history;
use crate::support::log::MemoryLog;
use crate::support::rows::assert_tables_are;
use crate::support::stores::TestDatabase;
use crate::support::{caught_up, config, eventually, start};

/// Ends every other connection.
const THROW_OUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'inklog-projection' AND pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_again_and_again_lose_and_double_nothing() {
    let database = TestDatabase::create().await;
    let events = history(31, 40, 3_000);
    let log = MemoryLog::of(&events);
    let config = runner::RunnerConfig { max_events: 60, ..config() };
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config);
    for _ in 0..15 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        // The connection that ends the others is not among them.
        database.execute(THROW_OUT).await;
    }
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    assert_tables_are(&database, &events).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_makes_it_unready_and_one_that_is_back_ready() {
    let database = TestDatabase::create().await;
    let events = history(32, 10, 100);
    let log = MemoryLog::of(&events);
    database.execute("ALTER TABLE projection.positions RENAME TO away").await;
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!running.status.is_ready());
    database.execute("ALTER TABLE projection.away RENAME TO positions").await;
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    assert!(running.status.is_ready());
    database.execute("ALTER TABLE projection.positions RENAME TO away").await;
    eventually("it notices, with nothing to do", async || !running.status.is_ready()).await;
    database.execute("ALTER TABLE projection.away RENAME TO positions").await;
    eventually("it notices that all is well", async || running.status.is_ready()).await;
    assert_tables_are(&database, &events).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_at_once_while_its_store_is_away() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::new();
    database.execute("DROP SCHEMA projection CASCADE").await;
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    tokio::time::sleep(Duration::from_millis(100)).await;
    tokio::time::timeout(Duration::from_secs(1), running.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_of_another_log_are_refused() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::of(&history(33, 5, 50));
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    running.stop().await;
    let other = MemoryLog::of(&history(34, 5, 50));
    let (status, shutdown) = (Status::of(LIVE), Shutdown::new());
    let refused = runner::run(database.content(&other), &other, &CONTEXTS, config(), status, shutdown).await;
    assert!(matches!(refused, Err(SubscribeError::ForeignPosition { .. })));
}
