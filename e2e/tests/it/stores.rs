//! Days on which Postgres and Redis are away, or have forgotten everything.

use std::collections::BTreeMap;
use std::time::Duration;

use redis::AsyncCommands as _;
use serde_json::json;
use sqlx::Row as _;
use testkit::process::Signal;
use testkit::{Component, eventually};
use uuid::Uuid;

use crate::support::load::{Load, Written, assert_kept};
use crate::support::{PATIENCE, System};

const WRITERS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn projectors_resume_exactly_after_postgres_and_redis_were_away() {
    let system = System::start(1).await;
    let load = Load::begin(&system, WRITERS, Duration::from_secs(10)).await;
    load.goes_on().await;
    let (postgres, redis) = (Component::Postgres.stopped().await, Component::Redis.stopped().await);
    // Commands need neither.
    load.goes_on().await;
    let _ = system.reader().get("/v1/posts").send().await.problem(503, "unavailable");
    redis.end().await;
    postgres.end().await;
    load.goes_on().await;
    let (postgres, redis) = (Component::Postgres.killed().await, Component::Redis.killed().await);
    load.goes_on().await;
    postgres.end().await;
    redis.end().await;
    load.goes_on().await;
    let written = load.end().await;
    assert_kept(&written, &system.scope.log("posts").await);
    rows_are_as_written(&system, &written).await;
    lists_are_as_written(&system, &written).await;
    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--verify", "--dry-run"]);

    // A Redis that was flushed is filled from the log, without a restart.
    system.scope.empty_redis().await;
    lists_are_as_written(&system, &written).await;
    let _ = system.scope.succeed("projection-services", &["rebuild", "lists", "--verify", "--dry-run"]);
}

/// A projector that has no time to write it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_shown_is_still_there_after_a_crash_of_postgres() {
    let system = System::start(1).await;
    let author = system.author();
    let id = author.draft(&crate::support::unique("shown"), &[]).await.id();
    let mut version = author.publish(&id).await.version();
    for round in 0..4 {
        let edited = author.edit(&id, version, json!({"title": format!("Round {round}")})).await;
        version = edited.version();
        let _ = system.reader().get("/v1/posts").header("Inklog-Position", &edited.position()).send().await.expect(200);
        system.readers.iter().for_each(|process| process.signal(Signal::Stop));
        Component::Postgres.killed().await.end().await;
        let sql = "SELECT version FROM content.posts WHERE post_id = $1";
        let found: i64 = sqlx::query_scalar(sql)
            .bind(id.parse::<Uuid>().unwrap())
            .fetch_one(&mut system.scope.postgres().await)
            .await
            .unwrap();
        system.readers.iter().for_each(|process| process.signal(Signal::Cont));
        assert_eq!(found.cast_unsigned(), version, "a reader saw it");
    }
}

/// Exactly the posts that were written, at the versions that were answered, each saying what it was last told.
async fn rows_are_as_written(system: &System, written: &[Written]) {
    let expected: BTreeMap<Uuid, (String, String, i64)> = written
        .iter()
        .map(|post| {
            (post.id.parse().unwrap(), (post.slug.clone(), format!("Version {}", post.version), post.version as i64))
        })
        .collect();
    let mut postgres = system.scope.postgres().await;
    eventually("the rows are as written", PATIENCE, async || {
        let rows =
            sqlx::query("SELECT post_id, slug, title, version FROM content.posts WHERE published AND NOT deleted")
                .fetch_all(&mut postgres)
                .await
                .unwrap();
        let found: BTreeMap<Uuid, (String, String, i64)> =
            rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2), row.get(3)))).collect();
        (found == expected).then_some(())
    })
    .await;
    let parked: i64 =
        sqlx::query_scalar("SELECT count(*) FROM projection.parked_events").fetch_one(&mut postgres).await.unwrap();
    assert_eq!(parked, 0);
}

async fn lists_are_as_written(system: &System, written: &[Written]) {
    let key = |name: &str| format!("{}:lists:{name}", system.scope.name);
    let mut ids: Vec<&str> = written.iter().map(|post| post.id.as_str()).collect();
    ids.sort_unstable();
    let mut tags: BTreeMap<String, f64> = (0..WRITERS).map(|number| (format!("writer-{number}"), 1.0)).collect();
    tags.insert("load".into(), WRITERS as f64);
    let mut redis = system.scope.redis().await;
    eventually("the lists are as written", PATIENCE, async || {
        let mut newest: Vec<String> = redis.zrange(key("newest"), 0, -1).await.unwrap();
        newest.sort_unstable();
        let mut tagged: Vec<String> = redis.zrange(key("tag:load"), 0, -1).await.unwrap();
        tagged.sort_unstable();
        let counted: BTreeMap<String, f64> = redis.zrange_withscores(key("tags"), 0, -1).await.unwrap();
        (newest == ids && tagged == ids && counted == tags).then_some(())
    })
    .await;
}
