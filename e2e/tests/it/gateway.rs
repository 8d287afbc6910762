//! The public door: who asks there sees nothing of what dies and comes back behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use testkit::{Answer, Api, eventually};
use tokio::task::JoinHandle;

use crate::support::load::{Load, Summary, assert_kept};
use crate::support::{PATIENCE, System, unique};

const WRITERS: usize = 6;
const READERS: usize = 4;
/// How long writers wait for one answer: longer than the gateway lets a service take.
const ANSWER: Duration = Duration::from_secs(20);

/// Readers who never rest: each reads a post and a list, in turn.
struct Reading {
    ending: Arc<AtomicBool>,
    readers: Vec<JoinHandle<(u64, u64)>>,
}

impl Reading {
    fn begin(system: &System, slug: &str) -> Self {
        let ending = Arc::new(AtomicBool::new(false));
        let reader = |_| {
            let (api, paths) = (system.reader(), [format!("/v1/posts/{slug}"), "/v1/posts?limit=5".to_owned()]);
            tokio::spawn(read(api, paths, Arc::clone(&ending)))
        };
        Self { readers: (0..READERS).map(reader).collect(), ending }
    }

    /// How often they were answered well, and how often asked to come back.
    async fn end(self) -> (u64, u64) {
        self.ending.store(true, Ordering::Relaxed);
        let mut sum = (0, 0);
        for reader in self.readers {
            let (good, later) = reader.await.expect("no reader was answered anything else");
            sum = (sum.0 + good, sum.1 + later);
        }
        sum
    }
}

async fn read(api: Api, paths: [String; 2], ending: Arc<AtomicBool>) -> (u64, u64) {
    let (mut good, mut later) = (0, 0);
    for path in paths.iter().cycle() {
        if ending.load(Ordering::Relaxed) {
            break;
        }
        let answer = api.get(path).within(ANSWER).attempt().await.expect("a reader is answered");
        match answer.status {
            200 => good += 1,
            _ => later += u64::from(is_told_when(&answer)),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    (good, later)
}

/// The one way in which a request may fail.
#[track_caller]
fn is_told_when(answer: &Answer) -> bool {
    assert_eq!(answer.status, 503, "{} {}", answer.status, answer.text);
    assert!(!answer.header("retry-after").is_empty(), "{:?}", answer.headers);
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_are_killed_in_turn_and_no_request_fails_without_being_told_when_to_come_back() {
    let mut system = System::doubled().await;
    let author = system.author();
    let slug = unique("read");
    let id = author.draft(&slug, &[]).await.id();
    let position = author.publish(&id).await.position();
    let _ = system.read(&slug, &position).await.expect(200);
    let load = Load::begin(&system, WRITERS, ANSWER).await;
    let reading = Reading::begin(&system, &slug);
    load.goes_on().await;
    for process in system.commands.iter_mut().chain(&mut system.readers) {
        process.kill();
        load.goes_on().await;
        process.start_again();
        process.ready().await;
        load.goes_on().await;
    }
    let written = load.end().await;
    let (good, later) = reading.end().await;
    assert_kept(&written, &system.scope.log("posts").await);
    let Summary { troubles, .. } = Summary::of(&written);
    assert!(troubles.keys().all(|trouble| trouble == "503"), "{troubles:?}");
    assert!(good > 100 && later < good, "{good} reads, and {later} that were to come back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_asked_to_end_finishes_what_it_has_and_another_goes_on() {
    let mut system = System::behind_gateway(1).await;
    system.open_gateway().await;
    let load = Load::begin(&system, WRITERS, ANSWER).await;
    load.goes_on().await;
    for gateway in &mut system.gateways {
        let (status, took) = gateway.end(PATIENCE).await;
        assert!(status.success(), "{status}");
        assert!(took < Duration::from_secs(25), "{took:?}");
        load.goes_on().await;
        gateway.start_again();
        gateway.ready().await;
        load.goes_on().await;
    }
    let written = load.end().await;
    assert_kept(&written, &system.scope.log("posts").await);
    let Summary { troubles, .. } = Summary::of(&written);
    // Who asks a gateway that has gone is not let in. The one exception is HTTP/1.1's own: a connection that was idle
    // is closed while its next request is under way; that can happen to each writer once each time.
    let broken = troubles.get("broken").copied().unwrap_or_default();
    assert!(broken <= 2 * WRITERS as u32, "{troubles:?}");
    assert!(troubles.keys().all(|trouble| ["503", "refused", "broken"].contains(&trouble.as_str())), "{troubles:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_shown_a_page_and_a_program_problem_details() {
    let system = System::behind_gateway(1).await;
    let author = system.author();
    let slug = unique("shown");
    let id = author.draft(&slug, &[]).await.id();
    let position = author.publish(&id).await.position();
    let _ = system.read(&slug, &position).await.expect(200);
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    let reader = system.reader();

    let page = reader.get("/").header("Accept", browser).send().await.expect(200);
    assert!(page.text.contains(&format!("/v1/posts/{slug}")), "{}", page.text);
    assert!(page.header("content-security-policy").contains("default-src 'none'"), "{:?}", page.headers);
    assert!(page.header("content-type").starts_with("text/html"));
    let nowhere = reader.get("/nowhere").header("Accept", browser).send().await.expect(404);
    assert!(nowhere.header("content-type").starts_with("text/html"), "{:?}", nowhere.headers);
    let _ = reader.get("/nowhere").send().await.problem(404, "no-such-address");
    let document = reader.get("/openapi.json").send().await.expect(200);
    assert_eq!(document.body["openapi"], "3.1.0");
    for path in [
        "/docs",
        "/docs/swagger-ui-bundle.js",
        "/docs/swagger-ui.css",
        "/docs/start.js",
        "/favicon.ico",
        "/favicon.svg",
        "/robots.txt",
        "/healthz",
        "/readyz",
    ] {
        let _ = reader.get(path).send().await.expect(200);
    }
    let _ = reader.post("/openapi.json").send().await.problem(405, "method-not-allowed");

    drop(system.readers);
    // What was told a moment ago is told once more.
    let is_alone = async || {
        let page = reader.get("/").header("Accept", browser).send().await.expect(200);
        page.text.contains("cannot be read at the moment").then_some(())
    };
    eventually("the page says that posts cannot be read", Duration::from_secs(10), is_alone).await;
    let away = reader.get("/v1/posts").send().await.problem(503, "unavailable");
    assert!(is_told_when(&away));
}
