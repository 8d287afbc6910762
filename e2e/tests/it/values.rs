//! What a command accepts is stored, and comes back as it was sent: from Postgres and Redis over the query API, and
//! from the log to clients with no code of ours.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use testkit::stack::repository;
use uuid::Uuid;

use crate::python::{has_python, read_topics};
use crate::support::{Author, System, unique};

const POSTS: usize = 120;
const PROFILES: usize = 40;

/// What texts are made of: scripts and signs, what formats escape, and what some of them cannot hold.
const PARTS: &[&str] = &[
    "a",
    "Z",
    "é",
    "e\u{301}",
    "ß",
    "日本",
    "می\u{200c}خواهم",
    "שלום",
    "😀",
    "👩\u{200d}💻",
    "葛\u{e0100}",
    " ",
    "\u{a0}",
    "\t",
    "\n",
    "\r\n",
    "<",
    "&amp;",
    "]]>",
    "\"",
    "'",
    "\\",
    "\\u0041",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{0}",
    "\u{1}",
    "\u{b}",
    "\u{c}",
    "\u{1b}",
    "\u{200b}",
    "\u{202e}",
    "\u{2066}",
    "\u{feff}",
    "\u{fdd0}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{10ffff}",
    "\u{e000}",
    "sealed.v1.",
];

/// Times at the edges of calendars, formats and rules.
const TIMES: &[&str] = &[
    "0000-01-01T00:00:00Z",
    "0000-12-31T23:59:59Z",
    "0001-01-01T00:00:00+01:00",
    "0001-01-01T00:00:00Z",
    "0999-12-31T23:59:59.999Z",
    "1000-01-01T00:00:00+00:01",
    "1000-01-01T00:00:00Z",
    "1000-01-01T00:00:00.001-12:00",
    "1582-10-10T12:00:00Z",
    "1883-11-18T12:03:58-04:56",
    "1969-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00Z",
    "2000-02-29T23:59:59.9999999+14:00",
    "2016-12-31T23:59:60Z",
    "2038-01-19T03:14:08Z",
    "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59-23:59",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        vec(select(PARTS), 0..4).prop_map(|parts| parts.concat()),
        vec(any::<char>(), 0..6).prop_map(String::from_iter),
        vec(select(PARTS), 40..60).prop_map(|parts| parts.concat()),
    ]
}

fn time() -> impl Strategy<Value = String> {
    let day = (0..=9999_u32, 1..=12_u32, 1..=31_u32);
    let clock = (0..24_u32, 0..60_u32, 0..60_u32, 0..1000_u32, select(vec!["Z", "+05:45", "-11:30", "+14:00"]));
    let any = (day, clock).prop_map(|((year, month, day), (hour, minute, second, millis, offset))| {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}{offset}")
    });
    prop_oneof![2 => select(TIMES).prop_map(str::to_owned), 1 => any]
}

/// A post in which one field is drawn.
fn post() -> impl Strategy<Value = Value> {
    let plain = || json!({"title": "A title", "summary": "About it.", "body": "Its *text*.", "tags": []});
    let with = move |field: &'static str| {
        move |value: String| {
            let mut post = plain();
            post[field] = value.into();
            post
        }
    };
    let tags = vec("[a-z0-9]{1,3}(-[a-z0-9]{1,2}){0,2}", 0..4);
    prop_oneof![
        3 => time().prop_map(with("originally_published_at")),
        2 => text().prop_map(with("title")),
        1 => text().prop_map(with("summary")),
        2 => text().prop_map(with("body")),
        1 => tags.prop_map(move |tags| {
            let mut post = plain();
            post["tags"] = json!(tags);
            post
        }),
    ]
}

fn profile() -> impl Strategy<Value = Value> {
    let field = select(vec!["display_name", "bio", "image_url"]);
    (field, text()).prop_map(|(field, text)| {
        let text = if field == "image_url" { format!("https://example.org/{text}") } else { text };
        json!({field: text})
    })
}

/// The same ones each time.
fn drawn<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_accepts_comes_back_equal() {
    if !has_python() {
        return;
    }
    let system = System::start(1).await;
    let (author, tag) = (system.person(Uuid::new_v4(), "editor"), unique("values"));
    let mut posts = BTreeMap::new();
    for mut post in drawn(post(), POSTS) {
        post["slug"] = unique("value").into();
        post["tags"].as_array_mut().unwrap().push(json!(tag));
        if let Some((id, answer)) = written(&system, &author, &post).await {
            posts.insert(id, (post, answer));
        }
    }
    let dated = |(post, _): &&(Value, Value)| post["originally_published_at"].is_string();
    assert!(posts.len() > POSTS / 4 && posts.len() < POSTS, "{} of {POSTS} were accepted", posts.len());
    assert!(posts.values().filter(dated).count() > 5, "none of the times was accepted");
    listed_by_redis_and_postgres(&system, &tag, &posts).await;
    let profiles = profiles(&system, &author).await;
    assert!(profiles.len() > PROFILES / 4 && profiles.len() < PROFILES, "{} of {PROFILES}", profiles.len());

    let (events, _) = read_topics(&system, &["posts"]).await;
    let mut seen: Vec<Value> = profiles.into_iter().map(|texts| json!({"sent": null, "texts": texts})).collect();
    for event in events.iter().filter(|event| event["event_type"] == "inklog.posts.Drafted") {
        let (sent, answer) = &posts[event["aggregate_id"].as_str().unwrap()];
        assert_eq!((&event["title"], &event["body"], &event["tags"]), (&answer["title"], &sent["body"], &sent["tags"]));
        seen.push(json!({
            "sent": sent["originally_published_at"], "answer": answer["originally_published_at"],
            "event": event["originally_published_at"],
            "texts": [answer["title"], answer["summary"], answer["body_markdown"], answer["body_html"]],
        }));
    }
    assert!(seen.len() > posts.len());
    others_read_the_same(&seen);
}

/// Drafts, publishes and reads a post: its id and the answer, or nothing if it was refused.
async fn written(system: &System, author: &Author, post: &Value) -> Option<(String, Value)> {
    let drafted = author.api().post("/v1/posts").json(post).send().await;
    if drafted.status == 422 {
        return None;
    }
    let id = drafted.expect(201).id();
    let published = author.publish(&id).await;
    let read = system.read(post["slug"].as_str().unwrap(), &published.position()).await.expect(200).body;
    let trimmed = |field: &str| json!(post[field].as_str().unwrap().trim());
    assert_eq!((&read["title"], &read["summary"]), (&trimmed("title"), &trimmed("summary")));
    assert_eq!((&read["body_markdown"], &read["tags"]), (&post["body"], &post["tags"]));
    Some((id, read))
}

/// Lists by tag are Redis's, lists by author Postgres's: both know each post, by the same time.
async fn listed_by_redis_and_postgres(system: &System, tag: &str, posts: &BTreeMap<String, (Value, Value)>) {
    let mut next = Some(format!("/v1/posts?tag={tag}&limit=50"));
    let mut listed = BTreeMap::new();
    while let Some(path) = next {
        let page = system.reader().get(&path).send().await.expect(200);
        for post in page.body["posts"].as_array().unwrap() {
            listed.insert(post["id"].as_str().unwrap().to_owned(), post.clone());
        }
        next = page.body["next"].as_str().map(|cursor| format!("/v1/posts?tag={tag}&limit=50&cursor={cursor}"));
    }
    assert_eq!(listed.len(), posts.len());
    for (id, (sent, answer)) in posts {
        let entry = &listed[id];
        for field in ["title", "summary", "tags", "published_at"] {
            assert_eq!(entry[field], answer[field], "{sent}");
        }
        if sent["originally_published_at"].is_string() {
            assert_eq!(answer["published_at"], answer["originally_published_at"], "{sent}");
        }
    }
}

/// The texts of the profiles that were accepted, as they were read.
async fn profiles(system: &System, author: &Author) -> Vec<Vec<Value>> {
    let mut texts = Vec::new();
    for mut profile in drawn(profile(), PROFILES) {
        let name = unique("val");
        profile["user_name"] = json!(name);
        let put = author.api().put(&format!("/v1/accounts/{}", Uuid::new_v4())).json(&profile).send().await;
        if put.status == 422 {
            continue;
        }
        let path = format!("/v1/authors/{name}?position={}", put.expect(201).position());
        let read = system.reader().get(&path).send().await.expect(200).body;
        for field in ["display_name", "bio", "image_url"] {
            assert_eq!(read[field], json!(profile[field].as_str().unwrap_or_default().trim()), "{profile}");
        }
        texts.push(vec![read["display_name"].clone(), read["bio"].clone(), read["image_url"].clone()]);
    }
    texts
}

fn others_read_the_same(seen: &[Value]) {
    let lines: String = seen.iter().map(|one| format!("{one}\n")).collect();
    let script = repository().join("e2e/python/same_values.py");
    fed("python3", &[script.to_str().unwrap()], &lines);
    // Not everywhere, and no part of the stack. Its `Date` is that of browsers.
    if Command::new("node").arg("--version").output().is_ok() {
        fed("node", &["-e", JAVASCRIPT], &lines);
    } else {
        eprintln!("SKIPPED: no node here, so it is not shown that JavaScript reads the same times");
    }
}

const JAVASCRIPT: &str = r#"
for (const line of require("fs").readFileSync(0, "utf8").split("\n").filter(line => line)) {
    const {sent, answer} = JSON.parse(line);
    if (sent === null) continue;
    const at = new Date(answer);
    if (at.getTime() !== new Date(sent).getTime() || at.toISOString() !== answer) {
        console.error(`${sent} is ${answer} and not ${at.toISOString()}`);
        process.exit(1);
    }
}
"#;

fn fed(program: &str, arguments: &[&str], text: &str) {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}
