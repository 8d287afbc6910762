//! What the system refuses to go along with, and how it says so.

use serde_json::{Value, json};
use service_kit::PositionToken;
use testkit::{Scope, stack};
use uuid::Uuid;

use crate::support::{PATIENCE, System, unique};

#[tokio::test]
async fn a_position_of_another_log_is_refused_and_explained() {
    let system = System::start(1).await;
    let (author, slug) = (system.author(), unique("here"));
    let id = author.draft(&slug, &[]).await.id();
    let position = author.publish(&id).await.position();
    let _ = system.read(&slug, &position).await.expect(200);
    let here: PositionToken = position.parse().unwrap();
    let elsewhere = PositionToken { log_id: Uuid::new_v4(), ..here.clone() };
    let refused = system.read(&slug, &elsewhere.to_string()).await.problem(409, "foreign-position");
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("log") && detail.contains("replaced"), "{detail}");
    // One of this log that is not reached in time is another matter.
    let ahead = PositionToken { offset: here.offset + 1_000_000, ..here };
    let refused = system.read(&slug, &ahead.to_string()).await.problem(503, "behind");
    assert!(!refused.header("retry-after").is_empty());
    let call = system.reader().get(&format!("/v1/posts/{slug}")).header("Inklog-Position", &ahead.to_string());
    let stale = call.header("Prefer", "stale-ok").send().await.expect(200);
    assert_eq!(stale.header("inklog-stale"), "true");
}

#[tokio::test]
async fn a_schema_that_breaks_compatibility_is_not_registered() {
    let scope = Scope::bare();
    let subject = format!("{}-inklog.posts.Drafted", scope.topic("posts"));
    let ours = std::fs::read_to_string(stack::repository().join("avro-schemas/posts/Drafted.avsc")).unwrap();
    // As if an earlier version had written titles as numbers.
    let mut earlier: Value = serde_json::from_str(&ours).unwrap();
    let fields = earlier["fields"].as_array_mut().unwrap();
    fields.iter_mut().find(|field| field["name"] == "title").unwrap()["type"] = json!("long");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/subjects/{subject}/versions", scope.stack.registry_url);
    let body = json!({"schema": earlier.to_string()}).to_string();
    let register = http.post(url).header("content-type", "application/vnd.schemaregistry.v1+json").body(body);
    assert!(register.send().await.unwrap().status().is_success());

    let output = scope.run("command-services", &["schemas", "register"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&subject), "{said}");
    assert!(said.contains("title"), "{said}");
}

/// What no record had yet got other ids than the services knew that ran, and no reader of the registry could tell what
/// these wrote of it.
#[tokio::test]
async fn a_registry_is_not_restored_beside_services_that_write() {
    let mut system = System::writing(1).await;
    let _ = system.author().draft(&unique("written"), &[]).await.id();
    let output = system.scope.run("command-services", &["schemas", "restore"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("publishing of posts") && said.contains("stop them"), "{said}");

    let _ = system.commands[0].end(PATIENCE).await;
    let said = system.scope.succeed("command-services", &["schemas", "restore"]);
    assert!(said.contains("under their ids"), "{said}");
}
