use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use tokio::sync::Semaphore;

use super::*;

/// Commands that end when they are let, and how many have begun and ended.
#[derive(Clone)]
struct Commands {
    let_end: Arc<Semaphore>,
    begun: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

impl Commands {
    fn new() -> Self {
        Self { let_end: Arc::new(Semaphore::new(0)), begun: Arc::default(), ended: Arc::default() }
    }

    fn bulk(&self, shutdown: Option<Shutdown>) -> Bulk {
        let commands = self.clone();
        let send = move |line: Line| {
            let Commands { let_end, begun, ended } = commands.clone();
            begun.fetch_add(1, Ordering::Relaxed);
            async move {
                assert_ne!(line.id, "panics", "a handler that panics");
                let_end.acquire().await.unwrap().forget();
                ended.fetch_add(1, Ordering::Relaxed);
                HttpResponse::Ok().json(line.id)
            }
            .boxed_local()
        };
        Bulk { send: Rc::new(send), shutdown, patience: Duration::from_millis(100), ids: HashSet::new() }
    }

    fn counts(&self) -> (usize, usize) {
        (self.begun.load(Ordering::Relaxed), self.ended.load(Ordering::Relaxed))
    }
}

fn lines(ids: impl IntoIterator<Item = String>) -> Vec<(usize, Bytes)> {
    let line = |id| format!(r#"{{"id": "{id}", "method": "POST", "path": "/v1/x"}}"#).into();
    (1..).zip(ids.into_iter().map(line)).collect()
}

fn many(count: usize) -> Vec<(usize, Bytes)> {
    lines((0..count).map(|number| number.to_string()))
}

async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

#[actix_web::test]
async fn so_many_are_under_way_at_once_and_outcomes_come_as_they_end() {
    let (commands, (sender, mut outcomes)) = (Commands::new(), mpsc::channel(QUEUED));
    let bulk = commands.bulk(None);
    let done = rt::spawn(async move { bulk.perform(many(AT_ONCE + 10), &sender).await.is_ok() });
    a_moment().await;
    assert_eq!(commands.counts(), (AT_ONCE, 0));
    commands.let_end.add_permits(1);
    let outcome: Value = serde_json::from_slice(&outcomes.recv().await.unwrap()).unwrap();
    assert_eq!((&outcome["status"], &outcome["id"]), (&200.into(), &outcome["body"]));
    a_moment().await;
    assert_eq!(commands.counts(), (AT_ONCE + 1, 1));
    commands.let_end.add_permits(AT_ONCE + 9);
    let mut rest = 0;
    while outcomes.recv().await.is_some() {
        rest += 1;
    }
    assert_eq!((rest, done.await.unwrap()), (AT_ONCE + 9, true));
}

#[actix_web::test]
async fn what_has_begun_is_finished_for_a_client_that_hangs_up_and_nothing_else_begins() {
    let (commands, (sender, outcomes)) = (Commands::new(), mpsc::channel(QUEUED));
    let bulk = commands.bulk(None);
    let done = rt::spawn(async move { bulk.perform(many(MOST), &sender).await.is_ok() });
    a_moment().await;
    drop(outcomes);
    assert!(!done.await.unwrap(), "it is cut off");
    commands.let_end.add_permits(MOST);
    a_moment().await;
    assert_eq!(commands.counts(), (AT_ONCE, AT_ONCE));
}

#[actix_web::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let (commands, (sender, outcomes)) = (Commands::new(), mpsc::channel(1));
    commands.let_end.add_permits(MOST);
    let bulk = commands.bulk(None);
    assert!(bulk.perform(many(MOST), &sender).await.is_err());
    a_moment().await;
    let (begun, ended) = commands.counts();
    assert!(begun == ended && begun < 3 * AT_ONCE, "{begun} {ended}");
    drop(outcomes);
}

#[actix_web::test]
async fn a_command_that_panics_has_an_outcome_and_the_others_go_on() {
    let (commands, (sender, mut outcomes)) = (Commands::new(), mpsc::channel(QUEUED));
    commands.let_end.add_permits(2);
    let bulk = commands.bulk(None);
    let three = lines(["a", "panics", "b"].map(str::to_owned));
    assert!(bulk.perform(three, &sender).await.is_ok());
    drop(sender);
    let mut statuses = Vec::new();
    while let Some(outcome) = outcomes.recv().await {
        let outcome: Value = serde_json::from_slice(&outcome).unwrap();
        statuses.push((outcome["line"].as_u64().unwrap(), outcome["status"].as_u64().unwrap()));
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [(1, 200), (2, 500), (3, 200)]);
}

#[actix_web::test]
async fn a_process_that_ends_begins_nothing_more() {
    let (commands, (sender, mut outcomes)) = (Commands::new(), mpsc::channel(QUEUED));
    let shutdown = Shutdown::new();
    shutdown.request();
    assert!(commands.bulk(Some(shutdown)).perform(many(3), &sender).await.is_ok());
    drop(sender);
    while let Some(outcome) = outcomes.recv().await {
        let outcome: Value = serde_json::from_slice(&outcome).unwrap();
        assert_eq!((&outcome["status"], &outcome["retry_after"]), (&503.into(), &1.into()));
    }
    assert_eq!(commands.counts(), (0, 0));
}

/// Whatever a line says, it is a command or a problem with a status of its own.
#[actix_web::test]
async fn no_line_is_without_an_outcome() {
    let (commands, (sender, mut outcomes)) = (Commands::new(), mpsc::channel(QUEUED));
    commands.let_end.add_permits(MOST);
    let texts = [
        "",
        "{}",
        "[1]",
        "\"text\"",
        "{\"id\": 7}",
        "{\"id\": \"\\u0000\"}",
        "{\"id\": \"a\", \"method\": \"post\"}",
        "{\"id\": \"b\", \"method\": \"POST\", \"path\": \"//x\"}",
        "{\"id\": \"c\", \"method\": \"POST\", \"path\": \"/v1/\\ud800\"}",
        "{\"id\": \"d\", \"method\": \"POST\", \"path\": \"/v1/x\", \"body\": 1e999}",
        "{\"id\": \"d\", \"id\": \"e\", \"method\": \"POST\", \"path\": \"/v1/x\"}",
    ];
    let bytes = [&b"\xff\xfe"[..], b"\x00"];
    let texts = texts.iter().map(|text| Bytes::from_static(text.as_bytes())).chain(bytes.map(Bytes::from_static));
    let lines: Vec<_> = (1..).zip(texts).collect();
    let count = lines.len();
    assert!(commands.bulk(None).perform(lines, &sender).await.is_ok());
    drop(sender);
    let mut seen = Vec::new();
    while let Some(outcome) = outcomes.recv().await {
        assert_eq!(outcome.iter().filter(|byte| **byte == b'\n').count(), 1, "{outcome:?}");
        let outcome: Value = serde_json::from_slice(&outcome).unwrap();
        assert!([200, 400, 422].contains(&outcome["status"].as_u64().unwrap()), "{outcome}");
        seen.push(outcome["line"].as_u64().unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=count as u64).collect::<Vec<_>>());
}
