//! A projector that dies between its positions and its rows, on a real Postgres: as we build it, and with the two
//! committed apart. The checker judges the rows that are there once another has read on to the end.

use std::cell::Cell;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use checker::history::{self, Body, History};
use checker::{Kind, Verdict};
use domain::posts::{Drafted, Event};
use domain::{AnyEvent, Recorded, Timestamp};
use event_log::subscription::{Batch, Entry, PartitionId, Position};
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use super::super::{Connector, Content};
use crate::cli::MIGRATIONS;
use crate::projector::Projector;
use crate::work::Work;

thread_local! {
    pub(super) static POSITIONS_APART: Cell<bool> = const { Cell::new(false) };
}

/// The log: a term, and posts that are drafted.
const EVENTS: i64 = 4;

fn partition() -> PartitionId {
    PartitionId { context: "posts".into(), partition: 0 }
}

fn post_id(offset: i64) -> Uuid {
    Uuid::from_u128(0x1000 + u128::from(offset.unsigned_abs()))
}

fn slug(offset: i64) -> String {
    format!("post-{offset}")
}

fn work(from: i64, to: i64) -> Work {
    let position = |next_offset: i64| match next_offset {
        0 => Position::START,
        _ => Position { log_id: Some(Uuid::nil()), next_offset, term: 1, next_seq: next_offset.unsigned_abs() },
    };
    let entries = (from.max(1)..to).map(|offset| Entry { offset, event: Ok(Arc::new(drafted(offset))) }).collect();
    Work::of(Batch { partition: partition(), from: position(from), to: position(to), entries })
}

fn drafted(offset: i64) -> Recorded<AnyEvent> {
    let event = AnyEvent::Posts(Event::Drafted(Drafted::new(
        Uuid::from_u128(1),
        slug(offset).parse().unwrap(),
        "A post".parse().unwrap(),
    )));
    let (occurred_at, actor_id) = (Timestamp(offset * 1_000), Uuid::from_u128(1));
    Recorded { aggregate_id: post_id(offset).to_string(), version: 1, occurred_at, actor_id, event }
}

/// The same log as the checker takes it.
fn recorded(offset: i64) -> history::Record {
    if offset == 0 {
        return history::Record { offset, key: "term".into(), body: Body::TermStarted { term: 1, nonce: Uuid::nil() } };
    }
    let event = history::Event {
        event_type: "inklog.posts.Drafted".into(),
        aggregate_id: post_id(offset).to_string(),
        version: 1,
        occurred_at: offset * 1_000,
        actor_id: Uuid::from_u128(1).to_string(),
        term: 1,
        seq: offset.unsigned_abs(),
        command_id: post_id(offset),
        correlation_id: post_id(offset),
        digest: None,
        fields: [("slug".to_owned(), json!(slug(offset)))].into_iter().collect(),
    };
    history::Record { offset, key: event.aggregate_id.clone(), body: Body::Event(Box::new(event)) }
}

struct Database {
    server: PgConnectOptions,
    name: String,
}

impl Database {
    async fn create() -> Self {
        let url = std::env::var("INKLOG_DATABASE_URL");
        let url = url.unwrap_or_else(|_| "postgres://inklog:inklog@127.0.0.1:15432/inklog".into());
        let server = PgConnectOptions::from_str(&url).unwrap();
        let database = Self { server, name: format!("inklog_test_{}", Uuid::new_v4().simple()) };
        database.on_the_server(format!("CREATE DATABASE {}", database.name)).await;
        let options = database.server.clone().database(&database.name);
        MIGRATIONS.run(&mut PgConnection::connect_with(&options).await.unwrap()).await.unwrap();
        database
    }

    async fn on_the_server(&self, sql: String) {
        let mut connection = PgConnection::connect_with(&self.server).await.unwrap();
        let mut attempts = 0..50;
        while let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut connection).await {
            // Postgres itself may be tidying up there, and only a superuser ends that.
            assert!(attempts.next().is_some(), "{sql}: {error}");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }

    fn connector(&self) -> Connector {
        Connector::new(self.server.clone().database(&self.name))
    }

    async fn connect(&self) -> PgConnection {
        self.connector().connect().await.unwrap()
    }

    fn content(&self) -> Content {
        Content::live(self.connector(), vec![partition()])
    }

    /// Until a connection waits for a lock here.
    async fn a_lock_is_waited_for(&self) {
        const WAITS: &str = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
        let mut connection = self.connect().await;
        while !sqlx::query_scalar::<_, bool>(WAITS).fetch_one(&mut connection).await.unwrap() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn judged(&self) -> Verdict {
        let rows: Vec<(String, Uuid, i64)> =
            sqlx::query_as("SELECT slug, post_id, (extract(epoch FROM since) * 1000)::bigint FROM slugs")
                .fetch_all(&mut self.connect().await)
                .await
                .unwrap();
        let row = |(slug, post_id, since)| json!({"slug": slug, "post_id": post_id, "since": since});
        let records = (0..=EVENTS).map(recorded).collect();
        let partitions = vec![history::Partition { context: "posts".into(), number: 0, records }];
        let views = [("slugs".to_owned(), rows.into_iter().map(row).collect())].into();
        checker::judge(&History { partitions, views, ..History::default() })
    }
}

/// A projector dies when it is about to write rows, and another goes on from the positions to the end.
async fn dies_before_its_rows() -> Verdict {
    let database = Database::create().await;
    let mut dies = database.content();
    dies.resume().await.unwrap();
    let mut holder = database.connect().await;
    let mut held = holder.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE slugs IN ACCESS EXCLUSIVE MODE").execute(&mut *held).await.unwrap();
    let work_of_the_dead = work(0, 3);
    tokio::select! {
        outcome = dies.commit(&work_of_the_dead) => panic!("the rows cannot be written: {outcome:?}"),
        () = database.a_lock_is_waited_for() => {}
    }
    drop(dies);
    held.rollback().await.unwrap();
    let mut next = database.content();
    let at = next.resume().await.unwrap().get(&partition()).map_or(0, |at| at.next_offset);
    next.commit(&work(at, EVENTS + 1)).await.unwrap();
    let verdict = database.judged().await;
    drop((next, holder));
    database.on_the_server(format!("DROP DATABASE {} WITH (FORCE)", database.name)).await;
    verdict
}

#[tokio::test]
async fn a_projector_that_dies_between_positions_and_rows_leaves_both_or_neither() {
    let verdict = tokio::time::timeout(Duration::from_secs(60), dies_before_its_rows()).await.unwrap();
    assert_eq!(verdict.count(Kind::Row), 0, "{verdict}");
    assert_eq!(verdict.counts.rows, EVENTS.unsigned_abs());
}

#[tokio::test]
async fn positions_that_are_committed_outside_the_transaction_are_noticed_by_the_checker() {
    POSITIONS_APART.set(true);
    let verdict = tokio::time::timeout(Duration::from_secs(60), dies_before_its_rows()).await.unwrap();
    POSITIONS_APART.set(false);
    assert_eq!(verdict.count(Kind::Row), 2, "the rows of the dead are missing: {verdict}");
}
