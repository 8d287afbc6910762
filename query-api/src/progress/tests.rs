use serde_json::json;
use uuid::Uuid;

use super::*;

const LOG: Uuid = Uuid::from_u128(1);

fn progress() -> Progress {
    // Nothing listens there, and nothing in these tests asks.
    let database = Database::new("postgres://none@127.0.0.1:1/none", 1).unwrap();
    let progress = Progress::new(database, Duration::from_millis(50));
    progress.hearing.store(true, Ordering::Release);
    progress
}

fn announcement(projector: &str, next_offset: i64, log_id: Uuid) -> String {
    let position = json!({"context": "posts", "partition": 0, "next_offset": next_offset, "log_id": log_id});
    json!({"projector": projector, "positions": [position]}).to_string()
}

fn demand(offset: i64, stale_ok: bool) -> Demand {
    let token = PositionToken { context: "posts".into(), partition: 0, offset, log_id: LOG };
    Demand { position: Some(token), stale_ok, waits: None }
}

fn announced(partition: i32) -> announcement::Announced {
    announcement::Announced { context: "posts".into(), partition, next_offset: 7, log_id: Some(LOG) }
}

fn kind(problem: &Problem) -> &str {
    problem.details().kind.rsplit(':').next().unwrap()
}

#[tokio::test]
async fn no_demand_is_met_at_once() {
    let demand = Demand { position: None, stale_ok: false, waits: None };
    assert_eq!(progress().wait(&demand).await.unwrap(), Freshness::Fresh);
}

#[tokio::test]
async fn an_event_is_passed_when_the_next_offset_is_beyond_it() {
    let progress = progress();
    progress.heard(&announcement("content", 7, LOG));
    assert_eq!(progress.wait(&demand(6, false)).await.unwrap(), Freshness::Fresh);
    assert_eq!(kind(&progress.wait(&demand(7, false)).await.unwrap_err()), "behind");
    assert_eq!(progress.wait(&demand(7, true)).await.unwrap(), Freshness::Stale);
}

#[tokio::test]
async fn a_query_waits_no_longer_than_its_reader() {
    let progress = Progress { patience: Duration::from_secs(60), ..progress() };
    progress.heard(&announcement("content", 7, LOG));
    let began = Instant::now();
    let hurried = Demand { waits: Some(Duration::from_millis(20)), ..demand(7, false) };
    let problem = progress.wait(&hurried).await.unwrap_err();
    assert_eq!(kind(&problem), "behind");
    assert!(problem.details().detail.contains("20 ms"), "{problem}");
    let content = Demand { waits: Some(Duration::ZERO), ..demand(7, true) };
    assert_eq!(progress.wait(&content).await.unwrap(), Freshness::Stale);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_waiting_query_is_woken() {
    let progress = std::sync::Arc::new(progress());
    let waiting = tokio::spawn({
        let progress = progress.clone();
        async move { progress.wait(&demand(7, false)).await }
    });
    tokio::time::sleep(Duration::from_millis(5)).await;
    progress.heard(&announcement("lists", 100, LOG));
    progress.heard("nonsense");
    progress.heard(&announcement("content", 8, LOG));
    assert_eq!(waiting.await.unwrap().unwrap(), Freshness::Fresh);
}

#[tokio::test]
async fn another_log_is_refused_at_once() {
    let progress = progress();
    progress.heard(&announcement("content", 100, Uuid::from_u128(2)));
    assert_eq!(kind(&progress.wait(&demand(7, true)).await.unwrap_err()), "foreign-position");
}

#[tokio::test]
async fn what_there_is_not_is_refused_at_once() {
    let progress = progress();
    let mut nowhere = demand(7, false);
    nowhere.position.as_mut().unwrap().context = "zzz".into();
    let began = Instant::now();
    assert_eq!(kind(&progress.wait(&nowhere).await.unwrap_err()), "foreign-position");
    assert!(began.elapsed() < Duration::from_millis(50), "{:?}", began.elapsed());
}

#[test]
fn a_partition_is_missing_only_where_others_of_its_context_are_known() {
    let token = |partition| PositionToken { context: "posts".into(), partition, offset: 7, log_id: LOG };
    let with = |partitions: i32| {
        let mut read = Known::default();
        (0..partitions).for_each(|partition| read.announce(announced(partition)));
        read
    };
    let mut known = Known::default();
    assert_eq!((known.judge(&token(1)), known.may_lack(&token(1))), (Verdict::NotYet, false), "nothing has begun");
    known.complete(with(1));
    assert_eq!((known.judge(&token(1)), known.may_lack(&token(1))), (Verdict::Foreign, true));
    known.complete(with(2));
    assert_eq!((known.judge(&token(1)), known.may_lack(&token(1))), (Verdict::NotYet, false));
    assert_eq!(known.judge(&token(9)), Verdict::Foreign);
}

#[tokio::test]
async fn an_older_announcement_changes_nothing_but_a_new_log_does() {
    let progress = progress();
    progress.heard(&announcement("content", 7, LOG));
    progress.heard(&announcement("content", 5, LOG));
    assert_eq!(progress.wait(&demand(6, false)).await.unwrap(), Freshness::Fresh);
    progress.heard(&announcement("content", 1, Uuid::from_u128(2)));
    assert_eq!(kind(&progress.wait(&demand(6, false)).await.unwrap_err()), "foreign-position");
}

#[test]
fn something_else_is_as_far_only_where_it_knows_every_partition() {
    let mut known = Known::default();
    assert!(!known.reached_by("posts", |_| Some((Some(LOG), 100))), "nothing is known");
    for partition in [0, 1] {
        known.announce(announced(partition));
    }
    assert!(known.reached_by("posts", |_| Some((Some(LOG), 7))));
    assert!(!known.reached_by("posts", |partition| Some((Some(LOG), 8 - 2 * i64::from(partition)))));
    assert!(!known.reached_by("posts", |partition| (partition == 0).then_some((Some(LOG), 9))));
    assert!(!known.reached_by("posts", |_| Some((None, 9))));
}
