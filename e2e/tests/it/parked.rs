//! Events that cannot be handled, one that no reader can decode and one that Postgres refuses, and what the command
//! line does about them.

use std::process::Output;

use serde_json::{Value, json};
use sqlx::Connection as _;
use testkit::eventually;
use testkit::log::append;

use crate::support::{PATIENCE, System, unique};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_cannot_be_decoded_is_parked_and_the_rest_goes_on() {
    let mut system = System::start(1).await;
    let author = system.author();
    let (damaged_slug, whole_slug) = (unique("damaged"), unique("whole"));
    let damaged = author.draft(&damaged_slug, &[]).await.id();
    let whole = author.draft(&whole_slug, &[]).await.id();
    let (_, _) = (author.publish(&damaged).await, author.publish(&whole).await);

    let (status, _) = system.commands[0].end(PATIENCE).await;
    assert!(status.success());
    let partition = append_undecodable(&system, &damaged).await;
    system.commands.clear();
    system.join().await;

    let author = system.person(author.id, "author");
    // The others never notice, in the same partition or another.
    let edited = author.edit(&whole, 2, json!({"title": "Still going"})).await.expect(200);
    let mut slugs = Vec::new();
    for _ in 0..12 {
        let slug = unique("after");
        let id = author.draft(&slug, &[]).await.id();
        slugs.push((slug, author.publish(&id).await.position()));
    }
    assert_eq!(system.read(&whole_slug, &edited.position()).await.expect(200).body["title"], "Still going");
    for (slug, position) in &slugs {
        let _ = system.read(slug, position).await.expect(200);
    }
    // What cannot be read is not decided on.
    let refused = author.edit(&damaged, 2, json!({"title": "On what?"})).await.problem(503, "unavailable");
    assert!(refused.body["detail"].as_str().unwrap().contains("cannot read"), "{:#}", refused.body);

    assert_parked(&system, &damaged, partition);
    assert_all_is_read(&system, partition).await;
    // Its last good state stays in place.
    let _ = system.reader().get(&format!("/v1/posts/{damaged_slug}")).send().await.expect(200);
}

/// While no instance leads: the record that a broken writer would have appended next. In which partition.
async fn append_undecodable(system: &System, aggregate_id: &str) -> i32 {
    let log = system.scope.log("posts").await;
    let partition = log.events().find(|seen| seen.key == aggregate_id).unwrap().partition;
    let place = log.place(partition);
    let (term, seq) = (place.term.to_string(), (place.seq + 1).to_string());
    let stamp = [("inklog-term", term.as_str()), ("inklog-seq", seq.as_str()), ("ce_type", "inklog.posts.Edited")];
    let (brokers, topic) = (&system.scope.stack.brokers, system.scope.topic("posts"));
    append(brokers, &topic, partition, aggregate_id, b"this is no Avro", &stamp).await;
    partition
}

/// All projectors put it where a person sees it, and there it stays until it can be handled.
fn assert_parked(system: &System, aggregate_id: &str, partition: i32) {
    let parked = parked(system);
    assert_eq!(by(&parked), ["content", "account-index-2", "lists", "feeds"], "{parked:#?}");
    let is_it = |parked: &Value| parked["key"] == aggregate_id && parked["partition"] == partition;
    assert!(parked.iter().all(is_it), "{parked:#?}");
    let text = system.scope.succeed("projection-services", &["parked", "list"]);
    assert!(text.contains(aggregate_id) && text.contains("not decodable"), "{text}");

    let ids: Vec<&str> = parked.iter().map(id).collect();
    assert_replay_fails(system, "--all", &ids);
    // By its name one projector tries it, and says nothing of the others'.
    let said = assert_replay_fails(system, ids[2], &ids[2..3]);
    assert!(!said.contains(ids[0]), "{said}");
    assert_eq!(self::parked(system), parked);
}

/// Parking is no standing still: everything is read.
async fn assert_all_is_read(system: &System, partition: i32) {
    let status = eventually("all is read", PATIENCE, async || {
        let status = system.scope.succeed("projection-services", &["status", "--json"]);
        let status: Value = serde_json::from_str(status.lines().last().unwrap()).unwrap();
        status["positions"].as_array().unwrap().iter().all(|line| line["lag"] == 0).then_some(status)
    })
    .await;
    assert_eq!(status["parked"], json!({"account-index-2": 1, "content": 1, "feeds": 1, "lists": 1}), "{status:#}");
    let lines = status["positions"].as_array().unwrap();
    let is_of_it = |line: &&Value| line["context"] == "posts" && line["partition"] == partition;
    let of_it: Vec<&Value> = lines.iter().filter(is_of_it).collect();
    assert_eq!(by(of_it.iter().copied()), ["content", "account-index-2", "lists", "feeds"], "{status:#}");
    assert!(of_it.iter().all(|line| line["end"].as_i64() > Some(0) && line["position"] == line["end"]), "{status:#}");
    let text = system.scope.succeed("projection-services", &["status"]);
    assert!(text.contains("parked: 1 in content, 1 in account-index-2, 1 in lists, 1 in feeds"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_postgres_refuses_is_replayed_by_its_name_once_it_is_not_refused_any_more() {
    let system = System::start(1).await;
    let (author, slug) = (system.author(), unique("refused"));
    let post = author.draft(&slug, &[]).await.id();
    let _ = author.publish(&post).await;
    let mut postgres = system.scope.postgres().await;
    let refuse = "ALTER TABLE content.posts ADD CONSTRAINT of_this_test CHECK (title <> 'Refused')";
    let _ = sqlx::raw_sql(refuse).execute(&mut postgres).await.unwrap();
    let position = author.edit(&post, 2, json!({"title": "Refused"})).await.expect(200).position();
    let parked = eventually("the event is parked", PATIENCE, async || {
        let parked = parked(&system);
        (!parked.is_empty()).then_some(parked)
    })
    .await;
    assert_eq!((by(&parked), &parked[0]["view"]), (vec!["content"], &json!("posts")), "{parked:#?}");
    assert!(parked[0]["reason"].as_str().unwrap().contains("of_this_test"), "{parked:#?}");
    let former = system.read(&slug, &position).await.expect(200);
    assert_eq!((&former.body["title"], former.header("inklog-stale")), (&json!("Version 1"), "true"));
    // What comes after it waits for it.
    let position = author.edit(&post, 3, json!({"summary": "Later"})).await.expect(200).position();
    assert_eq!(system.read(&slug, &position).await.expect(200).body["version"], 2);
    let both = self::parked(&system);
    let ids: Vec<&str> = both.iter().map(id).collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    let said = assert_replay_fails(&system, ids[0], &ids[..1]);
    assert!(said.contains("0 applied, 1 still waiting"), "{said}");

    let rebuilt = system.scope.run("projection-services", &["rebuild", "posts", "--dry-run"]);
    assert_eq!(rebuilt.status.code(), Some(65), "{rebuilt:?}");
    assert!(String::from_utf8_lossy(&rebuilt.stdout).contains("WITHOUT 2 parked events"), "{rebuilt:?}");

    let _ =
        sqlx::raw_sql("ALTER TABLE content.posts DROP CONSTRAINT of_this_test").execute(&mut postgres).await.unwrap();
    postgres.close().await.unwrap();
    let said = system.scope.succeed("projection-services", &["parked", "replay", ids[0]]);
    assert!(said.contains("content: 2 applied, 0 still waiting"), "{said}");
    assert_eq!(self::parked(&system), Vec::<Value>::new());
    let seen = system.read(&slug, &position).await.expect(200);
    assert_eq!((&seen.body["title"], &seen.body["version"]), (&json!("Refused"), &json!(4)));
    assert_eq!(seen.header("inklog-stale"), "");
    let Output { status, stderr, .. } = system.scope.run("projection-services", &["parked", "replay", ids[0]]);
    assert!(!status.success() && String::from_utf8_lossy(&stderr).contains(ids[0]), "it is not there any more");
}

/// What the command line lists.
fn parked(system: &System) -> Vec<Value> {
    let parked = system.scope.succeed("projection-services", &["parked", "list", "--json"]);
    serde_json::from_str(parked.lines().last().unwrap()).unwrap()
}

fn id(parked: &Value) -> &str {
    parked["id"].as_str().unwrap()
}

fn by<'a>(lines: impl IntoIterator<Item = &'a Value>) -> Vec<&'a str> {
    lines.into_iter().map(|line| line["projector"].as_str().unwrap()).collect()
}

/// The operator who asks for it is told that these failed again, also by the exit status. What was printed.
fn assert_replay_fails(system: &System, which: &str, failing: &[&str]) -> String {
    let Output { status, stdout, stderr } = system.scope.run("projection-services", &["parked", "replay", which]);
    let (said, error) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert_eq!(status.code(), Some(1), "{said}{error}");
    assert!(failing.iter().all(|id| said.contains(&format!("{id}: "))), "{said}{error}");
    assert!(error.contains(&format!("{} events still cannot be handled", failing.len())), "{said}{error}");
    said.into_owned()
}
