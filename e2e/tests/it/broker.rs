//! Days on which the broker is away.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::{Api, Component, Process, eventually};
use uuid::Uuid;

use crate::support::load::{Load, assert_kept};
use crate::support::{System, unique};

/// Longer than any command may take.
const ANSWER: Duration = Duration::from_secs(10);
/// From the broker's being ready again until every client has had five more answers, on a busy machine.
const RECOVERY: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_away_for_20_seconds_costs_time_and_nothing_else() {
    let mut system = System::start(2).await;
    let load = Load::begin(&system, 6, ANSWER).await;
    load.goes_on().await;

    let author = system.author();
    let kept = author.draft(&unique("kept"), &[]).await.id();
    let delete = async || author.api().delete(&format!("/v1/posts/{kept}")).key(&kept).send().await;

    let outage = Component::Kafka.stopped().await;
    let began = Instant::now();
    let (deleted, ()) = tokio::join!(delete(), a_command_says_that_it_was_not_done(&system));
    assert!(matches!(deleted.status, 503 | 504), "{} {:#}", deleted.status, deleted.body);
    tokio::time::sleep(Duration::from_secs(20).saturating_sub(began.elapsed())).await;
    outage.end().await;
    let after_stop = load.goes_on().await;
    // What was answered with an error is not done an hour later: the producer that had it was given up meanwhile.
    let story = || async { system.scope.log("posts").await.story(&kept).len() };
    assert_eq!(story().await, 1);
    assert!(delete().await.expect(200).changed());
    assert_eq!(story().await, 2);

    let outage = Component::Kafka.killed().await;
    outage.end().await;
    let after_crash = load.goes_on().await;
    assert!(after_stop < RECOVERY && after_crash < RECOVERY, "{after_stop:?}, {after_crash:?}");

    let written = load.end().await;
    assert_kept(&written, &system.scope.log("posts").await);
    // No program was restarted, and readers see it all.
    for post in &written {
        let title = format!("Version {}", post.version);
        assert_eq!(system.read(&post.slug, &post.position).await.expect(200).body["title"], title);
    }
    for process in system.commands.iter_mut().chain(&mut system.readers) {
        Process::ready(process).await;
    }
}

async fn a_command_says_that_it_was_not_done(system: &System) {
    let draft = json!({"title": "T", "slug": unique("outage")});
    let began = Instant::now();
    let answer = system.author().api().post("/v1/posts").json(&draft).send().await;
    assert!(matches!(answer.status, 503 | 504), "{} {:#}", answer.status, answer.body);
    assert!(began.elapsed() < Duration::from_secs(8), "an answer takes no longer than its deadline");
    if answer.status == 504 {
        assert_eq!(answer.body["type"], "urn:inklog:problem:outcome-unknown");
        assert!(answer.body["command_id"].is_string(), "{:#}", answer.body);
    }
}

/// Refusals wait for a read barrier: where the partition ends is asked of the broker, also while that is only
/// starting and may say that there are no partitions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_answered_again_after_the_broker_was_away() {
    let system = System::writing(1).await;
    let author = system.author();
    let id = author.draft(&unique("refused"), &[]).await.id();
    for _ in 0..3 {
        let outage = Component::Kafka.killed().await;
        let asking = tokio::spawn(ask_for_a_refusal(author.api().clone(), id.clone()));
        outage.end().await;
        let ready = Instant::now();
        asking.await.unwrap();
        assert!(ready.elapsed() < RECOVERY, "{:?}", ready.elapsed());
    }
}

/// Edits a version that is not there, again and again until an instance says so.
async fn ask_for_a_refusal(api: testkit::Api, id: String) {
    let path = format!("/v1/posts/{id}");
    while api.patch(&path).json(&json!({"title": "T"})).if_match(99).send().await.status != 412 {}
}

/// A person who was deactivated meanwhile would be let in, with their former roles, for as long as it lasts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_does_not_hear_from_the_log_lets_no_person_in() {
    let system = System::writing(1).await;
    let (anyone, name) = (Api::new(system.commands[0].url()), unique("ada"));
    let password = "correct horse battery staple";
    let application = json!({"user_name": name, "email": format!("{name}@example.org"), "password": password});
    let _ = anyone.post("/v1/register").json(&application).send().await.expect(201);
    let credentials = json!({"login": name, "password": password});
    let log_in = async || anyone.post("/v1/sessions").json(&credentials).send().await;
    let session = log_in().await.expect(201);
    let token = json!({"refresh_token": session.body["refresh_token"]});
    let refresh = async || anyone.post("/v1/sessions/refresh").json(&token).send().await;

    let own = anyone.with_token(session.body["access_token"].as_str().unwrap());
    let edit = async || own.patch(&format!("/v1/accounts/{}", Uuid::nil())).json(&json!({})).send().await;
    let silent = async || {
        let ready = anyone.get("/readyz").send().await;
        (ready.status == 503 && ready.body.to_string().contains("partition 0: not heard of for too long")).then_some(())
    };

    let outage = Component::Kafka.stopped().await;
    eventually("it is not ready, and says why", Duration::from_secs(10), silent).await;
    // Which of its logs it is silent of first is by chance.
    let refused = async || Some(log_in().await).filter(|answer| answer.status != 201);
    let refused = eventually("no person is let in", Duration::from_secs(2), refused).await;
    assert!(!refused.problem(503, "unavailable").header("retry-after").is_empty());
    let _ = refresh().await.problem(503, "unavailable");
    let _ = edit().await.problem(503, "unavailable");
    outage.end().await;

    let ready = async || (anyone.get("/readyz").send().await.status == 200).then_some(());
    eventually("it is ready", RECOVERY, ready).await;
    let _ = refresh().await.expect(200);
    let _ = log_in().await.expect(201);
}
