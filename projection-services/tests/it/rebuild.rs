//! Rebuilding views in Postgres beside the live ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::views::{Posts, Tags};
use projection_services::content::{CONTEXTS, ContentView, LIVE, VIEWS};
use projection_services::rebuild::{Options, Report, content, measure};
use sqlx::Connection;

use crate::support::history::{drafted, history, impossible, published};
use crate::support::log::MemoryLog;
use crate::support::rows::assert_tables_are;
use crate::support::stores::TestDatabase;
use crate::support::{caught_up, config, start};

const VERIFY: Options = Options { verify: true, dry_run: false, retry_parked: false, new_log: false };

async fn rebuild(
    database: &TestDatabase,
    log: &MemoryLog,
    views: &[ContentView],
    options: Options,
) -> anyhow::Result<Report> {
    content::rebuild(log, &database.connector(), views, options).await
}

async fn leftovers(database: &TestDatabase) -> i64 {
    database.count("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'rebuild%'").await
        + database.count("SELECT count(*) FROM projection.positions WHERE projector <> 'content'").await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_rebuilds_to_the_live_rows_with_its_indexes() {
    const INDEXES: &str =
        "SELECT string_agg(indexdef, E'\\n' ORDER BY indexdef) FROM pg_indexes WHERE schemaname = 'content'";
    let database = TestDatabase::create().await;
    let events = history(41, 30, 800);
    let log = MemoryLog::of(&events);
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    let mut connection = sqlx::PgConnection::connect_with(&database.options()).await.unwrap();
    let before: String = sqlx::query_scalar(INDEXES).fetch_one(&mut connection).await.unwrap();
    for view in VIEWS {
        let report = rebuild(&database, &log, &[*view], VERIFY).await.unwrap();
        assert!(report.verified && report.swapped && report.rows > 0, "{report:?}");
    }
    let report = rebuild(&database, &log, VIEWS, VERIFY).await.unwrap();
    assert_eq!(report.events, u64::try_from(events.len()).unwrap());
    let copied = measure(&database.connector(), VIEWS).await.unwrap();
    assert_eq!(report.clone().beside(copied).copy.unwrap().rows, report.rows);
    let after: String = sqlx::query_scalar(INDEXES).fetch_one(&mut connection).await.unwrap();
    assert_eq!(before, after);
    assert_tables_are(&database, &events).await;
    assert_eq!(leftovers(&database).await, 0);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_and_the_live_projector_go_on_while_views_are_swapped() {
    const READ: &str = "SELECT p.title, s.slug, t.tag FROM content.posts p JOIN content.slugs s USING (post_id)
        LEFT JOIN content.post_tags t USING (post_id) LEFT JOIN content.authors a ON a.account_id = p.author_id";
    let database = TestDatabase::create().await;
    let mut events = history(42, 30, 400);
    let log = MemoryLog::of(&events);
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    let (done, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (options, done, reads) = (database.options(), Arc::clone(&done), Arc::clone(&reads));
            tokio::spawn(async move {
                let mut connection = sqlx::PgConnection::connect_with(&options).await.unwrap();
                while !done.load(Ordering::Relaxed) {
                    // A prepared statement, kept over the swap: never refused, never empty.
                    let rows = sqlx::query(READ).fetch_all(&mut connection).await.unwrap();
                    assert!(rows.len() >= 30, "{} rows", rows.len());
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let (writing, stop) = (log.clone(), Arc::clone(&done));
    let writer = tokio::spawn(async move {
        let mut written = Vec::new();
        for n in 1_000.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            written.push(drafted(n, 1_800_000_000_000));
            writing.append(drafted(n, 1_800_000_000_000));
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        written
    });
    for _ in 0..3 {
        rebuild(&database, &log, VIEWS, VERIFY).await.unwrap();
        rebuild(&database, &log, &[ContentView::of::<Tags>()], VERIFY).await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    events.extend(writer.await.unwrap());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    assert!(reads.load(Ordering::Relaxed) > 10);
    assert_tables_are(&database, &events).await;
    assert_eq!(database.count("SELECT count(*) FROM projection.parked_events").await, 0);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_a_row_that_differs_one_that_is_missing_and_one_too_many() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::of(&[drafted(1, 1_700_000_000_000), drafted(2, 1_700_000_000_000)]);
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    running.stop().await;
    let dry = Options { dry_run: true, ..VERIFY };
    assert!(!rebuild(&database, &log, VIEWS, dry).await.unwrap().swapped);
    for spoil in [
        "UPDATE content.posts SET title = 'Another' WHERE slug = 'post-1'",
        "DELETE FROM content.slugs WHERE slug = 'post-1'",
        "INSERT INTO content.post_tags VALUES ('rust', now(), gen_random_uuid())",
    ] {
        database.execute(spoil).await;
        let refused = rebuild(&database, &log, VIEWS, VERIFY).await.unwrap_err();
        assert!(refused.to_string().contains("differ from the live ones"), "{refused:#}");
        rebuild(&database, &log, VIEWS, Options { verify: false, ..VERIFY }).await.unwrap();
        rebuild(&database, &log, VIEWS, dry).await.unwrap();
    }
    assert_eq!(leftovers(&database).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_leaves_out_what_is_parked_unless_it_is_asked_to_try_again() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::new();
    let all = [drafted(1, 1), published(1, 2, 2), published(1, 3, 3), drafted(2, 4)];
    log.append(all[0].clone());
    log.append_garbage(&all[1]);
    log.append(all[2].clone());
    log.append(all[3].clone());
    log.append(impossible(2, 2, 5));
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    running.stop().await;
    rebuild(&database, &log, &[ContentView::of::<Posts>()], VERIFY).await.unwrap();
    assert_tables_are(&database, &[all[0].clone(), all[3].clone()]).await;
    assert_eq!(database.count("SELECT count(*) FROM projection.parked_events").await, 3);
    log.mend(all[1].clone());
    let again = Options { verify: false, retry_parked: true, ..VERIFY };
    rebuild(&database, &log, VIEWS, again).await.unwrap();
    assert_tables_are(&database, &all).await;
    let left = "SELECT count(*) FROM projection.parked_events WHERE projector = 'content' AND view = 'posts'";
    assert_eq!(database.count(left).await, 1);
    assert_eq!(database.count("SELECT count(*) FROM projection.parked_events").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_live_projector_handled_must_be_handled_by_a_rebuild() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::of(&[drafted(1, 1), impossible(1, 2, 2)]);
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    running.stop().await;
    database.execute("DELETE FROM projection.parked_events").await;
    let refused = rebuild(&database, &log, &[ContentView::of::<Posts>()], VERIFY).await.unwrap_err();
    assert!(refused.to_string().contains("cannot be handled, but the live projector did"), "{refused:#}");
    assert_eq!(leftovers(&database).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_begun_anew_is_taken_only_when_asked() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::of(&history(43, 10, 100));
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    running.stop().await;
    let events = history(44, 10, 300);
    let new = MemoryLog::of(&events);
    assert!(rebuild(&database, &new, VIEWS, Options::default()).await.is_err());
    let options = Options { new_log: true, ..Options::default() };
    rebuild(&database, &new, VIEWS, options).await.unwrap();
    assert_tables_are(&database, &events).await;
    let running = start(database.content(&new), LIVE, &CONTEXTS, &new, config());
    new.append(drafted(700, 1_900_000_000_000));
    caught_up(&mut database.content(&new), &CONTEXTS, &new).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rebuilt_table_may_be_read_by_the_same_and_is_stored_in_the_same_way() {
    let database = TestDatabase::create().await;
    let log = MemoryLog::of(&[drafted(1, 1)]);
    database.execute("GRANT SELECT ON content.posts TO PUBLIC").await;
    database.execute("ALTER TABLE content.posts SET (fillfactor = 80, toast.autovacuum_enabled = false)").await;
    let running = start(database.content(&log), LIVE, &CONTEXTS, &log, config());
    caught_up(&mut database.content(&log), &CONTEXTS, &log).await;
    rebuild(&database, &log, &[ContentView::of::<Posts>()], VERIFY).await.unwrap();
    let granted = "SELECT count(*) FROM pg_class, aclexplode(relacl) AS acl
        WHERE pg_class.oid = 'content.posts'::regclass AND acl.grantee = 0";
    assert_eq!(database.count(granted).await, 1);
    let options = "SELECT count(*) FROM pg_class AS live JOIN pg_class AS toast ON toast.oid = live.reltoastrelid
        WHERE live.oid = 'content.posts'::regclass AND live.reloptions = '{fillfactor=80}'
            AND toast.reloptions = '{autovacuum_enabled=false}'";
    assert_eq!(database.count(options).await, 1);
    running.stop().await;
}
