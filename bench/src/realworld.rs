//! The RealWorld interface: from the creation of an article until somebody who is not logged in reads it, and the reads
//! of its front page and articles at 64 clients.

mod people;

use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};

use crate::effort::Effort;
use crate::gateway::{self, Sides};
use crate::latency::{Latencies, median};
use crate::load;
use crate::report::Figure;
use crate::site::{Running, Service, Site};
use people::{Author, Reader};

/// Authors, and how often each creates an article: 20 in a second together.
const AUTHORS: usize = 4;
const EVERY: Duration = Duration::from_millis(200);
/// The goal, in milliseconds, from when an article is sent until it was read.
const MOST: f64 = 40.0;
/// Clients that read.
const CLIENTS: usize = 64;
const NATIVE: &str = "the same reads of /v1";

/// Measures both, if the gateway has the interface.
///
/// # Errors
/// A process does not start, a request is refused, or an article that was created cannot be read.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let commands = site.start(Service::Commands).await?;
    let projections = site.start(Service::Projections).await?;
    let queries = site.start(Service::Queries).await?;
    let sides = Sides { commands: commands.address, queries: queries.address };
    let gateway = gateway::start(site, sides).await?;
    let mut figures = Vec::new();
    if Reader::new(gateway.address).read("/api/tags").await?.status == 404 {
        println!("realworld: left out, this gateway has no /api");
    } else {
        let (seen, slugs) = created(&gateway, effort).await?;
        figures.push(seen);
        figures.extend(read(&gateway, &slugs, effort).await?);
    }
    for running in [gateway, queries, projections, commands] {
        running.child.terminate().await?;
    }
    Ok(figures)
}

/// Creates articles and reads each at once: how long both took, and their slugs.
async fn created(gateway: &Running, effort: Effort) -> anyhow::Result<(Figure, Vec<String>)> {
    // The first ones are not measured.
    let begin = Instant::now() + Duration::from_secs(1);
    let until = begin + Duration::from_secs_f64(effort.paced_seconds);
    let mut tasks = Vec::new();
    for number in 0..AUTHORS {
        let author = Author::register(gateway.address, number).await?;
        tasks.push(tokio::spawn(write(author, Reader::new(gateway.address), begin, until)));
    }
    let (mut seen, mut again, mut slugs) = (Latencies::new(), Latencies::new(), Vec::new());
    for task in tasks {
        let (one, two, written) = task.await??;
        seen.add(&one);
        again.add(&two);
        slugs.extend(written);
    }
    println!("article created and read  {:>6}  {}", seen.count(), seen.line());
    println!("article read once more    {:>6}  {}", again.count(), again.line());
    let name = "RealWorld, an article is created ⇒ anybody has read it: p99";
    let figure = Figure::new(name, seen.percentile(99.0), "ms").beside("to read it once more", again.percentile(99.0));
    Ok((figure.at_most(MOST), slugs))
}

/// Creates articles at a pace: how long each took until it was read, and to read it once more; and their slugs.
async fn write(
    mut author: Author,
    mut reader: Reader,
    begin: Instant,
    until: Instant,
) -> anyhow::Result<(Latencies, Latencies, Vec<String>)> {
    let (mut seen, mut again, mut slugs) = (Latencies::new(), Latencies::new(), Vec::new());
    let mut pace = interval(EVERY);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for n in 0.. {
        pace.tick().await;
        let began = Instant::now();
        if began >= until {
            break;
        }
        let slug = author.create(n).await?;
        let path = format!("/api/articles/{slug}");
        // The next read, by anybody, sees the write: it is not tried again.
        reader.article(&path).await?;
        let read = Instant::now();
        reader.article(&path).await?;
        if began >= begin {
            seen.record(read - began);
            again.record(read.elapsed());
        }
        slugs.push(slug);
    }
    Ok((seen, again, slugs))
}

/// The reads of a visitor: the newest articles, those with a tag, the tags, an article and what is said of it.
async fn read(gateway: &Running, slugs: &[String], effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let slug = slugs.first().map(String::as_str).unwrap_or_default();
    let tag = people::TAG;
    let ours = ["?limit=20", &format!("?limit=20&tag={tag}"), &format!("/{slug}"), &format!("/{slug}/comments")]
        .map(|rest| format!("/api/articles{rest}"));
    let native = ["?limit=20", &format!("?limit=20&tag={tag}"), &format!("/{slug}"), &format!("/{slug}/comments")]
        .map(|rest| format!("/v1/posts{rest}"));
    let (ours, native) = (ours.into_iter().chain(["/api/tags".into()]), native.into_iter().chain(["/v1/tags".into()]));
    let (ours, native): (Vec<String>, Vec<String>) = (ours.collect(), native.collect());
    let (mut rates, mut medians) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for _ in 0..effort.rounds {
        for (which, paths) in [&ours, &native].into_iter().enumerate() {
            let told: Vec<&str> = paths.iter().flat_map(|path| ["--read", path.as_str()]).collect();
            let loaded = load::loaded(gateway.address, CLIENTS, effort.seconds, &told, "").await?;
            rates[which].push(loaded.rate);
            medians[which].push(Latencies::from(loaded.latencies).percentile(50.0));
        }
    }
    let figure = |what: &str, of: [Vec<f64>; 2], unit: &'static str| {
        let [ours, native] = of.map(median);
        Figure::new(format!("RealWorld, reads of {CLIENTS} visitors: {what}"), ours, unit).beside(NATIVE, native)
    };
    Ok(vec![figure("rate", rates, "/s"), figure("p50", medians, "ms")])
}
