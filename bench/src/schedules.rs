//! Many posts are to be released and many files to be swept within a minute: are they, and what do others' commands
//! notice of it?

mod late;
mod planned;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use domain::Role;
use service_kit::times;
use testkit::http::{Client, Request};
use tokio::time::{MissedTickBehavior, interval_at};
use uuid::Uuid;

use crate::effort::Effort;
use crate::latency::Latencies;
use crate::posts;
use crate::report::Figure;
use crate::site::{DEADLINE, Service, Site};
use planned::Plan;

/// Editors, and how often each edits: 100 commands a second together.
const EDITORS: u32 = 10;
const EVERY: Duration = Duration::from_millis(100);
/// Posts, and as many files, that are due in each second.
const A_SECOND: f64 = 10_000.0 / 60.0;
/// Between what is measured: for what was stirred up to settle.
const SETTLE_MS: i64 = 5_000;
/// After the last of them is due, what came late is waited for.
const LATEST: Duration = Duration::from_secs(10);

/// Measures while nothing is due, and then while posts and files are: ten thousand of each in a minute.
///
/// # Errors
/// The process does not start, or a command is refused.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let token = site.token(&[Role::Editor])?;
    let seconds = effort.paced_seconds * 2.0;
    // Files are due in the order in which they were brought, a while later: after all have come and others' commands
    // were measured beside nothing.
    let grace_ms = (seconds * 2_000.0) as i64 + 3 * SETTLE_MS;
    let grace = ("INKLOG_MEDIA_GRACE", format!("{grace_ms}ms"));
    let commands = site.start_told(Service::Commands, &[grace]).await?;
    let edited: Vec<Uuid> = (0..EDITORS).map(|_| Uuid::new_v4()).collect();
    posts::publish(commands.address, &token, &edited).await?;
    let plan = Plan::draft(commands.address, &token, (seconds * A_SECOND) as u32).await?;
    let plan = plan.schedule(grace_ms).await?;
    plan.bring(grace_ms).await?;
    sleep_until(plan.begin.0 - (seconds * 1_000.0) as i64 - SETTLE_MS).await?;
    let idle = edit(commands.address, &token, &edited, seconds).await?;
    sleep_until(plan.begin.0).await?;
    let busy = edit(commands.address, &token, &edited, seconds).await?;
    tokio::time::sleep(LATEST).await;
    let late = late::read(site, &plan, grace_ms).await?;
    commands.child.terminate().await?;
    Ok(figures(&idle, &busy, &late, plan.count()))
}

/// Waits for a time, in milliseconds since 1970.
///
/// # Errors
/// It has passed by more than can be neglected: what was to be done before took too long.
async fn sleep_until(ms: i64) -> anyhow::Result<()> {
    let left = ms - times::now().0;
    anyhow::ensure!(left > -1_000, "what was to be done before took {} ms too long", -left);
    tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0))).await;
    Ok(())
}

/// Edits at a steady pace, 100 commands a second of ten posts: how long each edit took.
///
/// # Errors
/// A command is refused.
pub(crate) async fn edit(address: SocketAddr, token: &str, ids: &[Uuid], seconds: f64) -> anyhow::Result<Latencies> {
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    let token = token.to_owned();
    let editor = move |(id, place): (Uuid, u32)| {
        let bearer = format!("Bearer {token}");
        async move {
            let (mut client, mut latencies) = (Client::new(address, DEADLINE), Latencies::new());
            let mut pace = interval_at(tokio::time::Instant::now() + EVERY / EDITORS * place, EVERY);
            pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
            for n in 0.. {
                // From when it should have been sent: a slow answer makes the next one late, too.
                let due = pace.tick().await.into_std();
                if due >= until {
                    break;
                }
                let headers = [("authorization", bearer.as_str()), ("if-match", "*")];
                let (path, body) = (format!("/v1/posts/{id}"), posts::edit(n));
                let request = Request { method: "PATCH", path: &path, headers: &headers, body: &body }.bytes(address);
                posts::accepted(&client.send(&request).await?)?;
                latencies.record(due.elapsed());
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

fn figures(idle: &Latencies, busy: &Latencies, late: &late::Late, planned: usize) -> Vec<Figure> {
    let late::Late { released, swept } = late;
    let all = [
        ("edit, nothing is due", idle),
        ("edit, posts and files are due", busy),
        ("late, posts", released),
        ("late, files", swept),
    ];
    for (what, latencies) in all {
        println!("{what:<32} {:>6}  {}", latencies.count(), latencies.line());
    }
    let done = |latencies: &Latencies, what: &str| {
        let done = latencies.count() as f64 / planned as f64 * 100.0;
        Figure::new(format!("{what}, 10,000 a minute: carried out"), done, "%")
            .goal("= 100 %".to_owned(), done == 100.0)
    };
    vec![
        done(released, "schedules"),
        Figure::new("schedules: late, p99", released.percentile(99.0), "ms").at_most(1_000.0),
        done(swept, "files without a use"),
        Figure::new("files without a use: late, p99", swept.percentile(99.0), "ms").at_most(1_000.0),
        Figure::new("edit while both are due: p50", busy.percentile(50.0), "ms")
            .beside("nothing is due", idle.percentile(50.0)),
        Figure::new("edit while both are due: p99", busy.percentile(99.0), "ms")
            .beside("nothing is due", idle.percentile(99.0))
            .at_most_times(2.0),
    ]
}
