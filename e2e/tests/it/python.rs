//! A third-party client reads the topics with no code of ours: Python, confluent-kafka, its Avro deserializer.

use std::process::{Command, Output};

use serde_json::{Value, json};
use testkit::stack::repository;

use crate::support::{System, unique};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_client_prints_the_events() {
    if !has_python() {
        return;
    }
    let system = System::writing(1).await;
    let (author, name, slug) = (system.author(), unique("ann"), unique("read-by-python"));
    let _ = author.api().post("/v1/accounts").json(&json!({"user_name": name})).send().await.expect(201);
    let id = author.draft(&slug, &["python"]).await.id();
    let _ = author.publish(&id).await;
    let _ = author.edit(&id, 2, json!({"title": "Edited"})).await.expect(200);

    let (events, out) = read_topics(&system, &["posts", "accounts"]).await;
    let of = |key: &str| -> Vec<&Value> { events.iter().filter(|event| event["aggregate_id"] == key).collect() };
    let story = of(&id);
    let types: Vec<&str> = story.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["inklog.posts.Drafted", "inklog.posts.Published", "inklog.posts.Edited"], "{out}");
    assert_eq!((&story[0]["title"], &story[0]["tags"]), (&json!("Version 1"), &json!(["python"])));
    assert_eq!((&story[2]["title"], &story[2]["summary"]), (&json!("Edited"), &Value::Null));
    let versions: Vec<u64> = story.iter().map(|event| event["aggregate_version"].as_u64().unwrap()).collect();
    assert_eq!(versions, [1, 2, 3]);
    assert_eq!(of(&author.id.to_string())[0]["user_name"], name);
}

/// Whether the client can be run here.
pub(crate) fn has_python() -> bool {
    // Debian's python3 comes without what makes virtual environments: that is the package python3-venv.
    let python = Command::new("python3").args(["-c", "import ensurepip, venv"]).output();
    let has = python.is_ok_and(|python| python.status.success());
    if !has {
        // `dev/stack install` brings it, so where CI runs it is there; a test that skips itself would never be missed.
        assert!(std::env::var_os("CI").is_none(), "no python3 with venv here (`dev/stack install` brings it)");
        eprintln!("SKIPPED: no python3 with venv here, so it is not shown that a third-party client reads the topics");
    }
    has
}

/// What the client prints of these contexts: each event, and the text.
pub(crate) async fn read_topics(system: &System, contexts: &[&str]) -> (Vec<Value>, String) {
    let mut command = Command::new(repository().join("e2e/python/read-topics"));
    command.args(contexts.iter().map(|context| system.scope.topic(context))).envs(system.scope.environment());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let Output { status, stdout, stderr } = output;
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{out}{err}");
    (out.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), out.into_owned())
}
