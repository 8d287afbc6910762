//! An event that nobody can decode.

use serde_json::{Value, json};
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
    // Its last good state stays in place.
    let _ = system.reader().get(&format!("/v1/posts/{damaged_slug}")).send().await.expect(200);
}

/// While nobody is in office: the record that a broken writer would have appended next. In which partition.
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

/// Both projectors put it where a person sees it.
fn assert_parked(system: &System, aggregate_id: &str, partition: i32) {
    let parked = system.scope.succeed("projection-services", &["parked", "list", "--json"]);
    let parked: Vec<Value> = serde_json::from_str(parked.lines().last().unwrap()).unwrap();
    let by: Vec<&str> = parked.iter().map(|parked| parked["projector"].as_str().unwrap()).collect();
    assert_eq!(by, ["content", "lists"], "{parked:#?}");
    let is_it = |parked: &Value| parked["key"] == aggregate_id && parked["partition"] == partition;
    assert!(parked.iter().all(is_it), "{parked:#?}");
    let text = system.scope.succeed("projection-services", &["parked", "list"]);
    assert!(text.contains(aggregate_id) && text.contains("not decodable"), "{text}");
}
