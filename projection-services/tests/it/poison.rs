//! Events that cannot be handled.

use std::time::Duration;

use domain::views::ViewEvent;
use projection_services::content::{self, Content, VIEWS};
use projection_services::lists;
use projection_services::parked::retry::keep_trying;
use projection_services::parked::{ParkedEntry, Replayed, Replayer, list_content, replay};
use projection_services::rebuild::{self, LEFT_OUT, Options, Reports};
use service_kit::Shutdown;
use tokio::task::JoinHandle;

use crate::support::history::{drafted, history, impossible, published};
use crate::support::log::MemoryLog;
use crate::support::rows::{assert_lists_are, assert_tables_are};
use crate::support::stores::{TestDatabase, TestRedis};
use crate::support::{caught_up, config, eventually, start};

const AT: i64 = 1_700_000_000_000;

async fn project(database: &TestDatabase, log: &MemoryLog) {
    let running = start(database.content(log), content::LIVE, &content::CONTEXTS, log, config());
    caught_up(&mut database.content(log), &content::CONTEXTS, log).await;
    running.stop().await;
}

async fn parked(database: &TestDatabase) -> Vec<ParkedEntry> {
    list_content(&mut database.connect().await, content::LIVE).await.unwrap()
}

async fn replay_all(content: &mut Content, database: &TestDatabase, log: &MemoryLog) -> Replayed {
    replay(log, &content::CONTEXTS, content, &parked(database).await).await.unwrap()
}

/// A post that is drafted, garbled and published among others; and the history without what is garbled.
fn garbled(log: &MemoryLog) -> (Vec<ViewEvent>, Vec<ViewEvent>) {
    let others = history(11, 10, 200);
    others.iter().for_each(|event| log.append(event.clone()));
    let all = [drafted(500, AT), published(500, 2, AT + 1), published(500, 3, AT + 2)];
    log.append(all[0].clone());
    log.append_garbage(&all[1]);
    log.append(all[2].clone());
    let without = others.iter().chain(&all[..1]).cloned().collect();
    (without, others.into_iter().chain(all).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_decoded_is_parked_with_what_follows_it_and_the_rest_goes_on() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::new();
    let (without, _) = garbled(&log);
    project(&database, &log).await;
    assert_tables_are(&database, &without).await;
    let parked = parked(&database).await;
    assert_eq!(parked.len(), 2);
    assert_eq!(parked[0].reason, "the schema is not known");
    assert_eq!((parked[0].attempts, parked[0].event.is_none()), (3, true));
    assert_eq!(parked[1].reason, "waits for an earlier event of its aggregate");
    assert_eq!(parked[1].event.as_ref().unwrap()["name"], "inklog.posts.Published");
    assert_eq!(
        database.count("SELECT length(value)::bigint FROM projection.parked_events WHERE value IS NOT NULL").await,
        8
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_goes_through_once_the_event_can_be_decoded_and_not_before() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::new();
    let (without, all) = garbled(&log);
    project(&database, &log).await;
    let mut content = database.content(&log);
    let replayed = replay_all(&mut content, &database, &log).await;
    assert_eq!((replayed.applied, replayed.failed.len(), replayed.waiting), (0, 1, 1));
    assert_tables_are(&database, &without).await;
    log.mend(published(500, 2, AT + 1));
    let replayed = replay_all(&mut content, &database, &log).await;
    assert_eq!(replayed, Replayed { applied: 2, failed: Vec::new(), waiting: 0 });
    assert_tables_are(&database, &all).await;
    assert_eq!(parked(&database).await, []);
    // And what comes then is folded as if nothing had been.
    let later = published(500, 4, AT + 3);
    log.append(later.clone());
    project(&database, &log).await;
    assert_tables_are(&database, &all.into_iter().chain([later]).collect::<Vec<_>>()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_postgres_refuses_is_found_among_thousands_and_parked() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::new();
    let mut good = Vec::new();
    for n in 0..1_000 {
        good.push(drafted(n, AT));
        log.append(drafted(n, AT));
        if n % 331 == 5 {
            log.append(impossible(n, 2, AT + 1));
            log.append(published(n, 3, AT + 2));
        }
    }
    project(&database, &log).await;
    assert_tables_are(&database, &good).await;
    let parked = parked(&database).await;
    let refused: Vec<&ParkedEntry> = parked.iter().filter(|entry| entry.view.is_some()).collect();
    assert_eq!((refused.len(), parked.len()), (4, 8));
    assert!(refused.iter().all(|entry| entry.reason.starts_with("Postgres refuses the row: SQLSTATE 22")));
    assert!(refused.iter().all(|entry| entry.view.as_deref() == Some("posts")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_no_successor_is_parked() {
    let database = TestDatabase::create().await;
    let redis = TestRedis::create();
    let log = MemoryLog::of(&[drafted(1, AT), published(1, 3, AT), drafted(2, AT)]);
    project(&database, &log).await;
    assert_tables_are(&database, &[drafted(1, AT), drafted(2, AT)]).await;
    let parked = parked(&database).await;
    assert_eq!(parked.len(), 1);
    assert!(parked[0].reason.ends_with("event version 3 follows version 1 of the row"));
    let running = start(redis.lists(), lists::LIVE, lists::CONTEXTS, &log, config());
    caught_up(&mut redis.lists(), lists::CONTEXTS, &log).await;
    running.stop().await;
    assert_lists_are(&redis, &[drafted(1, AT), drafted(2, AT)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_park_and_replay_without_postgres() {
    let redis = TestRedis::create();
    let log = MemoryLog::new();
    let (without, all) = garbled(&log);
    let running = start(redis.lists(), lists::LIVE, lists::CONTEXTS, &log, config());
    caught_up(&mut redis.lists(), lists::CONTEXTS, &log).await;
    assert_lists_are(&redis, &without).await;
    let mut lists = redis.lists();
    let keys = lists.keys().clone();
    let parked = lists.store().parked(&keys).await.unwrap();
    assert_eq!(parked.iter().map(|entry| entry.attempts).collect::<Vec<_>>(), [3, 0]);
    log.mend(published(500, 2, AT + 1));
    let replayed = replay(&log, lists::CONTEXTS, &mut lists, &parked).await.unwrap();
    assert_eq!(replayed, Replayed { applied: 2, failed: Vec::new(), waiting: 0 });
    assert_lists_are(&redis, &all).await;
    // A second time there is nothing to replay.
    let replayed = replay(&log, lists::CONTEXTS, &mut lists, &parked).await.unwrap();
    assert_eq!(replayed.applied, 0);
    assert_lists_are(&redis, &all).await;
    running.stop().await;
}

/// Tries parked events again, as a running service does, but more often.
fn trying<R: Replayer + 'static>(
    replayer: R,
    contexts: &'static [&'static str],
    log: &MemoryLog,
) -> (Shutdown, JoinHandle<()>) {
    let (stop, log) = (Shutdown::new(), log.clone());
    let stopped = stop.clone();
    let task = async move { keep_trying(&log, contexts, replayer, Duration::from_millis(20), &stopped).await };
    (stop, tokio::spawn(task))
}

async fn stop((stop, trying): (Shutdown, JoinHandle<()>)) {
    stop.request();
    trying.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_version_replays_by_itself_what_this_one_did_not_know() {
    let (database, redis) = (TestDatabase::create().await, TestRedis::create());
    let log = MemoryLog::new();
    let (without, all) = garbled(&log);
    project(&database, &log).await;
    let running = start(redis.lists(), lists::LIVE, lists::CONTEXTS, &log, config());
    caught_up(&mut redis.lists(), lists::CONTEXTS, &log).await;
    let known = log.as_known_to_others(published(500, 2, AT + 1));
    // This version does not know it, and tries it no more than once.
    let this = trying(database.content(&log), &content::CONTEXTS, &log);
    tokio::time::sleep(Duration::from_millis(300)).await;
    log.mend(published(500, 2, AT + 1));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_tables_are(&database, &without).await;
    stop(this).await;
    // The next version knows it, and no operator has to ask.
    let next = trying(database.content(&known), &content::CONTEXTS, &known);
    let next_lists = trying(redis.lists(), lists::CONTEXTS, &known);
    eventually("what was parked is folded", async || parked(&database).await.is_empty()).await;
    assert_tables_are(&database, &all).await;
    eventually("in the lists too", async || redis.lists().parked().await.unwrap().is_empty()).await;
    assert_lists_are(&redis, &all).await;
    // The version before still runs, and parks more.
    let late = [drafted(501, AT), published(501, 2, AT + 1)];
    late.iter().for_each(|event| known.append(event.clone()));
    log.append_garbage(&late[0]);
    log.append(late[1].clone());
    project(&database, &log).await;
    eventually("what came later is folded too", async || parked(&database).await.is_empty()).await;
    assert_tables_are(&database, &all.into_iter().chain(late).collect::<Vec<_>>()).await;
    stop(next).await;
    stop(next_lists).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_without_some_events_says_how_many_and_exits_with_a_status_of_its_own() {
    let (database, redis) = (TestDatabase::create().await, TestRedis::create());
    let log = MemoryLog::new();
    let (_, all) = garbled(&log);
    project(&database, &log).await;
    let rebuild = async |options: Options| {
        let content = rebuild::content::rebuild(&log, &database.connector(), VIEWS, options).await.unwrap();
        let lists = rebuild::lists::rebuild(&log, lists::Listed, &redis.client, &redis.prefix, options).await.unwrap();
        Reports::of("all", vec![content, lists], Duration::from_secs(1))
    };
    let dry = Options { dry_run: true, ..Options::default() };
    let again = Options { retry_parked: true, ..Options::default() };
    for options in [dry, again, Options::default()] {
        let reports = rebuild(options).await;
        assert_eq!(reports.rebuilds.iter().map(|report| report.parked).collect::<Vec<_>>(), [2, 2], "{options:?}");
        assert_eq!((reports.parked, reports.exit_status()), (4, LEFT_OUT));
        assert!(reports.lines()[0].contains("WITHOUT 2 parked events"), "{:?}", reports.lines());
    }
    // Of accounts nothing is parked.
    let authors = VIEWS.iter().copied().find(|view| view.name == "authors").unwrap();
    let report = rebuild::content::rebuild(&log, &database.connector(), &[authors], dry).await.unwrap();
    assert_eq!(report.parked, 0);
    log.mend(published(500, 2, AT + 1));
    let reports = rebuild(again).await;
    assert_eq!((reports.parked, reports.exit_status()), (0, 0));
    assert_tables_are(&database, &all).await;
    assert_lists_are(&redis, &all).await;
}
