//! What is held about a person is found by an index of whose events are where, kept beside the read models; and is the
//! same where the index lags, has lost what it had, has parked what it cannot take, or is of another log.

use futures::StreamExt as _;
use serde_json::{Value, json};
use testkit::process::Signal;
use testkit::{Api, Process, eventually};
use uuid::Uuid;

use crate::support::members::{Member, PASSWORD};
use crate::support::{PATIENCE, System, unique};

/// Drafts of other people.
const DRAFTS: usize = 400;

/// The lines of an export but for the audit's, which come when they come: context, aggregate, version, type.
type Told = Vec<(String, String, u64, String)>;

async fn export(api: &Api) -> Told {
    let answer = eventually("there is room for an export", PATIENCE, async || {
        let answer = api.get("/v1/me/export").within(PATIENCE).send().await;
        (answer.status != 503).then_some(answer)
    })
    .await
    .expect(200);
    let lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.last().unwrap()["kind"], "manifest");
    let text = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
    let told = |line: &Value| {
        let version = line["aggregate_version"].as_u64().unwrap();
        (text(line, "context"), text(line, "aggregate_id"), version, text(line, "event_type"))
    };
    let is_told = |line: &&Value| line["kind"] == "event" && line["context"] != "security";
    let mut told: Told = lines.iter().filter(is_told).map(told).collect();
    told.sort();
    told
}

/// How many records a process has read for exports: by the index, and through the log.
async fn records(process: &Process) -> (u64, u64) {
    let text = Api::new(process.metrics_url()).get("/metrics").send().await.expect(200).text;
    let of = |by: &str| {
        let by = format!("by=\"{by}\"");
        let mut lines = text.lines().filter(|line| line.starts_with("inklog_export_records_total{"));
        lines.find_map(|line| line.contains(&by).then(|| line.rsplit_once(' ')?.1.parse().ok())?).unwrap_or(0)
    };
    (of("index"), of("scan"))
}

/// An export, and how many records were read for it.
async fn measured(process: &Process, api: &Api) -> (Told, (u64, u64)) {
    let before = records(process).await;
    let told = export(api).await;
    let after = records(process).await;
    (told, (after.0 - before.0, after.1 - before.1))
}

/// Waits until the index has everything.
async fn indexed(system: &System) {
    eventually("everything is indexed", PATIENCE, async || {
        let status = system.scope.succeed("projection-services", &["status", "--json"]);
        let status: Value = serde_json::from_str(status.lines().last().unwrap()).unwrap();
        let lines = status["positions"].as_array().unwrap();
        let of_index: Vec<_> = lines.iter().filter(|line| line["projector"] == "account-index-2").collect();
        (!of_index.is_empty() && of_index.iter().all(|line| line["lag"] == 0)).then_some(())
    })
    .await;
}

async fn execute(system: &System, sql: impl sqlx::SqlSafeStr) {
    let _ = sqlx::raw_sql(sql).execute(&mut system.scope.postgres().await).await.unwrap();
}

async fn others_draft(system: &System, count: usize) {
    let author = system.author();
    let draft = |_| {
        let body = json!({"title": "Another's", "slug": unique("other"), "body": "Not of the member."});
        let draft = author.api().post("/v1/posts").json(&body).within(PATIENCE);
        async move {
            let _ = draft.send().await.expect(201);
        }
    };
    futures::stream::iter(0..count).for_each_concurrent(32, draft).await;
}

/// A post of the member that an editor has edited. Its id.
async fn written(system: &System, member: &Member) -> String {
    let body = json!({"title": "Mine", "slug": unique("mine")});
    let id = member.commands.post("/v1/posts").json(&body).send().await.expect(201).id();
    edited(system, &id, 1).await;
    id
}

async fn edited(system: &System, id: &str, version: u64) {
    let editor = system.person(Uuid::new_v4(), "editor");
    let _ = editor.edit(id, version, json!({"title": unique("Edited")})).await.expect(200);
}

fn versions(told: &Told, id: &str) -> Vec<u64> {
    told.iter().filter(|(_, aggregate_id, _, _)| aggregate_id == id).map(|(_, _, version, _)| *version).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_reads_what_is_its_owners_and_little_else() {
    let system = System::start(1).await;
    let member = Member::join(&system, "member").await;
    let mine = written(&system, &member).await;
    others_draft(&system, DRAFTS).await;
    let other = Member::join(&system, "other").await;
    let _ = other.commands.put(&format!("/v1/me/following/{}", member.id)).send().await.expect(200);
    edited(&system, &mine, 2).await;
    indexed(&system).await;

    let process = &system.commands[0];
    let (told, (by_index, by_scan)) = measured(process, &member.commands).await;
    assert_eq!(versions(&told, &mine), [1, 2, 3]);
    assert!(told.iter().any(|(context, ..)| context == "following"));
    assert!(by_index > 5 && by_index + by_scan < 300, "{by_index} by the index, {by_scan} besides");

    execute(&system, "ALTER SCHEMA account_index RENAME TO hidden").await;
    let (without, (by_index_then, all)) = measured(process, &member.commands).await;
    assert_eq!(without, told, "the index misses nothing, and says nothing too much");
    assert!(by_index_then == 0 && all > 3 * DRAFTS as u64, "{all}");
    eprintln!("{all} records without the index; with it {by_index}, and {by_scan} that were not indexed yet");

    // Of an erased account there is nothing in it.
    execute(&system, "ALTER SCHEMA hidden RENAME TO account_index").await;
    let erase = member.commands.delete("/v1/me").json(&json!({"current_password": PASSWORD}));
    let _ = erase.send().await.expect(204);
    indexed(&system).await;
    let sql = "SELECT (SELECT count(*) FROM content.account_events WHERE account_id = $1)
        + (SELECT count(*) FROM content.aggregate_owners WHERE account_id = $1)";
    let id: Uuid = member.id.parse().unwrap();
    let mut postgres = system.scope.postgres().await;
    let left: i64 = sqlx::query_scalar(sql).bind(id).fetch_one(&mut postgres).await.unwrap();
    assert_eq!(left, 0);
    let said = system.scope.succeed("projection-services", &["rebuild", "account_events", "--verify"]);
    assert!(said.contains("equal to the live rows; swapped in"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_index_does_not_have_is_read_from_the_log() {
    let mut system = System::start(1).await;
    let member = Member::join(&system, "member").await;
    let mine = written(&system, &member).await;
    others_draft(&system, 40).await;
    indexed(&system).await;
    let (status, _) = system.readers[0].end(PATIENCE).await;
    assert!(status.success());

    // It lags: who owns the post is known by the index alone, what happened to it since by the log alone.
    edited(&system, &mine, 2).await;
    let later = written(&system, &member).await;
    let (told, (by_index, by_scan)) = measured(&system.commands[0], &member.commands).await;
    assert_eq!((versions(&told, &mine), versions(&told, &later)), (vec![1, 2, 3], vec![1, 2]));
    assert!(by_index > 0 && (5..100).contains(&by_scan), "{by_index} by the index, {by_scan} besides");

    // It never ran.
    execute(
        &system,
        "DELETE FROM projection.positions WHERE projector = 'account-index-2';
        TRUNCATE content.account_events, content.aggregate_owners, content.erased_accounts",
    )
    .await;
    let (whole, (by_index, by_scan)) = measured(&system.commands[0], &member.commands).await;
    assert_eq!(whole, told);
    assert!(by_index == 0 && by_scan > 120, "{by_index} by the index, {by_scan} besides");

    // And then it does.
    system.readers[0] = system.scope.start("projection-services", &["content"]);
    system.readers[0].ready().await;
    indexed(&system).await;
    assert_eq!(export(&member.commands).await, told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_index_has_parked_is_in_the_export() {
    let system = System::start(1).await;
    let member = Member::join(&system, "member").await;
    let refuse = "ALTER TABLE content.aggregate_owners ADD CONSTRAINT of_this_test CHECK (false) NOT VALID";
    execute(&system, refuse).await;
    let mine = written(&system, &member).await;
    others_draft(&system, 5).await;
    indexed(&system).await;
    let parked = system.scope.succeed("projection-services", &["parked", "list", "--json"]);
    let parked: Vec<Value> = serde_json::from_str(parked.lines().last().unwrap()).unwrap();
    assert!(parked.len() == 7 && parked.iter().all(|one| one["projector"] == "account-index-2"), "{parked:#?}");
    let told = export(&member.commands).await;
    assert_eq!(versions(&told, &mine), [1, 2]);
    assert!(told.iter().all(|(context, id, ..)| context != "posts" || *id == mine || id.starts_with("slug:mine")));

    execute(&system, "ALTER TABLE content.aggregate_owners DROP CONSTRAINT of_this_test").await;
    let said = system.scope.succeed("projection-services", &["parked", "replay", "--all"]);
    assert!(said.contains("account-index-2: 7 applied, 0 still waiting"), "{said}");
    assert_eq!(export(&member.commands).await, told);
    let verified = system.scope.succeed("projection-services", &["rebuild", "account_events", "--verify"]);
    assert!(verified.contains("equal to the live rows"), "{verified}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_of_a_log_that_was_copied_is_not_believed() {
    let mut system = System::start(1).await;
    let member = Member::join(&system, "member").await;
    let mine = written(&system, &member).await;
    others_draft(&system, 40).await;
    indexed(&system).await;
    let before = export(&member.commands).await;
    let repartition = ["topics", "repartition", "posts", "--partitions", "6"];
    let _ = system.scope.succeed("command-services", &repartition);
    system.commands.remove(0).signal(Signal::Kill);
    system.join().await;

    let api = Api::new(system.commands[0].url());
    let log_in = api.post("/v1/sessions").json(&json!({"login": member.name, "password": PASSWORD}));
    let api = api.with_token(log_in.send().await.expect(201).body["access_token"].as_str().unwrap());
    let (told, (by_index, by_scan)) = measured(&system.commands[0], &api).await;
    assert_eq!(told, before);
    assert!(by_index == 0 && by_scan > 120, "{by_index} by the index, {by_scan} besides");

    let _ = system.readers[0].end(PATIENCE).await;
    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--new-log"]);
    system.readers[0] = system.scope.start("projection-services", &["all"]);
    system.readers[0].ready().await;
    edited(&system, &mine, 2).await;
    let (told, (by_index, by_scan)) = measured(&system.commands[0], &api).await;
    assert_eq!(versions(&told, &mine), [1, 2, 3]);
    assert!(by_index > 5 && by_scan < 100, "{by_index} by the index, {by_scan} besides");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_cannot_go_on_takes_no_other_view_with_it() {
    let mut system = System::start(1).await;
    let member = Member::join(&system, "member").await;
    let mine = written(&system, &member).await;
    indexed(&system).await;
    // Of all views only the index is made of it.
    let repartition = ["topics", "repartition", "security", "--partitions", "6"];
    let _ = system.scope.succeed("command-services", &repartition);
    system.commands.remove(0).signal(Signal::Kill);
    system.join().await;
    let _ = system.readers[0].end(PATIENCE).await;
    system.readers[0] = system.scope.start("projection-services", &["all"]);
    system.readers[0].ready().await;
    edited(&system, &mine, 2).await;
    eventually("the alarm is raised", PATIENCE, async || {
        system.readers[0].logged().contains("cannot go on, and stops alone").then_some(())
    })
    .await;
    let (author, slug) = (system.author(), unique("readable"));
    let body = json!({"title": "Goes on", "slug": slug});
    let post = author.api().post("/v1/posts").json(&body).send().await.expect(201).id();
    let position = author.publish(&post).await.position();
    let _ = system.read(&slug, &position).await.expect(200);
    assert!(system.readers[0].is_running());
    let stopped = || -> Vec<String> {
        let status = system.scope.succeed("projection-services", &["status", "--json"]);
        let status: Value = serde_json::from_str(status.lines().last().unwrap()).unwrap();
        status["cannot_go_on"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(stopped(), ["account-index-2"]);

    let _ = system.scope.succeed("projection-services", &["rebuild", "account_events", "--new-log"]);
    assert!(stopped().is_empty());
    let _ = system.readers[0].end(PATIENCE).await;
    system.readers[0] = system.scope.start("projection-services", &["all"]);
    system.readers[0].ready().await;
    indexed(&system).await;
}
