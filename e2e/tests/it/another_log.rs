//! Topics that are deleted and made again: nothing is begun beside what is known of the log that was, until an operator
//! says so.

use service_kit::PositionToken;
use testkit::{Api, eventually, topics};

use crate::support::{PATIENCE, System, unique};

const REBUILD: [&str; 3] = ["rebuild", "all", "--new-log"];

/// Waits until the write side says of all partitions of posts what is wrong with them.
async fn says_so(system: &System) {
    let health = Api::new(system.commands[0].url());
    eventually("the write side is not ready, and says why", PATIENCE, async || {
        let answer = health.get("/readyz").send().await;
        let said = answer.body.to_string();
        let all = "partition 0: not this installation's log; partition 1: not this installation's log";
        let posts = said.split("log of ").find(|said| said.starts_with("posts")).unwrap_or_default();
        posts.contains(all).then_some(())
    })
    .await
}

fn draft() -> serde_json::Value {
    serde_json::json!({"title": "A second history", "slug": unique("second")})
}

async fn is_refused(api: &Api) {
    let refused = api.post("/v1/posts").json(&draft()).send().await;
    assert_eq!(refused.status, 503, "{:#}", refused.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_lost_is_not_begun_anew_but_on_purpose() {
    let mut system = System::start(1).await;
    let (author, slug) = (system.author(), unique("lost"));
    let id = author.draft(&slug, &[]).await.id();
    let before = author.publish(&id).await.position();
    let _ = system.read(&slug, &before).await.expect(200);
    let said = system.scope.succeed("command-services", &["topics", "adopt"]);
    assert!(!said.contains("is no more"), "nothing is lost yet: {said}");

    // Under running processes.
    topics::remove(&system.scope.stack.brokers, &system.scope.name).await.unwrap();
    eventually("the topics are gone", PATIENCE, async || system.scope.topics().await.is_empty().then_some(())).await;
    let _ = system.scope.succeed("command-services", &["topics", "create"]);
    says_so(&system).await;
    is_refused(author.api()).await;

    // And when they are started again.
    let _ = system.commands[0].end(PATIENCE).await;
    system.commands = vec![system.scope.start("command-services", &["all"])];
    let again = &system.commands[0];
    eventually("it says so", PATIENCE, async || again.logged().contains("topics adopt").then_some(())).await;
    is_refused(system.person(author.id, "author").api()).await;
    assert!(system.scope.log("posts").await.events().next().is_none());
    let mut projector = system.scope.start("projection-services", &["all"]);
    eventually("the projector ends", PATIENCE, async || (!projector.is_running()).then_some(())).await;

    // An operator begins anew.
    let _ = system.commands[0].end(PATIENCE).await;
    let said = system.scope.succeed("command-services", &["topics", "adopt"]);
    assert!(said.contains(&format!("{}, partition 0: ", system.scope.topic("posts"))), "{said}");
    system.commands = vec![system.scope.start("command-services", &["all"])];
    system.commands[0].ready().await;
    let author = system.person(author.id, "author");
    let id = author.draft(&slug, &[]).await.id();
    let position = author.publish(&id).await.position();
    let log_id = |position: &str| position.parse::<PositionToken>().unwrap().log_id;
    assert_ne!(log_id(&position), log_id(&before));
    let _ = system.scope.succeed("projection-services", &REBUILD);
    system.readers[0] = system.scope.start("projection-services", &["all"]);
    system.readers[0].ready().await;
    let _ = system.read(&slug, &position).await.expect(200);
}
