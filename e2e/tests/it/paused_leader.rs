//! A leader that stands still for longer than its session, and does not know it when it wakes up.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use testkit::process::Signal;
use testkit::{Answer, Api, Log, Process, eventually};

use crate::support::load::{Load, assert_kept};
use crate::support::{PATIENCE, System, unique};

/// Longer than the session (1 s), and than the others take to take over.
const PAUSE: Duration = Duration::from_secs(3);
/// How long some writers wait for one answer: not long, so that they go elsewhere, and what they asked first is still
/// waiting when its leader wakes up.
const IMPATIENT: Duration = Duration::from_millis(700);
/// The others wait for what the sleeper answers when it wakes up.
const PATIENT: Duration = Duration::from_secs(10);
/// Whether the sleeper still appends depends on what it does first when it wakes up.
const ROUNDS: u32 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_appends_is_void_and_no_caller_is_told_otherwise() {
    let system = System::start(2).await;
    let loads = [Load::begin(&system, 5, IMPATIENT).await, Load::begin(&system, 5, PATIENT).await];
    let all_go_on = async || {
        for load in &loads {
            load.goes_on().await;
        }
    };
    all_go_on().await;
    let mut void = 0;
    for round in 0..ROUNDS {
        let sleeper = &system.commands[usize::from(round % 2 == 1)];
        sleeper.signal(Signal::Stop);
        tokio::time::sleep(PAUSE).await;
        sleeper.signal(Signal::Cont);
        all_go_on().await;
        let log = system.scope.log("posts").await;
        log.assert_whole();
        void = log.void_events().count();
        if void > 0 && round > 0 {
            break;
        }
    }
    // A 200 for a void event would have been seen by its writer: the next edit names a version that is not there.
    let mut written = Vec::new();
    for load in loads {
        written.extend(load.end().await);
    }
    assert_kept(&written, &system.scope.log("posts").await);
    // Our own readers skip what is void too: the rows' folds refuse a version that does not follow.
    for post in &written {
        let seen = system.read(&post.slug, &post.position).await.expect(200);
        assert_eq!(seen.body["title"], format!("Version {}", post.version));
    }
    let parked = system.scope.succeed("projection-services", &["parked", "list", "--json"]);
    assert_eq!(parked.trim(), "[]");
    assert!(void > 0, "in {ROUNDS} rounds the sleeper appended nothing: this test has shown nothing");
}

/// So long the sleeper works on a command: less than it sleeps.
const DEADLINE: Duration = Duration::from_secs(2);
/// As `INKLOG_GRPC_ADVERTISE`: an address that no process listens on.
const NOWHERE: &str = "http://127.0.0.1:1";
/// Callers of each kind, so that each partition has some.
const CALLERS: usize = 20;

/// A command, and what its caller was told.
struct Told {
    id: String,
    /// The version that it was to change.
    version: u64,
    answer: Answer,
}

/// Its callers can ask no other instance, and neither can it: no process listens where the new leader says that it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_who_know_only_the_sleeper_are_told_what_holds_or_that_it_is_not_known() {
    let mut system = System::writing(0).await;
    join(&mut system, "INKLOG_COMMAND_DEADLINE", "2s").await;
    let author = system.author();
    let (mut before, mut meanwhile) = (Vec::new(), Vec::new());
    for _ in 0..CALLERS {
        before.push(author.draft(&unique("before"), &[]).await.id());
        meanwhile.push(author.draft(&unique("meanwhile"), &[]).await.id());
    }
    let owned = system.scope.log("posts").await;
    let editing = before.into_iter().map(|id| tokio::spawn(edit_until_asleep(author.api().clone(), id)));
    let editing: Vec<_> = editing.collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    system.commands[0].signal(Signal::Stop);
    let asleep = Instant::now();
    join(&mut system, "INKLOG_GRPC_ADVERTISE", NOWHERE).await;
    taken_over(&system, &owned).await;
    let asking: Vec<_> = meanwhile.into_iter().map(|id| tokio::spawn(edit(author.api().clone(), id, 1))).collect();
    tokio::time::sleep(PAUSE.saturating_sub(asleep.elapsed()).max(Duration::from_millis(300))).await;
    system.commands[0].signal(Signal::Cont);
    let before: Vec<Told> = join_all(editing).await.into_iter().map(Result::unwrap).collect();
    let meanwhile: Vec<Told> = join_all(asking).await.into_iter().map(Result::unwrap).collect();
    eprintln!("asked before: {:?}, meanwhile: {:?}", statuses(&before), statuses(&meanwhile));

    let log = system.scope.log("posts").await;
    log.assert_whole();
    before.iter().chain(&meanwhile).for_each(|told| assert_true(told, &log));
    // It may get up to half of the partitions back in time. Of the others it can say nothing.
    assert!(meanwhile.iter().any(|told| told.answer.status != 200), "{:?}", statuses(&meanwhile));

    let author = system.person(author.id, "author");
    for told in before.iter().chain(&meanwhile) {
        assert_done_when_asked_again(told, &author.apis[1]).await;
    }
    let log = system.scope.log("posts").await;
    log.assert_whole();
    assert!(before.iter().chain(&meanwhile).all(|told| log.version(&told.id) == told.version + 1));
}

/// An instance that is told this as well.
async fn join(system: &mut System, name: &str, value: &str) {
    let mut environment = system.scope.environment();
    environment.push((name.into(), value.into()));
    let mut process = Process::start("command-services", &["all"], &environment);
    process.ready().await;
    system.commands.push(process);
}

/// Waits until another instance has begun a term in every partition.
async fn taken_over(system: &System, owned: &Log) {
    eventually("the others take over", PATIENCE, async || {
        let log = system.scope.log("posts").await;
        let mut partitions = owned.records.iter().map(|record| record.partition);
        partitions.all(|partition| log.place(partition).term > owned.place(partition).term).then_some(())
    })
    .await;
}

/// The same command, however often it is asked.
async fn edit(api: Api, id: String, version: u64) -> Told {
    let title = json!({"title": format!("Version {}", version + 1)});
    let call = api.patch(&format!("/v1/posts/{id}")).json(&title).if_match(version).key(&format!("edit-{version}"));
    Told { id, version, answer: call.send().await }
}

/// One edit after the other, up to the one that the sleeper slept over.
async fn edit_until_asleep(api: Api, id: String) -> Told {
    let mut version = 1;
    loop {
        let began = Instant::now();
        let told = edit(api.clone(), id.clone(), version).await;
        if began.elapsed() >= DEADLINE || told.answer.status != 200 {
            return told;
        }
        version += 1;
    }
}

/// 200 is in the history, 503 is not and may be asked again soon, of 504 nothing is known.
#[track_caller]
fn assert_true(told: &Told, log: &Log) {
    let Told { id, version, answer } = told;
    let held = log.version(id);
    match answer.status {
        200 => assert_eq!((answer.version(), held), (version + 1, version + 1), "{id}"),
        503 => {
            assert_eq!(held, *version, "{id}");
            assert!(!answer.header("retry-after").is_empty(), "{:?}", answer.headers);
        }
        504 => {
            let answer = answer.clone().problem(504, "outcome-unknown");
            assert_eq!(answer.body["command_id"], format!("edit-{version}"));
            assert!((*version..=version + 1).contains(&held), "{id}: {held}");
        }
        other => panic!("{other}: {:#}", answer.body),
    }
}

/// Whatever it was told: the command is done once, and where it was done before, the reply is the same.
async fn assert_done_when_asked_again(told: &Told, api: &Api) {
    let again = eventually("the command is done", PATIENCE, async || {
        let again = edit(api.clone(), told.id.clone(), told.version).await.answer;
        (again.status == 200).then_some(again)
    })
    .await;
    assert_eq!(again.version(), told.version + 1);
    if told.answer.status == 200 {
        assert_eq!(again.position(), told.answer.position());
    }
}

fn statuses(told: &[Told]) -> BTreeMap<u16, usize> {
    let mut statuses = BTreeMap::new();
    told.iter().for_each(|told| *statuses.entry(told.answer.status).or_default() += 1);
    statuses
}
