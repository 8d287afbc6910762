//! Two instances share the partitions; one is stopped, or dies, under load. Clients do what any client behind a load
//! balancer does: a broken connection or a 503 is tried again elsewhere, with the same `Idempotency-Key`.

mod client;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use domain::Role;
use event_log::murmur2::partition_of;
use uuid::Uuid;

use crate::effort::Effort;
use crate::latency::Latencies;
use crate::posts;
use crate::report::Figure;
use crate::site::{Running, SESSION_TIMEOUT, Service, Site};
use client::{Acknowledged, Editor};

/// Editors per partition, each with posts of that partition only.
const EDITORS: usize = 4;
/// Posts of each.
const POSTS: usize = 2;
/// The goal for a planned hand-over, in milliseconds.
const PLANNED: f64 = 1_000.0;
/// What the new owner may take after the group has given up the dead one, in milliseconds.
const TAKEOVER: f64 = 500.0;

/// What happens to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Terminated,
    Killed,
}

/// What the editors met.
struct Met {
    /// The longest time without an acknowledgement in any partition, in milliseconds.
    gap: f64,
    latencies: Latencies,
    retries: u64,
}

/// Stops an instance, then kills one.
///
/// # Errors
/// A command failed for good, or was applied twice or not at all.
pub(crate) async fn measure(site: &Site, effort: Effort) -> anyhow::Result<Vec<Figure>> {
    let token = site.token(&[Role::Author])?;
    let partitions = site.kafka().partitions;
    let stays = site.start(Service::Commands).await?;
    let ids = ids(partitions);
    posts::publish(stays.address, &token, &ids).await?;
    let mut met = Vec::new();
    for event in [Event::Terminated, Event::Killed] {
        let goes = site.start(Service::Commands).await?;
        // Until both have their share.
        tokio::time::sleep(Duration::from_secs(3)).await;
        met.push(under_load(&ids, &token, stays.address, goes, event, effort).await?);
    }
    stays.child.terminate().await?;
    let session = SESSION_TIMEOUT.as_secs_f64() * 1e3;
    for (event, met) in ["SIGTERM", "kill -9"].iter().zip(&met) {
        println!("{event}: {} commands, {} retries, {}", met.latencies.count(), met.retries, met.latencies.line());
    }
    Ok(vec![
        Figure::new("SIGTERM under load: longest gap", met[0].gap, "ms").at_most(PLANNED),
        Figure::new("SIGTERM under load: slowest command", met[0].latencies.max(), "ms"),
        Figure::new("kill -9 under load: longest gap", met[1].gap, "ms")
            .beside("session timeout", session)
            .at_most(session + TAKEOVER),
        Figure::new("kill -9 under load: slowest command", met[1].latencies.max(), "ms"),
    ])
}

/// For each partition in turn, posts that are in it.
fn ids(partitions: i32) -> Vec<Uuid> {
    let of = |partition: i32| {
        let drawn = std::iter::repeat_with(Uuid::new_v4);
        drawn.filter(move |id| partition_of(id.to_string().as_bytes(), partitions) == partition).take(EDITORS * POSTS)
    };
    (0..partitions).flat_map(of).collect()
}

async fn under_load(
    ids: &[Uuid],
    token: &str,
    stays: SocketAddr,
    goes: Running,
    event: Event,
    effort: Effort,
) -> anyhow::Result<Met> {
    let settle = Duration::from_secs_f64(effort.settle_seconds);
    let until = Instant::now() + settle * 2 + SESSION_TIMEOUT * 2;
    let editors: Vec<_> = ids
        .chunks(POSTS)
        .zip(0..)
        .map(|(posts, place)| {
            // Half of the clients talk to either instance.
            let instances = if place % 2 == 0 { [stays, goes.address] } else { [goes.address, stays] };
            tokio::spawn(Editor::new(instances, token, posts).edit_until(until))
        })
        .collect();
    tokio::time::sleep(settle).await;
    match event {
        Event::Terminated => println!("closed in {:.2} s", goes.child.terminate().await?.as_secs_f64()),
        Event::Killed => goes.child.kill().await?,
    }
    let mut all = Vec::new();
    for editor in editors {
        all.push(editor.await??);
    }
    Ok(summary(&all))
}

fn summary(all: &[Acknowledged]) -> Met {
    let mut latencies = Latencies::new();
    all.iter().for_each(|editor| latencies.add(&editor.latencies));
    // The editors of one partition follow each other.
    let gap = all.chunks(EDITORS).map(|editors| {
        let mut times: Vec<Instant> = editors.iter().flat_map(|editor| editor.times.iter().copied()).collect();
        times.sort_unstable();
        times.windows(2).map(|two| two[1] - two[0]).max().unwrap_or_default()
    });
    let gap = gap.max().unwrap_or_default().as_secs_f64() * 1e3;
    Met { gap, latencies, retries: all.iter().map(|editor| editor.retries).sum() }
}
