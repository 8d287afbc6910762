//! A context that gets more partitions, while people write and read, and attempts at it that come to no end.

use std::time::Duration;

use serde_json::json;
use testkit::process::Signal;
use testkit::{Api, Log, Process, eventually};
use uuid::Uuid;

use crate::support::{Author, PATIENCE, System, unique};

const REPARTITION: [&str; 5] = ["topics", "repartition", "posts", "--partitions", "6"];
const REBUILD: [&str; 3] = ["rebuild", "all", "--new-log"];

struct Post {
    id: String,
    slug: String,
    key: String,
    position: String,
}

/// Drafts and publishes posts, under keys that can be asked for again.
async fn write(author: &Author, count: usize) -> Vec<Post> {
    let mut posts = Vec::new();
    for _ in 0..count {
        let (slug, key) = (unique("moved"), Uuid::new_v4().to_string());
        let body = json!({"title": "Version 1", "slug": slug});
        let id = author.api().post("/v1/posts").json(&body).key(&key).send().await.expect(201).id();
        let position = author.publish(&id).await.position();
        posts.push(Post { id, slug, key, position });
    }
    posts
}

/// What counts of a log, without its stamps: by aggregate, in order.
fn told(log: &Log) -> Vec<(String, Vec<u8>)> {
    let mut told: Vec<_> = log.events().map(|seen| (seen.key.clone(), seen.value.clone())).collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    told
}

async fn read(system: &System, topic: &str) -> Log {
    Log::read(&system.scope.stack.brokers, topic).await
}

/// One attempt that is killed so long after it has made its topic. Whatever it has done, the old log says what it said.
async fn attempt_and_kill(system: &System, after: Duration, before: &[(String, Vec<u8>)]) {
    let topics = system.scope.topics().await.len();
    let mut attempt = system.scope.start("command-services", &REPARTITION);
    eventually("the copy begins, or is at its end", PATIENCE, async || {
        (system.scope.topics().await.len() > topics || !attempt.is_running()).then_some(())
    })
    .await;
    tokio::time::sleep(after).await;
    if attempt.is_running() {
        attempt.kill();
    }
    assert_eq!(told(&system.scope.log("posts").await), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_goes_on_with_more_partitions_and_nothing_is_lost() {
    let mut system = System::start(1).await;
    let author = system.author();
    let posts = write(&author, 12).await;
    let last = &posts[11];
    let _ = system.read(&last.slug, &last.position).await.expect(200);
    let before = told(&system.scope.log("posts").await);

    // It sleeps over all of it, with a command that it takes when it wakes.
    let first = system.commands.remove(0);
    first.signal(Signal::Stop);
    let sleeper = author.apis[0].clone();
    let body = json!({"title": "Too late", "slug": unique("late")});
    let late = tokio::spawn(async move { sleeper.post("/v1/posts").json(&body).within(3 * PATIENCE).send().await });
    for after in [0, 100, 200, 400] {
        attempt_and_kill(&system, Duration::from_millis(after), &before).await;
    }
    let said = system.scope.succeed("command-services", &REPARTITION);
    assert!(said.contains("6 partitions"), "{said}");
    let said = system.scope.succeed("command-services", &REPARTITION);
    let topic = said.trim().strip_prefix("posts has 6 partitions already, in ").unwrap().to_owned();
    let known = "SELECT DISTINCT topic FROM vault.logs WHERE topic LIKE '%.posts.%'";
    let known: Vec<String> = sqlx::query_scalar(known).fetch_all(&mut system.scope.postgres().await).await.unwrap();
    assert_eq!(known, std::slice::from_ref(&topic), "no log of another topic is ours any more");
    let copy = read(&system, &topic).await;
    copy.assert_whole();
    assert_eq!(told(&copy), before);
    let partitions: std::collections::BTreeSet<i32> = copy.events().map(|seen| seen.partition).collect();
    assert!(partitions.len() > 2 && partitions.iter().all(|partition| *partition < 6), "{partitions:?}");

    system.join().await;
    let author = system.person(author.id, "author");
    goes_on(&author, &posts).await;
    first.signal(Signal::Cont);
    assert!(matches!(late.await.unwrap().status, 503 | 504));
    ends_by_itself(first, "posts goes on in").await;
    assert_eq!(told(&system.scope.log("posts").await), before, "what the sleeper appended counts for no reader");

    readers_follow(&mut system, &author, last).await;
    read(&system, &topic).await.assert_whole();
}

/// Versions, keys and slugs are what they were.
async fn goes_on(author: &Author, posts: &[Post]) {
    for Post { id, slug, key, .. } in posts {
        let body = json!({"title": "Version 1", "slug": slug});
        let again = author.api().post("/v1/posts").json(&body).key(key).send().await;
        assert_eq!(&again.id(), id, "the same command again has the first reply");
        assert_eq!(author.edit(id, 2, json!({"title": "Version 3"})).await.expect(200).version(), 3);
        let taken = author.api().post("/v1/posts").json(&json!({"title": "Another", "slug": slug})).send().await;
        assert_eq!(taken.status, 409, "{:#}", taken.body);
    }
}

async fn ends_by_itself(mut process: Process, why: &str) {
    eventually("a process with the former log ends", PATIENCE, async || (!process.is_running()).then_some(())).await;
    assert!(process.logged().contains(why), "{}", process.logged());
}

/// A projector that runs on reads a log in which nothing happens any more, and was ready for ever.
async fn says_that_it_reads_the_former(projector: &Process) {
    let health = Api::new(projector.url());
    let said = eventually("the projector is not ready", PATIENCE, async || {
        let answer = health.get("/readyz").send().await;
        (answer.status == 503).then(|| answer.body.to_string())
    })
    .await;
    assert!(said.contains("posts goes on in"), "{said}");
    assert!(projector.logged().contains("nothing more comes of what this reads"), "{}", projector.logged());
}

/// The read models are of the former log until they are rebuilt, and then of the new one: never of both.
async fn readers_follow(system: &mut System, author: &Author, last: &Post) {
    says_that_it_reads_the_former(&system.readers[0]).await;
    let projector = std::mem::replace(&mut system.readers[0], system.scope.start("projection-services", &["all"]));
    ends_by_itself(std::mem::replace(&mut system.readers[0], projector), "another log").await;
    let refused = system.scope.run("projection-services", &["rebuild", "posts"]);
    assert!(!refused.status.success());
    let _ = system.scope.succeed("projection-services", &REBUILD);
    let projector = std::mem::replace(&mut system.readers[0], system.scope.start("projection-services", &["all"]));
    ends_by_itself(projector, "another log").await;
    system.readers[0].ready().await;

    let refused = system.read(&last.slug, &last.position).await.problem(409, "foreign-position");
    assert!(refused.body["detail"].as_str().unwrap().contains("more partitions"), "{:#}", refused.body);
    let position = author.edit(&last.id, 3, json!({"title": "Version 4"})).await.expect(200).position();
    assert_eq!(system.read(&last.slug, &position).await.expect(200).body["title"], "Version 4");
    let new = write(author, 6).await;
    for Post { slug, position, .. } in &new {
        let _ = system.read(slug, position).await.expect(200);
    }
    let parked = system.scope.succeed("projection-services", &["parked", "list", "--json"]);
    assert_eq!(parked.trim(), "[]");
}

/// `TermStarted` in Avro, as an attempt seals a partition.
fn seal(like: &[u8], term: u64) -> Vec<u8> {
    let long = |number: u64| {
        let (mut zigzag, mut bytes) = (number << 1, Vec::new());
        while zigzag > 0x7f {
            bytes.push(u8::try_from(zigzag & 0x7f).unwrap() | 0x80);
            zigzag >>= 7;
        }
        bytes.push(u8::try_from(zigzag).unwrap());
        bytes
    };
    let text = |text: &str| [long(text.len() as u64), text.as_bytes().to_vec()].concat();
    let (owner, nonce) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
    let fields = [text("inklog.log.TermStarted"), long(term), text(&owner), text("sealed"), text(&nonce)];
    [like[..5].to_vec(), fields.concat()].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_that_an_attempt_left_sealed_takes_no_commands_until_another_comes_to_its_end() {
    let mut system = System::writing(1).await;
    let author = system.author();
    let posts = write(&author, 4).await;
    let log = system.scope.log("posts").await;
    let begins = log.records.iter().find(|seen| seen.kind() == "inklog.log.TermStarted").unwrap();
    let headers: Vec<(&str, &str)> = begins.headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
    let (brokers, topic) = (&system.scope.stack.brokers, system.scope.topic("posts"));
    for partition in 0..2 {
        let sealed = seal(&begins.value, log.place(partition).term + 1);
        testkit::log::append(brokers, &topic, partition, "term", &sealed, &headers).await;
    }
    let edit = async || author.edit(&posts[0].id, 2, json!({"title": "Version 3"})).await;
    let refused = async || Some(edit().await).filter(|answer| answer.status == 503);
    let refused = eventually("commands are refused", PATIENCE, refused).await.problem(503, "unavailable");
    assert!(refused.body["detail"].as_str().unwrap().contains("more partitions"), "{:#}", refused.body);
    // It waits, and one attempt more is the way out.
    assert!(system.commands[0].is_running());
    let said = system.scope.succeed("command-services", &REPARTITION);
    assert!(said.contains("6 partitions"), "{said}");
    ends_by_itself(system.commands.remove(0), "posts goes on in").await;
    system.join().await;
    let author = system.person(author.id, "author");
    let _ = author.edit(&posts[0].id, 2, json!({"title": "Version 3"})).await;
    goes_on(&author, &posts[1..]).await;
}
