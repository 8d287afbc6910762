//! Clients with no code of ours, in three languages, read the topics as our own code does: the same events with the
//! same values, times included, and none of the records that do not count.

use std::collections::{BTreeMap, HashMap};
use std::process::{Command, Output};

use domain::context::PayloadEncoder;
use domain::views::ViewEvent;
use domain::{CONTEXTS, Timestamp};
use event_log::subscription::{Subscription, SubscriptionConfig};
use serde::Serialize;
use serde_json::{Map, Value, json};
use service_kit::times;
use testkit::Scope;
use testkit::log::{Seen, append};
use testkit::stack::repository;
use uuid::Uuid;

use crate::python::has_python;
use crate::support::members::Member;
use crate::support::{PATIENCE, System, is_there, unique};

/// A language, and the programs that its client needs; those of Python are looked for beside its own test.
const CLIENTS: [(&str, &[&str]); 3] = [("python", &[]), ("java", &["javac", "mvn"]), ("javascript", &["node", "npm"])];

const SHOWN: &str = "that clients of other languages read the topics";

/// The partitions of each topic: the default of `INKLOG_PARTITIONS`.
const PARTITIONS: i32 = 2;

/// Times at the edges of calendars and formats, which each client must read as the same instant.
const TIMES: [&str; 10] = [
    "1000-01-01T00:00:00Z",
    "1582-10-10T12:00:00Z",
    "1883-11-18T12:03:58-04:56",
    "1969-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00Z",
    "2000-02-29T23:59:59.9999999+14:00",
    "2001-09-09T01:46:40.001Z",
    "2024-02-29T12:00:00.999Z",
    "2026-01-01T00:00:00+23:59",
    "2026-01-01T00:00:00-23:59",
];

/// Events by context and aggregate, each in order: that is what the log promises.
type Stories = BTreeMap<(String, String), Vec<Value>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_in_three_languages_read_what_our_own_code_reads() {
    if !has_python() || !CLIENTS.iter().flat_map(|(_, programs)| *programs).all(|program| is_there(program, SHOWN)) {
        return;
    }
    let mut system = System::start(1).await;
    let mut dated = write(&system).await;
    // The second half is written in other terms, by another leader.
    system.join().await;
    let _ = system.commands[0].end(PATIENCE).await;
    system.commands.remove(0);
    system.commands[0].ready().await;
    dated.extend(write(&system).await);
    // Notes about security are written a little later: nothing is, once the writer has ended.
    let _ = system.commands[0].end(PATIENCE).await;
    let void = append_what_does_not_count(&system.scope).await;

    let ours = our_own(&system.scope).await;
    assert_eq!(contexts(&ours), CONTEXTS, "something is written to each context");
    assert!(void > CONTEXTS.len(), "{void} void records are few");
    for (language, _) in CLIENTS {
        let theirs = read_by(language, &system.scope).await;
        assert_same(&theirs, &ours, language);
        for (id, sent) in &dated {
            let read = &theirs[&("posts".to_owned(), id.clone())][0]["originally_published_at"];
            assert_eq!(read, &json!(times::format(times::parse(sent).unwrap())), "{language}: {sent}");
        }
    }
}

/// Writes to each context; gives the posts with an original date, with the date.
async fn write(system: &System) -> Vec<(String, &'static str)> {
    let (author, ada, bob) = (system.author(), Member::join(system, "ada").await, Member::join(system, "bob").await);
    let mut dated = Vec::new();
    for time in TIMES {
        let slug = unique("dated");
        let body = json!({"title": "Zeit 🖋", "slug": slug, "originally_published_at": time, "tags": ["one", "two"]});
        let answer = author.api().post("/v1/posts").json(&body).send().await;
        dated.push((answer.expect(201).id(), time));
    }
    let id = &dated[0].0;
    let _ = author.publish(id).await;
    let _ = author.edit(id, 2, json!({"title": "Edited", "originally_published_at": TIMES[7]})).await.expect(200);
    let _ = ada.commands.put(&format!("/v1/me/bookmarks/{id}")).send().await.expect(200);
    let _ = ada.commands.put(&format!("/v1/me/reactions/post/{id}/like")).send().await.expect(200);
    let said = json!({"text": "Schön 🖋"});
    let _ = ada.commands.post(&format!("/v1/comments/{id}")).json(&said).send().await.expect(201);
    let report = json!({"rule": "spam", "statement": "Werbung 🖋"});
    let _ = bob.commands.put(&format!("/v1/me/reports/comment:{id}:1")).json(&report).send().await.expect(200);
    let _ = author.api().post("/v1/media").body("Grüße 🖋").send().await.expect(201);
    let _ = ada.commands.put(&format!("/v1/me/following/{}", bob.id)).send().await.expect(200);
    let editor = system.person(Uuid::new_v4(), "editor").apis.remove(0);
    let category = json!({"name": "Wissenschaft 🔭", "slug": unique("science"), "description": "Was man weiß"});
    let _ = editor.post("/v1/categories").json(&category).send().await.expect(201);
    let series = json!({"title": "Maschinen ⚙", "slug": unique("series")});
    let series = author.api().post("/v1/series").json(&series).send().await.expect(201).id();
    let _ = author.api().put(&format!("/v1/series/{series}/posts/{id}")).send().await.expect(200);
    let _ = editor.put(&format!("/v1/tags/one/synonyms/{}", unique("eins"))).send().await.expect(200);
    let _ = bob.commands.patch("/v1/me/preferences").json(&json!({"theme": "dark"})).send().await.expect(200);
    dated
}

/// What a leader of a former term may do that wakes up: it goes on numbering, begins its term once more, and repeats
/// itself. How many records that are.
async fn append_what_does_not_count(scope: &Scope) -> usize {
    let mut void = 0;
    for context in CONTEXTS {
        let log = scope.log(context).await;
        for partition in 0..PARTITIONS {
            let counting: Vec<&Seen> =
                log.records.iter().filter(|seen| seen.valid && seen.partition == partition).collect();
            let former = counting.iter().rfind(|seen| seen.header("inklog-term") == "1" && seen.kind() != TERM_STARTED);
            let latest = counting.iter().rfind(|seen| seen.kind() != TERM_STARTED);
            let first_term = counting.iter().find(|seen| seen.kind() == TERM_STARTED);
            for (seen, seq) in [(former, 1), (first_term, 0), (latest, 0)] {
                if let Some(seen) = seen {
                    append_again(scope, context, seen, seq).await;
                    void += 1;
                }
            }
        }
        let read = scope.log(context).await;
        assert_eq!(read.events().count(), log.events().count(), "what was appended to {context} counts");
    }
    void
}

const TERM_STARTED: &str = "inklog.log.TermStarted";

/// Appends a record once more, its number in its term so many later.
async fn append_again(scope: &Scope, context: &str, seen: &Seen, later: u64) {
    let mut headers = seen.headers.clone();
    if let Some(seq) = headers.get_mut("inklog-seq") {
        *seq = (seq.parse::<u64>().unwrap() + later).to_string();
    }
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    append(&scope.stack.brokers, &scope.topic(context), seen.partition, &seen.key, &seen.value, &headers).await;
}

/// The topics as our services read them.
async fn our_own(scope: &Scope) -> Stories {
    let config = SubscriptionConfig {
        brokers: scope.stack.brokers.clone(),
        registry_url: scope.stack.registry_url.clone(),
        topic_prefix: scope.name.clone(),
        contexts: CONTEXTS.iter().map(ToString::to_string).collect(),
        partitions: PARTITIONS,
        max_batch: 100,
        layout: event_log::kafka::Layout::default(),
    };
    let mut subscription = Subscription::open(config, HashMap::new(), PATIENCE).await.unwrap();
    let mut left = subscription.ends().await.unwrap();
    left.retain(|_, end| *end > 0);
    let mut events = Vec::new();
    while !left.is_empty() {
        let batch = tokio::time::timeout(PATIENCE, subscription.next()).await.expect("the log can be read").unwrap();
        events.extend(batch.entries.into_iter().map(|entry| told(&entry.event.unwrap())));
        left.retain(|partition, end| *partition != batch.partition || batch.to.next_offset < *end);
    }
    by_aggregate(events)
}

/// An event as the clients print it.
fn told(recorded: &ViewEvent) -> Value {
    let mut fields = recorded.event.encode(Fields);
    fields.insert("event_type".into(), json!(recorded.event.name()));
    fields.insert("aggregate_id".into(), json!(recorded.aggregate_id));
    fields.insert("aggregate_version".into(), json!(recorded.version));
    fields.insert("occurred_at".into(), json!(recorded.occurred_at));
    fields.insert("actor_id".into(), json!(recorded.actor_id));
    for (_, time) in fields.iter_mut().filter(|(name, _)| name.ends_with("_at")) {
        if let Some(millis) = time.as_i64() {
            *time = times::format(Timestamp(millis)).into();
        }
    }
    Value::Object(fields)
}

/// The fields of a payload.
struct Fields;

impl PayloadEncoder for Fields {
    type Output = Map<String, Value>;

    fn encode<T: Serialize>(self, payload: &T) -> Self::Output {
        match serde_json::to_value(payload) {
            Ok(Value::Object(fields)) => fields,
            Ok(Value::Null) => Map::new(),
            other => panic!("a payload has fields: {other:?}"),
        }
    }
}

/// The topics as the client of a language reads them.
async fn read_by(language: &str, scope: &Scope) -> Stories {
    let mut command = Command::new(repository().join("e2e").join(language).join("read-topics"));
    command.args(CONTEXTS.iter().map(|context| scope.topic(context))).envs(scope.environment());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let Output { status, stdout, stderr } = output;
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{language}: {out}{err}");
    by_aggregate(out.lines().map(|line| serde_json::from_str(line).unwrap()))
}

fn by_aggregate(events: impl IntoIterator<Item = Value>) -> Stories {
    let mut stories = Stories::new();
    for event in events {
        let context = event["event_type"].as_str().unwrap().split('.').nth(1).unwrap().to_owned();
        let aggregate = event["aggregate_id"].as_str().unwrap().to_owned();
        stories.entry((context, aggregate)).or_default().push(event);
    }
    stories
}

fn contexts(stories: &Stories) -> Vec<&str> {
    let mut contexts: Vec<&str> = stories.keys().map(|(context, _)| context.as_str()).collect();
    contexts.dedup();
    contexts
}

fn assert_same(theirs: &Stories, ours: &Stories, language: &str) {
    let aggregates: Vec<_> = theirs.keys().collect();
    assert_eq!(aggregates, ours.keys().collect::<Vec<_>>(), "{language} reads other aggregates");
    for (aggregate, events) in ours {
        assert_eq!(&theirs[aggregate], events, "{language} reads other events of {aggregate:?}");
    }
}
