//! Services as they are deployed: each by itself, each with limits.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use testkit::{Answer, Component, Process, Scope};

use crate::support::{PATIENCE, System, unique};

#[tokio::test]
async fn each_service_takes_the_commands_of_its_own_contexts() {
    let mut system = System::writing(0).await;
    for service in ["identity", "publishing", "community"] {
        let mut process = system.scope.start("command-services", &[service]);
        process.ready().await;
        system.commands.push(process);
    }
    let author = system.author();
    let (identity, publishing, community) = (&author.apis[0], &author.apis[1], &author.apis[2]);
    let (account, post) = (json!({"user_name": unique("ann")}), json!({"title": "T", "slug": unique("own")}));
    let _ = identity.post("/v1/accounts").json(&account).send().await.expect(201);
    let id = publishing.post("/v1/posts").json(&post).send().await.expect(201).id();
    let published = publishing.post(&format!("/v1/posts/{id}/publish")).send().await.expect(200);
    assert!(published.changed());
    let path = format!("/v1/comments/{id}");
    // It reads of both what it decides by, and each is a moment behind.
    testkit::eventually("the account and the post are known there", PATIENCE, async || {
        let answer = community.post(&path).json(&json!({"text": "First."})).send().await;
        (answer.status == 201).then_some(())
    })
    .await;
    let _ = publishing.post(&path).json(&json!({"text": "Second."})).send().await.problem(404, "no-such-address");
    for mark in [format!("reactions/post/{id}/like"), format!("shares/post/{id}/link")] {
        let path = format!("/v1/me/{mark}");
        assert!(community.put(&path).send().await.expect(200).changed());
        for other in [identity, publishing] {
            let _ = other.put(&path).send().await.problem(404, "no-such-address");
        }
    }
    let _ = identity.post("/v1/posts").json(&post).send().await.problem(404, "no-such-address");
    let _ = publishing.post("/v1/accounts").json(&account).send().await.problem(404, "no-such-address");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_much_at_once_is_turned_away_and_done_when_asked_again() {
    let mut system = System::writing(0).await;
    let mut environment = system.scope.environment();
    environment.push(("INKLOG_MAX_WAITING".into(), "1".into()));
    let mut process = Process::start("command-services", &["all"], &environment);
    process.ready().await;
    system.commands.push(process);
    let author = system.author();
    let drafts: Vec<(String, String)> = (0..64).map(|_| (unique("key"), unique("busy"))).collect();
    let draft = async |(key, slug): &(String, String)| {
        author.api().post("/v1/posts").json(&json!({"title": "T", "slug": slug})).key(key).send().await
    };
    let answers: Vec<Answer> = join_all(drafts.iter().map(draft)).await;
    let turned_away = answers.into_iter().filter(|answer| answer.status != 201);
    let turned_away: Vec<Answer> = turned_away.map(|answer| answer.problem(503, "overloaded")).collect();
    assert!(!turned_away.is_empty() && turned_away.iter().all(|answer| !answer.header("retry-after").is_empty()));
    let mut ids = Vec::new();
    for it in &drafts {
        ids.push(draft(it).await.expect(201).id());
    }
    let log = system.scope.log("posts").await;
    log.assert_whole();
    assert!(ids.iter().all(|id| log.story(id) == ["Drafted"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_registry_those_who_know_the_schemas_go_on_and_a_newcomer_waits() {
    let mut system = System::start(1).await;
    let author = system.author();
    // A reader asks for each schema once, when it first meets it.
    let (met, slug) = (unique("met"), unique("unasked"));
    let id = author.draft(&met, &[]).await.id();
    let position = author.publish(&id).await.position();
    let _ = system.read(&met, &position).await.expect(200);
    let outage = Component::Registry.stopped().await;
    let id = author.draft(&slug, &[]).await.id();
    let position = author.publish(&id).await.position();
    let _ = system.read(&slug, &position).await.expect(200);

    let mut newcomer = system.scope.start("command-services", &["all"]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(newcomer.is_running(), "it waits: {}", newcomer.logged());
    outage.end().await;
    newcomer.ready().await;
    let (status, _) = system.commands[0].end(PATIENCE).await;
    assert!(status.success());
    system.commands = vec![newcomer];
    let author = system.person(author.id, "author");
    let _ = author.edit(&id, 2, json!({"title": "Still known"})).await.expect(200);
}

#[tokio::test]
async fn a_process_without_its_topics_says_what_to_do() {
    let scope = Scope::bare();
    let output = tokio::task::spawn_blocking({
        let environment = scope.environment();
        move || {
            let mut command = std::process::Command::new(testkit::stack::binary("command-services"));
            command
                .arg("all")
                .envs(environment)
                .env("INKLOG_LISTEN", "127.0.0.1:0")
                .env("INKLOG_GRPC_LISTEN", "127.0.0.1:0");
            command.output().unwrap()
        }
    })
    .await
    .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("topics create") && said.contains(&scope.topic("posts")), "{said}");
}
