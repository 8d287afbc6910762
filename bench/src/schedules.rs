//! Many posts are to be released within a minute: are they, and what do others' commands notice of it?

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::{Role, Timestamp};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use service_kit::times;
use testkit::Log;
use testkit::http::{Client, Request};
use tokio::time::{MissedTickBehavior, interval_at};
use uuid::Uuid;

use crate::effort::Effort;
use crate::latency::Latencies;
use crate::posts;
use crate::report::Figure;
use crate::site::{DEADLINE, Service, Site};

/// Editors, and how often each edits: 100 commands a second together.
const EDITORS: u32 = 10;
const EVERY: Duration = Duration::from_millis(100);
/// Posts that are due in each second.
const A_SECOND: f64 = 10_000.0 / 60.0;
/// Posts scheduled at the same time.
const AT_ONCE: usize = 16;
/// After the last of them is due, what came late is waited for.
const LATEST: Duration = Duration::from_secs(10);

/// Measures while nothing is due, and then while posts are: ten thousand in a minute.
///
/// # Errors
/// The process does not start, or a command is refused.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let commands = site.start(Service::Commands).await?;
    let token = site.token(&[Role::Editor])?;
    let seconds = effort.paced_seconds * 2.0;
    let edited: Vec<Uuid> = (0..EDITORS).map(|_| Uuid::new_v4()).collect();
    let planned: Vec<Uuid> = (0..(seconds * A_SECOND) as usize).map(|_| Uuid::new_v4()).collect();
    posts::publish(commands.address, &token, &edited).await?;
    // Enough for all of them to be scheduled, and for what it stirs up to settle.
    let drafting = Instant::now();
    let drafts = || planned.iter().copied().zip(0_u32..);
    let begin = times::now().plus_millis(30_000 + i64::try_from(planned.len())? * 12);
    let at = |place: u32| begin.plus_millis((f64::from(place) / A_SECOND * 1_000.0) as i64);
    let schedule = |(id, place)| schedule(commands.address, &token, id, at(place));
    stream::iter(drafts()).map(schedule).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    println!("{} posts were scheduled in {:?}", planned.len(), drafting.elapsed());
    let left = begin.0 - times::now().0 - (seconds * 1_000.0) as i64 - 1_000;
    let pause = u64::try_from(left).context("the posts were not scheduled before the first was due")?;
    tokio::time::sleep(Duration::from_millis(pause)).await;
    let idle = edit(commands.address, &token, &edited, seconds).await?;
    tokio::time::sleep(Duration::from_millis(u64::try_from(begin.0 - times::now().0).unwrap_or(0))).await;
    let busy = edit(commands.address, &token, &edited, seconds).await?;
    tokio::time::sleep(LATEST).await;
    let late = late(&site.environment()?, &site.topic("posts"), &planned, at).await?;
    commands.child.terminate().await?;
    Ok(figures(&idle, &busy, &late, planned.len()))
}

/// Drafts a post that is to be released.
async fn schedule(address: SocketAddr, token: &str, id: Uuid, at: Timestamp) -> anyhow::Result<()> {
    let mut client = Client::new(address, DEADLINE);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let (path, draft) = (format!("/v1/posts/{id}"), json!({"title": "A title", "slug": posts::slug(id)}).to_string());
    let put = Request { method: "PUT", path: &path, headers: &headers, body: &draft };
    posts::accepted(&client.send(&put.bytes(address)).await?)?;
    let (path, body) = (format!("{path}/schedule"), json!({"at": times::format(at)}).to_string());
    let put = Request { method: "PUT", path: &path, headers: &headers, body: &body };
    posts::accepted(&client.send(&put.bytes(address)).await?)
}

/// Edits at a steady pace: how long each edit took.
async fn edit(address: SocketAddr, token: &str, ids: &[Uuid], seconds: f64) -> anyhow::Result<Latencies> {
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    let token = token.to_owned();
    let editor = move |(id, place): (Uuid, u32)| {
        let bearer = format!("Bearer {token}");
        async move {
            let (mut client, mut latencies) = (Client::new(address, DEADLINE), Latencies::new());
            let mut pace = interval_at(tokio::time::Instant::now() + EVERY / EDITORS * place, EVERY);
            pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
            for n in 0.. {
                pace.tick().await;
                if Instant::now() >= until {
                    break;
                }
                let headers = [("authorization", bearer.as_str()), ("if-match", "*")];
                let (path, body) = (format!("/v1/posts/{id}"), posts::edit(n));
                let request = Request { method: "PATCH", path: &path, headers: &headers, body: &body }.bytes(address);
                let began = Instant::now();
                posts::accepted(&client.send(&request).await?)?;
                latencies.record(began.elapsed());
            }
            anyhow::Ok(latencies)
        }
    };
    let editors: Vec<_> = ids.iter().copied().zip(0..).map(|each| tokio::spawn(editor(each))).collect();
    let mut all = Latencies::new();
    for editor in editors {
        all.add(&editor.await??);
    }
    Ok(all)
}

/// How late each was released, by the log.
async fn late(
    environment: &[(String, String)],
    topic: &str,
    planned: &[Uuid],
    at: impl Fn(u32) -> Timestamp,
) -> anyhow::Result<Latencies> {
    let brokers = environment.iter().find(|(name, _)| name == "INKLOG_KAFKA_BROKERS");
    let (_, brokers) = brokers.context("the environment names the brokers")?;
    let log = Log::read(brokers, topic).await;
    let places: std::collections::HashMap<String, u32> = planned.iter().map(Uuid::to_string).zip(0..).collect();
    let mut late = Latencies::new();
    for event in log.events().filter(|event| event.kind() == "inklog.posts.Published") {
        if let Some(place) = places.get(&event.key) {
            let by_ms = times::parse(event.header("ce_time"))?.0 - at(*place).0;
            anyhow::ensure!(by_ms >= 0, "a post was released {} ms early", -by_ms);
            late.record(Duration::from_millis(u64::try_from(by_ms)?));
        }
    }
    Ok(late)
}

fn figures(idle: &Latencies, busy: &Latencies, late: &Latencies, planned: usize) -> Vec<Figure> {
    for (what, latencies) in [("edit, nothing is due", idle), ("edit, posts are due", busy), ("late", late)] {
        println!("{what:<32} {:>6}  {}", latencies.count(), latencies.line());
    }
    let done = late.count() as f64 / planned as f64 * 100.0;
    vec![
        Figure::new("schedules, 10,000 a minute: carried out", done, "%").goal("= 100 %".to_owned(), done == 100.0),
        Figure::new("schedules: late, p99", late.percentile(99.0), "ms").at_most(1_000.0),
        Figure::new("edit while schedules are due: p99", busy.percentile(99.0), "ms")
            .beside("nothing is due", idle.percentile(99.0))
            .at_most_times(2.0),
    ]
}
